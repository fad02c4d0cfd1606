// SPDX-License-Identifier: MIT
// The driver object of a client: WdfDriverCreate takes over the routines of its DRIVER_OBJECT.
#include "kernel/io/io_driver.h"
#include "kernel/wdf/wdf.h"

#include "kernel/nt_text.h"

#include <string.h>

#define VALID_FLAGS ((ULONG)(WdfDriverInitNonPnpDriver | WdfDriverInitNoDispatchOverride))
#define DDK_TAG     0x206B6444u // "Ddk ", which the framework does not take for a driver's own
#define MINOR       31u
#define VERSION     "Kernel Mode Driver Framework version 1.31.0"

// ---- names ----

// The last part of the registry path; without one, "WDF".
static void set_name(WDF_DRIVER_GLOBALS *globals, const char *path)
{
    const char *last = strrchr(path, '\\');
    const char *name = last != NULL && last != path ? last + 1 : "WDF";
    memset(globals->DriverName, 0, sizeof globals->DriverName);
    for (size_t i = 0; i + 1 < sizeof globals->DriverName && name[i] != '\0'; i++) {
        globals->DriverName[i] = name[i];
    }
}

// The driver's own tag, or else up to four letters of its name.
static void set_tag(WDF_DRIVER_GLOBALS *globals, uint32_t tag)
{
    const char *name = globals->DriverName;
    bool wdf = (name[0] | 0x20) == 'w' && (name[1] | 0x20) == 'd' && (name[2] | 0x20) == 'f';
    name += wdf ? 3 : 0;
    size_t length = strlen(name);
    globals->DriverTag = tag;
    if (tag == 0 || tag == DDK_TAG) {
        globals->DriverTag = KS_WDF_TAG;
        if (length > 2) {
            globals->DriverTag = 0;
            memcpy(&globals->DriverTag, name, length < 4 ? length : 4);
        }
    }
}

// ---- making ----

static NTSTATUS check_config(const struct ks_wdf_client *client, const WDF_DRIVER_CONFIG *config)
{
    if (config->Size != sizeof *config) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    if ((config->DriverInitFlags & ~VALID_FLAGS) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if (client->driver != NULL) {
        return STATUS_DRIVER_INTERNAL_ERROR;
    }
    bool legacy = config->DriverInitFlags == WdfDriverInitNonPnpDriver;
    return legacy && config->EvtDriverDeviceAdd != NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

// The framework's own routines, in place of the driver's.
static void take_over(struct kldr_world *world, struct ks_driver *driver,
                      const WDF_DRIVER_CONFIG *config)
{
    DRIVER_OBJECT *object = ks_io_driver_body(driver);
    bool legacy = (config->DriverInitFlags & WdfDriverInitNonPnpDriver) != 0;
    uint64_t dispatch = ks_nt_routine_address(world, "WdfpDispatch");
    uint64_t unload =
        !legacy || config->EvtDriverUnload != NULL ? ks_nt_routine_address(world, "WdfpUnload") : 0;
    uint64_t add = !legacy ? ks_nt_routine_address(world, "WdfpAddDevice") : 0;
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        object->MajorFunction[i] = (PDRIVER_DISPATCH)(uintptr_t)dispatch;
    }
    object->DriverUnload = (PDRIVER_UNLOAD)(uintptr_t)unload;
    ks_io_driver_extension(driver)->AddDevice = (PDRIVER_ADD_DEVICE)(uintptr_t)add;
}

static NTSTATUS fill(const struct ks_kernel_call *call, struct ks_wdf_object *object,
                     struct ks_driver *driver, const WDF_DRIVER_CONFIG *config)
{
    WDF_DRIVER_GLOBALS *globals = ks_guest_pointer(object->client->globals);
    char *path = ks_nt_text_of_string(call->world, call->arguments[2]);
    uint64_t string = path != NULL ? ks_nt_text_make_string(call->world, path, KS_WDF_TAG) : 0;
    if (string == 0) {
        ks_nt_text_free(call->world, path);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    set_name(globals, path);
    set_tag(globals, config->DriverPoolTag);
    ks_nt_text_free(call->world, path);
    object->data.driver.path = string;
    object->data.driver.object = call->arguments[1];
    if ((config->DriverInitFlags & WdfDriverInitNoDispatchOverride) == 0) {
        object->data.driver.add = (uint64_t)(uintptr_t)config->EvtDriverDeviceAdd;
        object->data.driver.unload = (uint64_t)(uintptr_t)config->EvtDriverUnload;
        take_over(call->world, driver, config);
    }
    globals->Driver = ks_guest_pointer(object->handle);
    globals->DriverFlags |= config->DriverInitFlags;
    globals->DisplaceDriverUnload =
        (config->DriverInitFlags & VALID_FLAGS) == 0 || config->EvtDriverUnload != NULL;
    return STATUS_SUCCESS;
}

// WdfDriverCreate(Globals, DriverObject, RegistryPath, DriverAttributes, DriverConfig, Driver)
uint64_t ks_wdf_driver_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_driver *driver = NULL;
    struct ks_wdf_object *object;
    if (client == NULL || !ks_wdf_given(call, 3, (const unsigned[]){1, 2, 4}) ||
        (driver = ks_io_call_driver(call, a[1])) == NULL) {
        return 0;
    }
    const WDF_DRIVER_CONFIG *config = ks_guest_pointer(a[4]);
    NTSTATUS status = check_config(client, config);
    if (status == STATUS_SUCCESS) {
        ks_wdf_put_handle(call, 5, 0);
        status = ks_wdf_object_check(call, a[3], KS_WDF_LEVELS);
    }
    if (status == STATUS_SUCCESS) {
        status = ks_wdf_object_make(call, client, KS_WDF_DRIVER, a[3], NULL, &object);
    }
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    status = fill(call, object, driver, config);
    if (status != STATUS_SUCCESS) {
        ks_wdf_object_free(call->world, object);
        return KS_STATUS(status);
    }
    client->driver = object;
    ks_wdf_put_handle(call, 5, object->handle);
    return STATUS_SUCCESS;
}

// ---- the routines of its DRIVER_OBJECT ----

// DRIVER_OBJECT.DriverUnload: (DriverObject)
uint64_t ks_wdf_driver_unload(const struct ks_kernel_call *call)
{
    struct ks_wdf_client *client = ks_wdf_client_of_driver(call->world, call->arguments[0]);
    struct ks_wdf_object *driver = client != NULL ? client->driver : NULL;
    if (driver == NULL) {
        return 0;
    }
    const uint64_t arguments[] = {driver->handle};
    client->busy++;
    if (driver->data.driver.unload != 0 &&
        !ks_nt_call(call->world, driver->data.driver.unload, arguments, 1, NULL)) {
        return 0;
    }
    client->busy--;
    ks_wdf_object_end(call, driver);
    client->driver = NULL;
    ((WDF_DRIVER_GLOBALS *)ks_guest_pointer(client->globals))->Driver = NULL;
    return 0;
}

// DRIVER_EXTENSION.AddDevice: (DriverObject, PhysicalDeviceObject)
uint64_t ks_wdf_driver_add_device(const struct ks_kernel_call *call)
{
    return ks_nt_lacking(call, "devices of framework drivers (EvtDriverDeviceAdd)");
}

// ---- what drivers ask ----

// WdfDriverGetRegistryPath(Globals, Driver)
uint64_t ks_wdf_driver_registry_path(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DRIVER);
    const UNICODE_STRING *path = object != NULL ? ks_guest_pointer(object->data.driver.path) : NULL;
    return path != NULL ? (uint64_t)(uintptr_t)path->Buffer : 0;
}

// WdfDriverWdmGetDriverObject(Globals, Driver)
uint64_t ks_wdf_driver_wdm_object(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_DRIVER);
    return object != NULL ? object->data.driver.object : 0;
}

// WdfWdmDriverGetWdfDriverHandle(Globals, DriverObject)
uint64_t ks_wdf_driver_of_wdm(const struct ks_kernel_call *call)
{
    if (!ks_wdf_given(call, 1, (const unsigned[]){1})) {
        return 0;
    }
    const struct ks_wdf_client *client = ks_wdf_client_of_driver(call->world, call->arguments[1]);
    return client != NULL && client->driver != NULL ? client->driver->handle : 0;
}

// WdfDriverRetrieveVersionString(Globals, Driver, String)
uint64_t ks_wdf_driver_version_string(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *string;
    if (ks_wdf_argument(call, 1, KS_WDF_DRIVER) == NULL ||
        (string = ks_wdf_argument(call, 2, KS_WDF_STRING)) == NULL) {
        return 0;
    }
    return KS_STATUS(ks_wdf_string_assign(call->world, string, VERSION));
}

// WdfDriverIsVersionAvailable(Globals, Driver, VersionAvailableParams)
uint64_t ks_wdf_driver_is_version(const struct ks_kernel_call *call)
{
    if (ks_wdf_argument(call, 1, KS_WDF_DRIVER) == NULL ||
        !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    const WDF_DRIVER_VERSION_AVAILABLE_PARAMS *asked = ks_guest_pointer(call->arguments[2]);
    return asked->Size == sizeof *asked && asked->MajorVersion == 1 && asked->MinorVersion <= MINOR;
}

// SPDX-License-Identifier: MIT
// WDFDEVICE_INIT: what a control device is to be.
#include "kernel/wdf/wdf_io.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

void ks_wdf_init_copy(WDF_OBJECT_ATTRIBUTES *to, uint64_t attributes)
{
    *to = attributes != 0 ? *(const WDF_OBJECT_ATTRIBUTES *)ks_guest_pointer(attributes)
                          : (WDF_OBJECT_ATTRIBUTES){
                                .Size = sizeof *to,
                                .ExecutionLevel = WdfExecutionLevelInheritFromParent,
                                .SynchronizationScope = WdfSynchronizationScopeInheritFromParent};
}

struct ks_wdf_init *ks_wdf_init_argument(const struct ks_kernel_call *call, unsigned index)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    struct ks_wdf_init *init = client != NULL ? client->inits : NULL;
    while (init != NULL && init->handle != call->arguments[index]) {
        init = init->next;
    }
    if (init == NULL && client != NULL) {
        bool null = call->arguments[index] == 0;
        ks_wdf_violation(call, null ? WDF_REQUIRED_PARAMETER_IS_NULL : WDF_INVALID_HANDLE,
                         call->arguments[index], null ? call->caller : 0,
                         "gave the framework what is no WDFDEVICE_INIT, or no longer");
    }
    return init;
}

void ks_wdf_init_free(struct kldr_world *world, struct ks_wdf_client *client,
                      struct ks_wdf_init *init)
{
    struct ks_wdf_init **place = &client->inits;
    while (*place != init) {
        place = &(*place)->next;
    }
    *place = init->next;
    ks_nt_give(world, init->name);
    ks_nt_give(world, init->handle);
    world->allocator.release(world->allocator.user, init);
}

// WdfControlDeviceInitAllocate(Globals, Driver, SDDLString)
uint64_t ks_wdf_init_allocate(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct ks_wdf_client *client = ks_wdf_client(call);
    if (client == NULL || ks_wdf_argument(call, 1, KS_WDF_DRIVER) == NULL ||
        !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    struct ks_wdf_init *init = world->allocator.allocate(world->allocator.user, sizeof *init);
    uint64_t handle = init != NULL ? ks_nt_take(world, 2 * sizeof(uint64_t), KS_WDF_TAG) : 0;
    if (handle == 0) {
        world->allocator.release(world->allocator.user, init);
        return 0;
    }
    *init = (struct ks_wdf_init){.next = client->inits,
                                 .handle = handle,
                                 .type = FILE_DEVICE_UNKNOWN,
                                 .characteristics = FILE_DEVICE_SECURE_OPEN,
                                 .io_type = WdfDeviceIoBuffered};
    ks_wdf_init_copy(&init->file_attributes, 0);
    ks_wdf_init_copy(&init->request_attributes, 0);
    client->inits = init;
    return handle;
}

// WdfDeviceInitFree(Globals, DeviceInit)
uint64_t ks_wdf_init_give_back(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL) {
        ks_wdf_init_free(call->world, ks_wdf_client(call), init);
    }
    return 0;
}

// WdfDeviceInitSetDeviceType(Globals, DeviceInit, DeviceType)
uint64_t ks_wdf_init_set_type(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL) {
        init->type = (uint32_t)call->arguments[2];
    }
    return 0;
}

// WdfDeviceInitSetIoType(Globals, DeviceInit, IoType)
uint64_t ks_wdf_init_set_io_type(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL) {
        init->io_type = (uint32_t)call->arguments[2];
    }
    return 0;
}

// WdfDeviceInitSetExclusive(Globals, DeviceInit, IsExclusive)
uint64_t ks_wdf_init_set_exclusive(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL) {
        init->exclusive = (BOOLEAN)call->arguments[2] != FALSE;
    }
    return 0;
}

// WdfDeviceInitSetCharacteristics(Globals, DeviceInit, DeviceCharacteristics, OrInValues)
uint64_t ks_wdf_init_set_characteristics(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL) {
        bool add = (BOOLEAN)call->arguments[3] != FALSE;
        init->characteristics = (add ? init->characteristics : 0) | (uint32_t)call->arguments[2];
    }
    return 0;
}

// WdfDeviceInitAssignName(Globals, DeviceInit, DeviceName)
uint64_t ks_wdf_init_assign_name(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    uint64_t name = 0;
    if (init == NULL) {
        return 0;
    }
    if (call->arguments[2] != 0) {
        char *text = ks_nt_text_of_string(call->world, call->arguments[2]);
        name = text != NULL ? ks_nt_text_make_string(call->world, text, KS_WDF_TAG) : 0;
        ks_nt_text_free(call->world, text);
        if (name == 0) {
            return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
        }
    }
    ks_nt_give(call->world, init->name);
    init->name = name;
    return STATUS_SUCCESS;
}

// WdfDeviceInitSetFileObjectConfig(Globals, DeviceInit, FileObjectConfig, FileObjectAttributes)
uint64_t ks_wdf_init_set_files(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    const WDF_FILEOBJECT_CONFIG *config = ks_guest_pointer(call->arguments[2]);
    if (config->Size != sizeof *config ||
        ks_wdf_object_check(call, call->arguments[3], KS_WDF_LEVELS) != STATUS_SUCCESS) {
        return ks_nt_lacking(call, "this WDF_FILEOBJECT_CONFIG, or its attributes");
    }
    init->files = *config;
    ks_wdf_init_copy(&init->file_attributes, call->arguments[3]);
    return 0;
}

// WdfDeviceInitSetIoInCallerContextCallback(Globals, DeviceInit, EvtIoInCallerContext)
uint64_t ks_wdf_init_set_in_caller(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init != NULL && ks_wdf_given(call, 1, (const unsigned[]){2})) {
        init->in_caller = call->arguments[2];
    }
    return 0;
}

// WdfDeviceInitSetRequestAttributes(Globals, DeviceInit, RequestAttributes)
uint64_t ks_wdf_init_set_requests(const struct ks_kernel_call *call)
{
    struct ks_wdf_init *init = ks_wdf_init_argument(call, 1);
    if (init == NULL || !ks_wdf_given(call, 1, (const unsigned[]){2})) {
        return 0;
    }
    if (ks_wdf_object_check(call, call->arguments[2], 0) != STATUS_SUCCESS) {
        return ks_nt_lacking(call, "these attributes of requests");
    }
    ks_wdf_init_copy(&init->request_attributes, call->arguments[2]);
    return 0;
}

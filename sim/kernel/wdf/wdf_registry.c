// SPDX-License-Identifier: MIT
// Framework registry keys: handles of the registry in objects.
#include "kernel/io/io_driver.h"
#include "kernel/wdf/wdf.h"

#include "kernel/nt_text.h"

#include <string.h>

#define HEADER FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data)

static uint64_t address(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

void ks_wdf_registry_shut(const struct ks_kernel_call *call, struct ks_wdf_object *object)
{
    const uint64_t handle[] = {object->data.key};
    if (object->data.key != 0) {
        ks_io_run(call, "ZwClose", handle);
        object->data.key = 0;
    }
}

// ---- opening ----

static NTSTATUS open_below(const struct ks_kernel_call *call, uint64_t root, UNICODE_STRING *name,
                           uint64_t access, uint64_t *out_handle)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle = NULL;
    InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE,
                               ks_guest_pointer(root), NULL);
    const uint64_t arguments[] = {address(&handle), access, address(&attributes)};
    NTSTATUS status = (NTSTATUS)ks_io_run(call, "ZwOpenKey", arguments);
    *out_handle = address(handle);
    return status;
}

static NTSTATUS create_below(const struct ks_kernel_call *call, uint64_t root, UNICODE_STRING *name,
                             uint64_t access, uint64_t options, uint64_t disposition,
                             uint64_t *out_handle)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle = NULL;
    InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE,
                               ks_guest_pointer(root), NULL);
    const uint64_t arguments[] = {address(&handle), access,     address(&attributes), 0, 0,
                                  options,          disposition};
    NTSTATUS status = (NTSTATUS)ks_io_run(call, "ZwCreateKey", arguments);
    *out_handle = address(handle);
    return status;
}

// A key object; the caller fills in what it stands for.
static NTSTATUS make(const struct ks_kernel_call *call, uint64_t attributes,
                     struct ks_wdf_object **out_object)
{
    struct ks_wdf_client *client = ks_wdf_client(call);
    if (client == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    NTSTATUS status = ks_wdf_object_check(call, attributes, KS_WDF_PARENT);
    return status == STATUS_SUCCESS
               ? ks_wdf_object_make(call, client, KS_WDF_KEY, attributes, NULL, out_object)
               : status;
}

// Puts the handle where argument number out points, or takes the object back.
static uint64_t answer(const struct ks_kernel_call *call, struct ks_wdf_object *object,
                       uint64_t handle, NTSTATUS status, unsigned out)
{
    if (!NT_SUCCESS(status)) {
        ks_wdf_object_free(call->world, object);
        return KS_STATUS(status);
    }
    object->data.key = handle;
    ks_wdf_put_handle(call, out, object->handle);
    return KS_STATUS(status);
}

// WdfDriverOpenParametersRegistryKey(Globals, Driver, DesiredAccess, KeyAttributes, Key)
uint64_t ks_wdf_registry_open_parameters(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    static WCHAR parameters[] = {'P', 'a', 'r', 'a', 'm', 'e', 't', 'e', 'r', 's'};
    UNICODE_STRING below = {sizeof parameters, sizeof parameters, parameters};
    struct ks_wdf_object *driver = ks_wdf_argument(call, 1, KS_WDF_DRIVER), *object;
    if (driver == NULL || !ks_wdf_given(call, 1, (const unsigned[]){4})) {
        return 0;
    }
    ks_wdf_put_handle(call, 4, 0);
    NTSTATUS status = make(call, a[3], &object);
    uint64_t service = 0, handle = 0;
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    status =
        open_below(call, 0, ks_guest_pointer(driver->data.driver.path), KEY_ALL_ACCESS, &service);
    if (NT_SUCCESS(status)) {
        status = create_below(call, service, &below, a[2], 0, 0, &handle);
        ks_io_run(call, "ZwClose", &service);
    }
    return answer(call, object, handle, status, 4);
}

// The handle behind a parent key, which may be NULL. False: it is none, and the system has stopped.
static bool root_of(const struct ks_kernel_call *call, uint64_t *out_root)
{
    *out_root = 0;
    if (call->arguments[1] == 0) {
        return true;
    }
    struct ks_wdf_object *parent = ks_wdf_argument(call, 1, KS_WDF_KEY);
    *out_root = parent != NULL ? parent->data.key : 0;
    return parent != NULL;
}

// WdfRegistryOpenKey(Globals, ParentKey, KeyName, DesiredAccess, KeyAttributes, Key)
uint64_t ks_wdf_registry_open(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *object;
    uint64_t root, handle = 0;
    if (!root_of(call, &root) || !ks_wdf_given(call, 2, (const unsigned[]){2, 5})) {
        return 0;
    }
    ks_wdf_put_handle(call, 5, 0);
    NTSTATUS status = make(call, a[4], &object);
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    status = open_below(call, root, ks_guest_pointer(a[2]), a[3], &handle);
    return answer(call, object, handle, status, 5);
}

// WdfRegistryCreateKey(Globals, ParentKey, KeyName, DesiredAccess, CreateOptions,
// CreateDisposition, KeyAttributes, Key)
uint64_t ks_wdf_registry_create(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *object;
    uint64_t root, handle = 0;
    if (!root_of(call, &root) || !ks_wdf_given(call, 2, (const unsigned[]){2, 7})) {
        return 0;
    }
    ks_wdf_put_handle(call, 7, 0);
    NTSTATUS status = make(call, a[6], &object);
    if (status != STATUS_SUCCESS) {
        return KS_STATUS(status);
    }
    status = create_below(call, root, ks_guest_pointer(a[2]), a[3], a[4], a[5], &handle);
    return answer(call, object, handle, status, 7);
}

// WdfRegistryClose(Globals, Key): deletes the object
uint64_t ks_wdf_registry_close(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_KEY);
    if (object != NULL) {
        ks_wdf_registry_shut(call, object);
        ks_wdf_object_end(call, object);
    }
    return 0;
}

// WdfRegistryWdmGetHandle(Globals, Key)
uint64_t ks_wdf_registry_handle(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_KEY);
    return object != NULL ? object->data.key : 0;
}

// WdfRegistryRemoveKey(Globals, Key): deletes the key and the object
uint64_t ks_wdf_registry_remove(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_KEY);
    if (object == NULL) {
        return 0;
    }
    NTSTATUS status = (NTSTATUS)ks_io_run(call, "ZwDeleteKey", &object->data.key);
    if (NT_SUCCESS(status)) {
        ks_wdf_registry_shut(call, object);
        ks_wdf_object_end(call, object);
    }
    return KS_STATUS(status);
}

// ---- values ----

// The arguments Key and ValueName, which every one of the following has. NULL: the system stopped.
static struct ks_wdf_object *key_and_name(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *object = ks_wdf_argument(call, 1, KS_WDF_KEY);
    return object != NULL && ks_wdf_given(call, 1, (const unsigned[]){2}) ? object : NULL;
}

// The value of ValueName, for the caller to release; in memory of drivers, so that nothing is lost
// when a pointer of the driver's turns out to be bad. NULL: see the status.
static KEY_VALUE_PARTIAL_INFORMATION *
read_value(const struct ks_kernel_call *call, const struct ks_wdf_object *key, NTSTATUS *out_status)
{
    ULONG size = 0;
    uint64_t arguments[] = {key->data.key, call->arguments[2], KeyValuePartialInformation, 0, 0,
                            address(&size)};
    *out_status = (NTSTATUS)ks_io_run(call, "ZwQueryValueKey", arguments);
    if (*out_status != STATUS_BUFFER_TOO_SMALL && *out_status != STATUS_BUFFER_OVERFLOW) {
        return NULL;
    }
    arguments[3] = ks_nt_take(call->world, size + HEADER, KS_WDF_TAG);
    arguments[4] = size;
    if (arguments[3] == 0) {
        *out_status = STATUS_INSUFFICIENT_RESOURCES;
        return NULL;
    }
    *out_status = (NTSTATUS)ks_io_run(call, "ZwQueryValueKey", arguments);
    if (!NT_SUCCESS(*out_status)) {
        ks_nt_give(call->world, arguments[3]);
        return NULL;
    }
    return ks_guest_pointer(arguments[3]);
}

static void release_value(const struct ks_kernel_call *call, KEY_VALUE_PARTIAL_INFORMATION *value)
{
    if (value != NULL) {
        ks_nt_give(call->world, address(value));
    }
}

// WdfRegistryQueryValue(Globals, Key, ValueName, ValueLength, Value, ValueLengthQueried, ValueType)
uint64_t ks_wdf_registry_query_value(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *key = key_and_name(call);
    NTSTATUS status;
    KEY_VALUE_PARTIAL_INFORMATION *value = key != NULL ? read_value(call, key, &status) : NULL;
    if (value == NULL) {
        return key != NULL ? KS_STATUS(status) : 0;
    }
    KEY_VALUE_PARTIAL_INFORMATION copy = *value;
    if (a[4] == 0 || (ULONG)a[3] < copy.DataLength) {
        status = STATUS_BUFFER_OVERFLOW;
    } else {
        memcpy(ks_guest_pointer(a[4]), value->Data, copy.DataLength);
    }
    release_value(call, value);
    if (a[5] != 0) {
        ks_guest_put_number(a[5], sizeof(ULONG), copy.DataLength);
    }
    if (a[6] != 0) {
        ks_guest_put_number(a[6], sizeof(ULONG), copy.Type);
    }
    return KS_STATUS(status);
}

// WdfRegistryQueryULong(Globals, Key, ValueName, Value)
uint64_t ks_wdf_registry_query_ulong(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *key = key_and_name(call);
    NTSTATUS status;
    if (key == NULL || !ks_wdf_given(call, 1, (const unsigned[]){3})) {
        return 0;
    }
    KEY_VALUE_PARTIAL_INFORMATION *value = read_value(call, key, &status);
    if (value != NULL) {
        bool number = value->Type == REG_DWORD && value->DataLength == sizeof(ULONG);
        uint64_t data = number ? ks_guest_number(address(value->Data), sizeof(ULONG)) : 0;
        release_value(call, value);
        status = number ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
        if (number) {
            ks_guest_put_number(call->arguments[3], sizeof(ULONG), data);
        }
    }
    return KS_STATUS(status);
}

// The text of a value of type REG_SZ. NULL: see the status.
static char *read_text(const struct ks_kernel_call *call, const struct ks_wdf_object *key,
                       NTSTATUS *out_status)
{
    KEY_VALUE_PARTIAL_INFORMATION *value = read_value(call, key, out_status);
    char *text = NULL;
    if (value != NULL && value->Type != REG_SZ) {
        *out_status = STATUS_OBJECT_TYPE_MISMATCH;
    } else if (value != NULL) {
        size_t units = value->DataLength / 2;
        units -= units > 0 && ks_guest_u16(address(value->Data) + 2 * (units - 1)) == 0;
        text = ks_nt_text_of_units(call->world, address(value->Data), units);
        *out_status = text != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    release_value(call, value);
    return text;
}

// WdfRegistryQueryString(Globals, Key, ValueName, String)
uint64_t ks_wdf_registry_query_string(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *key = key_and_name(call), *string;
    NTSTATUS status;
    if (key == NULL || (string = ks_wdf_argument(call, 3, KS_WDF_STRING)) == NULL) {
        return 0;
    }
    char *text = read_text(call, key, &status);
    if (text != NULL) {
        status = ks_wdf_string_assign(call->world, string, text);
        ks_nt_text_free(call->world, text);
    }
    return KS_STATUS(status);
}

// WdfRegistryQueryUnicodeString(Globals, Key, ValueName, ValueByteLength, Value)
uint64_t ks_wdf_registry_query_unicode(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *key = key_and_name(call);
    NTSTATUS status;
    UNICODE_STRING *room = a[4] != 0 ? ks_guest_pointer(a[4]) : NULL;
    const UNICODE_STRING copy = room != NULL ? *room : (UNICODE_STRING){0};
    char *text = key != NULL ? read_text(call, key, &status) : NULL;
    if (text == NULL) {
        return key != NULL ? KS_STATUS(status) : 0;
    }
    uint64_t string = ks_nt_text_make_string(call->world, text, KS_WDF_TAG);
    ks_nt_text_free(call->world, text);
    if (string == 0) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    const UNICODE_STRING *made = ks_guest_pointer(string);
    uint16_t bytes = (uint16_t)(made->Length + sizeof(WCHAR));
    if (copy.Buffer == NULL || copy.MaximumLength < bytes) {
        status = STATUS_BUFFER_OVERFLOW;
    } else {
        memcpy(copy.Buffer, made->Buffer, bytes);
        room->Length = made->Length;
    }
    ks_nt_give(call->world, string);
    if (a[3] != 0) {
        ks_guest_put_u16(a[3], bytes);
    }
    return KS_STATUS(status);
}

static uint64_t set_value(const struct ks_kernel_call *call, const struct ks_wdf_object *key,
                          uint32_t type, uint64_t data, uint64_t size)
{
    const uint64_t arguments[] = {key->data.key, call->arguments[2], 0, type, data, size};
    return ks_io_run(call, "ZwSetValueKey", arguments);
}

// WdfRegistryAssignValue(Globals, Key, ValueName, ValueType, ValueLength, Value)
uint64_t ks_wdf_registry_assign_value(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_wdf_object *key = key_and_name(call);
    return key != NULL && ks_wdf_given(call, 1, (const unsigned[]){5})
               ? set_value(call, key, (uint32_t)a[3], a[5], (ULONG)a[4])
               : 0;
}

// WdfRegistryAssignULong(Globals, Key, ValueName, Value)
uint64_t ks_wdf_registry_assign_ulong(const struct ks_kernel_call *call)
{
    ULONG number = (ULONG)call->arguments[3];
    struct ks_wdf_object *key = key_and_name(call);
    return key != NULL ? set_value(call, key, REG_DWORD, address(&number), sizeof number) : 0;
}

// WdfRegistryAssignUnicodeString(Globals, Key, ValueName, Value)
uint64_t ks_wdf_registry_assign_unicode(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *key = key_and_name(call);
    if (key == NULL || !ks_wdf_given(call, 1, (const unsigned[]){3})) {
        return 0;
    }
    char *text = ks_nt_text_of_string(call->world, call->arguments[3]);
    uint64_t string = text != NULL ? ks_nt_text_make_string(call->world, text, KS_WDF_TAG) : 0;
    ks_nt_text_free(call->world, text);
    if (string == 0) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    const UNICODE_STRING *made = ks_guest_pointer(string);
    uint64_t status =
        set_value(call, key, REG_SZ, address(made->Buffer), made->Length + sizeof(WCHAR));
    ks_nt_give(call->world, string);
    return status;
}

// WdfRegistryRemoveValue(Globals, Key, ValueName)
uint64_t ks_wdf_registry_remove_value(const struct ks_kernel_call *call)
{
    struct ks_wdf_object *key = key_and_name(call);
    const uint64_t arguments[] = {key != NULL ? key->data.key : 0, call->arguments[2]};
    return key != NULL ? ks_io_run(call, "ZwDeleteValueKey", arguments) : 0;
}

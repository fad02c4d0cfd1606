// SPDX-License-Identifier: MIT
// Zw: operations on the registry with those around them who filter them (cm_callback.h). What each
// structure of REG_..._INFORMATION gets of a call's arguments is a table.

#include "kernel/cm/cm_callback.h"

#include "kernel/cm/cm.h"
#include "kernel/cm/cm_operation.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <stddef.h>

#define TAG_PRE 0x65725043u // 'CPre'
#define FIELDS  5u
#define NO_FIELD                                                                                   \
    {                                                                                              \
        0, 0, 0                                                                                    \
    }

// An argument of the call, and where it goes.
struct field {
    uint8_t argument, offset, size; // size 0: none
};

struct operation {
    uint8_t before, after; // REG_NOTIFY_CLASS
    uint8_t size, context_at;
    struct field fields[FIELDS];
    uint64_t (*run)(const struct ks_kernel_call *call);
};

#define AT(type, member) offsetof(type, member)
#define FIELD(index, type, member)                                                                 \
    {                                                                                              \
        index, AT(type, member), sizeof(((type *)0)->member)                                       \
    }
#define INFORMATION(type) sizeof(type), AT(type, CallContext)

static void fill(const struct ks_kernel_call *call, const struct operation *operation,
                 uint64_t information, uint64_t object)
{
    ks_guest_put_number(information, sizeof(PVOID), object);
    for (unsigned i = 0; i < FIELDS && operation->fields[i].size != 0; i++) {
        const struct field *field = &operation->fields[i];
        ks_guest_put_number(information + field->offset, field->size,
                            call->arguments[field->argument]);
    }
}

// An operation on a key that is open.
static uint64_t filter(const struct ks_kernel_call *call, const struct operation *operation)
{
    struct kldr_world *world = call->world;
    struct ks_object *object;
    struct ks_cm_key *key;
    if (!ks_cm_callback_any(world) ||
        !NT_SUCCESS(ks_cm_of_handle(world, call->arguments[0], &object, &key))) {
        return operation->run(call);
    }
    struct ks_cm_told told = {.information = ks_nt_take(world, operation->size, TAG_PRE),
                              .context_at = operation->context_at,
                              .before = operation->before,
                              .after = operation->after};
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (told.information != 0) {
        fill(call, operation, told.information, object->body);
        if (ks_cm_callback_before(world, &told, &status)) {
            status = (NTSTATUS)operation->run(call);
        }
        status = ks_cm_callback_after(world, &told, object->body, status);
    }
    ks_nt_give(world, told.information);
    ks_ob_dereference(world, object);
    return KS_STATUS(status);
}

uint64_t ks_cm_notify_delete_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {RegNtPreDeleteKey,
                                               RegNtPostDeleteKey,
                                               INFORMATION(REG_DELETE_KEY_INFORMATION),
                                               {NO_FIELD},
                                               ks_zw_delete_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_flush_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {RegNtPreFlushKey,
                                               RegNtPostFlushKey,
                                               INFORMATION(REG_FLUSH_KEY_INFORMATION),
                                               {NO_FIELD},
                                               ks_zw_flush_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_set_value_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {RegNtPreSetValueKey,
                                               RegNtPostSetValueKey,
                                               INFORMATION(REG_SET_VALUE_KEY_INFORMATION),
                                               {FIELD(1, REG_SET_VALUE_KEY_INFORMATION, ValueName),
                                                FIELD(2, REG_SET_VALUE_KEY_INFORMATION, TitleIndex),
                                                FIELD(3, REG_SET_VALUE_KEY_INFORMATION, Type),
                                                FIELD(4, REG_SET_VALUE_KEY_INFORMATION, Data),
                                                FIELD(5, REG_SET_VALUE_KEY_INFORMATION, DataSize)},
                                               ks_zw_set_value_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_delete_value_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {
        RegNtPreDeleteValueKey,
        RegNtPostDeleteValueKey,
        INFORMATION(REG_DELETE_VALUE_KEY_INFORMATION),
        {FIELD(1, REG_DELETE_VALUE_KEY_INFORMATION, ValueName)},
        ks_zw_delete_value_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_enumerate_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {
        RegNtPreEnumerateKey,
        RegNtPostEnumerateKey,
        INFORMATION(REG_ENUMERATE_KEY_INFORMATION),
        {FIELD(1, REG_ENUMERATE_KEY_INFORMATION, Index),
         FIELD(2, REG_ENUMERATE_KEY_INFORMATION, KeyInformationClass),
         FIELD(3, REG_ENUMERATE_KEY_INFORMATION, KeyInformation),
         FIELD(4, REG_ENUMERATE_KEY_INFORMATION, Length),
         FIELD(5, REG_ENUMERATE_KEY_INFORMATION, ResultLength)},
        ks_zw_enumerate_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_enumerate_value_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {
        RegNtPreEnumerateValueKey,
        RegNtPostEnumerateValueKey,
        INFORMATION(REG_ENUMERATE_VALUE_KEY_INFORMATION),
        {FIELD(1, REG_ENUMERATE_VALUE_KEY_INFORMATION, Index),
         FIELD(2, REG_ENUMERATE_VALUE_KEY_INFORMATION, KeyValueInformationClass),
         FIELD(3, REG_ENUMERATE_VALUE_KEY_INFORMATION, KeyValueInformation),
         FIELD(4, REG_ENUMERATE_VALUE_KEY_INFORMATION, Length),
         FIELD(5, REG_ENUMERATE_VALUE_KEY_INFORMATION, ResultLength)},
        ks_zw_enumerate_value_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_query_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {
        RegNtPreQueryKey,
        RegNtPostQueryKey,
        INFORMATION(REG_QUERY_KEY_INFORMATION),
        {FIELD(1, REG_QUERY_KEY_INFORMATION, KeyInformationClass),
         FIELD(2, REG_QUERY_KEY_INFORMATION, KeyInformation),
         FIELD(3, REG_QUERY_KEY_INFORMATION, Length),
         FIELD(4, REG_QUERY_KEY_INFORMATION, ResultLength)},
        ks_zw_query_key};
    return filter(call, &operation);
}

uint64_t ks_cm_notify_query_value_key(const struct ks_kernel_call *call)
{
    static const struct operation operation = {
        RegNtPreQueryValueKey,
        RegNtPostQueryValueKey,
        INFORMATION(REG_QUERY_VALUE_KEY_INFORMATION),
        {FIELD(1, REG_QUERY_VALUE_KEY_INFORMATION, ValueName),
         FIELD(2, REG_QUERY_VALUE_KEY_INFORMATION, KeyValueInformationClass),
         FIELD(3, REG_QUERY_VALUE_KEY_INFORMATION, KeyValueInformation),
         FIELD(4, REG_QUERY_VALUE_KEY_INFORMATION, Length),
         FIELD(5, REG_QUERY_VALUE_KEY_INFORMATION, ResultLength)},
        ks_zw_query_value_key};
    return filter(call, &operation);
}

// ---- handles ----

// Can be watched, not kept from being done.
uint64_t ks_cm_notify_close(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct ks_object *object;
    struct ks_cm_key *key;
    if (!ks_cm_callback_any(world) ||
        !NT_SUCCESS(ks_cm_of_handle(world, call->arguments[0], &object, &key))) {
        return ks_ob_open_close(call);
    }
    struct ks_cm_told told = {
        .information = ks_nt_take(world, sizeof(REG_KEY_HANDLE_CLOSE_INFORMATION), TAG_PRE),
        .context_at = offsetof(REG_KEY_HANDLE_CLOSE_INFORMATION, CallContext),
        .before = RegNtPreKeyHandleClose,
        .after = RegNtPostKeyHandleClose};
    NTSTATUS status = STATUS_SUCCESS, ignored;
    if (told.information == 0) {
        status = (NTSTATUS)ks_ob_open_close(call);
    } else {
        ks_guest_put_number(told.information, sizeof(PVOID), object->body);
        ks_cm_callback_before(world, &told, &ignored);
        status = (NTSTATUS)ks_ob_open_close(call);
        ks_cm_callback_after(world, &told, object->body, status);
    }
    ks_nt_give(world, told.information);
    ks_ob_dereference(world, object);
    return KS_STATUS(status);
}

// ---- opening and making ----

// What is told of it lies in one block: the structure, then what its pointers lead to.
struct opening {
    REG_CREATE_KEY_INFORMATION_V1 information;
    UNICODE_STRING name;
    PVOID object;
    ULONG disposition;
};

// The key below which a name is meant: the root's for a full path. Referenced.
static NTSTATUS find_root(struct kldr_world *world, const OBJECT_ATTRIBUTES *given,
                          struct ks_object **out_root)
{
    if (given->RootDirectory != NULL) {
        return ks_ob_handle_reference(world, (uint64_t)(uintptr_t)given->RootDirectory, KS_OB_KEY,
                                      0, false, out_root);
    }
    return ks_ob_look_up_path(world, "\\REGISTRY", KS_OB_KEY, out_root);
}

static void fill_opening(const struct ks_kernel_call *call, bool creates,
                         const OBJECT_ATTRIBUTES *given, uint64_t root, struct opening *opening)
{
    const uint64_t *a = call->arguments;
    if (given->ObjectName != NULL) {
        opening->name = *given->ObjectName;
    }
    opening->information = (REG_CREATE_KEY_INFORMATION_V1){
        .CompleteName = &opening->name,
        .RemainingName = &opening->name,
        .RootObject = ks_guest_pointer(root),
        .ObjectType = ks_guest_pointer(ks_ob_type_body(call->world, KS_OB_KEY)),
        .Options = creates ? (ULONG)a[5] : 0,
        .Class = creates ? ks_guest_pointer(a[4]) : NULL,
        .SecurityDescriptor = given->SecurityDescriptor,
        .SecurityQualityOfService = given->SecurityQualityOfService,
        .DesiredAccess = (ACCESS_MASK)a[1],
        .GrantedAccess = (ACCESS_MASK)a[1],
        .Disposition = &opening->disposition,
        .ResultObject = &opening->object,
        .Version = 1,
        .Attributes = given->Attributes,
        .CheckAccessMode = KernelMode};
}

// A routine has opened the key itself: the caller gets a handle on what it gave, whose reference
// goes over to the handle.
static NTSTATUS take_result(const struct ks_kernel_call *call, bool creates,
                            const struct opening *opening, uint32_t attributes)
{
    struct kldr_world *world = call->world;
    struct ks_object *object = ks_ob_find(world, (uint64_t)(uintptr_t)opening->object);
    uint64_t handle = 0;
    if (object == NULL || object->type != KS_OB_KEY) {
        ks_nt_lacking(call, "a registry callback that answers STATUS_CALLBACK_BYPASS to opening a "
                            "key and gives no key object");
        return STATUS_UNSUCCESSFUL;
    }
    NTSTATUS status = ks_ob_handle_create(world, object, opening->information.GrantedAccess,
                                          attributes, call->caller, &handle);
    ks_ob_dereference(world, object);
    if (NT_SUCCESS(status)) {
        ks_guest_put_number(call->arguments[0], sizeof(HANDLE), handle);
        if (creates && call->arguments[6] != 0) {
            ks_guest_put_number(call->arguments[6], 4, opening->disposition);
        }
    }
    return status;
}

// Afterwards the object of the new handle is told; who makes a failure of it is not simulated.
static NTSTATUS end_opening(const struct ks_kernel_call *call, struct ks_cm_told *told,
                            NTSTATUS status)
{
    struct kldr_world *world = call->world;
    struct ks_object *object = NULL;
    if (NT_SUCCESS(status)) {
        ks_ob_handle_reference(world, ks_guest_number(call->arguments[0], sizeof(HANDLE)),
                               KS_OB_KEY, 0, false, &object);
    }
    NTSTATUS after = ks_cm_callback_after(world, told, object != NULL ? object->body : 0, status);
    if (object != NULL) {
        ks_ob_dereference(world, object);
    }
    if (NT_SUCCESS(after) != NT_SUCCESS(status)) {
        ks_nt_lacking(call, "a registry callback that turns the result of opening a key around "
                            "after it was opened");
    }
    return after;
}

static NTSTATUS tell_opening(const struct ks_kernel_call *call, bool creates,
                             const OBJECT_ATTRIBUTES *given, uint64_t root)
{
    struct kldr_world *world = call->world;
    uint64_t block = ks_nt_take(world, sizeof(struct opening), TAG_PRE);
    if (block == 0) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    struct opening *opening = ks_guest_pointer(block);
    struct ks_cm_told told = {.information = block,
                              .context_at = offsetof(REG_CREATE_KEY_INFORMATION_V1, CallContext),
                              .before = creates ? RegNtPreCreateKeyEx : RegNtPreOpenKeyEx,
                              .after = creates ? RegNtPostCreateKeyEx : RegNtPostOpenKeyEx};
    NTSTATUS status = STATUS_SUCCESS;
    fill_opening(call, creates, given, root, opening);
    if (ks_cm_callback_before(world, &told, &status)) {
        status = (NTSTATUS)(creates ? ks_zw_create_key(call) : ks_zw_open_key(call));
    } else if (told.bypassed) {
        status = take_result(call, creates, opening, given->Attributes);
    }
    status = end_opening(call, &told, status);
    ks_nt_give(world, block);
    return status;
}

static uint64_t filter_opening(const struct ks_kernel_call *call, bool creates)
{
    struct ks_object *root = NULL;
    OBJECT_ATTRIBUTES given;
    ks_ob_probe(call->arguments[0], sizeof(HANDLE));
    if (ks_cm_callback_any(call->world) && call->arguments[2] != 0) {
        given = *(const OBJECT_ATTRIBUTES *)ks_guest_pointer(call->arguments[2]);
        if (given.Length == sizeof given && NT_SUCCESS(find_root(call->world, &given, &root))) {
            NTSTATUS status = tell_opening(call, creates, &given, root->body);
            ks_ob_dereference(call->world, root);
            return KS_STATUS(status);
        }
    }
    return creates ? ks_zw_create_key(call) : ks_zw_open_key(call);
}

uint64_t ks_cm_notify_open_key(const struct ks_kernel_call *call)
{
    return filter_opening(call, false);
}

// (handle, access, attributes, options)
uint64_t ks_cm_notify_open_key_ex(const struct ks_kernel_call *call)
{
    return (uint32_t)call->arguments[3] != 0 ? KS_STATUS(STATUS_INVALID_PARAMETER)
                                             : filter_opening(call, false);
}

uint64_t ks_cm_notify_create_key(const struct ks_kernel_call *call)
{
    return filter_opening(call, true);
}

// SPDX-License-Identifier: MIT
// Ob: what drivers do with objects they point to.

#include "kernel/ke/ke.h"
#include "kernel/ob/ob_call.h"

#define STOP_REFERENCE_BY_POINTER 0x18u

struct ks_object *ks_ob_call_object(const struct ks_kernel_call *call, uint64_t body)
{
    struct ks_object *object = ks_ob_find(call->world, body);
    if (object == NULL) {
        ks_nt_stop(call, STOP_REFERENCE_BY_POINTER, 0, body, 0, 0,
                   "used an address as an object at which there is none, or no longer");
    }
    return object;
}

// ---- counting ----

uint64_t ks_ob_reference_reference(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    if (object == NULL) {
        return 0;
    }
    ks_ob_reference(object);
    return (uint64_t)object->references;
}

// True when somebody else still holds it, and so shall its caller.
uint64_t ks_ob_reference_safe(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    if (object == NULL || object->deleting) {
        return 0;
    }
    ks_ob_reference(object);
    return 1;
}

uint64_t ks_ob_reference_dereference(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    if (object == NULL) {
        return 0;
    }
    // Handles and the directory hold references that are not the driver's to give back.
    int64_t others = (int64_t)object->handles + (object->directory != NULL);
    if (object->references <= others) {
        return ks_nt_stop(call, STOP_REFERENCE_BY_POINTER,
                          ks_ob_type_body(call->world, object->type), object->body, 0, 0,
                          "gave back a reference to an object that it did not have");
    }
    uint64_t left = (uint64_t)object->references - 1;
    ks_ob_dereference(call->world, object);
    return left;
}

// On a worker thread.
static void give_back(struct kldr_world *world, void *user)
{
    ks_ob_dereference(world, user);
}

// ObDereferenceObjectDeferDelete: the last reference is given back by a worker thread, so that what
// the end of the object calls runs at PASSIVE_LEVEL and without the caller's locks.
uint64_t ks_ob_reference_dereference_later(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    const struct ks_ke_work work = {.run = give_back, .user = object, .maker = call->caller};
    if (object == NULL || object->references > 1) {
        return object != NULL ? ks_ob_reference_dereference(call) : 0;
    }
    if (!ks_ke_queue_work(call->world, &work)) {
        return ks_nt_lacking(call, "as many work items at once");
    }
    return 0;
}

static NTSTATUS reference_typed(const struct ks_kernel_call *call, struct ks_object *object,
                                uint64_t type_body, bool user_mode)
{
    enum ks_ob_type type;
    bool known = ks_ob_type_find(call->world, type_body, &type);
    if (!known || (type == KS_OB_ANY && user_mode) || (type != KS_OB_ANY && type != object->type)) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    ks_ob_reference(object);
    return STATUS_SUCCESS;
}

// ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType, AccessMode)
uint64_t ks_ob_reference_by_pointer(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    return object != NULL ? ks_ob_call_answer(reference_typed(call, object, call->arguments[2],
                                                              (call->arguments[3] & 0xFF) != 0))
                          : 0;
}

uint64_t ks_ob_reference_get_type(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    return object != NULL ? ks_ob_type_body(call->world, object->type) : 0;
}

// ---- by name ----

// ObReferenceObjectByName(ObjectName, Attributes, AccessState, DesiredAccess, ObjectType,
// AccessMode, ParseContext, Object)
uint64_t ks_ob_reference_by_name(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_ob_lookup lookup = {.attributes = (uint32_t)a[1], .access = (uint32_t)a[3]};
    struct ks_object *object = NULL;
    ks_ob_call_put(a[7], 0);
    if (!ks_ob_type_find(call->world, a[4], &lookup.type)) {
        return ks_ob_call_answer(STATUS_OBJECT_TYPE_MISMATCH);
    }
    char *name = ks_nt_text_of_string(call->world, a[0]);
    lookup.name = name;
    NTSTATUS status =
        name != NULL ? ks_ob_look_up(call->world, &lookup, &object) : STATUS_INSUFFICIENT_RESOURCES;
    ks_nt_text_free(call->world, name);
    if (NT_SUCCESS(status)) {
        ks_ob_call_put(a[7], object->body);
    }
    return ks_ob_call_answer(status);
}

// ---- names ----

// ObQueryNameString(Object, ObjectNameInfo, Length, ReturnLength)
uint64_t ks_ob_reference_query_name(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct ks_object *object = ks_ob_call_object(call, a[0]);
    uint32_t room = (uint32_t)a[2];
    if (object == NULL) {
        return 0;
    }
    ks_ob_probe(a[1], room);
    ks_ob_probe(a[3], sizeof(ULONG));
    char *path = ks_ob_path(call->world, object);
    if (path == NULL) {
        return ks_ob_call_answer(STATUS_INSUFFICIENT_RESOURCES);
    }
    size_t units = ks_nt_text_units(path);
    size_t size = sizeof(UNICODE_STRING) + (units != 0 ? 2 * (units + 1) : 0);
    ks_guest_put_number(a[3], sizeof(ULONG), size);
    if (room >= size) {
        UNICODE_STRING *name = ks_guest_pointer(a[1]);
        *name = (UNICODE_STRING){0};
        if (units != 0) {
            name->Length = (USHORT)(2 * units);
            name->MaximumLength = (USHORT)(2 * (units + 1));
            name->Buffer = (WCHAR *)(name + 1);
            ks_nt_text_put(path, a[1] + sizeof *name, units);
            ks_guest_put_u16(a[1] + sizeof *name + 2 * units, 0);
        }
    }
    ks_nt_text_free(call->world, path);
    return ks_ob_call_answer(room >= size ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH);
}

uint64_t ks_ob_reference_make_temporary(const struct ks_kernel_call *call)
{
    struct ks_object *object = ks_ob_call_object(call, call->arguments[0]);
    if (object != NULL) {
        ks_ob_make_temporary(call->world, object);
    }
    return 0;
}

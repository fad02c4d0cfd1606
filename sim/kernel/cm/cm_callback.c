// SPDX-License-Identifier: MIT
// Cm: routines that filter operations on the registry: registering, their order, calling them.
//
// The highest altitude is told first and last. Those without one (CmRegisterCallback) are above all
// that have one, in the order in which they were registered.

#include "kernel/cm/cm_callback.h"

#include "kernel/cm/cm.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define TAG_POST 0x736F5043u // 'CPos'

#define STOP_BAD_POOL_CALLER 0xC2u

bool ks_cm_callback_any(const struct kldr_world *world)
{
    return ks_registered_next(world, KS_REGISTERED_REGISTRY, NULL) != NULL;
}

// ---- altitudes: decimal numbers of any length, with or without a fraction ----

static int compare_digits(const char *a, size_t a_length, const char *b, size_t b_length)
{
    for (size_t i = 0; i < a_length || i < b_length; i++) {
        int left = i < a_length ? a[i] : '0', right = i < b_length ? b[i] : '0';
        if (left != right) {
            return left - right;
        }
    }
    return 0;
}

static int compare_altitudes(const char *a, const char *b)
{
    a += strspn(a, "0");
    b += strspn(b, "0");
    size_t a_whole = strcspn(a, "."), b_whole = strcspn(b, ".");
    if (a_whole != b_whole) {
        return a_whole > b_whole ? 1 : -1;
    }
    int order = compare_digits(a, a_whole, b, b_whole);
    a += a_whole + (a[a_whole] == '.');
    b += b_whole + (b[b_whole] == '.');
    return order != 0 ? order : compare_digits(a, strlen(a), b, strlen(b));
}

static bool is_above(const struct ks_registration *a, const struct ks_registration *b)
{
    if (a->text == NULL || b->text == NULL) {
        return a->text == NULL && b->text != NULL;
    }
    return compare_altitudes(a->text, b->text) > 0;
}

// All, the highest first.
static unsigned in_order(const struct kldr_world *world,
                         struct ks_registration *order[KS_CM_CALLBACKS])
{
    struct ks_registration *one = NULL;
    unsigned count = 0;
    while ((one = ks_registered_next(world, KS_REGISTERED_REGISTRY, one)) != NULL &&
           count < KS_CM_CALLBACKS) {
        unsigned place = count++;
        for (; place > 0 && is_above(one, order[place - 1]); place--) {
            order[place] = order[place - 1];
        }
        order[place] = one;
    }
    return count;
}

// ---- around an operation ----

bool ks_cm_callback_before(struct kldr_world *world, struct ks_cm_told *told, NTSTATUS *out_status)
{
    struct ks_registration *order[KS_CM_CALLBACKS];
    unsigned count = in_order(world, order);
    ks_registered_hold(world);
    for (unsigned i = 0; i < count; i++) {
        uint64_t answer = 0;
        const uint64_t arguments[] = {order[i]->context, told->before, told->information};
        if (order[i]->gone) {
            continue;
        }
        ks_guest_put_number(told->information + told->context_at, sizeof(PVOID), 0);
        if (!ks_nt_call(world, order[i]->routine, arguments, 3, &answer)) {
            *out_status = STATUS_UNSUCCESSFUL;
            return false;
        }
        if (!NT_SUCCESS((NTSTATUS)answer)) {
            told->bypassed = (NTSTATUS)answer == STATUS_CALLBACK_BYPASS;
            *out_status = told->bypassed ? STATUS_SUCCESS : (NTSTATUS)answer;
            return false;
        }
        told->called[told->count] = order[i];
        told->contexts[told->count++] =
            ks_guest_number(told->information + told->context_at, sizeof(PVOID));
    }
    return true;
}

// The lowest first.
static NTSTATUS tell_after(struct kldr_world *world, const struct ks_cm_told *told, uint64_t block,
                           uint64_t object, NTSTATUS status)
{
    REG_POST_OPERATION_INFORMATION *post = ks_guest_pointer(block);
    for (unsigned i = told->count; i-- > 0;) {
        uint64_t answer = 0;
        const struct ks_registration *one = told->called[i];
        const uint64_t arguments[] = {one->context, told->after, block};
        *post = (REG_POST_OPERATION_INFORMATION){
            .Object = NT_SUCCESS(status) ? ks_guest_pointer(object) : NULL,
            .Status = status,
            .PreInformation = ks_guest_pointer(told->information),
            .ReturnStatus = status,
            .CallContext = ks_guest_pointer(told->contexts[i])};
        if (one->gone) {
            continue;
        }
        if (!ks_nt_call(world, one->routine, arguments, 3, &answer)) {
            return status;
        }
        status = (NTSTATUS)answer == STATUS_CALLBACK_BYPASS ? post->ReturnStatus : status;
    }
    return status;
}

NTSTATUS ks_cm_callback_after(struct kldr_world *world, struct ks_cm_told *told, uint64_t object,
                              NTSTATUS status)
{
    if (told->count > 0 && !kldr_loader_stopped(world->loader, NULL)) {
        uint64_t block = ks_nt_take(world, sizeof(REG_POST_OPERATION_INFORMATION), TAG_POST);
        if (block != 0) {
            status = tell_after(world, told, block, object, status);
        }
        ks_nt_give(world, block);
    }
    ks_registered_release(world);
    return status;
}

// ---- registering ----

static uint64_t add(const struct ks_kernel_call *call, uint64_t context, uint64_t cookie,
                    char *altitude)
{
    struct ks_registration *order[KS_CM_CALLBACKS];
    unsigned count = in_order(call->world, order);
    for (unsigned i = 0; altitude != NULL && i < count; i++) {
        if (order[i]->text != NULL && compare_altitudes(order[i]->text, altitude) == 0) {
            ks_nt_text_free(call->world, altitude);
            return KS_STATUS(STATUS_FLT_INSTANCE_ALTITUDE_COLLISION);
        }
    }
    struct ks_registration *made =
        count < KS_CM_CALLBACKS
            ? ks_registered_add(call, KS_REGISTERED_REGISTRY, call->arguments[0], context)
            : NULL;
    if (made == NULL) {
        ks_nt_text_free(call->world, altitude);
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    made->text = altitude;
    ks_guest_put_number(cookie, sizeof(LARGE_INTEGER), made->handle);
    return KS_STATUS(STATUS_SUCCESS);
}

// (routine, context, cookie)
uint64_t ks_cm_callback_register(const struct ks_kernel_call *call)
{
    ks_ob_probe(call->arguments[2], sizeof(LARGE_INTEGER));
    return add(call, call->arguments[1], call->arguments[2], NULL);
}

// (routine, altitude, driver, context, cookie, reserved)
uint64_t ks_cm_callback_register_ex(const struct ks_kernel_call *call)
{
    ks_ob_probe(call->arguments[4], sizeof(LARGE_INTEGER));
    char *altitude = ks_nt_text_of_string(call->world, call->arguments[1]);
    if (altitude == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    return add(call, call->arguments[3], call->arguments[4], altitude);
}

uint64_t ks_cm_callback_unregister(const struct ks_kernel_call *call)
{
    struct ks_registration *found =
        ks_registered_find(call->world, KS_REGISTERED_REGISTRY, call->arguments[0]);
    if (found == NULL) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    ks_registered_drop(call->world, found);
    return KS_STATUS(STATUS_SUCCESS);
}

// ---- which key it is ----

// (cookie, object, id, name): id and name may be NULL. ex: the driver frees the name.
static uint64_t tell_key(const struct ks_kernel_call *call, bool ex)
{
    const uint64_t *a = call->arguments;
    struct kldr_world *world = call->world;
    const struct ks_object *object = ks_ob_find(world, a[1]);
    uint64_t cookie = ks_guest_number(a[0], sizeof(LARGE_INTEGER));
    if (object == NULL || object->type != KS_OB_KEY ||
        ks_registered_find(world, KS_REGISTERED_REGISTRY, cookie) == NULL) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    if (a[2] != 0) {
        ks_guest_put_number(a[2], sizeof(PVOID), ks_cm_id_of_object(object));
    }
    if (a[3] != 0) {
        ks_ob_probe(a[3], sizeof(PVOID));
        uint64_t name =
            ex ? ks_cm_make_name_of_object(world, object) : ks_cm_name_of_object(world, object);
        if (name == 0) {
            return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
        }
        ks_guest_put_number(a[3], sizeof(PVOID), name);
    }
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_cm_callback_key_id(const struct ks_kernel_call *call)
{
    return tell_key(call, false);
}

// With flags at the end, of which there are none.
uint64_t ks_cm_callback_key_id_ex(const struct ks_kernel_call *call)
{
    return (uint32_t)call->arguments[4] != 0 ? KS_STATUS(STATUS_INVALID_PARAMETER)
                                             : tell_key(call, true);
}

uint64_t ks_cm_callback_release_key_id(const struct ks_kernel_call *call)
{
    const struct ks_pool_block *block = ks_pool_find(&ks_nt(call->world)->pool, call->arguments[0]);
    if (block == NULL || !block->live || block->tag != KS_CM_TAG_NAME) {
        return ks_nt_stop(
            call, STOP_BAD_POOL_CALLER, 0x46, call->arguments[0], 0, 0,
            "released the name of a key that CmCallbackGetKeyObjectIDEx did not give");
    }
    ks_nt_give(call->world, call->arguments[0]);
    return 0;
}

// SPDX-License-Identifier: MIT
// Ps: routines that drivers want to be called for processes, threads and images. Each has a place
// until it is removed, and the routines are called in the order of their places, so that one may
// register and remove while they are called. There is one process, which was there before.

#include "kernel/ps/ps_notify.h"

#include "kernel/ke/ke.h"
#include "kernel/nt_text.h"
#include "kernel/registered.h"
#include "world/world_object.h"

#include <kldr/ddk/ntddk.h>

#define ROUTINES   64u         // of a kind, as Windows has
#define TAG_IMAGE  0x676D4950u // 'PImg'
#define ADDRESSING 3u          // IMAGE_ADDRESSING_MODE_32BIT, of every image

enum kind { PROCESS, THREAD, IMAGE, KINDS };

struct ps {
    uint64_t routines[KINDS][ROUTINES]; // 0: a free place
    uint64_t makers[KINDS][ROUTINES];   // code that registered them
};

static struct ps *ps_of(const struct kldr_world *world)
{
    return world->nt != NULL ? world->nt->parts[KS_NT_PS].state : NULL;
}

// ---- calling them ----

static bool any(const struct ps *ps, enum kind kind)
{
    for (unsigned i = 0; ps != NULL && i < ROUTINES; i++) {
        if (ps->routines[kind][i] != 0) {
            return true;
        }
    }
    return false;
}

// Stops with the system.
static void call_all(struct kldr_world *world, enum kind kind, const uint64_t *arguments)
{
    const struct ps *ps = ps_of(world);
    for (unsigned i = 0; i < ROUTINES; i++) {
        uint64_t routine = ps->routines[kind][i];
        if (routine != 0 && !ks_nt_call(world, routine, arguments, 3, NULL)) {
            return;
        }
    }
}

void ks_ps_notify_thread(struct kldr_world *world, uint64_t thread_id, bool created)
{
    const uint64_t arguments[] = {KS_KE_PROCESS_ID, thread_id, created};
    if (any(ps_of(world), THREAD)) {
        call_all(world, THREAD, arguments);
    }
}

void ks_ps_notify_image(struct kldr_world *world, const struct kldr_module_info *module)
{
    if (!any(ps_of(world), IMAGE)) {
        return;
    }
    uint64_t name = ks_nt_text_make_string(world, module->full_name, TAG_IMAGE);
    uint64_t block = ks_nt_take(world, sizeof(IMAGE_INFO), TAG_IMAGE);
    if (name != 0 && block != 0) {
        IMAGE_INFO *info = ks_guest_pointer(block);
        info->ImageAddressingMode = ADDRESSING;
        info->SystemModeImage = 1;
        info->ImageBase = ks_guest_pointer(module->base);
        info->ImageSize = module->size;
        const uint64_t arguments[] = {name, 0, block};
        call_all(world, IMAGE, arguments);
    } else {
        kldr_loader_stop(world->loader, KLDR_ERROR_OUT_OF_MEMORY);
    }
    ks_nt_give(world, block);
    ks_nt_give(world, name);
}

void ks_ps_notify_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    static const char *const names[KINDS] = {
        [PROCESS] = "process_routine", [THREAD] = "thread_routine", [IMAGE] = "image_routine"};
    const struct ps *ps = ps_of(world);
    for (unsigned i = 0; ps != NULL && i < KINDS * ROUTINES; i++) {
        unsigned kind = i / ROUTINES, place = i % ROUTINES;
        const struct ks_registered registered = {names[kind], ps->routines[kind][place],
                                                 ps->makers[kind][place], 0};
        if (registered.routine != 0) {
            see(user, &registered);
        }
    }
}

// ---- registering ----

static uint64_t *place_of(struct ps *ps, enum kind kind, uint64_t routine)
{
    for (unsigned i = 0; i < ROUTINES; i++) {
        if (ps->routines[kind][i] == routine) {
            return &ps->routines[kind][i];
        }
    }
    return NULL;
}

static uint64_t put(const struct ks_kernel_call *call, enum kind kind, NTSTATUS when_full)
{
    struct ps *ps = ks_nt_state(call->world, KS_NT_PS, sizeof *ps, NULL);
    uint64_t *place = ps != NULL ? place_of(ps, kind, 0) : NULL;
    if (place == NULL) {
        return KS_STATUS(ps != NULL ? when_full : STATUS_INSUFFICIENT_RESOURCES);
    }
    *place = call->arguments[0];
    ps->makers[kind][place - ps->routines[kind]] = call->caller;
    return KS_STATUS(STATUS_SUCCESS);
}

static uint64_t take(const struct ks_kernel_call *call, enum kind kind)
{
    struct ps *ps = ps_of(call->world);
    uint64_t routine = call->arguments[0];
    uint64_t *place = ps != NULL && routine != 0 ? place_of(ps, kind, routine) : NULL;
    if (place == NULL) {
        return KS_STATUS(STATUS_PROCEDURE_NOT_FOUND);
    }
    *place = 0;
    return KS_STATUS(STATUS_SUCCESS);
}

// PsSetCreateProcessNotifyRoutine(NotifyRoutine, Remove): once each
uint64_t ks_ps_notify_set_process(const struct ks_kernel_call *call)
{
    struct ps *ps = ps_of(call->world);
    if ((call->arguments[1] & 0xFF) != 0) {
        return take(call, PROCESS);
    }
    if (call->arguments[0] == 0 ||
        (ps != NULL && place_of(ps, PROCESS, call->arguments[0]) != NULL)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    return put(call, PROCESS, STATUS_INVALID_PARAMETER);
}

// PsSetCreateThreadNotifyRoutine(NotifyRoutine), PsSetLoadImageNotifyRoutine(NotifyRoutine): as
// often as they are registered
uint64_t ks_ps_notify_set_thread(const struct ks_kernel_call *call)
{
    return put(call, THREAD, STATUS_INSUFFICIENT_RESOURCES);
}

uint64_t ks_ps_notify_set_image(const struct ks_kernel_call *call)
{
    return put(call, IMAGE, STATUS_INSUFFICIENT_RESOURCES);
}

uint64_t ks_ps_notify_remove_thread(const struct ks_kernel_call *call)
{
    return take(call, THREAD);
}

uint64_t ks_ps_notify_remove_image(const struct ks_kernel_call *call)
{
    return take(call, IMAGE);
}

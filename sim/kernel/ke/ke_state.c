// SPDX-License-Identifier: MIT
// The dispatcher's state: made with the first call of a driver, ended with the world.

#include "kernel/ke/ke_state.h"

#include "engine/native.h"
#include "kernel/ps/ps_process.h"
#include "machine/computer.h"
#include "platform.h"
#include "world/world_steps.h"

#include <string.h>

#define PROCESS_SIZE             0x800u              // of EPROCESS, as far as a driver may look
#define UP_TIME                  UINT64_C(600000000) // the system started a minute before
#define FIRST_THREAD_ID          8u                  // 4 is the process
#define FIRST_PRIORITY           13u                 // a critical system worker's
#define STOP_DRIVER_UNLOADED     0xCEu
#define STOP_PAGE_FAULT          0x50u
#define STOP_PAGE_FAULT_IN_FREED 0xCCu // special pool

static void fini(struct ks_nt *nt, void *state)
{
    struct ks_ke *ke = state;
    (void)nt;
    while (ke->first != NULL) {
        ks_ke_free_thread(ke, ke->first);
    }
    ks_ke_work_fini(ke);
    ks_ke_dpcs_fini(ke);
    ks_ke_timers_fini(ke);
    ks_ex_resources_fini(ke);
    ks_ex_tracked_fini(ke);
    ke->world->allocator.release(ke->world->allocator.user, ke->rows);
}

uint64_t ks_ke_system_process(struct kldr_world *world)
{
    struct ks_object *object = NULL;
    while ((object = ks_ob_next(world, object)) != NULL && object->type != KS_OB_PROCESS) {
    }
    if (object == NULL && (object = ks_ob_create(world, KS_OB_PROCESS, PROCESS_SIZE, 0)) != NULL) {
        ((DISPATCHER_HEADER *)ks_guest_pointer(object->body))->Type = KS_KE_PROCESS;
        ks_ps_process_name(object->body);
    }
    return object != NULL ? object->body : 0;
}

// The thread that runs the steps: it is running already, on the stack there is.
static bool make_first_thread(struct ks_ke *ke)
{
    static const struct ks_ke_thread_plan none;
    struct ks_ke_thread *thread = ks_ke_make_thread(ke, &none);
    if (thread == NULL) {
        return false;
    }
    thread->priority = thread->base_priority = FIRST_PRIORITY;
    thread->fiber = ks_fiber_adopt();
    thread->native = ke->world->native != NULL ? &ke->world->native->thread : NULL;
    thread->state = KS_KE_RUNNING;
    ke->current = thread;
    return thread->fiber != NULL;
}

struct ks_ke *ks_ke(struct kldr_world *world)
{
    struct ks_ke *ke = ks_nt_state(world, KS_NT_KE, sizeof *ke, fini);
    if (ke == NULL || ke->current != NULL) {
        return ke;
    }
    ke->world = world;
    ke->nt = ks_nt(world);
    ke->now = UP_TIME;
    ke->start = KS_COMPUTER_START;
    ke->random = world->options.seed;
    ke->next_id = FIRST_THREAD_ID;
    if (ks_ke_system_process(world) == 0 || !ks_ke_gate_init(ke) || !make_first_thread(ke)) {
        kldr_loader_stop(world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return NULL;
    }
    return ke;
}

bool ks_ke_stopped(const struct ks_ke *ke)
{
    return kldr_loader_stopped(ke->world->loader, NULL);
}

void ks_ke_mark(struct ks_ke *ke)
{
    ke->nt->pending = true;
}

bool ks_ke_reachable(const struct ks_ke *ke, uint64_t address, uint64_t size)
{
    const struct ks_native *native = ke->world->native;
    struct kldr_module_info module;
    if (native == NULL || !ks_guest_holds(&native->guest, address)) {
        return true;
    }
    uint64_t offset = address - native->guest.base;
    if (offset < KS_GUEST_IMAGES_SIZE) {
        return ks_native_module_at(ke->world, address, &module) &&
               module.size - (address - module.base) >= size;
    }
    const struct ks_pool *pool = &ke->nt->pool;
    if (ks_pool_is_special(pool, address)) {
        const struct ks_pool_block *block = ks_pool_special_at(pool, address);
        return block != NULL && block->live && block->address + block->size - address >= size;
    }
    return offset < KS_GUEST_POOL || ks_pool_holds(pool, address, size);
}

void ks_ke_stop_unreachable(struct ks_ke *ke, uint64_t address, uint64_t maker, const char *text)
{
    const struct ks_range *gone = ks_address_space_gone(&ke->world->addresses, address);
    const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {address, 0, address, 0};
    if (gone != NULL) {
        ks_world_stop(ke->world, STOP_DRIVER_UNLOADED, parameters, gone->name,
                      (uint32_t)(address - gone->base), text);
    } else if (ks_pool_is_special(&ke->nt->pool, address)) {
        ks_native_stop(ke->world, maker, STOP_PAGE_FAULT_IN_FREED, parameters,
                       "a timer, a DPC or another object that the kernel uses lay in pool that "
                       "was freed");
    } else {
        ks_native_stop(ke->world, maker, STOP_PAGE_FAULT, parameters, text);
    }
}

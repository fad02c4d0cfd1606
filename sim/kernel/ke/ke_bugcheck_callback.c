// SPDX-License-Identifier: MIT
// Ke: routines that drivers want to be called when the system stops. They are kept and given back;
// a simulated system that stops runs no code any more, so nobody calls them.

#include "kernel/registered.h"
#include "world/world_object.h"

// KBUGCHECK_CALLBACK_RECORD: Entry 0, CallbackRoutine 0x10, Buffer 0x18, Length 0x20, Component
// 0x28, Checksum 0x30, State 0x38.
#define STATE             0x38u
#define STATE_INITIALIZED 1u
#define STATE_INSERTED    2u
#define CHECKSUM          0x30u

struct entry {
    struct entry *next;
    uint64_t record, routine;
    uint64_t maker; // code that registered it
};

struct state {
    struct entry *first;
};

static void fini(struct ks_nt *nt, void *memory)
{
    struct state *state = memory;
    while (state->first != NULL) {
        struct entry *entry = state->first;
        state->first = entry->next;
        nt->world->allocator.release(nt->world->allocator.user, entry);
    }
}

// False: no memory.
static bool add(const struct ks_kernel_call *call)
{
    struct kldr_world *world = call->world;
    struct state *state = ks_nt_state(world, KS_NT_BUGCHECK, sizeof *state, fini);
    struct entry *entry =
        state != NULL ? world->allocator.allocate(world->allocator.user, sizeof *entry) : NULL;
    if (entry == NULL) {
        return false;
    }
    struct entry **link = &state->first;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *entry = (struct entry){
        .record = call->arguments[0], .routine = call->arguments[1], .maker = call->caller};
    *link = entry;
    return true;
}

// A record whose memory was used for something else may be known twice: all go.
static void drop(struct kldr_world *world, uint64_t record)
{
    struct state *state = world->nt->parts[KS_NT_BUGCHECK].state;
    struct entry **link = state != NULL ? &state->first : NULL;
    while (link != NULL && *link != NULL) {
        struct entry *entry = *link;
        if (entry->record != record) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        world->allocator.release(world->allocator.user, entry);
    }
}

void ks_ke_bugcheck_see(struct kldr_world *world, ks_registered_see see, void *user)
{
    const struct state *state = world->nt->parts[KS_NT_BUGCHECK].state;
    const struct entry *next = state != NULL ? state->first : NULL;
    for (; next != NULL; next = next->next) {
        const struct ks_registered registered = {"bugcheck_callback", next->routine, next->maker,
                                                 0};
        see(user, &registered);
    }
}

// (record, routine, buffer, length, component)
uint64_t ks_ke_register_bugcheck_callback(const struct ks_kernel_call *call)
{
    uint64_t record = call->arguments[0];
    if (ks_guest_number(record + STATE, 1) == STATE_INSERTED) {
        return 0;
    }
    drop(call->world, record);
    if (!add(call)) {
        return 0;
    }
    for (unsigned i = 1; i < 5; i++) {
        unsigned size = i == 3 ? 4 : 8;
        ks_guest_put_number(record + 8 + 8 * i, size,
                            i == 3 ? (uint32_t)call->arguments[i] : call->arguments[i]);
    }
    ks_guest_put_number(record + CHECKSUM, 8,
                        call->arguments[1] + call->arguments[2] + (uint32_t)call->arguments[3] +
                            call->arguments[4]);
    ks_guest_put_number(record + STATE, 1, STATE_INSERTED);
    return 1;
}

uint64_t ks_ke_deregister_bugcheck_callback(const struct ks_kernel_call *call)
{
    uint64_t record = call->arguments[0];
    if (ks_guest_number(record + STATE, 1) != STATE_INSERTED) {
        return 0;
    }
    ks_guest_put_number(record + STATE, 1, STATE_INITIALIZED);
    drop(call->world, record);
    return 1;
}

// SPDX-License-Identifier: MIT
// Ke: events and semaphores.

#include "kernel/ke/ke_state.h"

#define STOP_VERIFIER         0xC4u
#define SET_EVENT_AT_BAD_IRQL 0x80u

#define ARGUMENT(n) (call->arguments[n])

static void make_header(uint64_t object, uint8_t type, size_t size, int32_t state)
{
    DISPATCHER_HEADER *header = ks_guest_pointer(object);
    header->Lock = 0;
    header->Type = type;
    header->Size = (UCHAR)(size / sizeof(ULONG));
    header->SignalState = state;
    header->WaitListHead.Flink = header->WaitListHead.Blink = &header->WaitListHead;
}

static int32_t exchange(uint64_t event, int32_t state)
{
    DISPATCHER_HEADER *header = ks_guest_pointer(event);
    int32_t before = header->SignalState;
    header->SignalState = state;
    return before;
}

// ---- for the rest of the kernel ----

void ks_ke_event_init(uint64_t event, bool synchronization, bool signalled)
{
    make_header(event, synchronization ? KS_KE_SYNCHRONIZATION_EVENT : KS_KE_NOTIFICATION_EVENT,
                sizeof(KEVENT), signalled);
}

int32_t ks_ke_event_set(struct kldr_world *world, uint64_t event)
{
    int32_t before = exchange(event, 1);
    struct ks_ke *ke = ks_ke(world);
    if (before == 0 && ke != NULL) {
        ks_ke_wake(ke, event);
    }
    return before;
}

int32_t ks_ke_event_reset(uint64_t event)
{
    return exchange(event, 0);
}

// ---- events ----

uint64_t ks_ke_initialize_event(const struct ks_kernel_call *call)
{
    ks_ke_event_init(ARGUMENT(0), (ARGUMENT(1) & 1) != 0, (uint8_t)ARGUMENT(2) != 0);
    return 0;
}

uint64_t ks_ke_set_event(const struct ks_kernel_call *call)
{
    const struct ks_ke *ke = ks_ke(call->world);
    if (ke->nt->irql > KS_DISPATCH_LEVEL) {
        return ks_nt_stop(call, STOP_VERIFIER, SET_EVENT_AT_BAD_IRQL, ke->nt->irql, ARGUMENT(0), 0,
                          "called KeSetEvent above DISPATCH_LEVEL");
    }
    return (uint32_t)ks_ke_event_set(call->world, ARGUMENT(0));
}

uint64_t ks_ke_reset_event(const struct ks_kernel_call *call)
{
    return (uint32_t)exchange(ARGUMENT(0), 0);
}

uint64_t ks_ke_clear_event(const struct ks_kernel_call *call)
{
    exchange(ARGUMENT(0), 0);
    return 0;
}

// Whoever waits now goes on; the event is not signalled afterwards.
uint64_t ks_ke_pulse_event(const struct ks_kernel_call *call)
{
    int32_t before = ks_ke_event_set(call->world, ARGUMENT(0));
    exchange(ARGUMENT(0), 0);
    return (uint32_t)before;
}

uint64_t ks_ke_read_state_event(const struct ks_kernel_call *call)
{
    const DISPATCHER_HEADER *header = ks_guest_pointer(ARGUMENT(0));
    return (uint32_t)header->SignalState;
}

// ---- semaphores ----

uint64_t ks_ke_initialize_semaphore(const struct ks_kernel_call *call)
{
    KSEMAPHORE *semaphore = ks_guest_pointer(ARGUMENT(0));
    make_header(ARGUMENT(0), KS_KE_SEMAPHORE, sizeof *semaphore, (int32_t)ARGUMENT(1));
    semaphore->Limit = (LONG)(uint32_t)ARGUMENT(2);
    return 0;
}

uint64_t ks_ke_release_semaphore(const struct ks_kernel_call *call)
{
    KSEMAPHORE *semaphore = ks_guest_pointer(ARGUMENT(0));
    int64_t before = semaphore->Header.SignalState;
    int64_t after = before + (int32_t)ARGUMENT(2);
    if (after > semaphore->Limit || after < before) {
        return ks_ke_raise(call, (uint32_t)STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    }
    semaphore->Header.SignalState = (LONG)after;
    ks_ke_wake(ks_ke(call->world), ARGUMENT(0));
    return (uint32_t)before;
}

uint64_t ks_ke_read_state_semaphore(const struct ks_kernel_call *call)
{
    return ks_ke_read_state_event(call);
}

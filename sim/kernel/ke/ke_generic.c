// SPDX-License-Identifier: MIT
// Ke: routines that run on every processor: as DPCs that may wait for each other, and at once at
// the IRQL of interprocessor interrupts. There is one processor, so each runs once and never waits.

#include "kernel/ke/ke_return.h"
#include "kernel/ke/ke_state.h"

#define STOP_HANG            0xE000000Eu
#define STOP_KMODE_EXCEPTION 0x1Eu
#define TAG_GENERIC          0x6E65474Bu // 'KGen'
#define IPI_LEVEL            14u
#define PHASE                UINT64_C(0x80000000)

// What the routine is given: a count of those that are not done, and a barrier (how many have still
// to come in this phase, how many there are). They lie behind the DPC.
#define DONE       sizeof(KDPC)
#define BARRIER    (DONE + 8)
#define BLOCK_SIZE (BARRIER + 8)

static bool run(struct ks_ke *ke, uint64_t routine, const uint64_t *arguments, size_t count,
                uint8_t irql, uint64_t *out_result)
{
    const uint8_t before = ke->nt->irql;
    ke->nt->irql = irql;
    const struct ks_ke_kept kept = ks_ke_keep(ke->world);
    bool came_back =
        ks_nt_call_base(ke->world, routine, arguments, count, STOP_KMODE_EXCEPTION, out_result) &&
        ks_ke_is_kept(ke->world, &kept, KS_KE_OTHER_ROUTINE, routine, 0);
    ke->nt->irql = before;
    return came_back;
}

// (routine, context): comes back when the routine has called KeSignalCallDpcDone on each processor.
uint64_t ks_ke_generic_call_dpc(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    const uint32_t processors = ks_ke_processor_count(call->world);
    uint64_t block = ks_nt_take(call->world, BLOCK_SIZE, TAG_GENERIC);
    if (block == 0) {
        kldr_loader_stop(call->world->loader, KLDR_ERROR_OUT_OF_MEMORY);
        return 0;
    }
    const uint64_t arguments[] = {block, call->arguments[1], block + DONE, block + BARRIER};
    *(KDPC *)ks_guest_pointer(block) =
        (KDPC){.Type = KS_KE_TYPE_DPC,
               .DeferredRoutine = (PKDEFERRED_ROUTINE)(uintptr_t)call->arguments[0],
               .DeferredContext = ks_guest_pointer(call->arguments[1])};
    ks_guest_put_number(block + DONE, 4, processors);
    ks_guest_put_number(block + BARRIER, 4, processors);
    ks_guest_put_number(block + BARRIER + 4, 4, processors);
    uint64_t running = ke->dpc_running;
    ke->dpc_running = block;
    bool came_back = run(ke, call->arguments[0], arguments, 4, KS_DISPATCH_LEVEL, NULL);
    ke->dpc_running = running;
    if (came_back && ks_guest_number(block + DONE, 4) != 0) {
        ks_nt_stop(call, STOP_HANG, call->arguments[0], 0, 0, 0,
                   "a routine of KeGenericCallDpc returned without KeSignalCallDpcDone, for which "
                   "the caller waits");
    }
    ks_nt_give(call->world, block);
    return 0;
}

// (first system argument)
uint64_t ks_ke_signal_call_dpc_done(const struct ks_kernel_call *call)
{
    uint64_t left = ks_guest_number(call->arguments[0], 4);
    ks_guest_put_number(call->arguments[0], 4, left - 1);
    return 0;
}

// (second system argument): TRUE on one processor of all.
uint64_t ks_ke_signal_call_dpc_synchronize(const struct ks_kernel_call *call)
{
    uint64_t barrier = ks_guest_number(call->arguments[0], 4);
    uint64_t all = ks_guest_number(call->arguments[0] + 4, 4);
    ks_guest_put_number(call->arguments[0], 4, ((barrier & PHASE) ^ PHASE) | all);
    return TRUE;
}

// (routine, context): what the routine answers on the calling processor.
uint64_t ks_ke_ipi_generic_call(const struct ks_kernel_call *call)
{
    struct ks_ke *ke = ks_ke(call->world);
    uint64_t result = 0;
    if (ks_ke_irql_at_most(call, IPI_LEVEL - 1)) {
        run(ke, call->arguments[0], &call->arguments[1], 1, IPI_LEVEL, &result);
    }
    return result;
}

// SPDX-License-Identifier: MIT
// Ke: routines that drivers want to be called when the system stops. They are kept and given back;
// a simulated system that stops runs no code any more, so nobody calls them.

#include "kernel/functions.h"

// KBUGCHECK_CALLBACK_RECORD: Entry 0, CallbackRoutine 0x10, Buffer 0x18, Length 0x20, Component
// 0x28, Checksum 0x30, State 0x38.
#define STATE             0x38u
#define STATE_INITIALIZED 1u
#define STATE_INSERTED    2u
#define CHECKSUM          0x30u

// (record, routine, buffer, length, component)
uint64_t ks_ke_register_bugcheck_callback(const struct ks_kernel_call *call)
{
    uint64_t record = call->arguments[0];
    if (ks_guest_number(record + STATE, 1) == STATE_INSERTED) {
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
    return 1;
}

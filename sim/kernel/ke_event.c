// SPDX-License-Identifier: MIT
// Ke: events. KEVENT is a dispatcher header: type, size in words of four bytes, state, list of
// waiters. Nobody can wait yet, so setting one wakes nobody.

#include "kernel/functions.h"

#define STATE     4u
#define WAIT_LIST 8u
#define SIZE      6u // 24 bytes

uint64_t ks_ke_initialize_event(const struct ks_kernel_call *call)
{
    uint64_t event = call->arguments[0];
    ks_guest_put_number(event, 4, (call->arguments[1] & 0xFF) | SIZE << 16);
    ks_guest_put_number(event + STATE, 4, call->arguments[2] & 0xFF);
    ks_guest_put_number(event + WAIT_LIST, 8, event + WAIT_LIST);
    ks_guest_put_number(event + WAIT_LIST + 8, 8, event + WAIT_LIST);
    return 0;
}

static uint64_t exchange(uint64_t event, uint32_t state)
{
    uint64_t before = ks_guest_number(event + STATE, 4);
    ks_guest_put_number(event + STATE, 4, state);
    return before;
}

uint64_t ks_ke_set_event(const struct ks_kernel_call *call)
{
    return exchange(call->arguments[0], 1);
}

uint64_t ks_ke_reset_event(const struct ks_kernel_call *call)
{
    return exchange(call->arguments[0], 0);
}

uint64_t ks_ke_clear_event(const struct ks_kernel_call *call)
{
    exchange(call->arguments[0], 0);
    return 0;
}

uint64_t ks_ke_read_state_event(const struct ks_kernel_call *call)
{
    return ks_guest_number(call->arguments[0] + STATE, 4);
}

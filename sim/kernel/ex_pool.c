// SPDX-License-Identifier: MIT
// Ex: pool. A bad request of a driver is stop code 0xC2, with the parameters that are documented
// for it.

#include "kernel/nt.h"
#include "world/world_steps.h"

#include <string.h>

#define STOP_BAD_POOL_CALLER 0xC2u
#define FREED_ALREADY        0x07u
#define WRONG_TAG            0x0Au
#define NO_POOL_ADDRESS      0x46u

#define TAG_NONE                0x656E6F4Eu // 'None'
#define POOL_FLAG_UNINITIALIZED UINT64_C(0x2)
#define UNINITIALIZED           0xCD // what a driver finds that reads before it writes

static uint64_t take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag, bool zeroed)
{
    struct ks_pool *pool = &ks_nt(call->world)->pool;
    if (ks_world_inject_fault(call->world, KLDR_FAULT_POOL) != KLDR_STATUS_SUCCESS) {
        return 0;
    }
    uint64_t address = ks_pool_take(pool, size, tag);
    if (address != 0) {
        ks_pool_find(pool, address)->maker = call->caller;
        memset(ks_guest_pointer(address), zeroed ? 0 : UNINITIALIZED, (size_t)size);
    }
    return address;
}

uint64_t ks_ex_take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag)
{
    return take(call, size, tag, false);
}

uint64_t ks_ex_allocate_pool(const struct ks_kernel_call *call)
{
    return take(call, call->arguments[1], TAG_NONE, false);
}

uint64_t ks_ex_allocate_pool_with_tag(const struct ks_kernel_call *call)
{
    return take(call, call->arguments[1], (uint32_t)call->arguments[2], false);
}

uint64_t ks_ex_allocate_pool2(const struct ks_kernel_call *call)
{
    uint32_t tag = (uint32_t)call->arguments[2];
    if (call->arguments[1] == 0 || tag == 0) {
        return 0;
    }
    return take(call, call->arguments[1], tag, (call->arguments[0] & POOL_FLAG_UNINITIALIZED) == 0);
}

static void stop(const struct ks_kernel_call *call, uint64_t kind, uint64_t second, uint64_t third,
                 uint64_t fourth, const char *text)
{
    ks_nt_stop(call, STOP_BAD_POOL_CALLER, kind, second, third, fourth, text);
}

static void give(const struct ks_kernel_call *call, uint64_t address, uint32_t tag)
{
    struct ks_pool *pool = &ks_nt(call->world)->pool;
    struct ks_pool_block *block = ks_pool_find(pool, address);
    if (block == NULL) {
        stop(call, NO_POOL_ADDRESS, address, 0, 0, "freed what is no block of pool");
    } else if (!block->live) {
        stop(call, FREED_ALREADY, 0, block->tag, address, "freed a block of pool twice");
    } else if (tag != 0 && block->tag != tag) {
        stop(call, WRONG_TAG, address, block->tag, tag,
             "freed a block of pool with another tag than it was allocated with");
    } else {
        ks_pool_give(pool, block);
    }
}

uint64_t ks_ex_free_pool(const struct ks_kernel_call *call)
{
    give(call, call->arguments[0], 0);
    return 0;
}

uint64_t ks_ex_free_pool_with_tag(const struct ks_kernel_call *call)
{
    give(call, call->arguments[0], (uint32_t)call->arguments[1]);
    return 0;
}

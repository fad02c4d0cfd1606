// SPDX-License-Identifier: MIT
// Ex: pool. A bad request of a driver is stop code 0xC2, with the parameters that are documented
// for it.

#include "kernel/ke/ke.h"
#include "kernel/nt.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define STOP_BAD_POOL_CALLER 0xC2u
#define FREED_ALREADY        0x07u
#define WRONG_TAG            0x0Au
#define NO_POOL_ADDRESS      0x46u

#define TAG_NONE           0x656E6F4Eu // 'None'
#define POOL_FLAG_KINDS    (POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED)
#define PARAMETER_SIZE     sizeof(POOL_EXTENDED_PARAMETER)
#define PARAMETER_OPTIONAL 0x100u
#define UNINITIALIZED      0xCD // what a driver finds that reads before it writes

struct request {
    enum ks_pool_kind kind;
    uint64_t size;
    uint32_t tag;
    bool zeroed;
    bool special; // it may lie in special pool
};

static uint64_t take(const struct ks_kernel_call *call, const struct request *request)
{
    struct ks_pool *pool = &ks_nt(call->world)->pool;
    if (ks_ke_refuses_pool(call)) {
        return 0;
    }
    uint64_t address = pool->has_special && request->special
                           ? ks_pool_take_special(pool, request->kind, request->size, request->tag)
                           : 0;
    address =
        address != 0 ? address : ks_pool_take(pool, request->kind, request->size, request->tag);
    if (address != 0) {
        ks_pool_find(pool, address)->maker = call->caller;
        memset(ks_guest_pointer(address), request->zeroed ? 0 : UNINITIALIZED,
               (size_t)request->size);
    }
    return address;
}

uint64_t ks_ex_take(const struct ks_kernel_call *call, uint64_t size, uint32_t tag)
{
    return take(call, &(struct request){KS_POOL_DATA, size, tag, false, false});
}

// ---- requests that raise STATUS_INSUFFICIENT_RESOURCES instead of answering NULL ----

static uint64_t raise_if_none(const struct ks_kernel_call *call, uint64_t address, bool raises)
{
    const uint64_t status = KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    const struct ks_kernel_call raise = {call->world, &status, call->caller};
    return address == 0 && raises ? ks_rtl_raise_status(&raise) : address;
}

// Nonpaged pool is executable, unless its type says that it is not.
static enum ks_pool_kind kind_of_type(uint32_t type)
{
    return (type & (PagedPool | NonPagedPoolNx)) == 0 ? KS_POOL_CODE : KS_POOL_DATA;
}

static uint64_t take_by_type(const struct ks_kernel_call *call, uint32_t tag, bool quota)
{
    uint32_t type = (uint32_t)call->arguments[0];
    bool raises = quota ? (type & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE) == 0
                        : (type & POOL_RAISE_IF_ALLOCATION_FAILURE) != 0;
    const struct request request = {kind_of_type(type), call->arguments[1], tag, false, true};
    return raise_if_none(call, take(call, &request), raises);
}

uint64_t ks_ex_allocate_pool(const struct ks_kernel_call *call)
{
    return take_by_type(call, TAG_NONE, false);
}

uint64_t ks_ex_allocate_pool_with_tag(const struct ks_kernel_call *call)
{
    return take_by_type(call, (uint32_t)call->arguments[2], false);
}

// There are no quotas to be charged; what differs is how it fails.
uint64_t ks_ex_allocate_pool_with_quota(const struct ks_kernel_call *call)
{
    return take_by_type(call, TAG_NONE, true);
}

uint64_t ks_ex_allocate_pool_with_quota_tag(const struct ks_kernel_call *call)
{
    return take_by_type(call, (uint32_t)call->arguments[2], true);
}

static uint64_t take_by_flags(const struct ks_kernel_call *call, bool valid)
{
    uint64_t flags = call->arguments[0], kinds = flags & POOL_FLAG_KINDS;
    const struct request request = {
        kinds == POOL_FLAG_NON_PAGED_EXECUTE ? KS_POOL_CODE : KS_POOL_DATA, call->arguments[1],
        (uint32_t)call->arguments[2], (flags & POOL_FLAG_UNINITIALIZED) == 0, true};
    bool fits = request.size != 0 && request.tag != 0 && kinds != 0 && (kinds & (kinds - 1)) == 0;
    return raise_if_none(call, valid && fits ? take(call, &request) : 0,
                         (flags & POOL_FLAG_RAISE_ON_FAILURE) != 0);
}

uint64_t ks_ex_allocate_pool2(const struct ks_kernel_call *call)
{
    return take_by_flags(call, true);
}

// With parameters: a priority or a node of memory, which change nothing here. One of another type
// fails the request, unless it is optional.
uint64_t ks_ex_allocate_pool3(const struct ks_kernel_call *call)
{
    uint32_t count = (uint32_t)call->arguments[4];
    bool valid = true;
    for (uint32_t i = 0; valid && i < count; i++) {
        uint64_t head = ks_guest_number(call->arguments[3] + i * PARAMETER_SIZE, 8);
        uint8_t type = (uint8_t)head;
        if (type == PoolExtendedParameterSecurePool) {
            return ks_nt_lacking(call, "secure pools");
        }
        valid = type == PoolExtendedParameterPriority || type == PoolExtendedParameterNumaNode ||
                (head & PARAMETER_OPTIONAL) != 0;
    }
    return take_by_flags(call, valid);
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
    bool checked = KS_CHECKED(call->world, POOL_FREE);
    uint64_t corrupt = 0;
    if ((block == NULL || !block->live) && !checked) {
        return; // there is nothing to free
    }
    if (block == NULL) {
        stop(call, NO_POOL_ADDRESS, address, 0, 0, "freed what is no block of pool");
    } else if (!block->live) {
        stop(call, FREED_ALREADY, 0, block->tag, address, "freed a block of pool twice");
    } else if (tag != 0 && block->tag != tag && checked) {
        stop(call, WRONG_TAG, address, block->tag, tag,
             "freed a block of pool with another tag than it was allocated with");
    } else if (KS_CHECKED(call->world, POOL_OVERRUN) && !ks_pool_is_intact(block, &corrupt)) {
        ks_nt_stop(call, KS_POOL_STOP_CORRUPTION, address, corrupt, 0, KS_POOL_WRITTEN_BEYOND,
                   "freed a block of pool behind whose end somebody had written");
    } else if (ks_ex_pool_may_go(call, block)) {
        block->freer = call->caller;
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

// SPDX-License-Identifier: MIT
// The C library: functions with _s, which take the room of the target and answer an errno. What
// does not fit leaves an empty text.

#include "kernel/crt/crt_unit.h"

#define INVALID   22u // EINVAL
#define RANGE     34u // ERANGE
#define TRUNCATE  UINT64_MAX
#define TRUNCATED 80u // STRUNCATE

static uint64_t fail(uint64_t to, uint64_t room, unsigned size, uint64_t error)
{
    if (to != 0 && room > 0) {
        ks_unit_put(to, 0, size, 0);
    }
    return error;
}

// Puts at most count units behind what the target holds from start on.
static uint64_t put(const struct ks_kernel_call *call, uint64_t start, uint64_t count,
                    unsigned size)
{
    uint64_t to = call->arguments[0], room = call->arguments[1], from = call->arguments[2];
    bool cut = count == TRUNCATE;
    uint64_t length = ks_unit_length(from, cut ? room : count, size);
    if (start + length >= room && !cut) {
        return fail(to, room, size, RANGE);
    }
    bool cuts = start + length >= room;
    length = cuts ? room - start - 1 : length;
    for (uint64_t i = 0; i < length; i++) {
        ks_unit_put(to, start + i, size, ks_unit_get(from, i, size));
    }
    ks_unit_put(to, start + length, size, 0);
    return cuts ? TRUNCATED : 0;
}

static bool is_bad(const struct ks_kernel_call *call)
{
    return call->arguments[0] == 0 || call->arguments[1] == 0 || call->arguments[2] == 0;
}

static uint64_t copy(const struct ks_kernel_call *call, uint64_t count, unsigned size)
{
    return is_bad(call) ? fail(call->arguments[0], call->arguments[1], size, INVALID)
                        : put(call, 0, count, size);
}

static uint64_t append(const struct ks_kernel_call *call, uint64_t count, unsigned size)
{
    if (is_bad(call)) {
        return fail(call->arguments[0], call->arguments[1], size, INVALID);
    }
    uint64_t start = ks_unit_length(call->arguments[0], call->arguments[1], size);
    return start == call->arguments[1] ? fail(call->arguments[0], call->arguments[1], size, INVALID)
                                       : put(call, start, count, size);
}

static uint64_t copy_s(const struct ks_kernel_call *call, unsigned size)
{
    return copy(call, TRUNCATE - 1, size);
}

static uint64_t copy_counted_s(const struct ks_kernel_call *call, unsigned size)
{
    return copy(call, call->arguments[3], size);
}

static uint64_t cat_s(const struct ks_kernel_call *call, unsigned size)
{
    return append(call, TRUNCATE - 1, size);
}

static uint64_t cat_counted_s(const struct ks_kernel_call *call, unsigned size)
{
    return append(call, call->arguments[3], size);
}

// clang-format off
KS_CRT_PAIR(copy_s)
KS_CRT_PAIR(copy_counted_s)
KS_CRT_PAIR(cat_s)
KS_CRT_PAIR(cat_counted_s)
// clang-format on

// (to, room, from, count) of bytes
uint64_t ks_crt_memmove_s(const struct ks_kernel_call *call)
{
    uint64_t to = call->arguments[0], room = call->arguments[1], count = call->arguments[3];
    if (count == 0) {
        return 0;
    }
    if (to == 0 || call->arguments[2] == 0) {
        return INVALID;
    }
    if (room < count) {
        return RANGE;
    }
    const uint64_t arguments[] = {to, call->arguments[2], count};
    struct ks_kernel_call move = {call->world, arguments, call->caller};
    ks_crt_memmove(&move);
    return 0;
}

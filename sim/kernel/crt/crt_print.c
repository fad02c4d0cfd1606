// SPDX-License-Identifier: MIT
// The C library: sprintf and its relatives, in both widths, with and without a limit.

#include "engine/native.h"
#include "kernel/crt/crt_format.h"
#include "kernel/crt/crt_unit.h"
#include "kernel/nt.h"
#include "kernel/rtl/rtl_text.h"
#include "world/world_object.h"

#define NO_LIMIT UINT64_MAX

struct target {
    uint64_t to;
    uint64_t room, count; // units
    unsigned size;
};

static void put(void *user, uint16_t unit)
{
    struct target *target = user;
    if (target->count < target->room) {
        uint16_t written = target->size == 2 ? unit : ks_rtl_from_unicode(KS_CODE_PAGE_ANSI, unit);
        ks_unit_put(target->to, target->count, target->size, written);
    }
    target->count++;
}

// Writes what fits into so many units, without an end. Returns how many the whole text has.
static uint64_t write_text(const struct ks_kernel_call *call, uint64_t to, uint64_t room,
                           unsigned size, uint64_t format, const uint64_t *arguments)
{
    const struct ks_native *native = call->world->native;
    struct target target = {to, room, 0, size};
    struct ks_format what = {native != NULL ? &native->guest : NULL, format, size == 2, arguments};
    ks_crt_format(&what, put, &target);
    return target.count;
}

// ---- without a limit ----

static uint64_t print(const struct ks_kernel_call *call, unsigned size, const uint64_t *arguments)
{
    uint64_t count =
        write_text(call, call->arguments[0], NO_LIMIT, size, call->arguments[1], arguments);
    ks_unit_put(call->arguments[0], count, size, 0);
    return (uint32_t)count;
}

static uint64_t print_direct(const struct ks_kernel_call *call, unsigned size)
{
    return print(call, size, call->arguments + 2);
}

static uint64_t print_list(const struct ks_kernel_call *call, unsigned size)
{
    return print(call, size, ks_guest_pointer(call->arguments[2]));
}

// ---- with a limit: -1 when there is no room for the text; an end only when there is room ----

static uint64_t print_counted(const struct ks_kernel_call *call, unsigned size,
                              const uint64_t *arguments)
{
    uint64_t room = call->arguments[1];
    uint64_t count =
        write_text(call, call->arguments[0], room, size, call->arguments[2], arguments);
    if (count < room) {
        ks_unit_put(call->arguments[0], count, size, 0);
    }
    return count > room ? (uint32_t)-1 : (uint32_t)count;
}

static uint64_t counted_direct(const struct ks_kernel_call *call, unsigned size)
{
    return print_counted(call, size, call->arguments + 3);
}

static uint64_t counted_list(const struct ks_kernel_call *call, unsigned size)
{
    return print_counted(call, size, ks_guest_pointer(call->arguments[3]));
}

// clang-format off
KS_CRT_PAIR(print_direct)
KS_CRT_PAIR(print_list)
KS_CRT_PAIR(counted_direct)
KS_CRT_PAIR(counted_list)
// clang-format on

// ---- swprintf_s and relatives: an end always, an empty text when there is no room ----

static uint64_t print_secure(const struct ks_kernel_call *call, unsigned size,
                             const uint64_t *arguments)
{
    uint64_t to = call->arguments[0], room = call->arguments[1];
    if (to == 0 || room == 0 || call->arguments[2] == 0) {
        return (uint32_t)-1;
    }
    uint64_t count = write_text(call, to, room - 1, size, call->arguments[2], arguments);
    ks_unit_put(to, count < room ? count : 0, size, 0);
    return count < room ? (uint32_t)count : (uint32_t)-1;
}

static uint64_t secure_direct(const struct ks_kernel_call *call, unsigned size)
{
    return print_secure(call, size, call->arguments + 3);
}

static uint64_t secure_list(const struct ks_kernel_call *call, unsigned size)
{
    return print_secure(call, size, ks_guest_pointer(call->arguments[3]));
}

// clang-format off
KS_CRT_PAIR(secure_direct)
KS_CRT_PAIR(secure_list)
// clang-format on

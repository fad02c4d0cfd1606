// SPDX-License-Identifier: MIT
// Rtl: strings from one encoding to another: ANSI, OEM and UTF-8 to UTF-16 and back.

#include "kernel/ex/ex_pool.h"
#include "kernel/nt.h"
#include "kernel/rtl/rtl_text.h"

#include <kldr/ddk/ntdef.h>

#define TAG_STRING 0x67727453u // 'Strg'

// ---- counted bytes ----

// Converts as many bytes as there is room for; returns the bytes written.
static uint32_t widen(enum ks_code_page page, WCHAR *to, uint32_t room, const uint8_t *from,
                      uint32_t length)
{
    uint32_t count = room / 2 < length ? room / 2 : length;
    for (uint32_t i = 0; i < count; i++) {
        to[i] = (WCHAR)ks_rtl_to_unicode(page, from[i]);
    }
    return 2 * count;
}

static uint32_t narrow(enum ks_code_page page, uint8_t *to, uint32_t room, const WCHAR *from,
                       uint32_t bytes, bool upcase)
{
    uint32_t count = bytes / 2 < room ? bytes / 2 : room;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t unit = upcase ? ks_rtl_upcase((uint16_t)from[i]) : (uint16_t)from[i];
        to[i] = ks_rtl_from_unicode(page, unit);
    }
    return count;
}

// (to, room in bytes, PULONG written or NULL, from, bytes)
static uint64_t widen_bytes(const struct ks_kernel_call *call, enum ks_code_page page)
{
    const uint64_t *a = call->arguments;
    uint32_t done =
        widen(page, ks_guest_pointer(a[0]), (uint32_t)a[1], ks_guest_pointer(a[3]), (uint32_t)a[4]);
    if (a[2] != 0) {
        ks_guest_put_number(a[2], 4, done);
    }
    return KS_STATUS(STATUS_SUCCESS);
}

static uint64_t narrow_bytes(const struct ks_kernel_call *call, enum ks_code_page page, bool upcase)
{
    const uint64_t *a = call->arguments;
    uint32_t done = narrow(page, ks_guest_pointer(a[0]), (uint32_t)a[1], ks_guest_pointer(a[3]),
                           (uint32_t)a[4], upcase);
    if (a[2] != 0) {
        ks_guest_put_number(a[2], 4, done);
    }
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_multi_byte_to_unicode_n(const struct ks_kernel_call *call)
{
    return widen_bytes(call, KS_CODE_PAGE_ANSI);
}

uint64_t ks_rtl_oem_to_unicode_n(const struct ks_kernel_call *call)
{
    return widen_bytes(call, KS_CODE_PAGE_OEM);
}

uint64_t ks_rtl_unicode_to_multi_byte_n(const struct ks_kernel_call *call)
{
    return narrow_bytes(call, KS_CODE_PAGE_ANSI, false);
}

uint64_t ks_rtl_upcase_unicode_to_multi_byte_n(const struct ks_kernel_call *call)
{
    return narrow_bytes(call, KS_CODE_PAGE_ANSI, true);
}

uint64_t ks_rtl_unicode_to_oem_n(const struct ks_kernel_call *call)
{
    return narrow_bytes(call, KS_CODE_PAGE_OEM, false);
}

uint64_t ks_rtl_upcase_unicode_to_oem_n(const struct ks_kernel_call *call)
{
    return narrow_bytes(call, KS_CODE_PAGE_OEM, true);
}

uint64_t ks_rtl_multi_byte_to_unicode_size(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[0], 4, 2 * (uint32_t)call->arguments[2]);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_unicode_to_multi_byte_size(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[0], 4, (uint32_t)call->arguments[2] / 2);
    return KS_STATUS(STATUS_SUCCESS);
}

// The one byte of each code page's character; the source pointer moves on.
uint64_t ks_rtl_ansi_char_to_unicode_char(const struct ks_kernel_call *call)
{
    uint64_t at = ks_guest_number(call->arguments[0], 8);
    uint8_t byte = (uint8_t)ks_guest_number(at, 1);
    ks_guest_put_number(call->arguments[0], 8, at + 1);
    return ks_rtl_to_unicode(KS_CODE_PAGE_ANSI, byte);
}

// ---- counted strings ----

// Sizes in bytes with the end that a converted string gets.
uint64_t ks_rtl_ansi_string_to_unicode_size(const struct ks_kernel_call *call)
{
    const STRING *from = ks_guest_pointer(call->arguments[0]);
    return 2 * ((uint32_t)from->Length + 1);
}

uint64_t ks_rtl_unicode_string_to_ansi_size(const struct ks_kernel_call *call)
{
    const UNICODE_STRING *from = ks_guest_pointer(call->arguments[0]);
    return (uint32_t)from->Length / 2 + 1;
}

// Room for a result of so many bytes with its end: the caller's own, or pool. False: *out_status.
static bool make_room(const struct ks_kernel_call *call, uint32_t size, bool allocate,
                      uint16_t *room, void **buffer, NTSTATUS *out_status)
{
    if (size > 0xFFFF) {
        *out_status = STATUS_INVALID_PARAMETER_2;
        return false;
    }
    if (!allocate) {
        *out_status = STATUS_BUFFER_OVERFLOW;
        return size <= *room;
    }
    uint64_t memory = ks_ex_take(call, size, TAG_STRING);
    *out_status = STATUS_NO_MEMORY;
    if (memory == 0) {
        return false;
    }
    *room = (uint16_t)size;
    *buffer = ks_guest_pointer(memory);
    return true;
}

static uint64_t string_to_unicode(const struct ks_kernel_call *call, enum ks_code_page page)
{
    UNICODE_STRING *to = ks_guest_pointer(call->arguments[0]);
    const STRING from = *(const STRING *)ks_guest_pointer(call->arguments[1]);
    uint16_t room = to->MaximumLength;
    void *buffer = to->Buffer;
    NTSTATUS status = STATUS_SUCCESS;
    if (!make_room(call, 2 * ((uint32_t)from.Length + 1), (uint8_t)call->arguments[2] != 0, &room,
                   &buffer, &status)) {
        return KS_STATUS(status);
    }
    WCHAR *units = buffer;
    uint32_t bytes = widen(page, units, room, (const uint8_t *)from.Buffer, from.Length);
    units[bytes / 2] = 0;
    *to = (UNICODE_STRING){(USHORT)bytes, room, units};
    return KS_STATUS(STATUS_SUCCESS);
}

static uint64_t unicode_to_string(const struct ks_kernel_call *call, enum ks_code_page page,
                                  bool upcase)
{
    STRING *to = ks_guest_pointer(call->arguments[0]);
    const UNICODE_STRING from = *(const UNICODE_STRING *)ks_guest_pointer(call->arguments[1]);
    uint16_t room = to->MaximumLength;
    void *buffer = to->Buffer;
    NTSTATUS status = STATUS_SUCCESS;
    if (!make_room(call, (uint32_t)from.Length / 2 + 1, (uint8_t)call->arguments[2] != 0, &room,
                   &buffer, &status)) {
        return KS_STATUS(status);
    }
    uint8_t *bytes = buffer;
    uint32_t length = narrow(page, bytes, room, from.Buffer, from.Length, upcase);
    bytes[length] = 0;
    *to = (STRING){(USHORT)length, room, (PCHAR)bytes};
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_ansi_string_to_unicode_string(const struct ks_kernel_call *call)
{
    return string_to_unicode(call, KS_CODE_PAGE_ANSI);
}

uint64_t ks_rtl_oem_string_to_unicode_string(const struct ks_kernel_call *call)
{
    return string_to_unicode(call, KS_CODE_PAGE_OEM);
}

uint64_t ks_rtl_unicode_string_to_ansi_string(const struct ks_kernel_call *call)
{
    return unicode_to_string(call, KS_CODE_PAGE_ANSI, false);
}

uint64_t ks_rtl_upcase_unicode_string_to_ansi_string(const struct ks_kernel_call *call)
{
    return unicode_to_string(call, KS_CODE_PAGE_ANSI, true);
}

uint64_t ks_rtl_unicode_string_to_oem_string(const struct ks_kernel_call *call)
{
    return unicode_to_string(call, KS_CODE_PAGE_OEM, false);
}

uint64_t ks_rtl_upcase_unicode_string_to_oem_string(const struct ks_kernel_call *call)
{
    return unicode_to_string(call, KS_CODE_PAGE_OEM, true);
}

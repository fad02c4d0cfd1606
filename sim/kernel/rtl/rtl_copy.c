// SPDX-License-Identifier: MIT
// Rtl: strings that are made, freed, folded and compared, in both widths.

#include "kernel/nt.h"
#include "kernel/rtl/rtl_text.h"

#include <kldr/ddk/ntdef.h>

#include <string.h>

#define TAG_STRING 0x67727453u // 'Strg'
#define LONGEST    0xFFFCu     // bytes of a string that leaves room for its end

#define DUPLICATE_TERMINATED 0x1u
#define DUPLICATE_EMPTY      0x2u

static uint32_t measure(const WCHAR *text)
{
    uint32_t bytes = 0;
    while (bytes <= LONGEST && text[bytes / 2] != 0) {
        bytes += 2;
    }
    return bytes;
}

// ---- made and freed ----

// Pool with these units and, when there is room, an end. NULL: none.
static WCHAR *copy_units(const struct ks_kernel_call *call, const WCHAR *from, uint32_t bytes,
                         uint32_t room)
{
    WCHAR *units = ks_guest_pointer(ks_ex_take(call, room, TAG_STRING));
    if (units != NULL) {
        memcpy(units, from, bytes);
        if (room - bytes >= 2) {
            units[bytes / 2] = 0;
        }
    }
    return units;
}

uint64_t ks_rtl_create_unicode_string(const struct ks_kernel_call *call)
{
    UNICODE_STRING *to = ks_guest_pointer(call->arguments[0]);
    const WCHAR *from = ks_guest_pointer(call->arguments[1]);
    uint32_t bytes = measure(from);
    WCHAR *units = bytes <= LONGEST ? copy_units(call, from, bytes, bytes + 2) : NULL;
    if (units == NULL) {
        return FALSE;
    }
    *to = (UNICODE_STRING){(USHORT)bytes, (USHORT)(bytes + 2), units};
    return TRUE;
}

uint64_t ks_rtl_duplicate_unicode_string(const struct ks_kernel_call *call)
{
    uint32_t flags = (uint32_t)call->arguments[0];
    bool ends = (flags & DUPLICATE_TERMINATED) != 0, empty = (flags & DUPLICATE_EMPTY) != 0;
    if (call->arguments[1] == 0 || call->arguments[2] == 0 || (flags & ~3u) != 0 ||
        (empty && !ends)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    const UNICODE_STRING from = *(const UNICODE_STRING *)ks_guest_pointer(call->arguments[1]);
    UNICODE_STRING *to = ks_guest_pointer(call->arguments[2]);
    uint32_t room = (uint32_t)from.Length + (ends ? 2u : 0u);
    if (from.Length % 2 != 0 || room > 0xFFFE) {
        return KS_STATUS(from.Length % 2 != 0 ? STATUS_INVALID_PARAMETER : STATUS_NAME_TOO_LONG);
    }
    if (from.Length == 0 && !empty) {
        *to = (UNICODE_STRING){0};
        return KS_STATUS(STATUS_SUCCESS);
    }
    WCHAR *units = copy_units(call, from.Buffer, from.Length, room);
    if (units == NULL) {
        return KS_STATUS(STATUS_NO_MEMORY);
    }
    *to = (UNICODE_STRING){from.Length, (USHORT)room, units};
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_free_string(const struct ks_kernel_call *call)
{
    UNICODE_STRING *string = ks_guest_pointer(call->arguments[0]); // a STRING looks the same
    const uint64_t buffer = (uint64_t)(uintptr_t)string->Buffer;
    if (buffer != 0) {
        struct ks_kernel_call free_buffer = {call->world, &buffer, call->caller};
        ks_ex_free_pool(&free_buffer);
        *string = (UNICODE_STRING){0};
    }
    return 0;
}

// ---- case ----

uint64_t ks_rtl_upcase_unicode_char(const struct ks_kernel_call *call)
{
    return ks_rtl_upcase((uint16_t)call->arguments[0]);
}

uint64_t ks_rtl_downcase_unicode_char(const struct ks_kernel_call *call)
{
    return ks_rtl_downcase((uint16_t)call->arguments[0]);
}

static uint64_t fold(const struct ks_kernel_call *call, uint16_t (*letter)(uint16_t))
{
    UNICODE_STRING *to = ks_guest_pointer(call->arguments[0]);
    const UNICODE_STRING from = *(const UNICODE_STRING *)ks_guest_pointer(call->arguments[1]);
    bool allocate = (uint8_t)call->arguments[2] != 0;
    WCHAR *units = to->Buffer;
    if (!allocate && to->MaximumLength < from.Length) {
        return KS_STATUS(STATUS_BUFFER_OVERFLOW);
    }
    if (allocate) {
        units = ks_guest_pointer(ks_ex_take(call, from.Length, TAG_STRING));
        if (units == NULL) {
            return KS_STATUS(STATUS_NO_MEMORY);
        }
        to->MaximumLength = from.Length;
    }
    for (uint32_t i = 0; i < from.Length / 2u; i++) {
        units[i] = (WCHAR)letter((uint16_t)from.Buffer[i]);
    }
    to->Buffer = units;
    to->Length = from.Length;
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_upcase_unicode_string(const struct ks_kernel_call *call)
{
    return fold(call, ks_rtl_upcase);
}

uint64_t ks_rtl_downcase_unicode_string(const struct ks_kernel_call *call)
{
    return fold(call, ks_rtl_downcase);
}

static uint8_t upper_byte(uint8_t byte)
{
    return ks_rtl_from_unicode(KS_CODE_PAGE_ANSI,
                               ks_rtl_upcase(ks_rtl_to_unicode(KS_CODE_PAGE_ANSI, byte)));
}

uint64_t ks_rtl_upper_char(const struct ks_kernel_call *call)
{
    return upper_byte((uint8_t)call->arguments[0]);
}

uint64_t ks_rtl_upper_string(const struct ks_kernel_call *call)
{
    STRING *to = ks_guest_pointer(call->arguments[0]);
    const STRING from = *(const STRING *)ks_guest_pointer(call->arguments[1]);
    USHORT count = from.Length < to->MaximumLength ? from.Length : to->MaximumLength;
    for (USHORT i = 0; i < count; i++) {
        to->Buffer[i] = (CHAR)upper_byte((uint8_t)from.Buffer[i]);
    }
    to->Length = count;
    return 0;
}

// ---- strings of bytes ----

uint64_t ks_rtl_copy_string(const struct ks_kernel_call *call)
{
    STRING *to = ks_guest_pointer(call->arguments[0]);
    to->Length = 0;
    if (call->arguments[1] != 0) {
        const STRING from = *(const STRING *)ks_guest_pointer(call->arguments[1]);
        USHORT count = from.Length < to->MaximumLength ? from.Length : to->MaximumLength;
        memmove(to->Buffer, from.Buffer, count);
        to->Length = count;
    }
    return 0;
}

static uint64_t append(uint64_t to_address, const CHAR *from, uint32_t count)
{
    STRING *to = ks_guest_pointer(to_address);
    if (to->Length + count > to->MaximumLength) {
        return KS_STATUS(STATUS_BUFFER_TOO_SMALL);
    }
    memmove(to->Buffer + to->Length, from, count);
    to->Length = (USHORT)(to->Length + count);
    return KS_STATUS(STATUS_SUCCESS);
}

uint64_t ks_rtl_append_string_to_string(const struct ks_kernel_call *call)
{
    const STRING from = *(const STRING *)ks_guest_pointer(call->arguments[1]);
    return append(call->arguments[0], from.Buffer, from.Length);
}

uint64_t ks_rtl_append_asciiz_to_string(const struct ks_kernel_call *call)
{
    const CHAR *from = ks_guest_pointer(call->arguments[1]);
    return from == NULL ? KS_STATUS(STATUS_SUCCESS)
                        : append(call->arguments[0], from, (uint32_t)strlen(from));
}

static int compare_bytes(const struct ks_kernel_call *call)
{
    const STRING *a = ks_guest_pointer(call->arguments[0]);
    const STRING *b = ks_guest_pointer(call->arguments[1]);
    bool fold_case = (uint8_t)call->arguments[2] != 0;
    for (USHORT i = 0; i < a->Length && i < b->Length; i++) {
        uint8_t left = (uint8_t)a->Buffer[i], right = (uint8_t)b->Buffer[i];
        int difference = fold_case ? upper_byte(left) - upper_byte(right) : left - right;
        if (difference != 0) {
            return difference;
        }
    }
    return a->Length - b->Length;
}

uint64_t ks_rtl_compare_string(const struct ks_kernel_call *call)
{
    return KS_STATUS(compare_bytes(call));
}

uint64_t ks_rtl_equal_string(const struct ks_kernel_call *call)
{
    return compare_bytes(call) == 0;
}

// ---- prefixes and hashes ----

uint64_t ks_rtl_prefix_unicode_string(const struct ks_kernel_call *call)
{
    const UNICODE_STRING *prefix = ks_guest_pointer(call->arguments[0]);
    const UNICODE_STRING *string = ks_guest_pointer(call->arguments[1]);
    bool fold_case = (uint8_t)call->arguments[2] != 0;
    if (prefix->Length > string->Length) {
        return FALSE;
    }
    for (uint32_t i = 0; i < prefix->Length / 2u; i++) {
        uint16_t a = (uint16_t)prefix->Buffer[i], b = (uint16_t)string->Buffer[i];
        if (fold_case ? ks_rtl_upcase(a) != ks_rtl_upcase(b) : a != b) {
            return FALSE;
        }
    }
    return TRUE;
}

// HASH_STRING_ALGORITHM_DEFAULT (0) is X65599 (1).
uint64_t ks_rtl_hash_unicode_string(const struct ks_kernel_call *call)
{
    const UNICODE_STRING *string = ks_guest_pointer(call->arguments[0]);
    bool fold_case = (uint8_t)call->arguments[1] != 0;
    if (string == NULL || call->arguments[3] == 0 || (uint32_t)call->arguments[2] > 1) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    uint32_t hash = 0;
    for (uint32_t i = 0; i < string->Length / 2u; i++) {
        uint16_t unit = (uint16_t)string->Buffer[i];
        hash = hash * 65599u + (fold_case ? ks_rtl_upcase(unit) : unit);
    }
    ks_guest_put_number(call->arguments[3], 4, hash);
    return KS_STATUS(STATUS_SUCCESS);
}

// SPDX-License-Identifier: MIT
#include "engine/emulate_find.h"

#include "engine/emulate_parts.h"

#include <string.h>

bool ks_code_places_add(const struct kldr_allocator *allocator, struct ks_code_places *places,
                        uint32_t rva)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity != 0 ? 2 * places->capacity : 64;
        uint32_t *grown =
            allocator->reallocate(allocator->user, places->rvas, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        places->rvas = grown;
        places->capacity = capacity;
    }
    places->rvas[places->count++] = rva;
    return true;
}

struct search {
    const struct kldr_allocator *allocator;
    const struct ks_code *code;
    struct ks_code_places *found;
    struct ks_code_places left; // to be followed
    uint8_t *seen;              // a bit for each byte at which an instruction begins
    ZydisDecoder decoder;
};

// Bytes of code from rva on; 0: it is no code.
static uint32_t room_at(const struct ks_code *code, uint32_t rva)
{
    for (size_t i = 0; i < code->range_count; i++) {
        const struct ks_code_range *range = &code->ranges[i];
        if (rva >= range->first && rva - range->first < range->size) {
            return range->size - (rva - range->first);
        }
    }
    return 0;
}

static bool is_new(struct search *search, uint32_t rva)
{
    uint8_t bit = (uint8_t)(1u << (rva % 8));
    bool seen = (search->seen[rva / 8] & bit) != 0;
    search->seen[rva / 8] |= bit;
    return !seen;
}

// Where a call or branch leads that says so itself. 0: nowhere that is known.
static uint32_t target_of(const struct ks_code *code, const ZydisDecodedInstruction *decoded,
                          uint32_t rva)
{
    if ((decoded->attributes & ZYDIS_ATTRIB_IS_RELATIVE) == 0 || !decoded->raw.imm[0].is_relative) {
        return 0;
    }
    uint64_t target = (uint64_t)rva + decoded->length + (uint64_t)decoded->raw.imm[0].value.s;
    return target < code->size ? (uint32_t)target : 0;
}

static bool goes_on(const ZydisDecodedInstruction *decoded)
{
    switch (decoded->meta.category) {
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_SYSRET:
        return false;
    default:
        return decoded->mnemonic != ZYDIS_MNEMONIC_INT3 &&
               decoded->mnemonic != ZYDIS_MNEMONIC_INT && decoded->mnemonic != ZYDIS_MNEMONIC_UD2;
    }
}

// One run of instructions. False: no memory.
static bool follow(struct search *search, uint32_t rva)
{
    const struct ks_code *code = search->code;
    ZydisDecodedInstruction decoded;
    for (uint32_t room = room_at(code, rva); room > 0 && is_new(search, rva);
         room = room_at(code, rva)) {
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&search->decoder, NULL, code->bytes + rva,
                                                        room, &decoded))) {
            break;
        }
        if (decoded.mnemonic == ZYDIS_MNEMONIC_CPUID && decoded.length == 2 &&
            !ks_code_places_add(search->allocator, search->found, rva)) {
            return false;
        }
        uint32_t target = target_of(code, &decoded, rva);
        if (target != 0 && !ks_code_places_add(search->allocator, &search->left, target)) {
            return false;
        }
        if (!goes_on(&decoded)) {
            break;
        }
        rva += decoded.length;
    }
    return true;
}

bool ks_emulate_find_cpuid(const struct kldr_allocator *allocator, const struct ks_code *code,
                           const struct ks_code_places *begins, struct ks_code_places *places)
{
    struct search search = {.allocator = allocator, .code = code, .found = places};
    size_t seen_size = (size_t)code->size / 8 + 1;
    search.seen = allocator->allocate(allocator->user, seen_size);
    if (search.seen == NULL) {
        return false;
    }
    memset(search.seen, 0, seen_size);
    ZydisDecoderInit(&search.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    bool enough = true;
    for (size_t i = 0; i < begins->count && enough; i++) {
        enough = follow(&search, begins->rvas[i]);
        while (search.left.count > 0 && enough) {
            enough = follow(&search, search.left.rvas[--search.left.count]);
        }
    }
    allocator->release(allocator->user, search.left.rvas);
    allocator->release(allocator->user, search.seen);
    return enough;
}

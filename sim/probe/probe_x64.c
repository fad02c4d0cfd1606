// SPDX-License-Identifier: MIT
// x64 code of one routine: print "KLDR module!Routine", return what the scenario says.
//
// The text and the table of results follow the code in .text and are only read; counters of calls
// lie in the image's zeroed data. Nothing needs a base relocation. The routines have no unwind
// information: they raise nothing, and DbgPrintEx lets nothing out.

#include "probe/probe_parts.h"

#include <string.h>

#define DPFLTR_IHVDRIVER_ID 77u   // a component for third-party drivers
#define DPFLTR_ERROR_LEVEL  0u    // shown without changing any filter
#define DRIVER_UNLOAD       0x68u // DRIVER_OBJECT.DriverUnload on x64
#define MOST_CODE           128u
#define MOST_FIXUPS         3u

struct emitter {
    uint8_t *bytes;
    uint32_t size;
    struct kldr_build_fixup *fixups;
    size_t fixup_count;
    uint32_t text_field, table_field; // displacements to the text and the table; 0: none
};

static void put(struct emitter *emitter, const uint8_t *bytes, uint32_t size)
{
    memcpy(emitter->bytes + emitter->size, bytes, size);
    emitter->size += size;
}

static void put_number(struct emitter *emitter, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        emitter->bytes[emitter->size++] = (uint8_t)(number >> (8 * i) & 0xff);
    }
}

static void put_fixup(struct emitter *emitter, struct kldr_build_fixup fixup)
{
    fixup.offset = emitter->size;
    emitter->fixups[emitter->fixup_count++] = fixup;
    put_number(emitter, 0, 4);
}

static void set_displacement(struct emitter *emitter, uint32_t field, uint32_t target)
{
    uint32_t size = emitter->size;
    emitter->size = field;
    put_number(emitter, (uint32_t)(target - (field + 4)), 4);
    emitter->size = size;
}

// DriverObject is the first argument, in rcx.
static void emit_set_unload(struct emitter *emitter)
{
    static const uint8_t lea_rax[] = {0x48, 0x8d, 0x05};                       // lea rax, [rip+d]
    static const uint8_t store[] = {0x48, 0x89, 0x41, (uint8_t)DRIVER_UNLOAD}; // mov [rcx+68h], rax
    put(emitter, lea_rax, sizeof lea_rax);
    put_fixup(emitter,
              (struct kldr_build_fixup){.kind = KLDR_FIXUP_ROUTINE, .routine = "DriverUnload"});
    put(emitter, store, sizeof store);
}

// DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, text)
static void emit_print(struct emitter *emitter, uint32_t import)
{
    static const uint8_t lea_r8[] = {0x4c, 0x8d, 0x05}; // lea r8, [rip+d]
    static const uint8_t call[] = {0xff, 0x15};         // call [rip+d]
    put(emitter, lea_r8, sizeof lea_r8);
    emitter->text_field = emitter->size;
    put_number(emitter, 0, 4);
    put_number(emitter, 0xba, 1); // mov edx, level
    put_number(emitter, DPFLTR_ERROR_LEVEL, 4);
    put_number(emitter, 0xb9, 1); // mov ecx, component
    put_number(emitter, DPFLTR_IHVDRIVER_ID, 4);
    put(emitter, call, sizeof call);
    put_fixup(emitter, (struct kldr_build_fixup){.kind = KLDR_FIXUP_IMPORT, .import = import});
}

static uint64_t result_of(const struct ks_routine_entry *entry)
{
    return entry->has_returns ? entry->returns : entry->status;
}

// One result for all calls: mov rax, result.
static void emit_result(struct emitter *emitter, uint64_t result)
{
    static const uint8_t mov_rax[] = {0x48, 0xb8};
    put(emitter, mov_rax, sizeof mov_rax);
    put_number(emitter, result, 8);
}

// One result per call, the last one repeats: rax = table[min(counter++, last)].
static void emit_listed_result(struct emitter *emitter, const struct ks_probe_routine *routine)
{
    static const uint8_t add[] = {0xf0, 0x0f, 0xc1, 0x05}; // lock xadd [rip+d], eax
    static const uint8_t limit[] = {
        0x39, 0xc8,       // cmp eax, ecx
        0x0f, 0x47, 0xc1, // cmova eax, ecx
        0x48, 0x8d, 0x15, // lea rdx, [rip+d]
    };
    static const uint8_t pick[] = {0x48, 0x8b, 0x04, 0xc2}; // mov rax, [rdx+rax*8]
    put_number(emitter, 0xb8, 1);                           // mov eax, 1
    put_number(emitter, 1, 4);
    put(emitter, add, sizeof add);
    put_fixup(emitter,
              (struct kldr_build_fixup){.kind = KLDR_FIXUP_DATA, .data_offset = routine->counter});
    put_number(emitter, 0xb9, 1); // mov ecx, last
    put_number(emitter, (uint32_t)(routine->behaviour->entry_count - 1), 4);
    put(emitter, limit, sizeof limit);
    emitter->table_field = emitter->size;
    put_number(emitter, 0, 4);
    put(emitter, pick, sizeof pick);
}

static void emit_body(struct emitter *emitter, const struct ks_probe_routine *routine)
{
    static const uint8_t enter[] = {0x48, 0x83, 0xec, 0x28};       // sub rsp, 28h
    static const uint8_t leave[] = {0x48, 0x83, 0xc4, 0x28, 0xc3}; // add rsp, 28h; ret
    const struct ks_routine *behaviour = routine->behaviour;
    if (routine->sets_unload) {
        emit_set_unload(emitter);
    }
    put(emitter, enter, sizeof enter);
    emit_print(emitter, routine->print_import);
    if (behaviour == NULL || behaviour->entry_count == 0) {
        emit_result(emitter, 0);
    } else if (behaviour->entry_count == 1) {
        emit_result(emitter, result_of(&behaviour->entries[0]));
    } else {
        emit_listed_result(emitter, routine);
    }
    put(emitter, leave, sizeof leave);
}

// It is a format: a per cent sign is doubled.
static void put_text(struct emitter *emitter, const char *text)
{
    for (; *text != '\0'; text++) {
        put_number(emitter, (uint8_t)*text, 1);
        if (*text == '%') {
            put_number(emitter, '%', 1);
        }
    }
}

static void emit_constants(struct emitter *emitter, const struct ks_probe_routine *routine)
{
    if (emitter->table_field != 0) {
        while (emitter->size % 8 != 0) {
            put_number(emitter, 0xcc, 1);
        }
        set_displacement(emitter, emitter->table_field, emitter->size);
        for (size_t i = 0; i < routine->behaviour->entry_count; i++) {
            put_number(emitter, result_of(&routine->behaviour->entries[i]), 8);
        }
    }
    set_displacement(emitter, emitter->text_field, emitter->size);
    put_text(emitter, "KLDR ");
    put_text(emitter, routine->module);
    put_text(emitter, "!");
    put_text(emitter, routine->name);
    put_text(emitter, "\n");
    put_number(emitter, 0, 1);
}

void ks_probe_x64_emit(struct ks_arena *arena, const struct ks_probe_routine *routine,
                       struct kldr_build_code *out_code)
{
    size_t entries = routine->behaviour != NULL ? routine->behaviour->entry_count : 0;
    size_t room = MOST_CODE + 8 * entries + 2 * (strlen(routine->module) + strlen(routine->name));
    struct emitter emitter = {.bytes = ks_arena_take(arena, room, 1)};
    emitter.fixups = ks_arena_take(arena, MOST_FIXUPS, sizeof *emitter.fixups);
    *out_code = (struct kldr_build_code){.routine = routine->name};
    if (emitter.bytes == NULL || emitter.fixups == NULL) {
        return;
    }
    emit_body(&emitter, routine);
    emit_constants(&emitter, routine);
    out_code->bytes = emitter.bytes;
    out_code->size = emitter.size;
    out_code->fixups = emitter.fixups;
    out_code->fixup_count = emitter.fixup_count;
}

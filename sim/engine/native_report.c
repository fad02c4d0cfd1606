// SPDX-License-Identifier: MIT
#include "engine/native_report.h"

#include "engine/native.h"
#include "engine/native_source.h"
#include "engine/native_walk.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#if KS_NATIVE

#define NEAR_SYMBOL 0x1000u // bytes from an export, where no function table says more

struct text {
    char *at;
    size_t left;
};

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->at, text->left, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < text->left) {
        text->at += length;
        text->left -= (size_t)length;
    }
}

// A name that somebody else wrote: it must not end the line.
static void add_name(struct text *text, const char *name, size_t longest)
{
    for (size_t i = 0; i < longest && name[i] != '\0'; i++) {
        add(text, "%c", (unsigned char)name[i] < 0x20 ? '?' : name[i]);
    }
}

// ---- registers ----

// In the order of debuggers.
static const struct {
    const char *name;
    enum ks_register number;
    bool kept; // over a call
} general[] = {
    {"rax", KS_RAX, false}, {"rbx", KS_RBX, true}, {"rcx", KS_RCX, false}, {"rdx", KS_RDX, false},
    {"rsi", KS_RSI, true},  {"rdi", KS_RDI, true}, {"rbp", KS_RBP, true},  {"rsp", KS_RSP, true},
    {"r8", KS_R8, false},   {"r9", KS_R9, false},  {"r10", KS_R10, false}, {"r11", KS_R11, false},
    {"r12", KS_R12, true},  {"r13", KS_R13, true}, {"r14", KS_R14, true},  {"r15", KS_R15, true},
};

static void add_register(const struct kldr_world *world, struct text *text, const char *name,
                         uint64_t value)
{
    uint64_t shown = ks_world_show_address(world, value);
    if (shown == KS_ADDRESS_HOST) {
        add(text, "%s=<host> ", name);
    } else {
        add(text, "%s=0x%" PRIx64 " ", name, shown);
    }
}

static void write_registers(const struct kldr_world *world, const struct ks_registers *registers,
                            bool after_call, struct text *text)
{
    for (size_t i = 0; i < sizeof general / sizeof general[0]; i++) {
        if (general[i].kept || !after_call) {
            add_register(world, text, general[i].name, registers->general[general[i].number]);
        }
    }
    add_register(world, text, "rip", registers->rip);
    if (!after_call) {
        add_register(world, text, "rflags", registers->rflags);
    }
}

// ---- frames ----

// The last export of an image at or before an RVA, not before least. NULL: none.
static const char *export_before(const struct kldr_image *image, uint32_t least, uint32_t rva,
                                 uint32_t *out_rva)
{
    struct kldr_export found;
    const char *name = NULL;
    for (uint32_t i = 0; kldr_image_export_name_at(image, i, &found); i++) {
        if (found.name != NULL && found.forwarder == NULL && found.rva >= least &&
            found.rva <= rva && (name == NULL || found.rva > *out_rva)) {
            name = found.name;
            *out_rva = found.rva;
        }
    }
    return name;
}

// Where the function that holds an RVA begins; without a function table, how far to look.
static uint32_t function_start(const struct kldr_world *world, uint64_t address, uint32_t rva)
{
    const struct ks_unwind_memory memory = ks_native_memory(world);
    struct ks_unwind_image image;
    struct ks_unwind_function function;
    if (ks_native_image_at(world, address, &image) &&
        ks_unwind_find(&memory, &image, address, &function)) {
        return function.begin;
    }
    return rva > NEAR_SYMBOL ? rva - NEAR_SYMBOL : 0;
}

// Function and line, when the file has debug information. A return address may lie behind the line
// of its call: the byte before it stands for the place.
static bool add_source(const struct kldr_world *world, const struct kldr_module_info *module,
                       uint64_t address, bool returns, struct text *text)
{
    struct ks_source source;
    if (!ks_native_source_at(world, module, returns ? address - 1 : address, &source)) {
        return false;
    }
    add(text, " (");
    add_name(text, source.function != NULL ? source.function : "?", 100);
    if (source.is_nearest) {
        add(text, "+0x%" PRIx32, source.behind + (returns ? 1u : 0u));
    }
    if (source.file != NULL) {
        add(text, ", ");
        add_name(text, source.file, 100);
        add(text, ":%u", source.line);
    }
    add(text, ")");
    return true;
}

static void add_symbol(const struct kldr_world *world, const struct kldr_module_info *module,
                       uint64_t address, struct text *text)
{
    uint32_t rva = (uint32_t)(address - module->base), symbol = 0;
    uint32_t start = function_start(world, address, rva);
    uint32_t entry = kldr_image_info(module->image)->entry_rva;
    const char *name = export_before(module->image, start, rva, &symbol);
    if (name == NULL && entry != 0 && entry >= start && entry <= rva) {
        name = "entry point";
        symbol = entry;
    }
    if (name != NULL) {
        add(text, " (");
        add_name(text, name, 100);
        add(text, "+0x%x)", (unsigned)(rva - symbol));
    }
}

// Code in a block of pool, which is known by its tag.
static bool add_pool(const struct kldr_world *world, uint64_t address, struct text *text)
{
    const struct ks_pool_block *block =
        world->nt != NULL ? ks_pool_around(&world->nt->pool, address) : NULL;
    if (block == NULL) {
        return false;
    }
    add(text, "pool ");
    for (unsigned i = 0; i < 4; i++) {
        unsigned letter = block->tag >> (8 * i) & 0xFF;
        add(text, "%c", letter >= 0x20 && letter < 0x7F ? (int)letter : '.');
    }
    add(text, "+0x%" PRIx64 "%s", address - block->address, block->live ? "" : " (freed)");
    return true;
}

static void add_place(const struct kldr_world *world, uint64_t address, bool returns,
                      struct text *text)
{
    struct kldr_module_info module;
    const struct ks_range *gone = ks_address_space_gone(&world->addresses, address);
    if (ks_native_module_at(world, address, &module)) {
        add_name(text, module.base_name, 60);
        add(text, "+0x%x", (unsigned)(address - module.base));
        if (!add_source(world, &module, address, returns, text)) {
            add_symbol(world, &module, address, text);
        }
    } else if (gone != NULL) {
        add_name(text, gone->name, 60);
        add(text, "+0x%x (unloaded)", (unsigned)(address - gone->base));
    } else if (!add_pool(world, address, text)) {
        add(text, "0x%" PRIx64, ks_world_show_address(world, address));
    }
    add(text, "\n");
}

// The kernel's part between two frames of drivers.
static void add_kernel(const struct kldr_world *world, uint32_t number, bool called,
                       struct text *text)
{
    uint64_t stub = called ? ks_native_stub(world, number) : 0;
    const char *name = stub != 0 ? ks_native_stub_name(world, number) : NULL;
    struct kldr_module_info module;
    if (!called) {
        add(text, "(exception)\n");
    } else if (name == NULL) {
        add(text, "(code that is only described)\n");
    } else {
        bool known = ks_native_module_at(world, stub, &module);
        add_name(text, known ? module.base_name : "", 60);
        add(text, "%s", known ? "!" : "");
        add_name(text, name, 120);
        add(text, "\n");
    }
}

static void write_stack(struct ks_native_walk *walk, struct text *text)
{
    unsigned count = 1;
    bool returns = false; // what is in rip is where a call goes on
    for (;; count++) {
        const struct ks_native_frame *call = walk->call;
        struct ks_unwind_frame frame;
        if (!ks_native_is_return(walk->world, walk->registers.rip)) {
            add_place(walk->world, walk->registers.rip, returns, text);
        }
        if (count >= KS_NATIVE_FRAMES) {
            add(text, "...\n");
            return;
        }
        switch (ks_native_step(walk, 0, &frame)) {
        case KS_STEP_CALL:
            add_kernel(walk->world, call->number, call->called, text);
            returns = call->called;
            break;
        case KS_STEP_END:
            return;
        default:
            returns = true;
            break;
        }
    }
}

bool ks_native_report(const struct kldr_world *world, char registers[KS_NATIVE_REGISTERS_SIZE],
                      char stack[KS_NATIVE_STACK_SIZE])
{
    const struct ks_native_thread *thread = ks_native_now;
    struct text registers_text = {registers, KS_NATIVE_REGISTERS_SIZE};
    struct text stack_text = {stack, KS_NATIVE_STACK_SIZE};
    struct ks_native_walk walk = {.world = world};
    registers[0] = stack[0] = '\0';
    if (thread == NULL || thread->innermost == NULL) {
        return false;
    }
    walk.call = thread->innermost;
    if (thread->exception != NULL) {
        walk.registers = *thread->exception;
    } else {
        ks_native_call_site(thread, &walk.registers);
    }
    write_registers(world, &walk.registers, thread->called, &registers_text);
    if (thread->called) {
        add_kernel(world, thread->number, true, &stack_text);
    }
    write_stack(&walk, &stack_text);
    return true;
}

#else

bool ks_native_report(const struct kldr_world *world, char registers[KS_NATIVE_REGISTERS_SIZE],
                      char stack[KS_NATIVE_STACK_SIZE])
{
    (void)world;
    registers[0] = stack[0] = '\0';
    return false;
}

#endif

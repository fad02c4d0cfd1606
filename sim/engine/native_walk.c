// SPDX-License-Identifier: MIT
#include "engine/native_walk.h"

#include "engine/native.h"
#include "world/world_steps.h"

#include <string.h>

#define FUNCTION_SIZE 12u

#if !KS_NATIVE
bool ks_native_copy(void *to, const void *from, size_t size)
{
    (void)to;
    (void)from;
    (void)size;
    return false;
}
#endif

static bool holds(const struct kldr_world *world, uint64_t address, size_t size)
{
    const struct ks_guest *guest = &world->native->guest;
    return ks_guest_holds(guest, address) && size <= guest->base + KS_GUEST_SIZE - address;
}

static bool is_shared(uint64_t address, size_t size)
{
    uint64_t offset = address - KS_SHARED_DATA_ADDRESS;
    return offset < KS_SHARED_DATA_SIZE && size <= KS_SHARED_DATA_SIZE - offset;
}

bool ks_native_read(const struct kldr_world *world, uint64_t address, void *to, size_t size)
{
    return (holds(world, address, size) || is_shared(address, size)) &&
           ks_native_copy(to, ks_guest_pointer(address), size);
}

bool ks_native_write(const struct kldr_world *world, uint64_t address, const void *from,
                     size_t size)
{
    return holds(world, address, size) && ks_native_copy(ks_guest_pointer(address), from, size);
}

static bool read_memory(void *user, uint64_t address, void *to, size_t size)
{
    return ks_native_read(user, address, to, size);
}

struct ks_unwind_memory ks_native_memory(const struct kldr_world *world)
{
    return (struct ks_unwind_memory){(void *)(uintptr_t)world, read_memory};
}

bool ks_native_image_at(const struct kldr_world *world, uint64_t address,
                        struct ks_unwind_image *out_image)
{
    struct kldr_module_info module;
    if (!ks_native_module_at(world, address, &module)) {
        return false;
    }
    const struct kldr_data_directory *table =
        &kldr_image_info(module.image)->directory[KLDR_DIRECTORY_EXCEPTION];
    bool inside = table->rva < module.size && table->size <= module.size - table->rva;
    if (module.core && module.base == world->native->kernel_base[KS_KERNEL_NTOSKRNL]) {
        *out_image =
            (struct ks_unwind_image){module.base, ks_native_return_table(world), KS_NATIVE_STUBS};
        return true;
    }
    out_image->base = module.base;
    out_image->table = module.base + table->rva;
    out_image->count = inside ? table->size / FUNCTION_SIZE : 0;
    return true;
}

bool ks_native_is_return(const struct kldr_world *world, uint64_t address)
{
    return address == ks_native_return_address(world, false) ||
           address == ks_native_return_address(world, true);
}

bool ks_native_load_base(const struct kldr_world *world, uint64_t base, bool trapped,
                         struct ks_registers *out_registers)
{
    struct ks_trap_frame frame = {.rflags = 0x202, .rsp = base + sizeof frame.kept};
    const struct ks_gate_frame *kept = &frame.kept;
    if (!ks_native_read(world, base, &frame, trapped ? sizeof frame : sizeof frame.kept)) {
        return false;
    }
    uint64_t *general = out_registers->general;
    *out_registers = (struct ks_registers){.rip = kept->rip, .rflags = frame.rflags};
    general[KS_RBX] = kept->rbx;
    general[KS_RSP] = frame.rsp;
    general[KS_RBP] = kept->rbp;
    general[KS_RSI] = kept->rsi;
    general[KS_RDI] = kept->rdi;
    general[KS_R12] = kept->r12;
    general[KS_R13] = kept->r13;
    general[KS_R14] = kept->r14;
    general[KS_R15] = kept->r15;
    out_registers->floats[0] = 0x7F; // the x87 unit as it is when nobody uses it
    out_registers->floats[1] = 0x03;
    memcpy(out_registers->floats + KS_FLOAT_MXCSR, &kept->mxcsr, sizeof kept->mxcsr);
    memcpy(out_registers->floats + KS_FLOAT_XMM + (size_t)16 * 6, kept->xmm, sizeof kept->xmm);
    return true;
}

static enum ks_native_step step_out(struct ks_native_walk *walk)
{
    const struct ks_native_frame *call = walk->call;
    struct ks_registers registers;
    if (call == NULL || call->outer == NULL ||
        !ks_native_load_base(walk->world, call->base, call->trapped, &registers)) {
        return KS_STEP_END;
    }
    walk->registers = registers;
    walk->call = call->outer;
    return KS_STEP_CALL;
}

enum ks_native_step ks_native_step(struct ks_native_walk *walk, unsigned kind,
                                   struct ks_unwind_frame *out_frame)
{
    const struct ks_unwind_memory memory = ks_native_memory(walk->world);
    struct ks_registers registers = walk->registers;
    struct ks_unwind_image image = {0};
    struct ks_unwind_function function;
    if (ks_native_is_return(walk->world, registers.rip)) {
        return step_out(walk);
    }
    bool known = ks_native_image_at(walk->world, registers.rip, &image) &&
                 ks_unwind_find(&memory, &image, registers.rip, &function);
    if (!ks_unwind_step(&memory, &image, known ? &function : NULL, kind, &registers, out_frame) ||
        registers.general[KS_RSP] <= walk->registers.general[KS_RSP]) {
        return KS_STEP_END;
    }
    walk->registers = registers;
    return KS_STEP_FRAME;
}

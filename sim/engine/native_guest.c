// SPDX-License-Identifier: MIT
// What lies in guest memory: the kernel as driver code sees it, stubs, stack and pool.

#include "engine/native.h"

#include "kernel/functions.h"
#include "kernel/image/kernel_core.h"
#include "world/world_steps.h"

#include <stdatomic.h>
#include <string.h>

#define STUB_SIZE             16u
#define GATE_OFFSET           0xFF8u // in the page of the headers: a pointer to the gate
#define RETURN_OFFSET         0xFF0u // and one to the way back
#define TABLE_OFFSET          0xE00u // and the unwind data of the stubs there
#define RETURN_SIZE           8u     // of a stub that driver code returns to
#define RETURN_BEFORE         2u     // bytes in front of where it returns to
#define STACK_GUARD           UINT64_C(0x10000)
#define UNWIND_ALLOC_LARGE    1
#define UNWIND_SET_FPREG      3
#define UNWIND_SAVE_XMM128    8
#define UNWIND_PUSH_MACHFRAME 10

#define NAME_BITS 20u

static atomic_flag taken = ATOMIC_FLAG_INIT; // by the one native world of this process

// ---- stubs ----

// mov eax, number; jmp [gate]
static void write_stub(uint64_t address, uint32_t number, uint64_t gate_pointer)
{
    uint8_t stub[STUB_SIZE];
    uint32_t distance = (uint32_t)(gate_pointer - (address + 11));
    memset(stub, 0xCC, sizeof stub);
    stub[0] = 0xB8;
    stub[5] = 0xFF;
    stub[6] = 0x25;
    for (unsigned i = 0; i < 4; i++) {
        stub[1 + i] = (uint8_t)(number >> (8 * i));
        stub[7 + i] = (uint8_t)(distance >> (8 * i));
    }
    memcpy(ks_guest_pointer(address), stub, sizeof stub);
}

static void write_pointer(uint64_t address, void (*code)(void))
{
    uint64_t pointer = (uint64_t)(uintptr_t)code;
    memcpy(ks_guest_pointer(address), &pointer, sizeof pointer);
}

static void put_u32(uint64_t address, uint32_t value)
{
    memcpy(ks_guest_pointer(address), &value, sizeof value);
}

// UNWIND_INFO of a stub: rbp has the address of a gate frame, or of a trap frame, as a prologue
// would have made it.
static void write_unwind_data(uint64_t address, bool trap)
{
    static const uint8_t pushed[] = {15, 14, 13, 12, KS_RDI, KS_RSI, KS_RBX, KS_RBP};
    uint8_t data[4 + 2 * 32] = {1, 0, trap ? 32 : 31, KS_RBP};
    uint8_t *code = data + 4;
    for (uint8_t i = 0; i < 10; i++, code += 4) { // xmm6 to xmm15, at 16 bytes times i
        code[1] = (uint8_t)((6u + i) << 4 | UNWIND_SAVE_XMM128);
        code[2] = i;
    }
    code[1] = UNWIND_SET_FPREG;
    code[3] = UNWIND_ALLOC_LARGE;
    code[4] = offsetof(struct ks_gate_frame, r15) / 8;
    code += 6;
    for (size_t i = 0; i < sizeof pushed; i++, code += 2) {
        code[1] = (uint8_t)(pushed[i] << 4);
    }
    code[1] = trap ? UNWIND_PUSH_MACHFRAME : 0;
    memcpy(ks_guest_pointer(address), data, sizeof data);
}

// The function table of the two stubs.
static void write_return_table(uint64_t base, uint32_t stubs)
{
    for (unsigned i = 0; i < KS_NATIVE_STUBS; i++) {
        uint64_t entry = base + TABLE_OFFSET + 12 * (uint64_t)i;
        uint32_t data = TABLE_OFFSET + 0x40 + 0x80 * i;
        put_u32(entry, stubs + RETURN_SIZE * i);
        put_u32(entry + 4, stubs + RETURN_SIZE * (i + 1));
        put_u32(entry + 8, data);
        write_unwind_data(base + data, i > 0);
    }
}

uint64_t ks_native_return_table(const struct kldr_world *world)
{
    return world->native->kernel_base[KS_KERNEL_NTOSKRNL] + TABLE_OFFSET;
}

// jmp [pointer], twice: calls from kernel functions return to the first, calls about an exception
// to the second. Somebody who looks at the return address finds it inside the kernel.
static void write_return_stubs(struct kldr_world *world, uint64_t base)
{
    uint64_t stubs = base + ks_kernel_images_spare(KS_KERNEL_NTOSKRNL);
    write_pointer(base + RETURN_OFFSET, ks_native_return_gate);
    write_return_table(base, (uint32_t)(stubs - base));
    for (unsigned i = 0; i < KS_NATIVE_STUBS; i++) {
        uint64_t at = stubs + RETURN_SIZE * i;
        uint8_t stub[RETURN_SIZE] = {0xCC, 0xCC, 0xFF, 0x25};
        uint32_t distance = (uint32_t)(base + RETURN_OFFSET - (at + RETURN_SIZE));
        for (unsigned j = 0; j < 4; j++) {
            stub[4 + j] = (uint8_t)(distance >> (8 * j));
        }
        memcpy(ks_guest_pointer(at), stub, sizeof stub);
    }
    world->native->return_stub = stubs;
}

uint64_t ks_native_return_address(const struct kldr_world *world, bool trapped)
{
    return world->native->return_stub + (trapped ? RETURN_SIZE : 0) + RETURN_BEFORE;
}

// ---- traps ----

uint64_t ks_native_trap_address(const struct ks_native *native, size_t index)
{
    return native->guest.base + KS_GUEST_TRAPS + STUB_SIZE * ((uint64_t)index + 1);
}

// A stub in the region of traps, whose first one is the pointer to the gate.
static bool add_stub(const struct ks_guest *guest, uint64_t address, uint32_t number)
{
    uint64_t first = guest->base + KS_GUEST_TRAPS;
    if (!ks_guest_protect(guest, address, STUB_SIZE, KS_RIGHTS_WRITE) ||
        !ks_guest_protect(guest, first, STUB_SIZE, KS_RIGHTS_WRITE)) {
        return false;
    }
    write_pointer(first, ks_native_gate);
    write_stub(address, number, first);
    ks_guest_protect(guest, first, STUB_SIZE, KS_RIGHTS_EXECUTE);
    ks_guest_protect(guest, address, STUB_SIZE, KS_RIGHTS_EXECUTE);
    return true;
}

kldr_status ks_native_add_trap(struct kldr_world *world, size_t index)
{
    const struct ks_guest *guest = &world->native->guest;
    uint64_t address = ks_native_trap_address(world->native, index);
    if (address + STUB_SIZE > guest->base + KS_GUEST_ROUTINES) {
        return KLDR_ERROR_LIMIT;
    }
    return add_stub(guest, address, KS_NATIVE_TRAP + (uint32_t)index) ? KLDR_STATUS_SUCCESS
                                                                      : KLDR_ERROR_OUT_OF_MEMORY;
}

uint64_t ks_native_routine_address(struct kldr_world *world, const char *name)
{
    size_t index = 0;
    const struct ks_guest *guest = &world->native->guest;
    if (ks_function_find(name, &index) == NULL) {
        return 0;
    }
    uint64_t address = guest->base + KS_GUEST_ROUTINES + STUB_SIZE * (uint64_t)index;
    return add_stub(guest, address, (uint32_t)index) ? address : 0;
}

// ---- the kernel ----

bool ks_native_simulates(const char *name)
{
    uint64_t value;
    const struct ks_kernel_function *function = name != NULL ? ks_function_find(name, NULL) : NULL;
    return function != NULL ? function->status != KS_FUNCTION_TRAP
                            : name != NULL && ks_function_variable(NULL, name, &value);
}

_Static_assert(KS_VARIABLE_SIZE <= KS_KERNEL_CORE_VARIABLE, "a variable fits");

// A name that nothing stands behind yet: its variable's value, or a stub that says so.
static void write_name(struct kldr_world *world, enum ks_kernel_module module, uint64_t base,
                       size_t index)
{
    enum ks_kernel_kind kind;
    const char *name = ks_kernel_name_at(module, index, &kind);
    uint64_t address = base + ks_kernel_images_rva_at(module, index);
    if (kind != KS_KERNEL_DATA) {
        uint32_t number = KS_NATIVE_UNLISTED + ((uint32_t)module << NAME_BITS) + (uint32_t)index;
        write_stub(address, number, base + GATE_OFFSET);
    } else {
        ks_function_put_variable(world, name, address);
    }
}

// The stubs of the functions that there are. They are few, so they are looked up among the names
// and not the names among them.
static void write_functions(enum ks_kernel_module module, uint64_t base)
{
    const struct ks_kernel_function *function;
    for (uint32_t number = 0; (function = ks_function_at(number)) != NULL; number++) {
        uint32_t rva = 0;
        if (ks_kernel_images_rva(module, function->name, &rva)) {
            write_stub(base + rva, number, base + GATE_OFFSET);
        }
    }
}

kldr_status ks_native_add_kernel(struct kldr_world *world, enum ks_kernel_module module,
                                 uint64_t base)
{
    const struct ks_kernel_image *kernel = &world->kernel->images->modules[module];
    struct kldr_module_info info = {.base = base, .image = kernel->image};
    uint8_t *memory = NULL;
    kldr_status status = ks_native_map(world, base, (uint32_t)kernel->size, &memory);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    info.size = (uint32_t)kernel->size;
    memcpy(memory, kernel->bytes, kernel->size);
    write_pointer(base + GATE_OFFSET, ks_native_gate);
    if (module == KS_KERNEL_NTOSKRNL) {
        write_return_stubs(world, base);
    }
    for (size_t i = 0; i < ks_kernel_name_count(module); i++) {
        write_name(world, module, base, i);
    }
    write_functions(module, base);
    ks_native_protect(world, &info, true);
    world->native->kernel_base[module] = base;
    return ks_guest_protect(&world->native->guest, base + ks_kernel_images_spare(module),
                            2 * RETURN_SIZE, KS_RIGHTS_EXECUTE)
               ? KLDR_STATUS_SUCCESS
               : KLDR_ERROR_OUT_OF_MEMORY;
}

const char *ks_native_name_of_number(uint32_t number, enum ks_kernel_module *out_module)
{
    uint32_t index = number - KS_NATIVE_UNLISTED;
    if (number < KS_NATIVE_UNLISTED) {
        const struct ks_kernel_function *function = ks_function_at(number);
        *out_module = KS_KERNEL_NTOSKRNL;
        while (function != NULL && *out_module + 1 < KS_KERNEL_MODULES &&
               !ks_kernel_name_index(*out_module, function->name, NULL)) {
            *out_module = (enum ks_kernel_module)(*out_module + 1);
        }
        return function != NULL ? function->name : NULL;
    }
    *out_module = (enum ks_kernel_module)(index >> NAME_BITS);
    index &= (1u << NAME_BITS) - 1;
    return *out_module < KS_KERNEL_MODULES && index < ks_kernel_name_count(*out_module)
               ? ks_kernel_name_at(*out_module, index, NULL)
               : NULL;
}

const char *ks_native_stub_name(const struct kldr_world *world, uint32_t number)
{
    enum ks_kernel_module module;
    if (number < KS_NATIVE_TRAP) {
        return ks_native_name_of_number(number, &module);
    }
    return number - KS_NATIVE_TRAP < world->trap_count ? world->traps[number - KS_NATIVE_TRAP].text
                                                       : NULL;
}

uint64_t ks_native_stub(const struct kldr_world *world, uint32_t number)
{
    enum ks_kernel_module module;
    uint32_t rva = 0;
    if (number >= KS_NATIVE_TRAP) {
        return number != KS_NATIVE_FOREIGN
                   ? ks_native_trap_address(world->native, number - KS_NATIVE_TRAP)
                   : 0;
    }
    const char *name = ks_native_name_of_number(number, &module);
    return name != NULL && world->native->kernel_base[module] != 0 &&
                   ks_kernel_images_rva(module, name, &rva)
               ? world->native->kernel_base[module] + rva
               : 0;
}

// ---- life ----

static kldr_status refuse(struct kldr_error *error, kldr_status status, const char *why)
{
    kldr_error_set(error, status, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s", why);
    return status;
}

static kldr_status fill(struct ks_native *native)
{
    kldr_status status = ks_guest_reserve(&native->guest);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    uint64_t stack = native->guest.base + KS_GUEST_STACK + STACK_GUARD;
    if (!ks_guest_protect(&native->guest, stack, KS_GUEST_STACK_SIZE, KS_RIGHTS_WRITE)) {
        ks_guest_release(&native->guest);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    ks_native_thread_init(&native->thread, stack, stack + KS_GUEST_STACK_SIZE);
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_native_create(struct kldr_world *world, struct kldr_error *error)
{
    if (!KS_NATIVE || world->options.machine != KLDR_MACHINE_X64) {
        return refuse(error, KLDR_ERROR_CPU_UNAVAILABLE,
                      "kldr runs code of x64 images on x86-64 Linux only; --cpu none binds them "
                      "without running any");
    }
    if (atomic_flag_test_and_set(&taken)) {
        return refuse(error, KLDR_ERROR_BUSY, "another world of this process runs real code");
    }
    struct ks_native *native = world->allocator.allocate(world->allocator.user, sizeof *native);
    kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
    if (native != NULL) {
        *native = (struct ks_native){0};
        status = fill(native);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        world->allocator.release(world->allocator.user, native);
        atomic_flag_clear(&taken);
        return refuse(error, status, "no guest memory can be reserved");
    }
    world->native = native;
    if (ks_native_processor_create(world) != KLDR_STATUS_SUCCESS) {
        ks_native_destroy(world);
        return refuse(error, KLDR_ERROR_OUT_OF_MEMORY, "no guest memory can be reserved");
    }
    ks_native_thread_swap(&native->thread);
    return KLDR_STATUS_SUCCESS;
}

void ks_native_destroy(struct kldr_world *world)
{
    if (world->native != NULL) {
        ks_native_thread_swap(NULL);
        ks_native_processor_destroy(world);
        ks_guest_release(&world->native->guest);
        world->allocator.release(world->allocator.user, world->native);
        world->native = NULL;
        atomic_flag_clear(&taken);
    }
}

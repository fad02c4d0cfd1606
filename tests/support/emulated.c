// SPDX-License-Identifier: MIT
#include "emulated.h"

#include <string.h>

static bool reaches(uint64_t address, size_t size)
{
    uint64_t offset = address - EMULATED_MEMORY;
    return offset <= EMULATED_PAGES && size <= EMULATED_PAGES - offset;
}

static bool read_memory(void *user, uint64_t address, void *bytes, size_t size)
{
    struct emulated *test = user;
    if (!reaches(address, size)) {
        return false;
    }
    memcpy(bytes, test->memory + (address - EMULATED_MEMORY), size);
    return true;
}

static bool write_memory(void *user, uint64_t address, const void *bytes, size_t size)
{
    struct emulated *test = user;
    if (!reaches(address, size)) {
        return false;
    }
    memcpy(test->memory + (address - EMULATED_MEMORY), bytes, size);
    return true;
}

static uint8_t get_irql(void *user)
{
    struct emulated *test = user;
    return test->irql;
}

static void set_irql(void *user, uint8_t irql)
{
    struct emulated *test = user;
    test->irql = irql;
}

static void look_at_clock(void *user)
{
    struct emulated *test = user;
    test->looks++;
}

static bool halt(void *user)
{
    struct emulated *test = user;
    test->halts++;
    return test->can_halt;
}

void emulated_init(struct emulated *test)
{
    *test = (struct emulated){.trap = {.vector = KS_TRAP_PROTECTION}};
    ks_computer_init(&test->computer, kldr_allocator_default(), 19041);
    test->machine = (struct ks_machine){
        .computer = &test->computer,
        .user = test,
        .read = read_memory,
        .write = write_memory,
        .irql = get_irql,
        .set_irql = set_irql,
        .look_at_clock = look_at_clock,
        .halt = halt,
    };
    test->registers.rflags = KS_FLAG_INTERRUPT | 2;
    test->registers.floats[0] = 0x7F;
    test->registers.floats[1] = 0x02;
    test->registers.floats[KS_FLOAT_MXCSR] = 0x80;
    test->registers.floats[KS_FLOAT_MXCSR + 1] = 0x1F;
}

void emulated_fini(struct emulated *test)
{
    ks_computer_fini(&test->computer);
}

enum ks_emulated emulated_run(struct emulated *test, const uint8_t *bytes, size_t size)
{
    memset(test->memory + 0x1000, 0xCC, 32);
    memcpy(test->memory + 0x1000, bytes, size);
    test->registers.rip = EMULATED_CODE;
    memset(test->name, 0, sizeof test->name);
    return ks_emulate(&test->machine, &test->registers, &test->trap, test->name);
}

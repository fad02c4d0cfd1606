// SPDX-License-Identifier: MIT
#include "machine/shared_data.h"

#include <stddef.h>
#include <string.h>

#define TICK_COUNT_MULTIPLIER  0x004u
#define INTERRUPT_TIME         0x008u
#define SYSTEM_TIME            0x014u
#define IMAGE_NUMBER_LOW       0x02Cu
#define IMAGE_NUMBER_HIGH      0x02Eu
#define NT_SYSTEM_ROOT         0x030u
#define LARGE_PAGE_MINIMUM     0x244u
#define NT_BUILD_NUMBER        0x260u
#define NT_PRODUCT_TYPE        0x264u
#define PRODUCT_TYPE_VALID     0x268u
#define NATIVE_ARCHITECTURE    0x26Au
#define NT_MAJOR_VERSION       0x26Cu
#define PROCESSOR_FEATURES     0x274u
#define SUITE_MASK             0x2D0u
#define CYCLES_PER_YIELD       0x2D6u
#define NUMBER_OF_PAGES        0x2E8u
#define TEST_RET_INSTRUCTION   0x2F8u
#define QPC_FREQUENCY          0x300u
#define TICK_COUNT             0x320u
#define ACTIVE_PROCESSOR_COUNT 0x3C0u
#define ACTIVE_GROUP_COUNT     0x3C4u

#define MACHINE_AMD64      0x8664u
#define ARCHITECTURE_AMD64 9u
#define NT_WORKSTATION     1u
#define SINGLE_USER_TS     0x110u   // with VER_SUITE_TERMINAL
#define PAGES              0x80000u // 2 GiB

static void put(uint8_t *page, size_t offset, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        page[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

// KSYSTEM_TIME: low, high, and high again, which a reader compares.
static void put_time(uint8_t *page, size_t offset, uint64_t value)
{
    put(page, offset, 8, value);
    put(page, offset + 8, 4, value >> 32);
}

// What the simulated processor has, by PF_... number; in agreement with its CPUID.
static void put_features(uint8_t *page)
{
    static const uint8_t features[] = {
        2,  // COMPARE_EXCHANGE_DOUBLE
        3,  // MMX_INSTRUCTIONS
        6,  // XMMI_INSTRUCTIONS
        8,  // RDTSC_INSTRUCTION
        9,  // PAE_ENABLED
        10, // XMMI64_INSTRUCTIONS
        12, // NX_ENABLED
        13, // SSE3_INSTRUCTIONS
        14, // COMPARE_EXCHANGE128
        22, // RDWRFSGSBASE
        23, // FASTFAIL
        32, // RDTSCP_INSTRUCTION
        36, // SSSE3_INSTRUCTIONS
        37, // SSE4_1_INSTRUCTIONS
        38, // SSE4_2_INSTRUCTIONS
    };
    for (size_t i = 0; i < sizeof features; i++) {
        page[PROCESSOR_FEATURES + features[i]] = 1;
    }
}

void ks_shared_data_init(uint8_t page[KS_SHARED_DATA_SIZE], uint32_t build)
{
    static const char root[] = "C:\\Windows";
    memset(page, 0, KS_SHARED_DATA_SIZE);
    put(page, TICK_COUNT_MULTIPLIER, 4, 0x0FA00000); // milliseconds of a tick, times 2 to the 24th
    put(page, IMAGE_NUMBER_LOW, 2, MACHINE_AMD64);
    put(page, IMAGE_NUMBER_HIGH, 2, MACHINE_AMD64);
    for (size_t i = 0; i < sizeof root; i++) {
        page[NT_SYSTEM_ROOT + 2 * i] = (uint8_t)root[i];
    }
    put(page, LARGE_PAGE_MINIMUM, 4, 0x200000);
    put(page, NT_BUILD_NUMBER, 4, build);
    put(page, NT_PRODUCT_TYPE, 4, NT_WORKSTATION);
    put(page, PRODUCT_TYPE_VALID, 1, 1);
    put(page, NATIVE_ARCHITECTURE, 2, ARCHITECTURE_AMD64);
    put(page, NT_MAJOR_VERSION, 4, 10);
    put_features(page);
    put(page, SUITE_MASK, 4, SINGLE_USER_TS);
    put(page, CYCLES_PER_YIELD, 2, 64);
    put(page, NUMBER_OF_PAGES, 4, PAGES);
    put(page, TEST_RET_INSTRUCTION, 8, 0xC3);
    put(page, QPC_FREQUENCY, 8, 10000000);
    put(page, ACTIVE_PROCESSOR_COUNT, 4, 1);
    put(page, ACTIVE_GROUP_COUNT, 1, 1);
}

void ks_shared_data_set_time(uint8_t page[KS_SHARED_DATA_SIZE], uint64_t interrupt_time,
                             uint64_t system_time)
{
    put_time(page, INTERRUPT_TIME, interrupt_time);
    put_time(page, SYSTEM_TIME, system_time);
    put_time(page, TICK_COUNT, interrupt_time / KS_SHARED_DATA_TICK);
}

// SPDX-License-Identifier: MIT
// The simulated computer below the kernel: ports, registers, CPUID, the shared page.
#include "machine/computer.h"
#include "test.h"

#include <string.h>

#define SOME_TIME UINT64_C(134116992000000000) // 2026

static uint64_t field(const uint8_t *page, size_t offset, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)page[offset + i] << (8 * i);
    }
    return value;
}

static void a_port_that_nobody_feeds_reads_as_ones(void **state)
{
    struct ks_ports ports;
    (void)state;
    ks_ports_init(&ports, kldr_allocator_default());
    assert_int_equal(ks_ports_in(&ports, 0x60, 1), 0xFF);
    assert_int_equal(ks_ports_in(&ports, 0x60, 2), 0xFFFF);
    assert_int_equal(ks_ports_in(&ports, 0x60, 4), 0xFFFFFFFF);
    ks_ports_fini(&ports);
}

static void a_port_gives_its_values_in_order_and_repeats_the_last(void **state)
{
    static const uint32_t values[] = {0x11223344, 0x55}, others[] = {7};
    struct ks_ports ports;
    (void)state;
    ks_ports_init(&ports, kldr_allocator_default());
    for (uint16_t port = 20; port > 0; port--) {
        assert_int_equal(ks_ports_feed(&ports, port, 1, others, 1), KLDR_STATUS_SUCCESS);
    }
    assert_int_equal(ks_ports_feed(&ports, 9, 2, values, 2), KLDR_STATUS_SUCCESS);
    assert_int_equal(ks_ports_in(&ports, 9, 2), 0x3344);
    assert_int_equal(ks_ports_in(&ports, 9, 2), 0x55);
    assert_int_equal(ks_ports_in(&ports, 9, 2), 0x55);
    assert_int_equal(ks_ports_in(&ports, 9, 1), 7);
    assert_int_equal(ks_ports_in(&ports, 9, 4), 0xFFFFFFFF);
    assert_int_equal(ks_ports_feed(&ports, 9, 2, others, 1), KLDR_STATUS_SUCCESS);
    assert_int_equal(ks_ports_in(&ports, 9, 2), 7);
    assert_int_equal(ports.feed_count, 21);
    ks_ports_fini(&ports);
}

static void writes_are_kept_in_order_up_to_a_limit(void **state)
{
    struct ks_ports ports;
    (void)state;
    ks_ports_init(&ports, kldr_allocator_default());
    for (uint32_t i = 0; i < KS_PORTS_WRITES_MOST; i++) {
        assert_true(ks_ports_out(&ports, (uint16_t)i, 1 + i % 2, 0x30000 + i));
    }
    assert_false(ks_ports_out(&ports, 1, 1, 1));
    assert_int_equal(ports.write_count, KS_PORTS_WRITES_MOST);
    assert_int_equal(ports.writes[0x101].port, 0x101);
    assert_int_equal(ports.writes[0x101].width, 2);
    assert_int_equal(ports.writes[0x101].value, 0x101);
    assert_int_equal(ports.writes[0x102].value, 2);
    ks_ports_fini(&ports);
}

// ---- no memory ----

struct budget {
    size_t left;
};

static void *take(void *user, void *block, size_t size)
{
    struct budget *budget = user;
    const struct kldr_allocator *real = kldr_allocator_default();
    if (budget->left == 0) {
        return NULL;
    }
    budget->left--;
    return real->reallocate(real->user, block, size);
}

static void *take_new(void *user, size_t size)
{
    return take(user, NULL, size);
}

static void give(void *user, void *block)
{
    (void)user;
    kldr_allocator_default()->release(NULL, block);
}

static void ports_without_memory_stay_as_they_were(void **state)
{
    static const uint32_t values[] = {1};
    struct budget budget = {0};
    const struct kldr_allocator allocator = {&budget, take_new, take, give};
    struct ks_ports ports;
    (void)state;
    ks_ports_init(&ports, &allocator);
    for (budget.left = 0; budget.left < 2;) {
        size_t tried = budget.left;
        assert_int_equal(ks_ports_feed(&ports, 5, 1, values, 1), KLDR_ERROR_OUT_OF_MEMORY);
        assert_int_equal(ports.feed_count, 0);
        budget.left = tried + 1;
    }
    assert_int_equal(ks_ports_feed(&ports, 5, 1, values, 1), KLDR_STATUS_SUCCESS);
    assert_false(ks_ports_out(&ports, 5, 1, 1));
    ks_ports_fini(&ports);
}

// ---- processor ----

static void cpuid_tells_one_fixed_model(void **state)
{
    (void)state;
    struct ks_cpuid vendor = ks_cpuid_read(NULL, 0, 77), last = ks_cpuid_read(NULL, 0x16, 0);
    struct ks_cpuid beyond = ks_cpuid_read(NULL, 0x40000000, 0),
                    far = ks_cpuid_read(NULL, 0x80000009, 0);
    char text[13] = {0};
    memcpy(text, &vendor.ebx, 4);
    memcpy(text + 4, &vendor.edx, 4);
    memcpy(text + 8, &vendor.ecx, 4);
    assert_string_equal(text, "GenuineIntel");
    assert_int_equal(vendor.eax, 0x16);
    assert_memory_equal(&beyond, &last, sizeof last);
    assert_memory_equal(&far, &last, sizeof last);
    struct ks_cpuid features = ks_cpuid_read(NULL, 1, 0);
    assert_int_equal(features.ecx >> 31, 0);     // no hypervisor
    assert_int_equal(features.ecx >> 26 & 7, 0); // no XSAVE, no AVX
    assert_int_equal(ks_cpuid_read(NULL, 0x80000001, 0).edx >> 29 & 1, 1);
    assert_int_equal(ks_cpuid_read(NULL, 7, 1).ebx, 0);
    assert_int_equal(ks_cpuid_read(NULL, 4, 2).eax, 0x143);
}

static void model_specific_registers_are_known_unknown_or_lacking(void **state)
{
    struct ks_msr msr;
    uint64_t value = 0;
    (void)state;
    ks_msr_init(&msr, kldr_allocator_default());
    assert_int_equal(ks_msr_read(&msr, 0x1B, &value), KS_MSR_DONE);
    assert_int_equal(value, 0xFEE00900);
    assert_int_equal(ks_msr_read(&msr, 0xC0000080, &value), KS_MSR_DONE);
    assert_int_equal(value, 0xD01);
    assert_int_equal(ks_msr_read(&msr, 0x12345, &value), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_read(&msr, 0xC0000082, &value), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write(&msr, 0x1B, 0xFEE00900), KS_MSR_DONE);
    assert_int_equal(ks_msr_write(&msr, 0x1B, 0), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write(&msr, 0x12345, 0), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_write(&msr, 0xC0000082, 0), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write(&msr, 0xC0000103, 9), KS_MSR_DONE);
    assert_int_equal(ks_msr_read(&msr, 0xC0000103, &value), KS_MSR_DONE);
    assert_int_equal(value, 9);
    assert_int_equal(ks_msr_write(&msr, 0xC0000102, UINT64_C(1) << 60), KS_MSR_PROTECTION);
}

static void cpuid_tells_what_it_is_given(void **state)
{
    static const struct ks_cpuid_leaf leaves[] = {
        {0x40000001, 0, true, {0x31237648, 0, 0, 0}},
        {7, 1, false, {1, 2, 3, 4}},
        {0, 0, true, {0x1F, 5, 6, 7}},
    };
    const struct ks_cpuid_plan plan = {"KVMKVMKVM", leaves, 3};
    (void)state;
    struct ks_cpuid vendor = ks_cpuid_read(&plan, 0x40000000, 0);
    assert_int_equal(vendor.eax, 0x40000001);
    assert_int_equal(vendor.ebx, 0x4B4D564B);
    assert_int_equal(vendor.edx, 0x4D);
    assert_int_equal(ks_cpuid_read(&plan, 0x40000001, 9).eax, 0x31237648);
    assert_int_equal(ks_cpuid_read(&plan, 0x40000002, 0).eax, 0);
    assert_int_equal(ks_cpuid_read(&plan, 1, 0).ecx >> 31, 1);
    assert_int_equal(ks_cpuid_read(&plan, 7, 1).edx, 4);
    assert_int_equal(ks_cpuid_read(&plan, 7, 0).ebx, 0x201);
    assert_int_equal(ks_cpuid_read(&plan, 0x1F, 0).eax, 0); // within the range that leaf 0 tells
    assert_int_equal(ks_cpuid_read(&plan, 0, 0).ebx, 5);
}

static void registers_that_are_given_hold_what_is_written(void **state)
{
    static const struct ks_msr_value values[] = {{0x40000000, 5}, {0x1B, 7}, {0xC0000082, 9}};
    struct budget budget = {0};
    const struct kldr_allocator allocator = {&budget, take_new, take, give};
    struct ks_msr msr;
    uint64_t value = 0;
    (void)state;
    ks_msr_init(&msr, &allocator);
    assert_false(ks_msr_give(&msr, values, 3));
    assert_int_equal(ks_msr_read(&msr, 0x40000000, &value), KS_MSR_PROTECTION);
    budget.left = 1;
    assert_true(ks_msr_give(&msr, values, 3));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(ks_msr_read(&msr, values[i].index, &value), KS_MSR_DONE);
        assert_int_equal(value, values[i].value);
    }
    assert_int_equal(ks_msr_write(&msr, 0x1B, 0), KS_MSR_DONE);
    assert_int_equal(ks_msr_read(&msr, 0x1B, &value), KS_MSR_DONE);
    assert_int_equal(value, 0);
    ks_msr_fini(&msr);
}

static void control_registers_keep_the_processor_as_it_is(void **state)
{
    struct ks_msr msr;
    uint64_t cr0 = 0, cr3 = 0, cr4 = 0, cr2 = 0;
    (void)state;
    ks_msr_init(&msr, kldr_allocator_default());
    assert_int_equal(ks_msr_read_control(&msr, 0, &cr0), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_control(&msr, 3, &cr3), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_control(&msr, 4, &cr4), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_control(&msr, 5, &cr2), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_write_control(&msr, 3, cr3), KS_MSR_DONE);
    assert_int_equal(ks_msr_write_control(&msr, 3, 0), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write_control(&msr, 0, cr0), KS_MSR_DONE);
    assert_int_equal(ks_msr_write_control(&msr, 0, cr0 & ~UINT64_C(0x10000)), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write_control(&msr, 0, UINT64_C(1) << 40), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_write_control(&msr, 4, cr4 & ~UINT64_C(0x80)), KS_MSR_DONE);
    assert_int_equal(ks_msr_write_control(&msr, 4, cr4), KS_MSR_DONE);
    assert_int_equal(ks_msr_write_control(&msr, 4, cr4 ^ 8), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write_control(&msr, 4, UINT64_C(1) << 31), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_write_control(&msr, 2, 77), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_control(&msr, 2, &cr2), KS_MSR_DONE);
    assert_int_equal(cr2, 77);
}

static void debug_registers_hold_what_was_written(void **state)
{
    struct ks_msr msr;
    (void)state;
    ks_msr_init(&msr, kldr_allocator_default());
    assert_int_equal(ks_msr_read_debug(&msr, 7), 0x400);
    assert_int_equal(ks_msr_read_debug(&msr, 6), 0xFFFF0FF0);
    assert_int_equal(ks_msr_write_debug(&msr, 0, 0x1234), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_debug(&msr, 0), 0x1234);
    assert_int_equal(ks_msr_write_debug(&msr, 7, 1), KS_MSR_LACKING);
    assert_int_equal(ks_msr_write_debug(&msr, 7, UINT64_C(1) << 32), KS_MSR_PROTECTION);
    assert_int_equal(ks_msr_write_debug(&msr, 5, 0), KS_MSR_DONE);
    assert_int_equal(ks_msr_read_debug(&msr, 7), 0x400);
}

// ---- the shared page and the clock ----

static void the_shared_page_tells_version_and_features(void **state)
{
    static uint8_t page[KS_SHARED_DATA_SIZE];
    (void)state;
    ks_shared_data_init(page, 19041);
    assert_int_equal(field(page, 0x26C, 4), 10);
    assert_int_equal(field(page, 0x270, 4), 0);
    assert_int_equal(field(page, 0x260, 4), 19041);
    assert_int_equal(field(page, 0x264, 4), 1);
    assert_memory_equal(page + 0x30, "C\0:\0\\\0W\0i\0n\0d\0o\0w\0s\0\0", 22);
    assert_int_equal(page[0x274 + 10], 1);
    assert_int_equal(page[0x274 + 17], 0);
    assert_int_equal(page[0x2D4], 0); // no kernel debugger
    assert_int_equal(field(page, 4, 4), 0x0FA00000);
    assert_int_equal(field(page, 0x014, 8), 0);
}

static void the_clock_drives_the_shared_page(void **state)
{
    static struct ks_computer computer;
    const uint64_t ticks = 500000, now = ticks * 156250 + 1000;
    (void)state;
    ks_computer_init(&computer, kldr_allocator_default(), 19041);
    uint64_t first = ks_computer_tsc(&computer);
    ks_computer_set_time(&computer, now, SOME_TIME);
    assert_int_equal(field(computer.shared, 0x008, 8), ticks * 156250);
    assert_int_equal(field(computer.shared, 0x010, 4), ticks * 156250 >> 32);
    assert_int_equal(field(computer.shared, 0x014, 8), SOME_TIME - 1000);
    assert_int_equal(field(computer.shared, 0x320, 8), ticks);
    ks_computer_set_time(&computer, 5, 5); // never back
    assert_int_equal(field(computer.shared, 0x320, 8), ticks);
    uint64_t second = ks_computer_tsc(&computer);
    assert_int_equal(second - first, (now + 1) * 200);
    assert_true(ks_computer_tsc(&computer) > second);
    ks_computer_fini(&computer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_nobody_feeds_reads_as_ones),
        cmocka_unit_test(a_port_gives_its_values_in_order_and_repeats_the_last),
        cmocka_unit_test(writes_are_kept_in_order_up_to_a_limit),
        cmocka_unit_test(ports_without_memory_stay_as_they_were),
        cmocka_unit_test(cpuid_tells_one_fixed_model),
        cmocka_unit_test(cpuid_tells_what_it_is_given),
        cmocka_unit_test(registers_that_are_given_hold_what_is_written),
        cmocka_unit_test(model_specific_registers_are_known_unknown_or_lacking),
        cmocka_unit_test(control_registers_keep_the_processor_as_it_is),
        cmocka_unit_test(debug_registers_hold_what_was_written),
        cmocka_unit_test(the_shared_page_tells_version_and_features),
        cmocka_unit_test(the_clock_drives_the_shared_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

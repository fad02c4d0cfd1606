// SPDX-License-Identifier: MIT
// The compiled core images are PE images like any other to the reader.
#include "kernel/image/kernel_images.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_ARM64,
                                             KLDR_MACHINE_X86};

static struct ks_kernel_images *create(enum kldr_machine machine)
{
    struct ks_kernel_images *images;
    assert_int_equal(ks_kernel_images_create(machine, NULL, &images), KLDR_STATUS_SUCCESS);
    return images;
}

static void all_modules_exist_for_every_machine(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct ks_kernel_images *images = create(machines[m]);
        assert_int_equal(images->machine, machines[m]);
        for (int i = 0; i < KS_KERNEL_MODULES; i++) {
            const struct ks_kernel_image *module = &images->modules[i];
            const struct kldr_image_info *info = kldr_image_info(module->image);
            struct kldr_export_info exports;
            assert_string_equal(module->name, ks_kernel_module_name((enum ks_kernel_module)i));
            assert_int_equal(info->machine, machines[m]);
            assert_int_equal(info->pe32_plus, machines[m] != KLDR_MACHINE_X86);
            assert_int_equal(info->size_of_image, module->size);
            assert_int_equal((info->characteristics & 0x2000) != 0, i == KS_KERNEL_HAL);
            assert_true(kldr_image_exports(module->image, &exports));
            assert_false(kldr_image_exports_malformed(module->image));
            assert_string_equal(exports.dll_name, module->name);
            assert_int_equal(exports.name_count, ks_kernel_name_count((enum ks_kernel_module)i));
            assert_int_equal(exports.function_count, exports.name_count);
        }
        ks_kernel_images_destroy(images);
    }
}

static void the_machine_defaults_to_x64_and_must_be_known(void **state)
{
    struct ks_kernel_images *images = create(KLDR_MACHINE_UNKNOWN);
    struct ks_kernel_images *none = NULL;
    (void)state;
    assert_int_equal(images->machine, KLDR_MACHINE_X64);
    ks_kernel_images_destroy(images);
    assert_int_equal(ks_kernel_images_create((enum kldr_machine)0x1c4, NULL, &none),
                     KLDR_ERROR_BAD_ARGUMENT);
    assert_null(none);
}

// The section that holds rva.
static struct kldr_section section_of(const struct kldr_image *image, uint32_t rva)
{
    struct kldr_section section = {.rva = 0};
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        if (rva >= section.rva && rva - section.rva < section.virtual_size)
            return section;
    }
    fail_msg("0x%x lies in no section", (unsigned)rva);
    return section;
}

static void every_name_leads_to_its_routine_or_variable_and_back(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct ks_kernel_images *images = create(machines[m]);
        for (int n = 0; n < KS_KERNEL_MODULES; n++) {
            const enum ks_kernel_module module = (enum ks_kernel_module)n;
            const struct kldr_image *image = images->modules[n].image;
            for (size_t i = 0; i < ks_kernel_name_count(module); i++) {
                enum ks_kernel_kind kind;
                const char *name = ks_kernel_name_at(module, i, &kind);
                struct kldr_export found;
                enum kldr_lookup_via via;
                uint32_t rva;
                assert_int_equal(
                    kldr_image_find_export(image, name, strlen(name), 0xffff, &found, &via),
                    KLDR_STATUS_SUCCESS);
                assert_null(found.forwarder);
                assert_true(ks_kernel_images_rva(module, name, &rva));
                assert_int_equal(found.rva, rva);
                const struct kldr_section section = section_of(image, rva);
                if (kind == KS_KERNEL_FUNCTION) {
                    assert_string_equal(section.name, ".text");
                    assert_string_equal(ks_kernel_images_routine(module, rva), name);
                } else {
                    assert_string_equal(section.name, ".data");
                    assert_null(ks_kernel_images_routine(module, rva));
                }
            }
        }
        ks_kernel_images_destroy(images);
    }
}

static void routines_are_named_only_at_their_beginning(void **state)
{
    uint32_t rva;
    (void)state;
    assert_true(ks_kernel_images_rva(KS_KERNEL_NTOSKRNL, "DbgPrint", &rva));
    assert_null(ks_kernel_images_routine(KS_KERNEL_NTOSKRNL, rva + 1));
    assert_null(ks_kernel_images_routine(KS_KERNEL_NTOSKRNL, 0));
    assert_null(ks_kernel_images_routine(KS_KERNEL_NTOSKRNL, 0x1000));
    assert_null(ks_kernel_images_routine(KS_KERNEL_NTOSKRNL, UINT32_MAX));
    assert_false(ks_kernel_images_rva(KS_KERNEL_NTOSKRNL, "NoKernelHasThis", &rva));
}

static void routines_stop_whoever_runs_them(void **state)
{
    static const uint8_t int3[4] = {0xcc, 0xcc, 0xcc, 0xcc};
    static const uint8_t brk[4] = {0x00, 0x00, 0x3e, 0xd4};
    uint32_t rva;
    (void)state;
    assert_true(ks_kernel_images_rva(KS_KERNEL_HAL, "KeStallExecutionProcessor", &rva));
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct ks_kernel_images *images = create(machines[m]);
        for (uint32_t i = 0; i < 16; i += 4) {
            const uint8_t *code =
                kldr_image_at(images->modules[KS_KERNEL_HAL].image, rva + i, sizeof int3);
            assert_memory_equal(code, machines[m] == KLDR_MACHINE_ARM64 ? brk : int3, sizeof int3);
        }
        ks_kernel_images_destroy(images);
    }
}

// Fails allocation number fail_at and counts what is alive.
struct meter {
    unsigned made, fail_at, alive;
};

static void *meter_allocate(void *user, size_t size)
{
    struct meter *meter = user;
    if (++meter->made == meter->fail_at)
        return NULL;
    meter->alive++;
    return malloc(size);
}

static void *meter_reallocate(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void meter_release(void *user, void *block)
{
    struct meter *meter = user;
    if (block != NULL)
        meter->alive--;
    free(block);
}

static void each_allocation_may_fail(void **state)
{
    kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
    (void)state;
    for (unsigned fail_at = 1; status != KLDR_STATUS_SUCCESS; fail_at++) {
        struct meter meter = {.fail_at = fail_at};
        const struct kldr_allocator allocator = {&meter, meter_allocate, meter_reallocate,
                                                 meter_release};
        struct ks_kernel_images *images = NULL;
        status = ks_kernel_images_create(KLDR_MACHINE_X64, &allocator, &images);
        if (status != KLDR_STATUS_SUCCESS) {
            assert_int_equal(status, KLDR_ERROR_OUT_OF_MEMORY);
            assert_null(images);
        }
        ks_kernel_images_destroy(images);
        assert_int_equal(meter.alive, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_modules_exist_for_every_machine),
        cmocka_unit_test(the_machine_defaults_to_x64_and_must_be_known),
        cmocka_unit_test(every_name_leads_to_its_routine_or_variable_and_back),
        cmocka_unit_test(routines_are_named_only_at_their_beginning),
        cmocka_unit_test(routines_stop_whoever_runs_them),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// Damaged images: tests/images/malformed.inc says how and with which status; then every byte of the
// sample and every length of it is tried, where only the contracts of image_walk.h are judged.
#include "image_walk.h"
#include "pe_sample.h"
#include "test.h"

enum stage { NOWHERE, CREATE, RELOCATE, IMPORTS, EXPORTS };

static const char *const stage_names[] = {"nowhere", "create", "relocate", "imports", "exports"};

struct damage {
    const char *name;
    size_t place;   // file offset
    unsigned width; // 0: the file is cut at place
    uint64_t value;
    enum stage stage;
    kldr_status status;
};

#define SUCCESS    KLDR_STATUS_SUCCESS
#define NOT_MZ     KLDR_STATUS_INVALID_IMAGE_NOT_MZ
#define CHECKSUM   KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH
#define PROTECT    KLDR_STATUS_INVALID_IMAGE_PROTECT
#define FORMAT     KLDR_STATUS_INVALID_IMAGE_FORMAT
#define CONFLICT   KLDR_STATUS_CONFLICTING_ADDRESSES
#define NO_NAME    KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND
#define NO_ORDINAL KLDR_STATUS_DRIVER_ORDINAL_NOT_FOUND
#define LIMIT      KLDR_ERROR_LIMIT

#define OPTIONAL(field)         (SAMPLE_OPTIONAL + (field))
#define FILE_HEADER(field)      (SAMPLE_FILE_HEADER + (field))
#define DIRECTORY(index, field) (SAMPLE_OPTIONAL + 112 + 8 * (index) + (field))
#define SECTION(index, field)   (SAMPLE_OPTIONAL + 0xf0 + 40 * (index) + (field))
#define AT(rva)                                                                                    \
    ((size_t)((rva) < SAMPLE_RELOC ? (rva)-SAMPLE_RDATA + 0x600 : (rva)-SAMPLE_RELOC + 0x1000))

static const struct damage damages[] = {
#define DAMAGE(name, place, width, value, stage, status) {name, place, width, value, stage, status},
#define CUT(name, size, status)                          {name, size, 0, 0, CREATE, status},
#include "images/malformed.inc"
#undef DAMAGE
#undef CUT
};

static kldr_status find_alpha(const struct kldr_image *image)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    return kldr_image_find_export(image, "Alpha", 5, 0, &found, &via);
}

// Maps the image into memory and moves it; then visits it. *stage is where status comes from.
static kldr_status judge_mapped(struct kldr_image *image, void *memory, enum stage *stage)
{
    struct kldr_error error = {0};
    uint64_t base = kldr_image_info(image)->pe32_plus ? UINT64_C(0x7ffe00000000) : 0x7ffe0000;

    kldr_image_map(image, memory);
    (void)walk_image(image);
    *stage = RELOCATE;
    kldr_status status = kldr_image_relocate(image, base, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        walk_check_error(status, &error);
        return status;
    }
    *stage = IMPORTS;
    status = walk_image(image);
    if (status != KLDR_STATUS_SUCCESS)
        return status;
    *stage = EXPORTS;
    return find_alpha(image);
}

// The largest image that the tests which try thousands of damages care to fill with zeros.
#define SMALL (UINT32_C(1) << 20)

// max_size 0: the reader's own limit.
static kldr_status judge(const struct pe_sample *sample, uint32_t max_size, enum stage *stage)
{
    const struct kldr_image_options options = {.max_size_of_image = max_size};
    struct kldr_image *image = NULL;
    struct kldr_error error = {0};
    uint32_t stored, computed;

    (void)kldr_image_checksum(sample->bytes, sample->size, &stored, &computed);
    *stage = CREATE;
    kldr_status status =
        kldr_image_create(NULL, sample->bytes, sample->size, &options, &image, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        walk_check_error(status, &error);
        assert_null(image);
        return status;
    }
    (void)walk_image(image);
    void *memory = malloc(kldr_image_info(image)->size_of_image);
    assert_non_null(memory);
    status = judge_mapped(image, memory, stage);
    kldr_image_destroy(image);
    free(memory);
    if (status == KLDR_STATUS_SUCCESS)
        *stage = NOWHERE;
    return status;
}

static void damage(struct pe_sample *sample, const struct damage *damage)
{
    if (damage->width == 0)
        pe_sample_resize(sample, damage->place);
    for (unsigned i = 0; i < damage->width; i++)
        sample->bytes[damage->place + i] = (uint8_t)(damage->value >> (8 * i));
}

static void the_undamaged_sample_fails_nowhere(void **state)
{
    enum stage stage;
    (void)state;
    assert_int_equal(judge(*state, 0, &stage), KLDR_STATUS_SUCCESS);
    assert_int_equal(stage, NOWHERE);
}

static void each_damage_is_found_where_and_as_the_table_says(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct pe_sample sample;
        enum stage stage;
        char found[KLDR_STATUS_TEXT_SIZE], expected[KLDR_STATUS_TEXT_SIZE];
        pe_sample_init(&sample, KLDR_MACHINE_X64);
        damage(&sample, &damages[i]);
        kldr_status status = judge(&sample, 0, &stage);
        pe_sample_fini(&sample);
        if (status == damages[i].status && stage == damages[i].stage)
            continue;
        wrong++;
        print_error("%s: %s in %s, expected %s in %s\n", damages[i].name,
                    kldr_status_format(status, found), stage_names[stage],
                    kldr_status_format(damages[i].status, expected), stage_names[damages[i].stage]);
    }
    assert_int_equal(wrong, 0);
}

static void damages_have_different_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(damages[i].name, damages[j].name);
    }
}

static void no_single_byte_breaks_the_reader(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    static const enum kldr_machine machines[] = {KLDR_MACHINE_X64, KLDR_MACHINE_X86};
    (void)state;
    for (size_t m = 0; m < COUNT_OF(machines); m++) {
        struct pe_sample sample;
        enum stage stage;
        pe_sample_init(&sample, machines[m]);
        for (size_t i = 0; i < sample.size; i++) {
            uint8_t kept = sample.bytes[i];
            for (size_t v = 0; v < COUNT_OF(values); v++) {
                sample.bytes[i] = values[v];
                (void)judge(&sample, SMALL, &stage);
            }
            sample.bytes[i] = kept;
        }
        pe_sample_fini(&sample);
    }
}

static void no_length_of_the_file_breaks_the_reader(void **state)
{
    struct pe_sample sample;
    enum stage stage;
    (void)state;
    pe_sample_init(&sample, KLDR_MACHINE_X64);
    while (sample.size > 0) {
        pe_sample_resize(&sample, sample.size - 1);
        assert_int_not_equal(judge(&sample, SMALL, &stage), KLDR_STATUS_SUCCESS);
        assert_int_equal(stage, CREATE);
    }
    pe_sample_fini(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SAMPLE_TEST(the_undamaged_sample_fails_nowhere),
        cmocka_unit_test(each_damage_is_found_where_and_as_the_table_says),
        cmocka_unit_test(damages_have_different_names),
        cmocka_unit_test(no_single_byte_breaks_the_reader),
        cmocka_unit_test(no_length_of_the_file_breaks_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// Feeds any bytes to the image reader: created for each machine, visited in file layout, mapped,
// visited, moved to several bases, bound, visited again. image_walk.h judges.
#include "image_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Large images are legal, but filling them with zeros is all that would be tested.
#define MAX_SIZE_OF_IMAGE (UINT32_C(1) << 20)

// Writes every cell there is; an adopted image must not change.
static void bind_everything(struct kldr_image *image, bool adopted)
{
    uint64_t mask = kldr_image_info(image)->pe32_plus ? UINT64_MAX : UINT32_MAX;
    struct kldr_import_descriptor descriptor;
    struct kldr_import_thunk thunk;

    for (uint32_t i = 0; kldr_image_import(image, i, &descriptor, NULL) == KLDR_STATUS_SUCCESS;
         i++) {
        for (uint32_t j = 0;
             kldr_image_thunk(image, &descriptor, j, &thunk, NULL) == KLDR_STATUS_SUCCESS; j++) {
            uint64_t before = kldr_image_read_cell(image, thunk.cell_rva);
            uint64_t address = UINT64_C(0x1122334455667788) + j;
            kldr_image_write_cell(image, thunk.cell_rva, address);
            WALK_CHECK(kldr_image_read_cell(image, thunk.cell_rva) ==
                       (adopted ? before : address & mask));
        }
    }
}

static void move_around(struct kldr_image *image)
{
    static const uint64_t bases[] = {0x10000, UINT64_C(0xfffff80012340000), 0xfff00000, 0,
                                     UINT64_MAX};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        struct kldr_error error = {0};
        kldr_status status = kldr_image_relocate(image, bases[i], &error);
        if (status != KLDR_STATUS_SUCCESS)
            walk_check_error(status, &error);
        (void)walk_image(image);
    }
}

static void visit_mapped(struct kldr_image *image)
{
    size_t size = kldr_image_info(image)->size_of_image;
    uint8_t *memory = malloc(size);

    if (memory == NULL)
        return;
    kldr_image_map(image, memory);
    WALK_CHECK(kldr_image_at(image, 0, size) == memory);
    WALK_CHECK(kldr_image_at(image, 0, size + 1) == NULL);
    (void)walk_image(image);
    move_around(image);
    bind_everything(image, false);
    (void)walk_image(image);
    // A driver may do anything to its own image, headers included.
    memset(memory, 0xff, size);
    (void)walk_image(image);
    free(memory);
}

static void visit_adopted(const uint8_t *data, size_t size,
                          const struct kldr_image_options *options)
{
    struct kldr_image *image;
    if (kldr_image_create(NULL, data, size, options, &image, NULL) != KLDR_STATUS_SUCCESS)
        return;
    if (kldr_image_adopt_mapping(image, data, size) == KLDR_STATUS_SUCCESS) {
        (void)walk_image(image);
        bind_everything(image, true);
    }
    kldr_image_destroy(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum kldr_machine machines[] = {KLDR_MACHINE_UNKNOWN, KLDR_MACHINE_X86,
                                                 KLDR_MACHINE_X64, KLDR_MACHINE_ARM64};
    uint32_t stored, computed;

    (void)kldr_image_checksum(data, size, &stored, &computed);
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        struct kldr_image_options options = {machines[i], MAX_SIZE_OF_IMAGE};
        struct kldr_image *image;
        struct kldr_error error = {0};
        kldr_status status = kldr_image_create(NULL, data, size, &options, &image, &error);
        if (status != KLDR_STATUS_SUCCESS) {
            walk_check_error(status, &error);
            continue;
        }
        (void)walk_image(image);
        visit_mapped(image);
        kldr_image_destroy(image);
        visit_adopted(data, size, &options);
    }
    return 0;
}

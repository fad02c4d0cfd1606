// SPDX-License-Identifier: MIT
// Numbers here are written out rather than taken from the sources' table of offsets: a slip there
// must not be repeated here.
#include "pe_sample.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

void pe_sample_put16(uint8_t *place, uint16_t value)
{
    for (unsigned i = 0; i < 2; i++)
        place[i] = (uint8_t)(value >> (8 * i));
}

void pe_sample_put32(uint8_t *place, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        place[i] = (uint8_t)(value >> (8 * i));
}

void pe_sample_put64(uint8_t *place, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        place[i] = (uint8_t)(value >> (8 * i));
}

static const struct {
    const char *name;
    uint32_t rva, virtual_size, raw_offset, raw_size, characteristics;
} sections[SAMPLE_SECTIONS] = {
    {".text", SAMPLE_TEXT, 0x180, 0x400, 0x200, 0x60000020},
    {".rdata", SAMPLE_RDATA, 0x800, 0x600, 0x800, 0x40000040},
    {".data", SAMPLE_DATA, 0x400, 0xe00, 0x200, 0xc0000040},
    {".reloc", SAMPLE_RELOC, 0x100, 0x1000, 0x200, 0x42000040},
};

uint8_t *pe_sample_at(struct pe_sample *sample, uint32_t rva)
{
    for (unsigned i = 0; i < SAMPLE_SECTIONS; i++) {
        if (rva >= sections[i].rva && rva - sections[i].rva < sections[i].raw_size)
            return sample->bytes + sections[i].raw_offset + (rva - sections[i].rva);
    }
    assert_true(rva < SAMPLE_HEADERS_SIZE);
    return sample->bytes + rva;
}

uint8_t *pe_sample_section(struct pe_sample *sample, unsigned index)
{
    return sample->bytes + sample->section_table + 40 * index;
}

uint8_t *pe_sample_directory(struct pe_sample *sample, enum kldr_directory index)
{
    return sample->bytes + sample->directories + 8 * (unsigned)index;
}

static bool is_wide(const struct pe_sample *sample)
{
    return sample->machine != KLDR_MACHINE_X86;
}

// Writes an address or a thunk, as wide as the image's pointers.
static void put_word(struct pe_sample *sample, uint32_t rva, uint64_t value)
{
    if (is_wide(sample))
        pe_sample_put64(pe_sample_at(sample, rva), value);
    else
        pe_sample_put32(pe_sample_at(sample, rva), (uint32_t)value);
}

static void put_text(struct pe_sample *sample, uint32_t rva, const char *text)
{
    memcpy(pe_sample_at(sample, rva), text, strlen(text) + 1);
}

static void put_file_header(struct pe_sample *sample)
{
    uint8_t *file = sample->bytes + SAMPLE_FILE_HEADER;
    memcpy(sample->bytes, "MZ", 2);
    pe_sample_put32(sample->bytes + 0x3c, SAMPLE_NT);
    memcpy(sample->bytes + SAMPLE_NT, "PE\0\0", 4);
    pe_sample_put16(file, (uint16_t)sample->machine);
    pe_sample_put16(file + 2, SAMPLE_SECTIONS);
    pe_sample_put32(file + 4, 0x5f000000);
    pe_sample_put16(file + 16, is_wide(sample) ? 0xf0 : 0xe0);
    pe_sample_put16(file + 18, is_wide(sample) ? 0x0022 : 0x0102);
}

static void put_optional_header(struct pe_sample *sample)
{
    uint8_t *optional = sample->bytes + SAMPLE_OPTIONAL;
    pe_sample_put16(optional, is_wide(sample) ? 0x20b : 0x10b);
    optional[2] = 14;
    optional[3] = 29;
    pe_sample_put32(optional + 16, SAMPLE_TEXT + 0x40);
    if (is_wide(sample))
        pe_sample_put64(optional + 24, sample->base);
    else
        pe_sample_put32(optional + 28, (uint32_t)sample->base);
    pe_sample_put32(optional + 32, 0x1000);
    pe_sample_put32(optional + 36, 0x200);
    pe_sample_put16(optional + 40, 10);
    pe_sample_put16(optional + 44, 6);
    pe_sample_put16(optional + 46, 3);
    pe_sample_put16(optional + 48, 6);
    pe_sample_put16(optional + 50, 2);
    pe_sample_put32(optional + 56, SAMPLE_IMAGE_SIZE);
    pe_sample_put32(optional + 60, SAMPLE_HEADERS_SIZE);
    pe_sample_put16(optional + 68, 1);
    pe_sample_put16(optional + 70, 0x160);
    pe_sample_put32(optional + (is_wide(sample) ? 108 : 92), 16);
}

static void put_directory(struct pe_sample *sample, enum kldr_directory index, uint32_t rva,
                          uint32_t size)
{
    pe_sample_put32(pe_sample_directory(sample, index), rva);
    pe_sample_put32(pe_sample_directory(sample, index) + 4, size);
}

static void put_section_table(struct pe_sample *sample)
{
    for (unsigned i = 0; i < SAMPLE_SECTIONS; i++) {
        uint8_t *row = pe_sample_section(sample, i);
        memcpy(row, sections[i].name, strlen(sections[i].name));
        pe_sample_put32(row + 8, sections[i].virtual_size);
        pe_sample_put32(row + 12, sections[i].rva);
        pe_sample_put32(row + 16, sections[i].raw_size);
        pe_sample_put32(row + 20, sections[i].raw_offset);
        pe_sample_put32(row + 36, sections[i].characteristics);
    }
}

static void put_exports(struct pe_sample *sample)
{
    static const uint32_t functions[SAMPLE_FUNCTION_COUNT] = {
        SAMPLE_TEXT,      SAMPLE_TEXT + 0x10, 0,
        SAMPLE_FORWARDER, SAMPLE_TEXT + 0x20, SAMPLE_TEXT + 0x30};
    static const struct {
        const char *name;
        uint16_t index;
    } names[SAMPLE_NAME_COUNT] = {
        {"Alpha", 0}, {"Beta", 1}, {"Gamma", 3}, {"Hole", 2}, {"Omega", 5}};
    uint8_t *directory = pe_sample_at(sample, SAMPLE_EXPORTS);

    put_directory(sample, KLDR_DIRECTORY_EXPORT, SAMPLE_EXPORTS, SAMPLE_EXPORTS_SIZE);
    pe_sample_put32(directory + 12, SAMPLE_EXPORT_STRINGS);
    pe_sample_put32(directory + 16, SAMPLE_ORDINAL_BASE);
    pe_sample_put32(directory + 20, SAMPLE_FUNCTION_COUNT);
    pe_sample_put32(directory + 24, SAMPLE_NAME_COUNT);
    pe_sample_put32(directory + 28, SAMPLE_FUNCTIONS);
    pe_sample_put32(directory + 32, SAMPLE_NAMES);
    pe_sample_put32(directory + 36, SAMPLE_ORDINALS);
    put_text(sample, SAMPLE_EXPORT_STRINGS, "sample.sys");
    put_text(sample, SAMPLE_FORWARDER, "other.Target");
    for (unsigned i = 0; i < SAMPLE_FUNCTION_COUNT; i++)
        pe_sample_put32(pe_sample_at(sample, SAMPLE_FUNCTIONS + 4 * i), functions[i]);
    for (unsigned i = 0; i < SAMPLE_NAME_COUNT; i++) {
        uint32_t rva = SAMPLE_EXPORT_STRINGS + 0x10 * (i + 1);
        put_text(sample, rva, names[i].name);
        pe_sample_put32(pe_sample_at(sample, SAMPLE_NAMES + 4 * i), rva);
        pe_sample_put16(pe_sample_at(sample, SAMPLE_ORDINALS + 2 * i), names[i].index);
    }
}

static void put_descriptor(struct pe_sample *sample, unsigned index, uint32_t lookup, uint32_t name,
                           uint32_t cells)
{
    uint8_t *row = pe_sample_at(sample, SAMPLE_IMPORTS + 20 * index);
    pe_sample_put32(row, lookup);
    pe_sample_put32(row + 12, name);
    pe_sample_put32(row + 16, cells);
}

// Writes a thunk into lookup table and cell, as linkers do.
static void put_thunk(struct pe_sample *sample, uint32_t lookup, uint32_t cell, unsigned index,
                      uint64_t value)
{
    uint32_t width = is_wide(sample) ? 8 : 4;
    put_word(sample, lookup + width * index, value);
    put_word(sample, cell + width * index, value);
}

static void put_imports(struct pe_sample *sample)
{
    uint32_t strings = SAMPLE_IMPORT_STRINGS;
    uint64_t by_ordinal = is_wide(sample) ? UINT64_C(1) << 63 : UINT64_C(1) << 31;

    put_directory(sample, KLDR_DIRECTORY_IMPORT, SAMPLE_IMPORTS, 60);
    put_directory(sample, KLDR_DIRECTORY_IAT, SAMPLE_CELLS_KERNEL, 0x80);
    put_descriptor(sample, 0, SAMPLE_LOOKUP_KERNEL, strings, SAMPLE_CELLS_KERNEL);
    put_descriptor(sample, 1, SAMPLE_LOOKUP_PORT, strings + 0x10, SAMPLE_CELLS_PORT);
    put_text(sample, strings, "ntoskrnl.exe");
    put_text(sample, strings + 0x10, "port.sys");
    pe_sample_put16(pe_sample_at(sample, strings + 0x20), 0x123);
    put_text(sample, strings + 0x22, "DbgPrint");
    put_text(sample, SAMPLE_HINT_SECOND + 2, "ExAllocatePool");
    put_text(sample, strings + 0x62, "PortRegister");
    put_thunk(sample, SAMPLE_LOOKUP_KERNEL, SAMPLE_CELLS_KERNEL, 0, strings + 0x20);
    put_thunk(sample, SAMPLE_LOOKUP_KERNEL, SAMPLE_CELLS_KERNEL, 1, SAMPLE_HINT_SECOND);
    put_thunk(sample, SAMPLE_LOOKUP_KERNEL, SAMPLE_CELLS_KERNEL, 2, by_ordinal | 77);
    put_thunk(sample, SAMPLE_LOOKUP_PORT, SAMPLE_CELLS_PORT, 0, strings + 0x60);
}

static void put_load_config(struct pe_sample *sample)
{
    uint32_t size = is_wide(sample) ? 148 : 92;
    put_directory(sample, KLDR_DIRECTORY_LOAD_CONFIG, SAMPLE_LOAD_CONFIG, size);
    pe_sample_put32(pe_sample_at(sample, SAMPLE_LOAD_CONFIG), size);
    put_word(sample, SAMPLE_LOAD_CONFIG + (is_wide(sample) ? 88 : 60),
             sample->base + SAMPLE_COOKIE);
    put_word(sample, SAMPLE_LOAD_CONFIG + (is_wide(sample) ? 136 : 84), 3);
    pe_sample_put32(pe_sample_at(sample, SAMPLE_LOAD_CONFIG + (is_wide(sample) ? 144 : 88)), 0x500);
}

// Two blocks: the pointer and the cookie's address; the second ends with a padding entry.
static void put_relocations(struct pe_sample *sample)
{
    uint16_t type = is_wide(sample) ? 0xa000 : 0x3000;
    uint16_t cookie = (SAMPLE_LOAD_CONFIG & 0xfff) + (is_wide(sample) ? 88 : 60);
    uint8_t *block = pe_sample_at(sample, SAMPLE_RELOC);

    put_word(sample, SAMPLE_POINTER, sample->base + SAMPLE_TEXT);
    put_directory(sample, KLDR_DIRECTORY_BASERELOC, SAMPLE_RELOC, 24);
    pe_sample_put32(block, SAMPLE_RDATA);
    pe_sample_put32(block + 4, 12);
    pe_sample_put16(block + 8, type | cookie);
    pe_sample_put32(block + 12, SAMPLE_DATA);
    pe_sample_put32(block + 16, 12);
    pe_sample_put16(block + 20, type | (SAMPLE_POINTER & 0xfff));
}

void pe_sample_init(struct pe_sample *sample, enum kldr_machine machine)
{
    *sample = (struct pe_sample){.size = SAMPLE_FILE_SIZE, .machine = machine};
    sample->bytes = calloc(1, sample->size);
    assert_non_null(sample->bytes);
    sample->base = is_wide(sample) ? UINT64_C(0x140000000) : 0x10000;
    sample->directories = SAMPLE_OPTIONAL + (is_wide(sample) ? 112 : 96);
    sample->section_table = SAMPLE_OPTIONAL + (is_wide(sample) ? 0xf0 : 0xe0);
    put_file_header(sample);
    put_optional_header(sample);
    put_section_table(sample);
    memset(pe_sample_at(sample, SAMPLE_TEXT), 0xcc, 0x200);
    put_exports(sample);
    put_imports(sample);
    put_load_config(sample);
    put_relocations(sample);
}

void pe_sample_fini(struct pe_sample *sample)
{
    free(sample->bytes);
    sample->bytes = NULL;
}

void pe_sample_resize(struct pe_sample *sample, size_t size)
{
    uint8_t *bytes = calloc(1, size == 0 ? 1 : size);
    assert_non_null(bytes);
    memcpy(bytes, sample->bytes, size < sample->size ? size : sample->size);
    free(sample->bytes);
    sample->bytes = bytes;
    sample->size = size;
}

void pe_sample_swap_names(struct pe_sample *sample, unsigned a, unsigned b)
{
    uint8_t *first = pe_sample_at(sample, SAMPLE_NAMES + 4 * a);
    uint8_t *second = pe_sample_at(sample, SAMPLE_NAMES + 4 * b);
    uint8_t copy[4];

    memcpy(copy, first, sizeof copy);
    memcpy(first, second, sizeof copy);
    memcpy(second, copy, sizeof copy);
}

int pe_sample_set_up(void **state)
{
    struct pe_sample *sample = malloc(sizeof *sample);
    assert_non_null(sample);
    pe_sample_init(sample, KLDR_MACHINE_X64);
    *state = sample;
    return 0;
}

int pe_sample_tear_down(void **state)
{
    pe_sample_fini(*state);
    free(*state);
    return 0;
}

struct kldr_image *pe_sample_open(const struct pe_sample *sample, bool mapped)
{
    struct kldr_image *image = NULL;
    struct kldr_error error = {0};
    kldr_status status = kldr_image_create(NULL, sample->bytes, sample->size, NULL, &image, &error);

    assert_string_equal(error.detail, "");
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
    if (mapped) {
        void *memory = malloc(kldr_image_info(image)->size_of_image);
        assert_non_null(memory);
        memset(memory, 0xee, kldr_image_info(image)->size_of_image);
        kldr_image_map(image, memory);
    }
    return image;
}

void pe_sample_close(struct kldr_image *image)
{
    uint32_t size = kldr_image_info(image)->size_of_image;
    // Only mapped layout has all of the image in one stretch, and then it begins with our memory.
    void *memory = (void *)(uintptr_t)kldr_image_at(image, 0, size);
    kldr_image_destroy(image);
    free(memory);
}

// SPDX-License-Identifier: MIT
// A small valid PE image, put together by hand at fixed places, for tests of the image reader.
//
// It shares no code with the image builder, so that the two check each other. Every structure lies
// at an offset named here: a test damages one field and sees what the reader says.
//
//   file    RVA     what
//   0x0000  0x0000  DOS header, NT headers at 0x80, section table
//   0x0400  0x1000  .text   `int3` only
//   0x0600  0x2000  .rdata  exports, imports, load configuration
//   0x0e00  0x3000  .data   pointers to relocate, import cells, cookie; 0x200 of 0x400 bytes stored
//   0x1000  0x4000  .reloc
//
// Exports, base 5: Alpha, Beta, a hole, a forwarder, one by ordinal only, Omega; names Alpha, Beta,
// Gamma (the forwarder), Hole, Omega. Imports: two names and an ordinal of ntoskrnl.exe, a name of
// port.sys.
#ifndef PE_SAMPLE_H
#define PE_SAMPLE_H

#include <kldr/image.h>

enum {
    SAMPLE_NT = 0x80,
    SAMPLE_FILE_HEADER = SAMPLE_NT + 4,
    SAMPLE_OPTIONAL = SAMPLE_NT + 24,

    SAMPLE_HEADERS_SIZE = 0x400,
    SAMPLE_TEXT = 0x1000, // RVAs
    SAMPLE_RDATA = 0x2000,
    SAMPLE_DATA = 0x3000,
    SAMPLE_RELOC = 0x4000,
    SAMPLE_IMAGE_SIZE = 0x5000,
    SAMPLE_FILE_SIZE = 0x1200,
    SAMPLE_SECTIONS = 4,

    SAMPLE_EXPORTS = SAMPLE_RDATA,
    SAMPLE_EXPORTS_SIZE = 0x200,
    SAMPLE_FUNCTIONS = SAMPLE_RDATA + 0x40,
    SAMPLE_NAMES = SAMPLE_RDATA + 0x60,
    SAMPLE_ORDINALS = SAMPLE_RDATA + 0x80,
    SAMPLE_FORWARDER = SAMPLE_RDATA + 0x100,
    SAMPLE_EXPORT_STRINGS = SAMPLE_RDATA + 0x120,
    SAMPLE_FUNCTION_COUNT = 6,
    SAMPLE_NAME_COUNT = 5,
    SAMPLE_ORDINAL_BASE = 5,

    SAMPLE_IMPORTS = SAMPLE_RDATA + 0x200,
    SAMPLE_LOOKUP_KERNEL = SAMPLE_RDATA + 0x240,
    SAMPLE_LOOKUP_PORT = SAMPLE_RDATA + 0x280,
    SAMPLE_IMPORT_STRINGS = SAMPLE_RDATA + 0x300,
    SAMPLE_HINT_SECOND = SAMPLE_IMPORT_STRINGS + 0x40, // hint and name of the kernel's second thunk
    SAMPLE_LOAD_CONFIG = SAMPLE_RDATA + 0x400,

    SAMPLE_POINTER = SAMPLE_DATA, // holds the address of Alpha
    SAMPLE_CELLS_KERNEL = SAMPLE_DATA + 0x40,
    SAMPLE_CELLS_PORT = SAMPLE_DATA + 0x80,
    SAMPLE_COOKIE = SAMPLE_DATA + 0x100,
    SAMPLE_ZERO_FILL = SAMPLE_DATA + 0x200, // first byte of .data that the file does not hold
};

struct pe_sample {
    uint8_t *bytes; // of exactly size bytes, so that a sanitizer sees a read past them
    size_t size;
    enum kldr_machine machine;
    uint64_t base;
    uint32_t directories;   // file offset of data directory 0
    uint32_t section_table; // file offset
};

void pe_sample_init(struct pe_sample *sample, enum kldr_machine machine);
void pe_sample_fini(struct pe_sample *sample);

// Cuts or grows the file; new bytes are zero.
void pe_sample_resize(struct pe_sample *sample, size_t size);

// The byte that the mapped image has at rva, in the file.
uint8_t *pe_sample_at(struct pe_sample *sample, uint32_t rva);

// The header bytes of section number index, and of data directory number index.
uint8_t *pe_sample_section(struct pe_sample *sample, unsigned index);
uint8_t *pe_sample_directory(struct pe_sample *sample, enum kldr_directory index);

void pe_sample_put16(uint8_t *place, uint16_t value);
void pe_sample_put32(uint8_t *place, uint32_t value);
void pe_sample_put64(uint8_t *place, uint64_t value);

// Exchanges the texts of two entries of the export name table.
void pe_sample_swap_names(struct pe_sample *sample, unsigned a, unsigned b);

// A CMocka test whose state is an x64 sample of its own.
#define SAMPLE_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, pe_sample_set_up, pe_sample_tear_down)
int pe_sample_set_up(void **state);
int pe_sample_tear_down(void **state);

// Creates the image, which must succeed. mapped: also maps it, into memory that pe_sample_close
// frees.
struct kldr_image *pe_sample_open(const struct pe_sample *sample, bool mapped);
void pe_sample_close(struct kldr_image *image);

#endif

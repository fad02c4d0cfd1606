// SPDX-License-Identifier: MIT
// What the image builder knows between its sizing pass and its writing pass.
//
// A plan is made in three steps, each of which relies on the one before: ks_build_plan_init takes
// the description apart and checks it, ks_build_layout_place gives everything an address, and the
// writers fill zeroed bytes of plan.file_size. All arrays live in one scratch block that the caller
// releases.
#ifndef KS_BUILD_PLAN_H
#define KS_BUILD_PLAN_H

#include <kldr/image_builder.h>

#define KS_BUILD_MAX_COUNT   65535u // exports, routines, imports, functions of one import
#define KS_BUILD_MAX_NAME    4096u  // bytes of any one name
#define KS_BUILD_MAX_IMAGE   (64u * 1024u * 1024u) // bytes of the image
#define KS_BUILD_ROUTINE     16u                   // bytes each routine occupies in .text
#define KS_BUILD_VARIABLE    8u                    // bytes each DATA export occupies in .data
#define KS_BUILD_POINTER_RVA 0u                    // the relocated pointer opens .data
#define KS_BUILD_NO_SYMBOL   UINT32_MAX

// A name with an address: the exports in the order given, then DriverEntry unless it is exported,
// then the description's further routines.
struct ks_build_symbol {
    const char *text; // NULL only for a nameless hole
    uint32_t length;
    uint32_t slot;                      // index in the export address table; exports only
    uint32_t rva;                       // routine, variable or forwarder text; 0 for a hole
    const struct kldr_build_code *code; // of a routine; NULL: it is filled
};

enum ks_build_kind { KS_BUILD_HOLE, KS_BUILD_FORWARDER, KS_BUILD_DATA, KS_BUILD_CODE };

enum ks_build_section_id {
    KS_BUILD_TEXT,
    KS_BUILD_RDATA,
    KS_BUILD_DATA_SECTION,
    KS_BUILD_RELOC,
    KS_BUILD_SECTIONS
};

struct ks_build_section {
    uint32_t rva;
    uint32_t size; // without padding; 0: the section is left out
    uint32_t raw_offset, raw_size;
};

// The addresses of the tables in .rdata. Import tables come first, so that cells are aligned.
struct ks_build_tables {
    uint32_t iat, iat_size;
    uint32_t descriptors, descriptors_size;
    uint32_t lookups;
    uint32_t hints;        // hint and name pairs
    uint32_t module_names; // of the import descriptors
    uint32_t exports, exports_size;
    uint32_t functions, names, ordinals, strings; // parts of the export directory's range
    uint32_t end;
};

struct ks_build_plan {
    const struct kldr_build_description *description;
    enum kldr_machine machine;
    bool wide;             // PE32+
    bool export_directory; // one is written
    uint64_t base;
    uint32_t ordinal_base;
    uint32_t pointer_size;   // 4 or 8: of an import cell and of the relocated pointer
    uint32_t name_length;    // of the image's own name
    uint32_t file_alignment; // 0x200, or 0x1000 for mapped layout

    struct ks_build_symbol *symbols;
    uint32_t export_count, symbol_count;
    uint32_t *order; // the named symbols by name, bytewise
    uint32_t named_count;
    uint32_t *slots; // export address table: symbol number + 1, or 0 for an empty slot
    uint32_t slot_count, name_count, code_count, data_count;
    uint32_t entry;        // symbol number of DriverEntry, or KS_BUILD_NO_SYMBOL
    uint64_t export_text;  // bytes of all exported names and forwarders, NULs included
    uint64_t routine_text; // bytes of the names of all symbols with code, NULs included
    uint64_t cell_count, lookup_count, hint_text, module_text; // of the imports

    struct ks_build_section sections[KS_BUILD_SECTIONS];
    uint32_t section_count;
    struct ks_build_tables tables;
    uint64_t code_size;     // of .text
    uint32_t code_data_rva; // of the zeroed data of code, after the variables
    uint32_t size_of_headers, size_of_image, file_size;
};

// Takes the description apart. On success *out_scratch is released by the caller when the plan is
// done with; on failure nothing is left and error says what is wrong with the description.
kldr_status ks_build_plan_init(struct ks_build_plan *plan, const struct kldr_allocator *allocator,
                               const struct kldr_build_description *description, void **out_scratch,
                               struct kldr_error *error);

// What an export is. A hole wins over a forwarder, and that over DATA, as .def files mix them.
enum ks_build_kind ks_build_plan_kind(const struct ks_build_plan *plan, uint32_t symbol);

// Measures the text: false, and error filled, when it is missing, empty or too long. what names it.
bool ks_build_plan_measure(const char *text, const char *what, uint32_t *out_length,
                           struct kldr_error *error);

// Fills error with a complaint about the description (printf-like) and the symbol it is about.
KLDR_PRINTF_LIKE(3, 4)
kldr_status ks_build_plan_refuse(struct kldr_error *error, const char *symbol, const char *format,
                                 ...);

// Orders count numbers so that the symbols they stand for rise bytewise by name.
void ks_build_sort_by_name(uint32_t *order, uint32_t count, const struct ks_build_symbol *symbols);

// Matches the description's code with the routines and sizes .text (build_code.c).
kldr_status ks_build_code_take(struct ks_build_plan *plan, struct kldr_error *error);
// The bytes a symbol has in .text; 0 when it is no routine.
uint32_t ks_build_code_size(const struct ks_build_plan *plan, uint32_t symbol);

// Gives sections, tables and symbols their addresses.
kldr_status ks_build_layout_place(struct ks_build_plan *plan, struct kldr_error *error);

// The writers fill bytes, which are plan->file_size zeroed ones.
void ks_build_headers_write(const struct ks_build_plan *plan, uint8_t *bytes);
void ks_build_exports_write(const struct ks_build_plan *plan, uint8_t *bytes);
void ks_build_imports_write(const struct ks_build_plan *plan, uint8_t *bytes);
void ks_build_code_write(const struct ks_build_plan *plan, uint8_t *bytes);
void ks_build_sections_write(const struct ks_build_plan *plan, uint8_t *bytes);

// Damages finished bytes as the description asks, writes the checksum, and returns the size of the
// file.
uint32_t ks_build_broken_apply(const struct ks_build_plan *plan, uint8_t *bytes);

// Where a table of .rdata lies in the file.
static inline uint8_t *ks_build_at(const struct ks_build_plan *plan, uint8_t *bytes, uint32_t rva)
{
    const struct ks_build_section *rdata = &plan->sections[KS_BUILD_RDATA];
    return bytes + rdata->raw_offset + (rva - rdata->rva);
}

static inline uint8_t *ks_build_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value & 0xff);
    at[1] = (uint8_t)(value >> 8 & 0xff);
    return at + 2;
}

static inline uint8_t *ks_build_put32(uint8_t *at, uint32_t value)
{
    return ks_build_put16(ks_build_put16(at, value & 0xffff), value >> 16);
}

static inline uint8_t *ks_build_put64(uint8_t *at, uint64_t value)
{
    return ks_build_put32(ks_build_put32(at, (uint32_t)(value & UINT32_MAX)),
                          (uint32_t)(value >> 32));
}

// A value as wide as the image's pointers.
static inline uint8_t *ks_build_put_pointer(const struct ks_build_plan *plan, uint8_t *at,
                                            uint64_t value)
{
    return plan->wide ? ks_build_put64(at, value)
                      : ks_build_put32(at, (uint32_t)(value & UINT32_MAX));
}

#endif

// SPDX-License-Identifier: MIT
// Function and line from a PDB. Image and PDB are seeds of fuzz targets, made by clang 14 and
// lld-link (-O1 -gcodeview; /DEBUG, /PDBALTPATH:other.pdb) of this file, inlined.c:
//
//      5  static STATE state;
//      7  static inline __attribute__((always_inline)) void raise(STATE *to, long number)
//      8  {
//      9      to->count += number;
//     10      to->count ^= 1;
//     11  }
//     13  static __attribute__((noinline)) long add(STATE *to, long number)
//     14  {
//     15      raise(to, number);
//     16      return to->count;
//     17  }
//     19  long DriverEntry(void *driver, void *path)
//     20  {
//     21      long sum = add(&state, 1);
//     22      if (driver == path) {
//     23          sum += add(&state, 2);
//     24      }
//     25      return sum;
//     26  }
#include "test.h"

#include "platform.h"
#include "symbols/pdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *bytes;
    size_t size;
};

static struct bytes read_seed(const char *name)
{
    struct bytes seed = {NULL, 0};
    char path[400];
    snprintf(path, sizeof(path), "%s/fuzz/corpus/%s", KLDR_TEST_SOURCE_DIR, name);
    assert_int_equal(ks_platform_read_file(path, 1 << 20, &seed.bytes, &seed.size), KS_IO_OK);
    return seed;
}

// A folder with at most one PDB under each of two names.
struct folder {
    const char *names[2];
    const char *seeds[2]; // NULL: there is none
    unsigned asked;
    bool other_build; // its GUID is changed
};

// The GUID lies in the file once.
static void change_guid(struct bytes *pdb)
{
    struct ks_pdb *open;
    uint8_t guid[16];
    assert_int_equal(ks_pdb_open(pdb->bytes, pdb->size, &open), KS_MSF_READ);
    memcpy(guid, ks_pdb_build(open)->guid, sizeof guid);
    ks_pdb_close(open);
    for (size_t i = 0; i + sizeof guid <= pdb->size; i++) {
        if (memcmp(pdb->bytes + i, guid, sizeof guid) == 0) {
            pdb->bytes[i] ^= 0xff;
            return;
        }
    }
    fail_msg("the GUID is not in the file");
}

static bool read_folder(void *user, const char *name, unsigned number, uint8_t **out_bytes,
                        size_t *out_size)
{
    struct folder *folder = user;
    for (size_t i = 0; i < 2 && number == 0; i++) {
        if (folder->seeds[i] != NULL && strcmp(folder->names[i], name) == 0) {
            struct bytes pdb = read_seed(folder->seeds[i]);
            if (folder->other_build) {
                change_guid(&pdb);
            }
            folder->asked++;
            *out_bytes = pdb.bytes;
            *out_size = pdb.size;
            return true;
        }
    }
    return false;
}

static struct folder folder_with(const char *name)
{
    return (struct folder){{name, ""}, {"pdb/codeview.pdb", NULL}, 0, false};
}

static void functions_and_lines_are_found(void **state)
{
    static const struct {
        uint32_t rva;
        const char *function;
        unsigned line;
    } cases[] = {
        {0x1000, "DriverEntry", 20}, {0x100d, "DriverEntry", 21}, {0x1012, "DriverEntry", 21},
        {0x1019, "DriverEntry", 22}, {0x1023, "DriverEntry", 23}, {0x1033, "DriverEntry", 25},
        {0x1040, "add", 9},          {0x1047, "add", 9},          {0x1048, "add", 10},
        {0x1050, "add", 10},         {0x1051, "add", 16},
    };
    struct bytes image = read_seed("symbols/codeview.sys");
    struct folder folder = folder_with("port.pdb");
    (void)state;
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_null(ks_symbols_complaint(symbols));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ks_source source;
        assert_true(ks_symbols_find(symbols, cases[i].rva, &source));
        assert_string_equal(source.function, cases[i].function);
        assert_false(source.is_nearest);
        assert_string_equal(source.file, "inlined.c");
        assert_int_equal(source.line, cases[i].line);
    }
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void between_functions_the_public_name_before_is_said(void **state)
{
    struct bytes image = read_seed("symbols/codeview.sys");
    struct folder folder = folder_with("port.pdb");
    struct ks_source source;
    (void)state;
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_true(ks_symbols_find(symbols, 0x1036, &source));
    assert_string_equal(source.function, "DriverEntry");
    assert_true(source.is_nearest);
    assert_int_equal(source.behind, 0x36);
    assert_int_equal(source.line, 0);
    assert_false(ks_symbols_find(symbols, 0x900, &source));     // headers
    assert_false(ks_symbols_find(symbols, 0x8000000, &source)); // behind the image
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void the_name_that_the_linker_recorded_is_tried_second(void **state)
{
    struct bytes image = read_seed("symbols/codeview.sys");
    struct folder folder = folder_with("other.pdb");
    struct ks_source source;
    (void)state;
    folder.names[1] = "port.pdb";
    folder.seeds[1] = "symbols/codeview.sys"; // no PDB at all
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_int_equal(folder.asked, 2);
    assert_true(ks_symbols_find(symbols, 0x1040, &source));
    assert_string_equal(source.function, "add");
    assert_null(ks_symbols_complaint(symbols));
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void a_pdb_of_another_build_is_refused_and_told(void **state)
{
    struct bytes image = read_seed("symbols/codeview.sys");
    struct folder folder = folder_with("port.pdb");
    struct ks_source source;
    (void)state;
    folder.other_build = true;
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_false(ks_symbols_find(symbols, 0x1040, &source));
    const char *complaint = ks_symbols_complaint(symbols);
    assert_non_null(complaint);
    assert_non_null(strstr(complaint, "port.pdb is of another build: the image wants {"));
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void bytes_that_are_no_pdb_are_told(void **state)
{
    struct bytes image = read_seed("symbols/codeview.sys");
    struct folder folder = folder_with("port.pdb");
    (void)state;
    folder.seeds[0] = "symbols/dwarf4.sys";
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_non_null(strstr(ks_symbols_complaint(symbols), "port.pdb: no PDB"));
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void an_image_without_a_record_asks_for_no_pdb(void **state)
{
    struct bytes image = read_seed("symbols/dwarf4.sys");
    struct folder folder = folder_with("port.pdb");
    struct ks_source source;
    (void)state;
    struct ks_symbols *symbols =
        ks_symbols_open(image.bytes, image.size, "port.sys", read_folder, &folder);
    assert_int_equal(folder.asked, 0);
    assert_true(ks_symbols_find(symbols, 0x1060, &source)); // DWARF
    assert_string_equal(source.function, "add");
    ks_symbols_close(symbols);
    free(image.bytes);
}

static void the_record_of_an_image_is_read(void **state)
{
    struct bytes seed = read_seed("symbols/codeview.sys"), pdb = read_seed("pdb/codeview.pdb");
    struct kldr_image *image = NULL;
    struct ks_codeview codeview;
    struct ks_pdb *open = NULL;
    char text[KS_CODEVIEW_GUID_TEXT];
    (void)state;
    assert_int_equal(kldr_image_create(NULL, seed.bytes, seed.size, NULL, &image, NULL),
                     KLDR_STATUS_SUCCESS);
    assert_true(ks_codeview_find(image, &codeview));
    assert_string_equal(codeview.path, "other.pdb");
    assert_int_equal(codeview.build.age, 1);
    assert_int_equal(ks_pdb_open(pdb.bytes, pdb.size, &open), KS_MSF_READ);
    assert_memory_equal(codeview.build.guid, ks_pdb_build(open)->guid, 16);
    const uint8_t guid[16] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                              0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    ks_codeview_format_guid(guid, text);
    assert_string_equal(text, "{00112233-4455-6677-8899-AABBCCDDEEFF}");
    ks_pdb_close(open);
    kldr_image_destroy(image);
    free(pdb.bytes);
    free(seed.bytes);
}

static void every_shorter_file_is_read_without_harm(void **state)
{
    struct bytes pdb = read_seed("pdb/codeview.pdb");
    (void)state;
    for (size_t size = 0; size < pdb.size; size += 211) {
        struct ks_pdb *open;
        struct ks_source source;
        uint8_t *copy = malloc(size + 1); // so that tools see a read behind the end
        assert_non_null(copy);
        memcpy(copy, pdb.bytes, size);
        if (ks_pdb_open(copy, size, &open) == KS_MSF_READ) {
            ks_pdb_find(open, 1, 0x40, &source);
        }
        ks_pdb_close(open);
        free(copy);
    }
    free(pdb.bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_and_lines_are_found),
        cmocka_unit_test(between_functions_the_public_name_before_is_said),
        cmocka_unit_test(the_name_that_the_linker_recorded_is_tried_second),
        cmocka_unit_test(a_pdb_of_another_build_is_refused_and_told),
        cmocka_unit_test(bytes_that_are_no_pdb_are_told),
        cmocka_unit_test(an_image_without_a_record_asks_for_no_pdb),
        cmocka_unit_test(the_record_of_an_image_is_read),
        cmocka_unit_test(every_shorter_file_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

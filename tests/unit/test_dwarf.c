// SPDX-License-Identifier: MIT
// Function and line from the DWARF of real compilers. The images are seeds of the fuzz
// target, made of this file, lines.c:
//
//      5  static STATE state;
//      7  static __attribute__((noinline)) long add(STATE *to, long number)
//      8  {
//      9      to->count += number;
//     10      return to->count;
//     11  }
//     13  long DriverEntry(void *driver, void *path)
//     14  {
//     15      long sum = add(&state, 1);
//     16      if (driver == path) {
//     17          sum += add(&state, 2);
//     18      }
//     19      return sum;
//     20  }
//
// by clang 14 with lld (-O0, DWARF 4 and 5; the table of its DWARF 5 does not find its file names)
// and by gcc 12 for mingw-w64 (-O1, DWARF 5).
#include "test.h"

#include "platform.h"
#include "symbols/dwarf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image {
    uint8_t *bytes;
    size_t size;
};

static struct image read_image(const char *name)
{
    struct image image = {NULL, 0};
    char path[400];
    snprintf(path, sizeof(path), "%s/fuzz/corpus/symbols/%s", KLDR_TEST_SOURCE_DIR, name);
    assert_int_equal(ks_platform_read_file(path, 1 << 20, &image.bytes, &image.size), KS_IO_OK);
    return image;
}

static void functions_and_lines_are_found(void **state)
{
    static const struct {
        const char *image;
        uint32_t rva;
        const char *function;
        unsigned line;
    } cases[] = {
        {"dwarf4.sys", 0x1000, "DriverEntry", 14}, {"dwarf4.sys", 0x101f, "DriverEntry", 15},
        {"dwarf4.sys", 0x1043, "DriverEntry", 17}, {"dwarf4.sys", 0x1060, "add", 8},
        {"dwarf4.sys", 0x1082, "add", 10},         {"dwarf5.sys", 0x1000, "DriverEntry", 14},
        {"dwarf5.sys", 0x101f, "DriverEntry", 15}, {"dwarf5.sys", 0x1043, "DriverEntry", 17},
        {"dwarf5.sys", 0x1060, "add", 8},          {"dwarf5.sys", 0x1082, "add", 10},
        {"mingw.sys", 0x1000, "add", 9},           {"mingw.sys", 0x1007, "DriverEntry", 14},
        {"mingw.sys", 0x1024, "DriverEntry", 15},  {"mingw.sys", 0x1042, "DriverEntry", 17},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct image image = read_image(cases[i].image);
        struct ks_source source = {.function = NULL};
        assert_true(ks_dwarf_find(image.bytes, image.size, cases[i].rva, &source));
        assert_string_equal(source.function, cases[i].function);
        assert_string_equal(source.file, "lines.c");
        if (source.line != cases[i].line) {
            fail_msg("%s+0x%x: line %u, not %u", cases[i].image, (unsigned)cases[i].rva,
                     source.line, cases[i].line);
        }
        free(image.bytes);
    }
}

static void nothing_is_known_of_places_outside_of_functions(void **state)
{
    static const char *const names[] = {"dwarf4.sys", "dwarf5.sys", "mingw.sys"};
    static const uint32_t places[] = {0, 0xfff, 0x1100, 0x2000, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct image image = read_image(names[i]);
        for (size_t j = 0; j < COUNT_OF(places); j++) {
            struct ks_source source;
            assert_false(ks_dwarf_find(image.bytes, image.size, places[j], &source));
        }
        free(image.bytes);
    }
}

static void every_shorter_file_is_read_without_harm(void **state)
{
    struct image image = read_image("dwarf4.sys");
    (void)state;
    for (size_t size = 0; size < image.size; size += 7) {
        struct ks_source source;
        uint8_t *copy = malloc(size + 1); // so that tools see a read behind the end
        assert_non_null(copy);
        memcpy(copy, image.bytes, size);
        ks_dwarf_find(copy, size, 0x1060, &source);
        free(copy);
    }
    free(image.bytes);
}

static void bytes_that_are_no_image_know_nothing(void **state)
{
    static const uint8_t text[] = "no image at all, but long enough to have a header at 0x3c: "
                                  "................................................";
    struct ks_source source;
    (void)state;
    assert_false(ks_dwarf_find(text, sizeof(text), 0x1000, &source));
    assert_false(ks_dwarf_find(text, 0, 0x1000, &source));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_and_lines_are_found),
        cmocka_unit_test(nothing_is_known_of_places_outside_of_functions),
        cmocka_unit_test(every_shorter_file_is_read_without_harm),
        cmocka_unit_test(bytes_that_are_no_image_know_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

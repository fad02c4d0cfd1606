// SPDX-License-Identifier: MIT
// The pages about the format name every key and word of the table, and their examples are good.
#include "parse_case.h"

#include "scenario/format/keys.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE   KLDR_TEST_SOURCE_DIR "/../docs/scenario-format.md"
#define MANUAL KLDR_TEST_SOURCE_DIR "/../docs/man/kldr-scenario.5"

static char *read_page(const char *path)
{
    enum { SIZE = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, SIZE);
    assert_non_null(file);
    assert_non_null(text);
    size_t length = fread(text, 1, SIZE - 1, file);
    assert_true(length > 0 && length < SIZE - 1);
    fclose(file);
    return text;
}

// roff writes a hyphen that is meant as one with a backslash, and changes fonts with \\fB.
static void drop_escapes(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] == 'f' && from[2] != '\0') {
            from += 2;
        } else if (!(from[0] == '\\' && from[1] == '-')) {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static bool is_part_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool names(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        if ((at == text || !is_part_of_word(at[-1])) && !is_part_of_word(at[length])) {
            return true;
        }
    }
    print_error("%s is not explained\n", word);
    return false;
}

#define SHAPES_MAX 400

struct walk {
    const struct ks_shape *seen[SHAPES_MAX];
    size_t count;
    const char *page, *manual;
    size_t words;
};

static void expect_word(struct walk *walk, const char *word)
{
    assert_true(names(walk->page, word));
    assert_true(names(walk->manual, word));
    walk->words++;
}

static void visit(struct walk *walk, const struct ks_shape *shape)
{
    for (size_t i = 0; i < walk->count; i++) {
        if (walk->seen[i] == shape) {
            return;
        }
    }
    assert_true(walk->count < SHAPES_MAX);
    walk->seen[walk->count++] = shape;
    bool words =
        shape->kind == KS_SHAPE_WORD && shape != &ks_major_shape && shape != &ks_minor_shape;
    for (size_t i = 0; words && shape->word_at(i) != NULL; i++) {
        expect_word(walk, shape->word_at(i));
    }
    if (shape->item != NULL) {
        visit(walk, shape->item);
    }
    for (size_t i = 0; i < shape->key_count; i++) {
        expect_word(walk, shape->keys[i].name);
        visit(walk, shape->keys[i].shape);
    }
    for (size_t i = 0; shape->choices != NULL && shape->choices[i] != NULL; i++) {
        visit(walk, shape->choices[i]);
    }
}

static void every_key_and_word_is_explained(void **state)
{
    char *page = read_page(PAGE);
    char *manual = read_page(MANUAL);
    struct walk walk = {.count = 0, .page = page, .manual = manual};
    (void)state;
    drop_escapes(manual);
    visit(&walk, &ks_scenario_shape);
    assert_true(walk.words > 150);
    free(page);
    free(manual);
}

static void every_example_of_the_page_is_good(void **state)
{
    static const char fence[] = "```yaml\n";
    char *page = read_page(PAGE);
    size_t count = 0;
    (void)state;
    for (char *at = page; (at = strstr(at, fence)) != NULL; count++) {
        at += sizeof fence - 1;
        char *end = strstr(at, "```");
        assert_non_null(end);
        *end = '\0';
        parse_case_accepts(at);
        at = end + 1;
    }
    assert_true(count >= 2);
    free(page);
}

static void the_example_of_the_manual_is_good(void **state)
{
    char *manual = read_page(MANUAL);
    (void)state;
    drop_escapes(manual);
    char *begin = strstr(manual, ".EX\n");
    assert_non_null(begin);
    char *end = strstr(begin, ".EE\n");
    assert_non_null(end);
    *end = '\0';
    parse_case_accepts(begin + 4);
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_and_word_is_explained),
        cmocka_unit_test(every_example_of_the_page_is_good),
        cmocka_unit_test(the_example_of_the_manual_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

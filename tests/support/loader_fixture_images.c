// SPDX-License-Identifier: MIT
// From the fixture's texts to PE bytes.

#include "loader_fixture.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

#define MOST_EXPORTS   64
#define MOST_IMPORTS   64
#define MOST_FUNCTIONS 256

// A description under construction. Texts are cut out of a copy.
struct draft {
    char *export_text, *import_text;
    struct kldr_build_export exports[MOST_EXPORTS];
    size_t export_count;
    struct kldr_build_import imports[MOST_IMPORTS];
    size_t import_count;
    struct kldr_build_function functions[MOST_FUNCTIONS];
    size_t function_count;
};

// The next word of *text, which is cut there; NULL at the end.
static char *next_word(char **text, char separator)
{
    char *word = *text;
    while (*word == ' ')
        word++;
    if (*word == '\0')
        return NULL;
    char *end = strchr(word, separator);
    if (end != NULL)
        *end = '\0';
    *text = end != NULL ? end + 1 : word + strlen(word);
    return word;
}

static void parse_exports(struct draft *draft)
{
    char *rest = draft->export_text, *word;
    while ((word = next_word(&rest, ' ')) != NULL) {
        struct kldr_build_export *export = &draft->exports[draft->export_count++];
        assert_true(draft->export_count <= MOST_EXPORTS);
        char *forwarder = strchr(word, '='), *ordinal = strchr(word, '@');
        if (forwarder != NULL)
            *forwarder++ = '\0';
        else if (ordinal != NULL && ordinal != word)
            *ordinal++ = '\0';
        export->name = word;
        export->forwarder = forwarder;
        if (forwarder == NULL && ordinal != NULL)
            export->ordinal = (uint32_t)strtoul(ordinal, NULL, 10);
    }
}

static void parse_functions(struct draft *draft, struct kldr_build_import *import, char *text)
{
    char *word;
    import->functions = &draft->functions[draft->function_count];
    while ((word = next_word(&text, ',')) != NULL) {
        struct kldr_build_function *function = &draft->functions[draft->function_count++];
        assert_true(draft->function_count <= MOST_FUNCTIONS);
        if (word[0] == '#')
            function->ordinal = (uint32_t)strtoul(word + 1, NULL, 10);
        else
            function->name = word;
        import->function_count++;
    }
}

static void parse_imports(struct draft *draft)
{
    char *rest = draft->import_text, *word;
    while ((word = next_word(&rest, ' ')) != NULL) {
        struct kldr_build_import *import = &draft->imports[draft->import_count++];
        assert_true(draft->import_count <= MOST_IMPORTS);
        size_t length = strlen(word);
        import->module = word;
        import->no_lookup_table = word[length - 1] == '!';
        if (import->no_lookup_table)
            word[length - 1] = '\0';
        char *functions = strchr(word, ':');
        if (functions != NULL) {
            *functions = '\0';
            parse_functions(draft, import, functions + 1);
        }
    }
}

void fixture_built(struct fixture *fixture, const char *path,
                   struct kldr_build_description description)
{
    const char *backslash = strrchr(path, '\\');
    struct kldr_built_image built;
    if (description.name == NULL)
        description.name = backslash != NULL ? backslash + 1 : path;
    if (description.machine == KLDR_MACHINE_UNKNOWN)
        description.machine = fixture->options.machine;
    assert_int_equal(kldr_image_build(NULL, &description, &built, NULL), KLDR_STATUS_SUCCESS);
    fixture_bytes(fixture, path, built.bytes, built.size);
    kldr_built_image_free(NULL, &built);
}

void fixture_image(struct fixture *fixture, const char *path, const char *exports,
                   const char *imports)
{
    struct draft *draft = calloc(1, sizeof *draft);
    assert_non_null(draft);
    fixture_append(&draft->export_text, exports);
    fixture_append(&draft->import_text, imports);
    parse_exports(draft);
    parse_imports(draft);
    struct kldr_build_description description = {.exports = draft->exports,
                                                 .export_count = draft->export_count,
                                                 .no_export_directory = draft->export_count == 0,
                                                 .imports = draft->imports,
                                                 .import_count = draft->import_count,
                                                 .entry_point = true};
    fixture_built(fixture, path, description);
    free(draft->export_text);
    free(draft->import_text);
    free(draft);
}

void fixture_build_core(struct fixture_core *core, const char *name, enum kldr_machine machine,
                        const struct kldr_build_export *exports, size_t count)
{
    struct kldr_build_description description = {.name = name,
                                                 .machine = machine,
                                                 .exports = exports,
                                                 .export_count = count,
                                                 .mapped_layout = true};
    assert_int_equal(kldr_image_build(NULL, &description, &core->built, NULL), KLDR_STATUS_SUCCESS);
    assert_int_equal(
        kldr_image_create(NULL, core->built.bytes, core->built.size, NULL, &core->image, NULL),
        KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_image_adopt_mapping(core->image, core->built.bytes, core->built.size),
                     KLDR_STATUS_SUCCESS);
}

void fixture_drop_core(struct fixture_core *core)
{
    kldr_image_destroy(core->image);
    kldr_built_image_free(NULL, &core->built);
}

// SPDX-License-Identifier: MIT
// The way of a file: bytes, tree, validation, model, cross-check. All of it lives in one arena,
// which becomes the file's or, when something is wrong, the diagnostics'.
#include "scenario/parse.h"

#include "scenario/parse/build.h"
#include "scenario/parse/cross_check.h"
#include "scenario/parse/names.h"
#include "scenario/parse/parse_with.h"

#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define SUFFIX        ".kldr.yaml"

// What ks_parse_result.storage and a file's memory are. The file is the first member, so that it
// leads back here.
struct holder {
    struct ks_scenario_file file;
    struct ks_arena arena;
    struct ks_parse parse;
    jmp_buf out_of_memory;
};

static struct holder *holder_create(const struct kldr_allocator *allocator)
{
    if (allocator == NULL) {
        allocator = kldr_allocator_default();
    }
    struct holder *holder = allocator->allocate(allocator->user, sizeof *holder);
    if (holder != NULL) {
        memset(holder, 0, sizeof *holder);
        ks_arena_init(&holder->arena, allocator, &holder->out_of_memory);
        holder->parse.arena = &holder->arena;
    }
    return holder;
}

static void holder_destroy(struct holder *holder)
{
    if (holder != NULL) {
        struct kldr_allocator allocator = holder->arena.allocator;
        ks_arena_fini(&holder->arena);
        allocator.release(allocator.user, holder);
    }
}

// ---- names of scenarios ----

static const char *default_name(struct holder *holder, size_t index)
{
    const char *path = holder->file.path;
    const char *base = path;
    for (const char *c = path; *c != '\0'; c++) {
        base = *c == '/' || *c == '\\' ? c + 1 : base;
    }
    size_t length = strlen(base);
    size_t suffix = strlen(SUFFIX);
    if (length > suffix && strcmp(base + length - suffix, SUFFIX) == 0) {
        length -= suffix;
    }
    const char *name = ks_arena_copy(&holder->arena, base, length);
    return index == 0 ? name : ks_diagnose_text(&holder->parse, "%s#%zu", name, index + 1);
}

static void check_names(struct holder *holder)
{
    struct ks_names seen;
    ks_names_init(&seen, &holder->arena, false);
    for (size_t i = 0; i < holder->file.scenario_count; i++) {
        const struct ks_scenario *scenario = &holder->file.scenarios[i];
        struct ks_name *name = ks_names_add(&seen, scenario->name, strlen(scenario->name));
        if (name->value != NULL) {
            const struct ks_scenario *first = name->value;
            ks_diagnose_file(&holder->parse, KS_DIAGNOSTIC_REFERENCE, scenario->place,
                             "scenarios of one file are told apart by their `name`",
                             "the file has another scenario of the name %s, in line %u",
                             ks_diagnose_shown(&holder->parse, name->text, name->length),
                             (unsigned)first->place.line);
        }
        name->value = (void *)(uintptr_t)scenario;
    }
}

// ---- documents ----

static void parse_document(struct holder *holder, struct ks_document *document,
                           struct ks_scenario *scenario, size_t index)
{
    struct ks_parse *parse = &holder->parse;
    struct ks_node *root = document->root;
    scenario->file = &holder->file;
    scenario->index = index;
    scenario->place = document->place;
    scenario->name = default_name(holder, index);
    if (root == NULL || (root->kind == KS_NODE_SCALAR && root->length == 0)) {
        ks_diagnose_file(parse, KS_DIAGNOSTIC_FORM, document->place,
                         "a scenario begins with `kldr: 1`", "the document is empty");
        return;
    }
    parse->root = root;
    parse->names_unsure = false;
    ks_validate(parse, root, &ks_scenario_shape);
    // Once truncated, validation has stopped in the middle; what it did not see cannot be built.
    if (root->kind == KS_NODE_MAP && !parse->truncated) {
        struct ks_build build = {.parse = parse, .arena = &holder->arena, .scenario = scenario};
        ks_build_scenario(&build, root);
        ks_cross_check(&build);
    }
}

static void parse_documents(struct holder *holder, struct ks_document *documents)
{
    size_t count = 0;
    for (struct ks_document *document = documents; document != NULL; document = document->next) {
        count++;
    }
    struct ks_scenario *scenarios = ks_arena_take(&holder->arena, count, sizeof *scenarios);
    holder->file.scenarios = scenarios;
    holder->file.scenario_count = count;
    size_t index = 0;
    for (struct ks_document *document = documents; document != NULL; document = document->next) {
        parse_document(holder, document, &scenarios[index], index);
        index++;
    }
    check_names(holder);
    if (count == 0 && holder->parse.diagnostic_count == 0) {
        ks_diagnose_file(&holder->parse, KS_DIAGNOSTIC_FORM, (struct ks_place){1, 1, 0, 0},
                         "a scenario begins with `kldr: 1`", "the file has no scenario");
    }
}

static kldr_status parse_file(struct holder *holder, const char *path, const char *text,
                              size_t size)
{
    if (setjmp(holder->out_of_memory) != 0) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    struct ks_parse *parse = &holder->parse;
    holder->file.path = ks_arena_copy(&holder->arena, path, strlen(path));
    if (size > FILE_SIZE_MAX) {
        ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, (struct ks_place){1, 1, 0, 0}, NULL,
                         "the file is larger than 16 MiB");
        return KLDR_ERROR_SCENARIO;
    }
    holder->file.text = ks_arena_copy(&holder->arena, text, size);
    holder->file.size = size;
    ks_source_init(&parse->source, holder->file.text, size);
    struct ks_document *documents = NULL;
    kldr_status status = ks_yaml_tree_read(parse, &documents);
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    parse_documents(holder, documents);
    ks_diagnose_sort(parse);
    return parse->diagnostic_count == 0 ? KLDR_STATUS_SUCCESS : KLDR_ERROR_SCENARIO;
}

kldr_status ks_scenario_parse_with(const struct kldr_allocator *allocator, const char *path,
                                   const char *text, size_t size,
                                   struct ks_parse_result *out_result)
{
    struct holder *holder = holder_create(allocator);
    kldr_status status =
        holder == NULL ? KLDR_ERROR_OUT_OF_MEMORY : parse_file(holder, path, text, size);
    struct ks_parse_result result = {0};
    if (status == KLDR_STATUS_SUCCESS) {
        result.file = &holder->file;
    } else if (status == KLDR_ERROR_SCENARIO) {
        result.storage = holder;
        result.diagnostics = (struct ks_diagnostics){
            holder->parse.diagnostics, holder->parse.diagnostic_count, holder->parse.truncated};
    } else {
        holder_destroy(holder);
    }
    *out_result = result;
    return status;
}

kldr_status ks_scenario_parse(const char *path, const char *text, size_t size,
                              struct ks_parse_result *out_result)
{
    return ks_scenario_parse_with(NULL, path, text, size, out_result);
}

void ks_parse_result_fini(struct ks_parse_result *result)
{
    holder_destroy(result->storage);
    result->storage = NULL;
    result->diagnostics = (struct ks_diagnostics){0};
}

void ks_scenario_file_destroy(struct ks_scenario_file *file)
{
    holder_destroy((struct holder *)file);
}

// SPDX-License-Identifier: MIT
// Events and the module list as text, and what must hold of the list.

#include "loader_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *fixture_append(char **text, const char *more)
{
    size_t length = *text != NULL ? strlen(*text) : 0, size = strlen(more) + 1;
    char *grown = realloc(*text, length + size);
    assert_non_null(grown);
    memcpy(grown + length, more, size);
    *text = grown;
    return grown;
}

static void join(struct fixture *fixture, const char *separator, const char *item)
{
    if (fixture->text[0] != '\0')
        fixture_append(&fixture->text, separator);
    fixture_append(&fixture->text, item);
}

static void begin_text(struct fixture *fixture)
{
    free(fixture->text);
    fixture->text = NULL;
    fixture_append(&fixture->text, "");
}

// ---- one event ----

static void add(char *text, size_t size, const char *before, const char *item)
{
    size_t length = strlen(text);
    if (item != NULL)
        snprintf(text + length, size - length, "%s%s", before, item);
}

static void add_number(char *text, size_t size, const char *format, unsigned long long number)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, format, number);
}

// name, [importer >] module or path, !symbol or #ordinal, count or "inactive", reason, by holder,
// -> target, a flag's word, "=" value or argument, failing status.
void fixture_line(const struct kldr_event *event, char *text, size_t size)
{
    bool import = event->importer != NULL;
    bool opened = event->kind == KLDR_EVENT_IMAGE_OPEN;
    snprintf(text, size, "%s", kldr_event_name(event->kind));
    add(text, size, " ", event->importer);
    add(text, size, import ? " > " : " ", opened ? event->path : event->module);
    add(text, size, " lacks ", event->missing_module);
    add(text, size, "!", event->symbol);
    if (event->has & KLDR_EVENT_HAS_ORDINAL)
        add_number(text, size, "#%llu", event->ordinal);
    if (event->has & KLDR_EVENT_COUNT_INACTIVE)
        add(text, size, " ", "inactive");
    else if (event->has & KLDR_EVENT_HAS_COUNT)
        add_number(text, size, " %llu", (unsigned long long)event->count);
    add(text, size, " ", event->reason);
    add(text, size, " by ", event->holder);
    add(text, size, " -> ", event->target);
    if (event->kind == KLDR_EVENT_IMAGE_MAPPED && event->flag)
        add(text, size, " ", "relocated");
    if (event->kind == KLDR_EVENT_IMAGE_UNMAPPED && event->flag)
        add(text, size, " ", "ring");
    if (event->kind != KLDR_EVENT_IMAGE_WARNING && (event->has & KLDR_EVENT_HAS_VALUE))
        add_number(text, size, event->value > 0xffff ? " =0x%llX" : " =%llu", event->value);
    add(text, size, " =", event->argument);
    if ((event->has & KLDR_EVENT_HAS_STATUS) && event->status != KLDR_STATUS_SUCCESS)
        add_number(text, size, " 0x%08llX", event->status);
}

void fixture_record(struct fixture *fixture, const char *line)
{
    if (fixture->line_count == fixture->line_capacity) {
        fixture->line_capacity = fixture->line_capacity * 2 + 64;
        fixture->lines = realloc(fixture->lines, fixture->line_capacity * sizeof *fixture->lines);
        assert_non_null(fixture->lines);
    }
    fixture->lines[fixture->line_count] = NULL;
    fixture_append(&fixture->lines[fixture->line_count++], line);
}

void fixture_forget(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->line_count; i++)
        free(fixture->lines[i]);
    free(fixture->lines);
    fixture->lines = NULL;
    fixture->line_count = fixture->line_capacity = 0;
}

static bool begins_with_one_of(const char *line, const char *kinds)
{
    while (*kinds != '\0') {
        size_t length = strcspn(kinds, " ");
        if (strncmp(line, kinds, length) == 0)
            return true;
        kinds += length;
        kinds += *kinds == ' ';
    }
    return false;
}

const char *fixture_events(struct fixture *fixture, const char *kinds)
{
    begin_text(fixture);
    for (size_t i = 0; i < fixture->line_count; i++) {
        if (*kinds == '\0' || begins_with_one_of(fixture->lines[i], kinds))
            join(fixture, "; ", fixture->lines[i]);
    }
    return fixture->text;
}

// ---- the list ----

static bool info_of(struct fixture *fixture, uint32_t id, struct kldr_module_info *out_info)
{
    return kldr_loader_module(fixture->loader, id, out_info);
}

const char *fixture_modules(struct fixture *fixture)
{
    struct kldr_module_info info;
    begin_text(fixture);
    for (uint32_t id = kldr_loader_first(fixture->loader); id != 0;
         id = kldr_loader_next(fixture->loader, id)) {
        char count[16];
        assert_true(info_of(fixture, id, &info));
        if (info.core)
            continue;
        join(fixture, "; ", info.base_name);
        snprintf(count, sizeof count, " %d", (int)info.load_count);
        fixture_append(&fixture->text, info.inactive ? " inactive" : count);
        if (info.state == KLDR_MODULE_LOADING)
            fixture_append(&fixture->text, " loading");
        if (info.state == KLDR_MODULE_UNLOADING)
            fixture_append(&fixture->text, " unloading");
    }
    return fixture->text;
}

struct kldr_module_info fixture_module(struct fixture *fixture, const char *module)
{
    struct kldr_module_info info = {0};
    assert_true(info_of(fixture, kldr_loader_find(fixture->loader, module), &info));
    return info;
}

const char *fixture_imports(struct fixture *fixture, const char *module)
{
    struct kldr_module_info info = fixture_module(fixture, module), target;
    begin_text(fixture);
    for (uint32_t i = 0; i < info.import_count; i++) {
        uint32_t id = kldr_loader_import(fixture->loader, info.id, i);
        join(fixture, " ", info_of(fixture, id, &target) ? target.base_name : "gone");
    }
    assert_int_equal(kldr_loader_import(fixture->loader, info.id, info.import_count), 0);
    return fixture->text;
}

// ---- cells ----

struct cell_search {
    const char *module, *symbol;
    struct kldr_binding found;
    bool any;
};

static bool visit_cell(void *user, const struct kldr_binding *binding)
{
    struct cell_search *search = user;
    char ordinal[16];
    snprintf(ordinal, sizeof ordinal, "#%u", (unsigned)binding->ordinal);
    const char *symbol = binding->symbol != NULL ? binding->symbol : ordinal;
    search->any =
        fixture_same_name(binding->module, search->module) && strcmp(symbol, search->symbol) == 0;
    search->found = *binding;
    return !search->any;
}

static void name_address(struct fixture *fixture, uint64_t address)
{
    struct kldr_module_info info;
    struct kldr_export found;
    for (uint32_t id = kldr_loader_first(fixture->loader); id != 0;
         id = kldr_loader_next(fixture->loader, id)) {
        char offset[32];
        assert_true(info_of(fixture, id, &info));
        if (address < info.base || address - info.base >= info.size)
            continue;
        uint32_t rva = (uint32_t)(address - info.base);
        snprintf(offset, sizeof offset, "+0x%x", (unsigned)rva);
        fixture_append(&fixture->text, info.base_name);
        for (uint32_t i = 0; kldr_image_export_at(info.image, i, &found); i++) {
            if (found.rva == rva && rva != 0 && found.name != NULL) {
                fixture_append(&fixture->text, "!");
                fixture_append(&fixture->text, found.name);
                return;
            }
        }
        fixture_append(&fixture->text, offset);
        return;
    }
    fixture_append(&fixture->text, "gone");
}

const char *fixture_cell(struct fixture *fixture, const char *importer, const char *module,
                         const char *symbol)
{
    struct cell_search search = {.module = module, .symbol = symbol};
    struct kldr_module_info info = fixture_module(fixture, importer);
    assert_true(kldr_loader_bindings(fixture->loader, info.id, visit_cell, &search));
    assert_true(search.any);
    begin_text(fixture);
    if (!search.found.bound)
        fixture_append(&fixture->text, "unbound");
    else if (search.found.trapped)
        fixture_append(&fixture->text, "trap");
    else
        name_address(fixture, search.found.address);
    return fixture->text;
}

// ---- what must hold ----

static int32_t references_to(struct fixture *fixture, uint32_t target)
{
    int32_t count = (int32_t)fixture_references_on(fixture, target);
    for (uint32_t id = kldr_loader_first(fixture->loader); id != 0;
         id = kldr_loader_next(fixture->loader, id)) {
        uint32_t import;
        for (uint32_t i = 0; (import = kldr_loader_import(fixture->loader, id, i)) != 0; i++) {
            struct kldr_module_info info;
            assert_true(info_of(fixture, import, &info)); // V9
            count += import == target;
        }
    }
    return count;
}

static void check_module(struct fixture *fixture, const struct kldr_module_info *info)
{
    assert_int_equal(info->state, KLDR_MODULE_LOADED); // V2
    int32_t references = references_to(fixture, info->id) + info->orphans;
    if (info->boot_sentinel || info->inactive || info->never_counted)
        return;
    // V1. A refused module keeps a count of one that nobody holds, where that is the policy.
    int one_final =
        info->refused && fixture->options.policy.value[KLDR_KNOB_REFUSED] == KLDR_REFUSED_ONE_FINAL;
    assert_in_range(info->load_count, references, references + one_final);
}

void fixture_check(struct fixture *fixture)
{
    uint32_t before = 0;
    for (uint32_t id = kldr_loader_first(fixture->loader); id != 0;
         id = kldr_loader_next(fixture->loader, id)) {
        struct kldr_module_info info;
        assert_true(info_of(fixture, id, &info));
        assert_true(id > before); // V7: ids are given in order of creation
        before = id;
        check_module(fixture, &info);
    }
    assert_int_equal(fixture->open_files, 0);
}

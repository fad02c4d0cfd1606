// SPDX-License-Identifier: MIT
// Names in expectations. Exempt are `missing`, `log`, what `lookup` looks for, and values `absent`
// and `none_of`.
#include "scenario/format/scalar.h"
#include "scenario/parse/cross_rules.h"

#include <string.h>

typedef void check_name(struct ks_cast *cast, const char *name, struct ks_place place);

static void check_list(struct ks_cast *cast, const struct ks_list *list,
                       const struct ks_list *checked, check_name *check)
{
    bool same = checked != NULL && checked->items == list->items;
    for (size_t i = 0; i < list->item_count && !same && list->mode != KS_LIST_NONE_OF; i++) {
        if (list->items[i].text != NULL) {
            check(cast, list->items[i].text, list->items[i].place);
        }
    }
}

// ---- events: "name" or "name module" ----

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void check_event(struct ks_cast *cast, const char *text, struct ks_place place)
{
    const char *name = strchr(text, ' ');
    if (name == NULL) {
        return;
    }
    name++;
    if (begins_with(text, "driver.")) {
        ks_cross_service(cast, name, place);
    } else if (begins_with(text, "call.") && ks_scalar_module_length(name) != 0) {
        ks_cross_module_routine(cast, name, place);
    } else if (begins_with(text, "image.") || begins_with(text, "import.") ||
               begins_with(text, "ref.") || begins_with(text, "call.") ||
               begins_with(text, "debug.")) {
        ks_cross_module(cast, name, place);
    }
}

// ---- maps of modules ----

static bool is_absent(const struct ks_pair *pair)
{
    return pair->text != NULL && strcmp(pair->text, "absent") == 0;
}

// Kernel images have no place in these maps, and a base name must mean one file (A110).
void ks_cross_module_key(struct ks_cast *cast, const struct ks_pair *pair, const char *key)
{
    struct ks_cast_module *module = ks_cast_module(cast, pair->name);
    if (ks_cast_is_kernel(pair->name)) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, pair->name_place, NULL,
                          "kernel images cannot be named in `%s`", key);
    } else if (module != NULL && module->path_count > 1 && strchr(pair->name, '\\') == NULL) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, pair->name_place,
                          "write the full path", "%s is the base name of %zu images",
                          ks_diagnose_shown(cast->parse, pair->name, strlen(pair->name)),
                          module->path_count);
    } else if (!is_absent(pair)) {
        ks_cross_module(cast, pair->name, pair->name_place);
    }
}

static void check_import_list(struct ks_cast *cast, const struct ks_pair *pair)
{
    for (size_t i = 0; i < pair->list_count && pair->list_mode != KS_LIST_NONE_OF; i++) {
        if (ks_cast_is_kernel(pair->list[i])) {
            ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, pair->list_places[i], NULL,
                              "import lists never show the kernel images");
        } else {
            ks_cross_module(cast, pair->list[i], pair->list_places[i]);
        }
    }
}

static void check_map(struct ks_cast *cast, const struct ks_map *map, const struct ks_map *checked,
                      const char *key)
{
    bool same = checked != NULL && checked->pairs == map->pairs;
    for (size_t i = 0; i < map->pair_count && !same; i++) {
        ks_cross_module_key(cast, &map->pairs[i], key);
        check_import_list(cast, &map->pairs[i]);
    }
}

static void check_argument(struct ks_cast *cast, const struct ks_map *map,
                           const struct ks_map *checked)
{
    bool same = checked != NULL && checked->pairs == map->pairs;
    for (size_t i = 0; i < map->pair_count && !same; i++) {
        ks_cross_module_routine(cast, map->pairs[i].name, map->pairs[i].name_place);
    }
}

// ---- bound ----

static void check_bound_import(struct ks_cast *cast, const struct ks_pair *pair)
{
    size_t length = ks_scalar_module_length(pair->name);
    const char *importer = ks_arena_copy(cast->parse->arena, pair->name, length);
    const char *name = pair->name + length + 1;
    struct ks_cast_module *module = ks_cast_module(cast, importer);
    ks_cross_module(cast, importer, pair->name_place);
    if (!cast->parse->truncated && module != NULL && !ks_cast_has_import(cast, module, name)) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, pair->name_place,
                          ks_cast_near_import(cast, module, name), "%s does not import %s",
                          ks_diagnose_shown(cast->parse, importer, length),
                          ks_diagnose_shown(cast->parse, name, strlen(name)));
    }
}

static void check_bound(struct ks_cast *cast, const struct ks_map *map,
                        const struct ks_map *checked)
{
    bool same = checked != NULL && checked->pairs == map->pairs;
    for (size_t i = 0; i < map->pair_count && !same; i++) {
        const struct ks_pair *pair = &map->pairs[i];
        size_t length = ks_scalar_module_length(pair->text);
        check_bound_import(cast, pair);
        if (length != 0) {
            ks_cross_module_routine(cast, pair->text, pair->place);
        } else {
            length = ks_scalar_offset_module_length(pair->text);
            ks_cross_module(cast, ks_arena_copy(cast->parse->arena, pair->text, length),
                            pair->place);
        }
    }
}

// ---- findings and the rest ----

static void check_findings(struct ks_cast *cast, const struct ks_list *list,
                           const struct ks_list *checked)
{
    bool same = checked != NULL && checked->items == list->items;
    for (size_t i = 0; i < list->item_count && !same && list->mode != KS_LIST_NONE_OF; i++) {
        for (size_t f = 0; f < list->items[i].field_count; f++) {
            const struct ks_pair *field = &list->items[i].fields[f];
            if (strcmp(field->name, "module") == 0 || strcmp(field->name, "target") == 0) {
                ks_cross_module(cast, field->text, field->place);
            }
        }
    }
}

static void check_action(struct ks_cast *cast, bool fits, struct ks_place place,
                         struct ks_place checked, const char *message)
{
    if (!fits && place.begin != checked.begin) {
        ks_diagnose_place(cast->parse, KS_DIAGNOSTIC_REFERENCE, place, NULL, "%s", message);
    }
}

static void check_actions(struct ks_cast *cast, const struct ks_step *step,
                          const struct ks_expect *expect, const struct ks_expect *base)
{
    static const struct ks_expect nothing;
    base = base == NULL ? &nothing : base;
    check_action(cast, !expect->result.given || step->action == KS_ACTION_CALL,
                 expect->result.place, base->result.place, "`result` is an expectation of `call`");
    check_action(cast, !expect->has_found || step->action == KS_ACTION_LOOKUP, expect->found_place,
                 base->found_place, "`found` is an expectation of `lookup`");
    check_action(cast, expect->module.text == NULL || step->action == KS_ACTION_LOOKUP,
                 expect->module.place, base->module.place,
                 "`module` is an expectation of `lookup`");
}

// base: what the expectation was laid over, and has been checked; or NULL.
static void check_expect(struct ks_cast *cast, const struct ks_step *step,
                         const struct ks_expect *expect, const struct ks_expect *base)
{
#define OF_BASE(member) (base == NULL || !base->given ? NULL : &base->member)
    check_list(cast, &expect->calls, OF_BASE(calls), ks_cross_module_routine);
    check_list(cast, &expect->events, OF_BASE(events), check_event);
    check_list(cast, &expect->modules, OF_BASE(modules), ks_cross_module);
    check_list(cast, &expect->unloaded, OF_BASE(unloaded), ks_cross_module);
    check_list(cast, &expect->ring, OF_BASE(ring), ks_cross_module);
    check_list(cast, &expect->notified, OF_BASE(notified), ks_cross_module);
    check_list(cast, &expect->opened, OF_BASE(opened), ks_cross_module);
    check_map(cast, &expect->counts, OF_BASE(counts), "counts");
    check_map(cast, &expect->imports, OF_BASE(imports), "imports");
    check_map(cast, &expect->state, OF_BASE(state), "state");
    check_argument(cast, &expect->argument, OF_BASE(argument));
    check_bound(cast, &expect->bound, OF_BASE(bound));
    check_findings(cast, &expect->findings, OF_BASE(findings));
    ks_cross_io_expect(cast, step, expect, base);
#undef OF_BASE
    if (expect->bugcheck.module != NULL &&
        (base == NULL || base->bugcheck.module != expect->bugcheck.module)) {
        ks_cross_module(cast, expect->bugcheck.module, expect->bugcheck.place);
    }
    if (expect->module.text != NULL && (base == NULL || base->module.text != expect->module.text)) {
        ks_cross_module(cast, expect->module.text, expect->module.place);
    }
    check_actions(cast, step, expect, base);
}

void ks_cross_expectations(struct ks_cast *cast, const struct ks_step *step)
{
    if (step->expect.given) {
        check_expect(cast, step, &step->expect, NULL);
    }
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (step->by_profile[p].given) {
            check_expect(cast, step, &step->by_profile[p], &step->expect);
        }
    }
}

// SPDX-License-Identifier: MIT
// Expectations that are maps: each named entry is compared by itself.

#include "scenario/run/expect_io.h"

#include "explain/explain.h"

#include <stdio.h>
#include <string.h>

static struct ks_map_entry seen(const char *got, bool matched)
{
    return (struct ks_map_entry){got, matched, false};
}

static struct ks_map_entry unwritable(const char *got)
{
    return (struct ks_map_entry){got, false, true};
}

typedef struct ks_map_entry (*ks_judge_entry)(struct ks_judge *judge, const struct ks_pair *pair);

static void judge_map(struct ks_judge *judge, const char *key, const struct ks_map *map,
                      ks_judge_entry judge_entry)
{
    for (size_t i = 0; map->given && i < map->pair_count; i++) {
        const struct ks_pair *pair = &map->pairs[i];
        judge->runner->result.expectations++;
        struct ks_map_entry entry = judge_entry(judge, pair);
        if (!entry.matched) {
            const char *wanted = pair->text;
            if (pair->is_list) {
                struct ks_list list = {.mode = pair->list_mode, .item_count = pair->list_count};
                struct ks_item *items =
                    ks_arena_take(&judge->runner->arena, pair->list_count + 1, sizeof *items);
                for (size_t j = 0; items != NULL && j < pair->list_count; j++) {
                    items[j] = (struct ks_item){.text = pair->list[j]};
                }
                list.items = items;
                wanted = items != NULL ? ks_flow_list(judge->runner, &list) : "";
            } else if (pair->is_map) {
                wanted = ks_expect_numbers_text(judge, pair);
            }
            (entry.not_writable ? ks_expect_differ : ks_expect_fail)(
                judge, key, pair->name, pair->place, wanted, entry.got);
        }
    }
}

// ---- counts, state ----

static const char *ambiguous_text(struct ks_judge *judge, const char *name)
{
    return ks_run_text(judge->runner, "(several images are called %s: use the full path)", name);
}

static struct ks_map_entry judge_count(struct ks_judge *judge, const struct ks_pair *pair)
{
    bool ambiguous = false;
    struct kldr_module_info module;
    uint32_t id = ks_observe_module(judge->runner, pair->name, &ambiguous);
    if (ambiguous) {
        return unwritable(ambiguous_text(judge, pair->name));
    }
    if (!kldr_loader_module(judge->runner->world->loader, id, &module)) {
        return seen("absent", strcmp(pair->text, "absent") == 0);
    }
    if (module.inactive) {
        return seen("inactive", strcmp(pair->text, "inactive") == 0);
    }
    bool same = pair->is_number && pair->number == (uint64_t)module.load_count;
    return seen(ks_run_text(judge->runner, "%d", (int)module.load_count), same);
}

static struct ks_map_entry judge_state(struct ks_judge *judge, const struct ks_pair *pair)
{
    bool ambiguous = false;
    uint32_t id = ks_observe_module(judge->runner, pair->name, &ambiguous);
    if (ambiguous) {
        return unwritable(ambiguous_text(judge, pair->name));
    }
    const char *state = ks_observe_state(judge->runner, id);
    return seen(state, strcmp(pair->text, state) == 0);
}

// ---- imports ----

static struct ks_map_entry judge_imports(struct ks_judge *judge, const struct ks_pair *pair)
{
    bool ambiguous = false;
    uint32_t id = ks_observe_module(judge->runner, pair->name, &ambiguous);
    struct kldr_module_info module;
    if (ambiguous) {
        return unwritable(ambiguous_text(judge, pair->name));
    }
    if (!kldr_loader_module(judge->runner->world->loader, id, &module)) {
        return unwritable("(not loaded)");
    }
    struct ks_seen list = ks_observe_imports(judge->runner, id);
    struct ks_item *items =
        ks_arena_take(&judge->runner->arena, pair->list_count + 1, sizeof *items);
    for (size_t i = 0; items != NULL && i < pair->list_count; i++) {
        items[i] = (struct ks_item){.text = pair->list[i]};
    }
    struct ks_list wanted = {.items = items, .item_count = items != NULL ? pair->list_count : 0};
    bool same = pair->is_list && ks_match_list(&wanted, &list, KS_COMPARE_NAME, pair->list_mode);
    return seen(ks_flow_seen(judge->runner, &list), same);
}

// ---- argument ----

// The registry path that the last such call of the step was given.
static struct ks_map_entry judge_argument(struct ks_judge *judge, const struct ks_pair *pair)
{
    const char *got = NULL;
    for (size_t i = judge->outcome->first_event; i < judge->outcome->end_event; i++) {
        const struct kldr_event *event = ks_event_log_at(judge->runner->log, i);
        if (event->kind == KLDR_EVENT_CALL_BEGIN && event->argument != NULL) {
            const char *call = ks_run_text(judge->runner, "%s!%s", event->module, event->symbol);
            const char *full = ks_run_text(judge->runner, "%s!%s", event->path, event->symbol);
            got = ks_match_text(pair->name, call, full, KS_COMPARE_CALL) ? event->argument : got;
        }
    }
    if (got == NULL) {
        return seen("absent", strcmp(pair->text, "absent") == 0);
    }
    return seen(ks_flow_text(judge->runner, got), strcmp(pair->text, got) == 0);
}

// ---- bound ----

static struct ks_map_entry judge_bound(struct ks_judge *judge, const struct ks_pair *pair)
{
    char importer[KLDR_PATH_SIZE];
    const char *mark = strchr(pair->name, '!');
    bool ambiguous = false;
    const char *got = "absent";
    uint64_t address = 0;
    size_t length = mark != NULL ? (size_t)(mark - pair->name) : 0;
    if (length == 0 || length >= sizeof importer) {
        return seen("absent", false);
    }
    memcpy(importer, pair->name, length);
    importer[length] = '\0';
    uint32_t id = ks_observe_module(judge->runner, importer, &ambiguous);
    if (ambiguous) {
        return unwritable(ambiguous_text(judge, importer));
    }
    if (id == 0 || !ks_observe_binding(judge->runner, id, mark + 1, &got, &address)) {
        return seen(got, strcmp(pair->text, got) == 0);
    }
    bool same = strcmp(pair->text, got) == 0 ||
                (address != 0 && ks_observe_address_is(judge->runner, address, pair->text));
    return seen(ks_flow_text(judge->runner, got), same);
}

void ks_expect_maps(struct ks_judge *judge)
{
    const struct ks_expect *expect = judge->expect;
    judge_map(judge, "counts", &expect->counts, judge_count);
    judge_map(judge, "imports", &expect->imports, judge_imports);
    judge_map(judge, "state", &expect->state, judge_state);
    judge_map(judge, "argument", &expect->argument, judge_argument);
    judge_map(judge, "bound", &expect->bound, judge_bound);
    judge_map(judge, "device_stack", &expect->device_stack, ks_expect_stack);
    judge_map(judge, "devices", &expect->devices, ks_expect_devices);
    judge_map(judge, "pool", &expect->pool, ks_expect_pool);
    judge_map(judge, "objects", &expect->objects, ks_expect_objects);
}

// ---- the rule behind it ----

const char *ks_expect_note(struct ks_judge *judge)
{
    char cite[KS_FACT_CITE_SIZE];
    struct ks_fact fact;
    for (size_t i = judge->outcome->end_event; i-- > judge->outcome->first_event;) {
        const struct kldr_event *event = ks_event_log_at(judge->runner->log, i);
        if (event->fact != NULL && event->kind != KLDR_EVENT_LOG_RECORD &&
            ks_explain_fact(event->fact, &fact)) {
            return ks_run_text(judge->runner, "last rule applied: %s (%s)", fact.title,
                               ks_fact_cite(event->fact, cite));
        }
    }
    return "";
}

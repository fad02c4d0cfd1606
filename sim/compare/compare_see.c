// SPDX-License-Identifier: MIT
// What each step of a run showed, copied out of the runner; and a recording in the same form.

#include "compare/compare_parts.h"

#include "scenario/run/flow_text.h"

#include <stdio.h>
#include <string.h>

struct sight {
    struct ks_compare_maker *maker;
    struct ks_compare_column *column;
};

// ---- lists ----

// A record as flow text, without the brackets of the list that it is in.
static const char *record_text(struct ks_runner *runner, struct ks_seen_item *item)
{
    struct ks_seen one = {item, 1, 1};
    const char *text = ks_flow_seen(runner, &one);
    size_t length = strlen(text);
    return length > 2 ? ks_run_text(runner, "%.*s", (int)(length - 2), text + 1) : text;
}

static void set_seen(struct sight *sight, struct ks_runner *runner, struct ks_compare_value *value,
                     struct ks_seen *seen)
{
    struct ks_recorded_item *items = ks_compare_take(sight->maker, seen->count + 1, sizeof *items);
    if (items == NULL) {
        return;
    }
    for (size_t i = 0; i < seen->count; i++) {
        struct ks_seen_item *item = &seen->items[i];
        const char *text = item->text != NULL ? item->text : record_text(runner, item);
        items[i].value = ks_compare_keep(sight->maker, text);
    }
    *value = (struct ks_compare_value){true, false, items, seen->count};
}

static void see_counts(struct sight *sight, struct ks_runner *runner,
                       struct ks_compare_value *value)
{
    const struct kldr_loader *loader = runner->world->loader;
    struct kldr_module_info info;
    size_t count = 0;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        count++;
    }
    struct ks_recorded_item *items = ks_compare_take(sight->maker, count + 1, sizeof *items);
    count = 0;
    for (uint32_t id = kldr_loader_first(loader); items != NULL && id != 0;
         id = kldr_loader_next(loader, id)) {
        if (kldr_loader_module(loader, id, &info) && !info.core) {
            char number[16];
            snprintf(number, sizeof number, "%d", (int)info.load_count);
            items[count].name = ks_compare_keep(sight->maker, ks_observe_name(runner, id));
            items[count++].value =
                ks_compare_keep(sight->maker, info.inactive ? "inactive" : number);
        }
    }
    *value = (struct ks_compare_value){items != NULL, false, items, count};
}

static void see_arguments(struct sight *sight, struct ks_runner *runner,
                          const struct ks_step_outcome *outcome, struct ks_compare_value *value)
{
    size_t count = 0;
    struct ks_recorded_item *items =
        ks_compare_take(sight->maker, outcome->end_event - outcome->first_event + 1, sizeof *items);
    for (size_t i = outcome->first_event; items != NULL && i < outcome->end_event; i++) {
        const struct kldr_event *event = ks_event_log_at(runner->log, i);
        if (event->kind == KLDR_EVENT_CALL_BEGIN && event->argument != NULL) {
            items[count].name = ks_compare_keep(
                sight->maker, ks_run_text(runner, "%s!%s", event->module, event->symbol));
            items[count++].value = ks_compare_keep(sight->maker, event->argument);
        }
    }
    *value = (struct ks_compare_value){items != NULL, false, items, count};
}

static void see_stop(struct sight *sight, struct ks_runner *runner, struct ks_compare_value *value)
{
    struct kldr_bugcheck stop;
    struct ks_recorded_item *item = ks_compare_take(sight->maker, 1, sizeof *item);
    bool stopped = kldr_world_bugcheck(runner->world, &stop);
    if (item != NULL && stopped) {
        item->value = ks_compare_keep(
            sight->maker, ks_run_text(runner, "0x%X%s%s", (unsigned)stop.code,
                                      stop.module[0] != '\0' ? " in " : "", stop.module));
    }
    *value = (struct ks_compare_value){item != NULL, false, item, stopped ? 1 : 0};
}

// ---- a step ----

static void step_done(void *user, struct ks_runner *runner, const struct ks_step *step,
                      unsigned number, const struct ks_step_outcome *outcome)
{
    static const struct {
        enum ks_compare_key key;
        enum ks_view view;
    } lists[] = {
        {KS_COMPARE_CALLS, KS_VIEW_CALLS},       {KS_COMPARE_MODULES, KS_VIEW_MODULES},
        {KS_COMPARE_UNLOADED, KS_VIEW_UNLOADED}, {KS_COMPARE_LOG, KS_VIEW_LOG},
        {KS_COMPARE_OPENED, KS_VIEW_OPENED},     {KS_COMPARE_FINDINGS, KS_VIEW_FINDINGS},
    };
    struct sight *sight = user;
    struct ks_compare_step *seen = &sight->column->steps[number - 1];
    (void)step;
    seen->ran = true;
    seen->has_status = outcome->has_status;
    seen->status = outcome->status;
    seen->values[KS_COMPARE_STATUS].known = outcome->has_status;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct ks_seen list = ks_observe(runner, lists[i].view, outcome);
        set_seen(sight, runner, &seen->values[lists[i].key], &list);
    }
    see_counts(sight, runner, &seen->values[KS_COMPARE_COUNTS]);
    see_arguments(sight, runner, outcome, &seen->values[KS_COMPARE_ARGUMENT]);
    see_stop(sight, runner, &seen->values[KS_COMPARE_STOP]);
}

// The calls of all steps, for recordings that know no steps.
static void see_whole(struct ks_compare_maker *maker, struct ks_compare_column *column)
{
    size_t steps = maker->compare.scenario->step_count, count = 0;
    for (size_t i = 0; i < steps; i++) {
        count += column->steps[i].values[KS_COMPARE_CALLS].count;
    }
    struct ks_recorded_item *items = ks_compare_take(maker, count + 1, sizeof *items);
    count = 0;
    for (size_t i = 0; items != NULL && i < steps; i++) {
        const struct ks_compare_value *calls = &column->steps[i].values[KS_COMPARE_CALLS];
        for (size_t j = 0; j < calls->count; j++) {
            items[count++] = calls->items[j];
        }
    }
    column->steps[steps].ran = items != NULL;
    column->steps[steps].values[KS_COMPARE_CALLS] =
        (struct ks_compare_value){items != NULL, false, items, count};
}

// ---- a run ----

static size_t add_changes(struct ks_compare_maker *maker, const struct ks_compare_change *changes,
                          size_t change_count)
{
    size_t count = maker->options->policy_count;
    for (size_t i = 0; i < change_count; i++) {
        const struct kldr_knob_info *info = kldr_knob_info(changes[i].knob);
        maker->overrides[count++] =
            (struct ks_policy_override){.knob = info->id, .value = info->values[changes[i].to]};
    }
    return count;
}

void ks_compare_see(struct ks_compare_maker *maker, enum kldr_profile profile,
                    const struct ks_compare_change *changes, size_t change_count,
                    struct ks_compare_column *column)
{
    struct sight sight = {maker, column};
    struct ks_run_watcher watcher = {.step_done = step_done, .user = &sight};
    struct ks_run_options options = *maker->options;
    *column = (struct ks_compare_column){.label = kldr_profile_name(profile), .profile = profile};
    column->steps =
        ks_compare_take(maker, maker->compare.scenario->step_count + 1, sizeof *column->steps);
    if (column->steps == NULL) {
        return;
    }
    options.profile = profile;
    options.watcher = &watcher;
    options.policy = maker->overrides;
    options.policy_count = add_changes(maker, changes, change_count);
    const struct ks_result *result =
        ks_runner_run(maker->runner, maker->compare.scenario, &options);
    column->policy = result->policy;
    column->outcome = result->outcome;
    column->reason = ks_compare_keep(maker, result->reason);
    see_whole(maker, column);
}

// ---- recordings ----

bool ks_compare_knows(const struct ks_scenario *scenario, const char *module)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        if (ks_same_name(scenario->images[i].base_name, module) ||
            ks_same_name(scenario->images[i].path, module)) {
            return true;
        }
    }
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct ks_image *image = scenario->steps[i].disk_image;
        if (image != NULL &&
            (ks_same_name(image->base_name, module) || ks_same_name(image->path, module))) {
            return true;
        }
    }
    return false;
}

// A real system has many more modules: those that are not of the scenario are left out.
static void set_recorded(struct ks_compare_maker *maker, struct ks_compare_value *value,
                         const struct ks_recorded_list *list, bool modules)
{
    if (!list->given) {
        return;
    }
    size_t count = 0;
    struct ks_recorded_item *items = ks_compare_take(maker, list->count + 1, sizeof *items);
    for (size_t i = 0; items != NULL && i < list->count; i++) {
        const struct ks_recorded_item *item = &list->items[i];
        const char *module = item->name != NULL ? item->name : item->value;
        if (!modules || ks_compare_knows(maker->compare.scenario, module)) {
            items[count++] = *item;
        }
    }
    *value = (struct ks_compare_value){items != NULL, false, items, count};
}

static void set_recorded_step(struct ks_compare_maker *maker, struct ks_compare_step *step,
                              const struct ks_recorded_step *recorded)
{
    step->ran = true;
    step->has_status = recorded->has_status;
    step->status = recorded->status;
    step->has_win32 = recorded->has_win32 && !recorded->has_status;
    step->win32 = recorded->win32;
    step->values[KS_COMPARE_STATUS].known = step->has_status || step->has_win32;
    set_recorded(maker, &step->values[KS_COMPARE_CALLS], &recorded->calls, false);
    set_recorded(maker, &step->values[KS_COMPARE_MODULES], &recorded->modules, true);
    set_recorded(maker, &step->values[KS_COMPARE_COUNTS], &recorded->counts, true);
    step->values[KS_COMPARE_COUNTS].partial = true;
    set_recorded(maker, &step->values[KS_COMPARE_UNLOADED], &recorded->unloaded, true);
}

void ks_compare_see_recording(struct ks_compare_maker *maker, const struct ks_recording *recording,
                              struct ks_compare_column *column)
{
    size_t steps = maker->compare.scenario->step_count;
    *column = (struct ks_compare_column){.label = "recorded", .recorded = true};
    column->outcome = KS_PASSED;
    column->reason = ks_compare_keep(maker, recording->system);
    column->steps = ks_compare_take(maker, steps + 1, sizeof *column->steps);
    if (column->steps == NULL) {
        return;
    }
    for (size_t i = 0; i < recording->count; i++) {
        if (recording->steps[i].step <= steps) {
            set_recorded_step(maker, &column->steps[recording->steps[i].step - 1],
                              &recording->steps[i]);
        }
    }
    maker->compare.whole_run = recording->all_calls.given;
    column->steps[steps].ran = recording->all_calls.given;
    set_recorded(maker, &column->steps[steps].values[KS_COMPARE_CALLS], &recording->all_calls,
                 false);
}

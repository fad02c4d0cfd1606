// SPDX-License-Identifier: MIT

#include "why/why_parts.h"

#include "explain/explain.h"

#include <string.h>

// ---- notes ----

void ks_why_add(struct ks_runner *runner, struct ks_why_notes *notes, unsigned step,
                const char *fact, const char *text)
{
    if (notes->count == notes->capacity) {
        size_t capacity = notes->capacity == 0 ? 8 : notes->capacity * 2;
        struct ks_why_note *items = ks_arena_take(&runner->arena, capacity, sizeof *items);
        if (items == NULL) {
            runner->out_of_memory = true;
            return;
        }
        if (notes->count > 0) {
            memcpy(items, notes->items, notes->count * sizeof *items);
        }
        notes->items = items;
        notes->capacity = capacity;
    }
    const char *kept = fact != NULL ? ks_run_text(runner, "%s", fact) : NULL;
    notes->items[notes->count++] =
        (struct ks_why_note){text, kept, step, ks_why_step_text(runner, step)};
}

const char *ks_why_step_text(struct ks_runner *runner, unsigned step)
{
    if (step == 0 || step > runner->scenario->step_count) {
        return "";
    }
    const struct ks_step *written = &runner->scenario->steps[step - 1];
    const char *action = ks_action_name(written->action);
    const char *target = written->action == KS_ACTION_LOAD ? written->service : written->target;
    return target != NULL ? ks_run_text(runner, "step %u (%s %s)", step, action, target)
                          : ks_run_text(runner, "step %u (%s)", step, action);
}

const char *ks_why_note_text(struct ks_runner *runner, const struct ks_why_note *note)
{
    char cite[KS_FACT_CITE_SIZE];
    return note->fact != NULL
               ? ks_run_text(runner, "%s (%s)", note->text, ks_fact_cite(note->fact, cite))
               : note->text;
}

// ---- the one line ----

static const char *with_step(struct ks_runner *runner, const struct ks_why_note *note)
{
    const char *text = ks_why_note_text(runner, note);
    return note->when[0] != '\0' ? ks_run_text(runner, "%s, in %s", text, note->when) : text;
}

static const char *summary_of_loaded(struct ks_runner *runner, const struct ks_why *why)
{
    const char *text = ks_run_text(runner, "%s is loaded", why->module);
    if (why->chains.count > 0) {
        text = why->chains.items[0].text;
        size_t more = why->chains.count - 1;
        if (more > 0) {
            text = ks_run_text(runner, "%s (and %u more %s)", text, (unsigned)more,
                               more == 1 ? "way" : "ways");
        }
    } else if (why->rules.count > 0) {
        text = ks_run_text(runner, "%s stays loaded: %s", why->module,
                           with_step(runner, &why->rules.items[0]));
    }
    if (why->release.count > 0) {
        text = ks_run_text(runner, "%s; to let it go: %s", text, why->release.items[0].text);
    }
    return text;
}

static const char *summary_of_absent(struct ks_runner *runner, const struct ks_why *why)
{
    static const char *const heads[] = {
        [KS_WHY_WENT] = "went", [KS_WHY_FAILED] = "was not loaded", [KS_WHY_NEVER] = "never came"};
    const char *text = ks_run_text(runner, "%s %s", why->module, heads[why->presence]);
    for (size_t i = 0; i < why->rules.count && i < 2; i++) {
        text = ks_run_text(runner, "%s%s%s", text, i == 0 ? ": " : "; because ",
                           i == 0 ? with_step(runner, &why->rules.items[i])
                                  : why->rules.items[i].text);
    }
    return text;
}

// ---- the answer ----

static void answer_loaded(struct ks_runner *runner, struct ks_why *why,
                          const struct kldr_module_info *info)
{
    why->presence = KS_WHY_LOADED;
    why->module = ks_run_text(runner, "%s", ks_observe_name(runner, info->id));
    why->full_name = ks_run_text(runner, "%s", info->full_name);
    why->count = info->inactive ? "inactive" : ks_run_text(runner, "%d", (int)info->load_count);
    if (!info->core) {
        ks_why_find_holders(runner, why);
    }
    ks_why_find_loose(runner, why);
    ks_why_find_rules(runner, why, info);
    ks_why_find_dllunload(runner, why);
    ks_why_find_release(runner, why, info);
    why->summary = summary_of_loaded(runner, why);
}

const struct ks_why *ks_why(struct ks_runner *runner, const char *module)
{
    static const struct ks_why nothing = {.module = "", .state = "absent", .summary = ""};
    struct ks_why *why = ks_arena_take(&runner->arena, 1, sizeof *why);
    struct kldr_module_info info;
    bool ambiguous = false;
    if (why == NULL) {
        runner->out_of_memory = true;
        return &nothing;
    }
    why->module = ks_run_text(runner, "%s", module);
    why->module_id = ks_observe_module(runner, module, &ambiguous);
    why->state = ks_observe_state(runner, why->module_id);
    if (kldr_loader_module(runner->world->loader, why->module_id, &info)) {
        answer_loaded(runner, why, &info);
    } else {
        ks_why_find_past(runner, why);
        why->summary = summary_of_absent(runner, why);
    }
    return why;
}

// SPDX-License-Identifier: MIT
// An answer as text and as JSON.

#include "why/why_parts.h"

#include "explain/explain.h"
#include "output/json_writer.h"

#include <string.h>

#define LABEL_WIDTH 12

static const char *const presence_names[] = {
    [KS_WHY_LOADED] = "loaded",
    [KS_WHY_WENT] = "went",
    [KS_WHY_FAILED] = "failed",
    [KS_WHY_NEVER] = "never",
};

static const char *const root_names[] = {
    [KS_WHY_ROOT_DRIVER] = "driver",
    [KS_WHY_ROOT_LOAD_IMAGE] = "load_image",
    [KS_WHY_ROOT_LOADING] = "loading",
    [KS_WHY_ROOT_NOBODY] = "nobody",
};

// ---- text ----

static void begin_line(struct ks_text_buffer *buffer, const char *label)
{
    ks_text_buffer_text(buffer, "  ");
    ks_text_buffer_text(buffer, label);
    ks_text_buffer_repeat(buffer, ' ', LABEL_WIDTH - strlen(label));
}

static void write_line(struct ks_text_buffer *buffer, const char *label, const char *text)
{
    begin_line(buffer, label);
    ks_text_buffer_visible(buffer, text);
    ks_text_buffer_char(buffer, '\n');
}

static void write_notes(struct ks_text_buffer *buffer, const char *label,
                        const struct ks_why_notes *notes)
{
    char cite[KS_FACT_CITE_SIZE];
    for (size_t i = 0; i < notes->count; i++) {
        const struct ks_why_note *note = &notes->items[i];
        begin_line(buffer, i == 0 ? label : "");
        if (note->when[0] != '\0') {
            ks_text_buffer_visible(buffer, note->when);
            ks_text_buffer_text(buffer, ": ");
        }
        ks_text_buffer_visible(buffer, note->text);
        if (note->fact != NULL) {
            ks_text_buffer_text(buffer, "  (");
            ks_text_buffer_text(buffer, ks_fact_cite(note->fact, cite));
            ks_text_buffer_char(buffer, ')');
        }
        ks_text_buffer_char(buffer, '\n');
    }
}

void ks_why_write_text(struct ks_text_buffer *buffer, const struct ks_why *why)
{
    static const char *const present[] = {
        [KS_WHY_LOADED] = "loaded",
        [KS_WHY_WENT] = "not loaded: it was, and went",
        [KS_WHY_FAILED] = "not loaded: its load failed",
        [KS_WHY_NEVER] = "not loaded: it never was",
    };
    begin_line(buffer, "module");
    ks_text_buffer_visible(buffer, why->module);
    ks_text_buffer_text(buffer, ": ");
    ks_text_buffer_text(buffer, present[why->presence]);
    if (why->count != NULL) {
        ks_text_buffer_text(buffer, ", count ");
        ks_text_buffer_text(buffer, why->count);
        ks_text_buffer_text(buffer, ", state ");
        ks_text_buffer_text(buffer, why->state);
    }
    ks_text_buffer_char(buffer, '\n');
    for (size_t i = 0; i < why->chains.count; i++) {
        write_line(buffer, i == 0 ? "held" : "", why->chains.items[i].text);
    }
    if (why->chains.more) {
        write_line(buffer, "", "and in more ways");
    }
    write_notes(buffer, "uncounted", &why->loose);
    write_notes(buffer, "rule", &why->rules);
    write_notes(buffer, "DllUnload", &why->dllunload);
    write_notes(buffer, "to let go", &why->release);
    if (why->tried != NULL) {
        write_line(buffer, "tried", why->tried);
    }
}

// ---- JSON ----

static void write_json_fact(struct ks_json *json, const char *fact)
{
    struct ks_fact found;
    char grades[KS_FACT_GRADES_SIZE];
    ks_json_key_text(json, "fact", fact);
    if (ks_explain_fact(fact, &found)) {
        ks_json_key_text(json, "grade", ks_fact_grades(found.grades, grades));
    }
    ks_json_key(json, "unverified");
    ks_json_bool(json, ks_fact_unverified(fact));
}

static void write_json_notes(struct ks_json *json, const char *key,
                             const struct ks_why_notes *notes)
{
    ks_json_key(json, key);
    ks_json_begin_array(json);
    for (size_t i = 0; i < notes->count; i++) {
        const struct ks_why_note *note = &notes->items[i];
        ks_json_begin_object(json);
        ks_json_key_text(json, "text", note->text);
        if (note->step > 0) {
            ks_json_key_unsigned(json, "step", note->step);
        }
        if (note->fact != NULL) {
            write_json_fact(json, note->fact);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_json_chain(struct ks_json *json, const struct ks_why_chain *chain)
{
    ks_json_begin_object(json);
    ks_json_key(json, "modules");
    ks_json_begin_array(json);
    for (size_t i = 0; i < chain->count; i++) {
        ks_json_text(json, chain->names[i]);
    }
    ks_json_end_array(json);
    ks_json_key_text(json, "root", root_names[chain->root]);
    ks_json_key_text(json, "name", chain->root_name);
    if (chain->service != NULL) {
        ks_json_key_text(json, "service", chain->service);
    }
    ks_json_key_unsigned(json, "counts", chain->times);
    ks_json_key_text(json, "text", chain->text);
    ks_json_end_object(json);
}

static void write_json_actions(struct ks_json *json, const struct ks_why *why)
{
    ks_json_key(json, "actions");
    ks_json_begin_array(json);
    for (size_t i = 0; i < why->action_count; i++) {
        ks_json_begin_object(json);
        ks_json_key_text(json, why->actions[i].verb, why->actions[i].target);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

void ks_why_write_json(struct ks_json *json, const struct ks_why *why)
{
    ks_json_key_text(json, "module", why->module);
    ks_json_key_text(json, "presence", presence_names[why->presence]);
    ks_json_key_text(json, "state", why->state);
    if (why->count != NULL) {
        ks_json_key_text(json, "path", why->full_name);
        ks_json_key_text(json, "count", why->count);
    }
    ks_json_key(json, "held_by");
    ks_json_begin_array(json);
    for (size_t i = 0; i < why->chains.count; i++) {
        write_json_chain(json, &why->chains.items[i]);
    }
    ks_json_end_array(json);
    write_json_notes(json, "uncounted", &why->loose);
    write_json_notes(json, "rules", &why->rules);
    write_json_notes(json, "dllunload", &why->dllunload);
    write_json_notes(json, "release", &why->release);
    write_json_actions(json, why);
    if (why->tried != NULL) {
        ks_json_key_text(json, "tried", why->tried);
    }
    ks_json_key_text(json, "summary", why->summary);
}

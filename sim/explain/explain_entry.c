// SPDX-License-Identifier: MIT
// From the tables to entries: one function for each kind of thing.
#include "explain/entry.h"

#include <kldr/world.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ks_entry_begin(struct ks_entry *entry, const char *kind, const char *id, const char *title,
                    const char *text)
{
    entry->kind = kind;
    entry->id = id;
    entry->title = title;
    entry->text = text;
    entry->field_count = 0;
    entry->rows_key = NULL;
    entry->rows_label = NULL;
    entry->row_count = 0;
    entry->facts = "";
    entry->storage_used = 0;
}

void ks_entry_field(struct ks_entry *entry, const char *key, const char *label,
                    enum ks_field_form form, const char *text, uint32_t number)
{
    if (entry->field_count < KS_ENTRY_FIELDS) {
        entry->fields[entry->field_count++] =
            (struct ks_entry_field){key, label, form, text, number};
    }
}

void ks_entry_row(struct ks_entry *entry, const char *id, const char *text, const char *note)
{
    if (entry->row_count < KS_ENTRY_ROWS) {
        entry->rows[entry->row_count++] = (struct ks_entry_row){id, text, note};
    }
}

const char *ks_entry_keep(struct ks_entry *entry, const char *format, ...)
{
    size_t left = sizeof entry->storage - entry->storage_used;
    if (left == 0) {
        return "";
    }
    char *text = entry->storage + entry->storage_used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, left, format, arguments);
    va_end(arguments);
    size_t used = length < 0 ? 0 : (size_t)length;
    entry->storage_used += used < left ? used + 1 : left;
    return text;
}

static void list_field(struct ks_entry *entry, const char *key, const char *label,
                       const char *words)
{
    if (words[0] != '\0') {
        ks_entry_field(entry, key, label, KS_FIELD_LIST, words, 0);
    }
}

static void text_field(struct ks_entry *entry, const char *key, const char *label, const char *text)
{
    if (text[0] != '\0') {
        ks_entry_field(entry, key, label, KS_FIELD_TEXT, text, 0);
    }
}

void ks_entry_fact(struct ks_entry *entry, const struct ks_fact *fact)
{
    ks_entry_begin(entry, ks_fact_family(fact->id)->noun, fact->id, fact->title, fact->text);
    if (fact->grades != 0) {
        char grades[KS_FACT_GRADES_SIZE];
        ks_fact_grades(fact->grades, grades);
        text_field(entry, "grade", "Grade",
                   ks_entry_keep(entry, "%s %s", grades, ks_fact_trust(fact)));
        ks_entry_field(entry, "unverified", NULL, KS_FIELD_FLAG, "", ks_fact_unverified(fact->id));
    }
    list_field(entry, "profiles", "Profiles", fact->profiles);
    list_field(entry, "knobs", "Knobs", fact->knobs);
    text_field(entry, "limits", "In kldr", ks_limit_text(fact->id));
    entry->facts = fact->related;
}

void ks_entry_finding(struct ks_entry *entry, const struct ks_finding_info *finding)
{
    ks_entry_begin(entry, "finding", finding->id, "", finding->meaning);
    text_field(entry, "why", "Why it matters", finding->why);
    text_field(entry, "advice", "What to do", finding->advice);
    list_field(entry, "fields", "Fields", finding->fields);
    text_field(entry, "limits", "In kldr", ks_limit_text(finding->id));
    entry->facts = finding->facts;
}

void ks_entry_check(struct ks_entry *entry, enum kldr_check check)
{
    const struct kldr_check_info *info = kldr_check_info(check);
    ks_entry_begin(entry, "check", info->name, "", "");
    text_field(entry, "finds", "Finds", info->finds);
    text_field(entry, "tells", "What is told", info->tells);
    text_field(entry, "when", "When", info->when);
    text_field(entry, "windows", "On Windows", info->windows);
    text_field(entry, "default", "Default", info->by_default ? "on" : "off");
}

// "U5 U8: reported, unverified", "C1", "".
static const char *rests_on(struct ks_entry *entry, const char *facts)
{
    if (!ks_fact_unverified(facts)) {
        return facts;
    }
    return ks_entry_keep(entry, "%s: reported, unverified", facts);
}

void ks_entry_profile(struct ks_entry *entry, enum kldr_profile profile)
{
    ks_entry_begin(entry, "profile", kldr_profile_name(profile), kldr_profile_meaning(profile),
                   ks_profile_text(profile));
    entry->rows_key = "knobs";
    entry->rows_label = "Knobs";
    for (unsigned k = 0; k < KLDR_KNOB_COUNT; k++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)k);
        struct ks_value_info value;
        const char *name = knob->values[knob->row[profile]];
        bool known = ks_value_find(knob->id, name, &value);
        ks_entry_row(entry, ks_entry_keep(entry, "%s=%s", knob->id, name),
                     known ? value.meaning : "", known ? rests_on(entry, value.facts) : "");
    }
}

// The profiles whose row has this value.
static const char *profiles_with(struct ks_entry *entry, const struct kldr_knob_info *knob,
                                 size_t value, const char *separator)
{
    char text[64] = "";
    size_t used = 0;
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (knob->row[p] == value) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                     used == 0 ? "" : separator,
                                     kldr_profile_name((enum kldr_profile)p));
        }
    }
    return ks_entry_keep(entry, "%s", text);
}

void ks_entry_knob(struct ks_entry *entry, enum kldr_knob which)
{
    const struct kldr_knob_info *knob = kldr_knob_info(which);
    ks_entry_begin(entry, "knob", knob->id, knob->meaning, "");
    bool unverified = ks_fact_unverified(knob->facts);
    text_field(entry, "grade", "Grade",
               ks_entry_keep(entry, "%s%s", knob->grade,
                             unverified ? " what kernels do here is reported, unverified" : ""));
    ks_entry_field(entry, "unverified", NULL, KS_FIELD_FLAG, "", unverified);
    text_field(entry, "usage", "To choose",
               ks_entry_keep(entry, "--policy %s=VALUE, or policy: in a scenario", knob->id));
    text_field(entry, "limits", "In kldr", ks_limit_text(knob->id));
    entry->rows_key = "values";
    entry->rows_label = "Values";
    for (size_t v = 0; knob->values[v] != NULL; v++) {
        struct ks_value_info value;
        bool known = ks_value_find(knob->id, knob->values[v], &value);
        ks_entry_row(entry, knob->values[v], known ? value.meaning : "",
                     profiles_with(entry, knob, v, ", "));
    }
    entry->facts = knob->facts;
}

void ks_entry_value(struct ks_entry *entry, const struct ks_value_info *value)
{
    ks_entry_begin(entry, "value", "", "", value->meaning);
    entry->id = ks_entry_keep(entry, "%s=%s", value->knob, value->value);
    enum kldr_knob which;
    if (kldr_knob_find(value->knob, &which)) {
        const struct kldr_knob_info *knob = kldr_knob_info(which);
        entry->title = knob->meaning;
        for (size_t v = 0; knob->values[v] != NULL; v++) {
            if (ks_explain_same(knob->values[v], value->value)) {
                list_field(entry, "profiles", "Profiles", profiles_with(entry, knob, v, " "));
            }
        }
    }
    entry->facts = value->facts;
}

void ks_entry_status(struct ks_entry *entry, const struct kldr_status_info *status)
{
    const struct ks_term *term = ks_status_term(status->value);
    const char *text = term != NULL ? term->text : "";
    if (KLDR_IS_OWN_STATUS(status->value)) {
        text = "This is kldr's own word, not an answer of Windows: the customer bit is set.";
    } else if (term == NULL) {
        text = "The loader never answers it; a routine of a driver may.";
    }
    ks_entry_begin(entry, "status", status->name, status->meaning, text);
    text_field(entry, "value", "Value", ks_entry_keep(entry, "0x%08X", (unsigned)status->value));
    if (status->win32 != 0) {
        ks_entry_field(entry, "win32", "Win32 error", KS_FIELD_NUMBER,
                       ks_entry_keep(entry, "%u", (unsigned)status->win32), status->win32);
    }
    entry->facts = term != NULL ? term->facts : "";
}

bool ks_entry_stop_code(struct ks_entry *entry, uint32_t code)
{
    struct kldr_stop_code_info info;
    if (!kldr_stop_code_find(code, &info)) {
        return false;
    }
    const struct ks_term *term = ks_stop_code_term(code);
    ks_entry_begin(entry, "stop-code", info.name, info.meaning, term != NULL ? term->text : "");
    text_field(entry, "value", "Value", ks_entry_keep(entry, "0x%02X", (unsigned)code));
    entry->facts = term != NULL ? term->facts : "";
    return true;
}

void ks_entry_term(struct ks_entry *entry, const char *kind, const struct ks_term *term)
{
    ks_entry_begin(entry, kind, term->id, "", term->text);
    entry->facts = term->facts;
}

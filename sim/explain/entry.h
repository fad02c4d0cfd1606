// SPDX-License-Identifier: MIT
// One explanation, whatever it is about: looked up by what a user typed, shown as text or as JSON.
//
// An entry is a view of the tables of explain.h in one common form, so that there is one way to
// show it. It is big: keep it static or on the heap, and fill it again for the next one.
#ifndef KS_EXPLAIN_ENTRY_H
#define KS_EXPLAIN_ENTRY_H

#include "explain/explain.h"
#include "output/text_buffer.h"

#include <kldr/check.h>

#define KS_ENTRY_FIELDS  8
#define KS_ENTRY_ROWS    400
#define KS_ENTRY_STORAGE 8192

enum ks_field_form { KS_FIELD_TEXT, KS_FIELD_LIST, KS_FIELD_FLAG, KS_FIELD_NUMBER };

// A named property. A list is words separated by spaces. A number is given as text as well; a flag
// appears in JSON only.
struct ks_entry_field {
    const char *key;   // in JSON
    const char *label; // in text; NULL: not shown there
    enum ks_field_form form;
    const char *text;
    uint32_t number;
};

// A line of a table: members of a list, values of a knob, knobs of a profile.
struct ks_entry_row {
    const char *id, *text, *note; // note may be ""
};

struct ks_entry {
    const char *kind; // "fact", "finding", "profile", "knob", "value", "status", "stop-code", ...
    const char *id;
    const char *title; // one line, may be ""
    const char *text;  // a paragraph, may be ""
    struct ks_entry_field fields[KS_ENTRY_FIELDS];
    size_t field_count;
    const char *rows_key, *rows_label;
    struct ks_entry_row rows[KS_ENTRY_ROWS];
    size_t row_count;
    const char *facts; // related fact ids, separated by spaces
    char storage[KS_ENTRY_STORAGE];
    size_t storage_used;
};

// ---- groups of ids, in the order of the overview ----

enum ks_group {
    KS_GROUP_FACTS,
    KS_GROUP_FINDINGS,
    KS_GROUP_CHECKS,
    KS_GROUP_PROFILES,
    KS_GROUP_KNOBS,
    KS_GROUP_STATUSES,
    KS_GROUP_STOP_CODES,
    KS_GROUP_EVENTS,
    KS_GROUP_WORDS,
    KS_GROUP_GRADES,
    KS_GROUP_EXIT_CODES,
    KS_GROUP_COUNT
};

// "facts"
const char *ks_group_name(enum ks_group group);

// ---- filling an entry ----

void ks_entry_fact(struct ks_entry *entry, const struct ks_fact *fact);
void ks_entry_finding(struct ks_entry *entry, const struct ks_finding_info *finding);
void ks_entry_check(struct ks_entry *entry, enum kldr_check check);
void ks_entry_profile(struct ks_entry *entry, enum kldr_profile profile);
void ks_entry_knob(struct ks_entry *entry, enum kldr_knob knob);
void ks_entry_value(struct ks_entry *entry, const struct ks_value_info *value);
void ks_entry_status(struct ks_entry *entry, const struct kldr_status_info *status);
// False when kldr knows no such stop code.
bool ks_entry_stop_code(struct ks_entry *entry, uint32_t code);
void ks_entry_term(struct ks_entry *entry, const char *kind, const struct ks_term *term);
void ks_entry_group(struct ks_entry *entry, enum ks_group group);
void ks_entry_family(struct ks_entry *entry, const struct ks_fact_family *family);

// The pieces of the above.
void ks_entry_begin(struct ks_entry *entry, const char *kind, const char *id, const char *title,
                    const char *text);
void ks_entry_field(struct ks_entry *entry, const char *key, const char *label,
                    enum ks_field_form form, const char *text, uint32_t number);
void ks_entry_row(struct ks_entry *entry, const char *id, const char *text, const char *note);
// Keeps a printf-like text as long as the entry. What does not fit is cut.
const char *ks_entry_keep(struct ks_entry *entry, const char *format, ...);

// ---- finding ----

// Calls found for each entry that query names: an id, the name of a group, the letters of a family,
// knob=value, a status or stop code as name or number, a Win32 error number. entry is used for
// them. Returns how many there were.
size_t ks_entry_find(const char *query, struct ks_entry *entry,
                     void (*found)(void *user, const struct ks_entry *entry), void *user);

// One sentence on why query was not found: a near id, the values of a knob, ... more are ids that
// the caller knows besides those of the tables.
void ks_entry_not_found(const char *query, const char *const *more, size_t more_count, char *text,
                        size_t size);

// ---- showing ----

void ks_entry_show_text(struct ks_text_buffer *buffer, const struct ks_entry *entry);
void ks_entry_show_json(struct ks_text_buffer *buffer, const struct ks_entry *entry);
// Everything that can be explained, by group. entry is used for the groups.
void ks_entry_overview_text(struct ks_text_buffer *buffer, struct ks_entry *entry);
// One group of it: the ids of its members.
void ks_entry_overview_group(struct ks_text_buffer *buffer, const struct ks_entry *entry);

#endif

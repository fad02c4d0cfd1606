// SPDX-License-Identifier: MIT
// From what a user typed to entries.
#include "explain/entry.h"

#include <kldr/nearest.h>
#include <kldr/world.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUERY_SIZE 96

struct search {
    const char *query;
    struct ks_entry *entry;
    void (*found)(void *user, const struct ks_entry *entry);
    void *user;
    size_t count;
};

static void report(struct search *search)
{
    search->found(search->user, search->entry);
    search->count++;
}

static void find_fact(struct search *search)
{
    struct ks_fact fact;
    if (ks_explain_fact(search->query, &fact)) {
        ks_entry_fact(search->entry, &fact);
        report(search);
    }
}

static void find_list(struct search *search)
{
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        if (ks_explain_same(ks_group_name((enum ks_group)g), search->query)) {
            ks_entry_group(search->entry, (enum ks_group)g);
            report(search);
        }
    }
    if (strpbrk(search->query, "0123456789") == NULL && ks_fact_family(search->query) != NULL) {
        ks_entry_family(search->entry, ks_fact_family(search->query));
        report(search);
    }
}

static void find_finding(struct search *search)
{
    struct ks_finding_info finding;
    if (ks_finding_find(search->query, &finding)) {
        ks_entry_finding(search->entry, &finding);
        report(search);
    }
}

static void find_check(struct search *search)
{
    for (unsigned c = 0; c < KLDR_CHECK_COUNT; c++) {
        if (ks_explain_same(kldr_check_info((enum kldr_check)c)->name, search->query)) {
            ks_entry_check(search->entry, (enum kldr_check)c);
            report(search);
        }
    }
}

static void find_profile(struct search *search)
{
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (ks_explain_same(kldr_profile_name((enum kldr_profile)p), search->query)) {
            ks_entry_profile(search->entry, (enum kldr_profile)p);
            report(search);
        }
    }
}

static const struct kldr_knob_info *knob_of(const char *id, enum kldr_knob *out_knob)
{
    for (unsigned k = 0; k < KLDR_KNOB_COUNT; k++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)k);
        if (ks_explain_same(knob->id, id)) {
            *out_knob = (enum kldr_knob)k;
            return knob;
        }
    }
    return NULL;
}

// Takes "knob=value" apart. False when there is no '=' or the text is too long.
static bool split_value(const char *query, char knob[QUERY_SIZE], const char **out_value)
{
    const char *equals = strchr(query, '=');
    if (equals == NULL || (size_t)(equals - query) >= QUERY_SIZE) {
        return false;
    }
    memcpy(knob, query, (size_t)(equals - query));
    knob[equals - query] = '\0';
    *out_value = equals + 1;
    return true;
}

static void find_knob(struct search *search)
{
    char id[QUERY_SIZE];
    const char *name;
    enum kldr_knob knob;
    struct ks_value_info value;
    if (knob_of(search->query, &knob) != NULL) {
        ks_entry_knob(search->entry, knob);
        report(search);
    } else if (split_value(search->query, id, &name) && ks_value_find(id, name, &value)) {
        ks_entry_value(search->entry, &value);
        report(search);
    }
}

static void find_event(struct search *search)
{
    for (unsigned e = 0; e < KLDR_EVENT_KIND_COUNT; e++) {
        const struct ks_term *term = ks_event_term((enum kldr_event_kind)e);
        if (ks_explain_same(term->id, search->query)) {
            ks_entry_term(search->entry, "event", term);
            report(search);
        }
    }
}

static void find_word(struct search *search)
{
    for (size_t i = 0; i < ks_word_count(); i++) {
        if (ks_explain_same(ks_word_at(i)->id, search->query)) {
            ks_entry_term(search->entry, "word", ks_word_at(i));
            report(search);
        }
    }
}

static void find_code_name(struct search *search)
{
    char name[QUERY_SIZE], full[QUERY_SIZE + 8];
    size_t length = strlen(search->query);
    if (length >= sizeof name) {
        return;
    }
    for (size_t i = 0; i <= length; i++) {
        char c = search->query[i];
        name[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    (void)snprintf(full, sizeof full, "STATUS_%s", name);
    struct kldr_status_info status;
    struct kldr_stop_code_info stop;
    if (kldr_status_find_name(name, &status)) {
        ks_entry_status(search->entry, &status);
        report(search);
    }
    if (kldr_stop_code_find_name(name, &stop) && ks_entry_stop_code(search->entry, stop.code)) {
        report(search);
    }
    if (search->count == 0 && kldr_status_find_name(full, &status)) {
        ks_entry_status(search->entry, &status);
        report(search);
    }
}

// A number as people copy it: 0xC0000034, 3221225524, -1073741772, 1056.
static bool parse_number(const char *text, uint32_t *out_number, bool *out_decimal)
{
    bool negative = text[0] == '-';
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = text + (negative ? 1 : hexadecimal ? 2 : 0);
    const char *allowed = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
    size_t length = strspn(digits, allowed);
    if (length == 0 || length > 10 || digits[length] != '\0') {
        return false;
    }
    unsigned long long number = strtoull(digits, NULL, hexadecimal ? 16 : 10);
    if (number > (negative ? 0x80000000u : UINT32_MAX)) {
        return false;
    }
    *out_number = negative ? (uint32_t)(0u - (uint32_t)number) : (uint32_t)number;
    *out_decimal = !hexadecimal && !negative;
    return true;
}

static void find_win32(struct search *search, uint32_t error)
{
    static const kldr_status table[] = {
#define STATUS_VALUE(name, value, win32, meaning) KLDR_STATUS_##name,
        KLDR_STATUS_TABLE(STATUS_VALUE)
#undef STATUS_VALUE
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct kldr_status_info status;
        if (kldr_status_find(table[i], &status) && status.win32 == error &&
            (error != 0 || status.value == KLDR_STATUS_SUCCESS)) {
            ks_entry_status(search->entry, &status);
            report(search);
        }
    }
}

static void find_number(struct search *search)
{
    uint32_t number;
    bool decimal;
    if (!parse_number(search->query, &number, &decimal)) {
        return;
    }
    if (decimal && number <= UINT16_MAX) {
        find_win32(search, number);
        return;
    }
    if (ks_entry_stop_code(search->entry, number)) {
        report(search);
    }
    struct kldr_status_info status;
    if (kldr_status_find(number, &status)) {
        ks_entry_status(search->entry, &status);
        report(search);
    }
}

size_t ks_entry_find(const char *query, struct ks_entry *entry,
                     void (*found)(void *user, const struct ks_entry *entry), void *user)
{
    struct search search = {query, entry, found, user, 0};
    find_list(&search);
    find_fact(&search);
    find_finding(&search);
    find_check(&search);
    find_profile(&search);
    find_knob(&search);
    find_event(&search);
    find_word(&search);
    find_number(&search);
    find_code_name(&search);
    return search.count;
}

// ---- what to say when there is nothing ----

#define CANDIDATES 640

struct candidates {
    const char *names[CANDIDATES];
    size_t count;
};

static void add_candidate(struct candidates *list, const char *name)
{
    if (list->count < CANDIDATES) {
        list->names[list->count++] = name;
    }
}

static const char *candidate_at(void *user, size_t index)
{
    return ((const struct candidates *)user)->names[index];
}

static void collect(struct candidates *list, struct ks_entry *entry)
{
    for (unsigned g = 0; g < KS_GROUP_COUNT; g++) {
        add_candidate(list, ks_group_name((enum ks_group)g));
        if (g == KS_GROUP_GRADES || g == KS_GROUP_EXIT_CODES) {
            continue; // their members are letters and digits, which are near to everything short
        }
        ks_entry_group(entry, (enum ks_group)g);
        for (size_t i = 0; i < entry->row_count; i++) {
            add_candidate(list, entry->rows[i].id);
        }
    }
}

// "0xC1234567 is an error, facility 0x123, code 0x4567".
static void describe_number(uint32_t number, char *text, size_t size)
{
    static const char *const severity[] = {"a success", "an informational", "a warning",
                                           "an error"};
    (void)snprintf(text, size,
                   "kldr knows no name for 0x%08X: as a status it is %s status of facility "
                   "0x%X, code 0x%X",
                   (unsigned)number, severity[number >> 30], (unsigned)(number >> 16 & 0xFFF),
                   (unsigned)(number & 0xFFFF));
}

static bool describe_value(const char *query, char *text, size_t size)
{
    char id[QUERY_SIZE];
    const char *value;
    enum kldr_knob which;
    if (!split_value(query, id, &value) || knob_of(id, &which) == NULL) {
        return false;
    }
    const struct kldr_knob_info *knob = kldr_knob_info(which);
    int used = snprintf(text, size, "knob %s has no value '%.64s'; it has", knob->id, value);
    for (size_t v = 0; knob->values[v] != NULL && used > 0 && (size_t)used < size; v++) {
        used +=
            snprintf(text + used, size - (size_t)used, "%s %s", v == 0 ? "" : ",", knob->values[v]);
    }
    return true;
}

void ks_entry_not_found(const char *query, const char *const *more, size_t more_count, char *text,
                        size_t size)
{
    uint32_t number;
    bool decimal;
    if (parse_number(query, &number, &decimal)) {
        if (decimal && number <= UINT16_MAX) {
            (void)snprintf(text, size, "no status that kldr knows has Win32 error %u",
                           (unsigned)number);
        } else {
            describe_number(number, text, size);
        }
        return;
    }
    if (describe_value(query, text, size)) {
        return;
    }
    static const char advice[] = "'kldr explain' lists what there is";
    struct ks_entry *entry = malloc(sizeof *entry);
    struct candidates list = {.count = 0};
    for (size_t i = 0; i < more_count; i++) {
        add_candidate(&list, more[i]);
    }
    if (entry != NULL) {
        collect(&list, entry);
    }
    const char *near = kldr_nearest(query, list.count, candidate_at, &list);
    if (near != NULL) {
        (void)snprintf(text, size, "nothing is called '%.64s'; did you mean %s?", query, near);
    } else {
        (void)snprintf(text, size, "nothing is called '%.64s'; %s", query, advice);
    }
    free(entry);
}

// SPDX-License-Identifier: MIT
// Findings, knob values, profiles, events, words, limits and notes on statuses.
#include "explain/explain.h"

#include <kldr/world.h>

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct ks_finding_info findings[] = {
#define FINDING(id, fields, facts, meaning, why, advice) {id, fields, facts, meaning, why, advice},
#include "explain/findings.inc"
#undef FINDING
};

static const struct ks_value_info values[] = {
#define VALUE(knob, value, facts, meaning) {knob, value, facts, meaning},
#include "explain/knob_values.inc"
#undef VALUE
};

static const struct ks_limit limits[] = {
#define LIMIT(id, text) {id, text},
#include "explain/limits.inc"
#undef LIMIT
};

#define EVENT_NAME(kind, name) static const char event_##kind[] = name;
KLDR_EVENT_TABLE(EVENT_NAME)
#undef EVENT_NAME

static const struct ks_term events[KLDR_EVENT_KIND_COUNT] = {
#define EVENT(kind, facts, text) [KLDR_EVENT_##kind] = {event_##kind, facts, text},
#include "explain/events.inc"
#undef EVENT
};

static const struct ks_term words[] = {
#define WORD(word, facts, text) {word, facts, text},
#include "explain/words.inc"
#undef WORD
};

struct number_term {
    uint32_t number;
    struct ks_term term;
};

static const struct number_term statuses[] = {
#define STATUS(number, facts, text) {number, {#number, facts, text}},
#define STOP_CODE(number, facts, text)
#include "explain/statuses.inc"
#undef STATUS
#undef STOP_CODE
};

static const struct number_term stop_codes[] = {
#define STATUS(number, facts, text)
#define STOP_CODE(number, facts, text) {number, {#number, facts, text}},
#include "explain/statuses.inc"
#undef STATUS
#undef STOP_CODE
};

static const char *const profiles[KLDR_PROFILE_COUNT] = {
    [KLDR_PROFILE_DOCUMENTED] =
        "The contract of Microsoft's page on creating export drivers, taken at its word: this is "
        "what a student has read. Where the page says nothing it behaves as 24h2. No kernel "
        "behaves exactly like this.",
    [KLDR_PROFILE_NT52] =
        "Kernels of the Windows Server 2003 era as they were reported to behave: refused DLLs are "
        "asked again, most failures are laundered, and every level of a failing load is logged.",
    [KLDR_PROFILE_NT62] =
        "Windows 8 to Windows 11 23H2 as reported. Less is known of these than of nt52 and 24h2; "
        "the open questions X2 to X4 concern them.",
    [KLDR_PROFILE_24H2] =
        "Windows 11 24H2 and newer as reported. A refused DLL is pinned until reboot, and an "
        "imported DLL that is started as a driver gets a status of its own.",
    [KLDR_PROFILE_REACTOS] =
        "ReactOS as its sources intend. The bugs RD1, RD2 and RD4 are left out: with them no "
        "export DLL would ever be unloaded.",
};

size_t ks_finding_count(void)
{
    return COUNT(findings);
}

const struct ks_finding_info *ks_finding_at(size_t index)
{
    return index < COUNT(findings) ? &findings[index] : NULL;
}

bool ks_finding_find(const char *id, struct ks_finding_info *out_finding)
{
    for (size_t i = 0; i < COUNT(findings); i++) {
        if (ks_explain_same(findings[i].id, id)) {
            *out_finding = findings[i];
            return true;
        }
    }
    return false;
}

size_t ks_value_count(void)
{
    return COUNT(values);
}

const struct ks_value_info *ks_value_at(size_t index)
{
    return index < COUNT(values) ? &values[index] : NULL;
}

bool ks_value_find(const char *knob, const char *value, struct ks_value_info *out_value)
{
    for (size_t i = 0; i < COUNT(values); i++) {
        if (ks_explain_same(values[i].knob, knob) && ks_explain_same(values[i].value, value)) {
            *out_value = values[i];
            return true;
        }
    }
    return false;
}

size_t ks_limit_count(void)
{
    return COUNT(limits);
}

const struct ks_limit *ks_limit_at(size_t index)
{
    return index < COUNT(limits) ? &limits[index] : NULL;
}

const char *ks_limit_text(const char *id)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        if (ks_explain_same(limits[i].id, id)) {
            return limits[i].text;
        }
    }
    return "";
}

const char *ks_profile_text(enum kldr_profile profile)
{
    return (unsigned)profile < KLDR_PROFILE_COUNT ? profiles[profile] : "";
}

const struct ks_term *ks_event_term(enum kldr_event_kind kind)
{
    return (unsigned)kind < KLDR_EVENT_KIND_COUNT ? &events[kind] : NULL;
}

size_t ks_word_count(void)
{
    return COUNT(words);
}

const struct ks_term *ks_word_at(size_t index)
{
    return index < COUNT(words) ? &words[index] : NULL;
}

static const struct ks_term *number_find(const struct number_term *table, size_t count,
                                         uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].number == number) {
            return &table[i].term;
        }
    }
    return NULL;
}

const struct ks_term *ks_status_term(kldr_status status)
{
    return number_find(statuses, COUNT(statuses), status);
}

const struct ks_term *ks_stop_code_term(uint32_t code)
{
    return number_find(stop_codes, COUNT(stop_codes), code);
}

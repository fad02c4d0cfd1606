// SPDX-License-Identifier: MIT
// Lists: the groups of everything that can be explained, and the families of facts.
#include "explain/entry.h"

struct group {
    const char *name, *title;
    void (*fill)(struct ks_entry *entry);
};

static void fill_facts(struct ks_entry *entry)
{
    for (size_t i = 0; i < ks_fact_count(); i++) {
        const struct ks_fact *fact = ks_fact_at(i);
        ks_entry_row(entry, fact->id, fact->title, ks_fact_trust(fact));
    }
}

static void fill_findings(struct ks_entry *entry)
{
    for (size_t i = 0; i < ks_finding_count(); i++) {
        ks_entry_row(entry, ks_finding_at(i)->id, ks_finding_at(i)->meaning, "");
    }
}

static void fill_checks(struct ks_entry *entry)
{
    for (unsigned c = 0; c < KLDR_CHECK_COUNT; c++) {
        const struct kldr_check_info *info = kldr_check_info((enum kldr_check)c);
        ks_entry_row(entry, info->name, info->finds, info->by_default ? "" : "off by default");
    }
}

static void fill_profiles(struct ks_entry *entry)
{
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        ks_entry_row(entry, kldr_profile_name((enum kldr_profile)p),
                     kldr_profile_meaning((enum kldr_profile)p), "");
    }
}

static void fill_knobs(struct ks_entry *entry)
{
    for (unsigned k = 0; k < KLDR_KNOB_COUNT; k++) {
        const struct kldr_knob_info *knob = kldr_knob_info((enum kldr_knob)k);
        ks_entry_row(entry, knob->id, knob->meaning, "");
    }
}

static void fill_statuses(struct ks_entry *entry)
{
#define STATUS_ROW(name, value, win32, meaning)                                                    \
    ks_entry_row(entry, "STATUS_" #name, meaning, #value);
    KLDR_STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
#define OWN_ROW(name, value, meaning) ks_entry_row(entry, "KLDR_" #name, meaning, #value);
    KLDR_OWN_STATUS_TABLE(OWN_ROW)
#undef OWN_ROW
}

static void fill_stop_codes(struct ks_entry *entry)
{
#define STOP_CODE(value, name, meaning) ks_entry_row(entry, #name, meaning, #value);
#include "kernel/stop_codes.inc"
#undef STOP_CODE
}

static void fill_events(struct ks_entry *entry)
{
    for (unsigned e = 0; e < KLDR_EVENT_KIND_COUNT; e++) {
        const struct ks_term *term = ks_event_term((enum kldr_event_kind)e);
        ks_entry_row(entry, term->id, term->text, "");
    }
}

static void fill_words(struct ks_entry *entry)
{
    for (size_t i = 0; i < ks_word_count(); i++) {
        ks_entry_row(entry, ks_word_at(i)->id, ks_word_at(i)->text, "");
    }
}

static void fill_grades(struct ks_entry *entry)
{
    for (unsigned i = 0; i < KS_GRADE_COUNT; i++) {
        char letters[KS_FACT_GRADES_SIZE];
        ks_entry_row(entry, ks_entry_keep(entry, "%s", ks_fact_grades(1u << i, letters)),
                     ks_fact_grade_text((enum ks_grade)(1u << i)), "");
    }
    entry->text = "A fact that has only reports or inference, and is borne out neither by "
                  "Microsoft's pages nor by a test on real Windows, is shown as reported, "
                  "unverified. Nothing was checked on a live Windows by this project yet.";
}

static void fill_exit_codes(struct ks_entry *entry)
{
    ks_entry_row(entry, "0", "Everything passed, or was skipped with a reason.", "");
    ks_entry_row(entry, "1", "An expectation or a load failed, or a lint rule fired.", "");
    ks_entry_row(
        entry, "2",
        "A mistake in the command line, a file that cannot be opened, an invalid scenario, "
        "a step that this version cannot run, or nothing to run.",
        "");
    ks_entry_row(entry, "3", "kldr contradicted itself. Please report it.", "");
    ks_entry_row(entry, "4", "The simulated system stopped where nobody expected it.", "");
    ks_entry_row(entry, "5", "A limit on time or resources was reached.", "");
    entry->text = "When several apply the first of 3, 2, 5, 4, 1 is the exit code.";
}

static const struct group groups[KS_GROUP_COUNT] = {
    [KS_GROUP_FACTS] = {"facts", "how loading works, statement by statement", fill_facts},
    [KS_GROUP_FINDINGS] = {"findings", "what the checker reports", fill_findings},
    [KS_GROUP_CHECKS] = {"checks", "what is checked of drivers (--checks)", fill_checks},
    [KS_GROUP_PROFILES] = {"profiles", "the kernels that can be simulated", fill_profiles},
    [KS_GROUP_KNOBS] = {"knobs", "what differs between profiles", fill_knobs},
    [KS_GROUP_STATUSES] = {"statuses", "results, by name, number or Win32 error", fill_statuses},
    [KS_GROUP_STOP_CODES] = {"stop-codes", "how the simulated system stops", fill_stop_codes},
    [KS_GROUP_EVENTS] = {"events", "the lines of a trace", fill_events},
    [KS_GROUP_WORDS] = {"words", "the glossary", fill_words},
    [KS_GROUP_GRADES] = {"grades", "what a fact may rest on", fill_grades},
    [KS_GROUP_EXIT_CODES] = {"exit-codes", "what kldr's exit codes mean", fill_exit_codes},
};

const char *ks_group_name(enum ks_group group)
{
    return (unsigned)group < KS_GROUP_COUNT ? groups[group].name : NULL;
}

void ks_entry_group(struct ks_entry *entry, enum ks_group group)
{
    ks_entry_begin(entry, "group", groups[group].name, groups[group].title, "");
    entry->rows_key = "members";
    groups[group].fill(entry);
}

void ks_entry_family(struct ks_entry *entry, const struct ks_fact_family *family)
{
    ks_entry_begin(entry, "family", family->prefix, family->title, "");
    entry->rows_key = "members";
    for (size_t i = 0; i < ks_fact_count(); i++) {
        const struct ks_fact *fact = ks_fact_at(i);
        if (ks_fact_family(fact->id) == family) {
            ks_entry_row(entry, fact->id, fact->title, ks_fact_trust(fact));
        }
    }
}

// SPDX-License-Identifier: MIT
// What kldr knows in words: the facts of the behaviour sheet, findings, knob values, events and
// terms.
//
// Immutable tables. Nothing here allocates or fails, every text lives as long as the program, and
// every function may be called from any thread. Ids compare without regard to case.
#ifndef KS_EXPLAIN_H
#define KS_EXPLAIN_H

#include <kldr/event.h>
#include <kldr/policy.h>

#include <stddef.h>

// ---- facts ----

// On what a fact rests; a fact may have several.
enum ks_grade {
    KS_GRADE_D = 1 << 0, // Microsoft documentation
    KS_GRADE_R = 1 << 1, // ReactOS, the open-source reimplementation
    KS_GRADE_T = 1 << 2, // tests that others run on real Windows
    KS_GRADE_S = 1 << 3, // authors of a shipped export driver
    KS_GRADE_U = 1 << 4, // user reports
    KS_GRADE_O = 1 << 5, // reported behaviour of released kernels, second-hand
    KS_GRADE_I = 1 << 6, // inference
};
#define KS_GRADE_COUNT 7

struct ks_fact {
    const char *id;       // "U7"
    unsigned grades;      // KS_GRADE_*; 0 for scenarios, decisions and open questions
    bool docs_differ;     // the documentation among the grades states the opposite
    bool reactos_differs; // ReactOS is among the grades for doing it otherwise
    const char *profiles; // profiles that follow it, separated by spaces; "": all
    const char *knobs;    // ids of the knobs concerned, separated by spaces; "": none
    const char *related;  // ids of related facts, separated by spaces
    const char *title;    // a few words
    const char *text;     // one to three sentences
};

// A family of facts: the letters its ids begin with.
struct ks_fact_family {
    const char *prefix; // "RD"
    const char *title;  // "how ReactOS deviates"
    const char *noun;   // what one of them is called: "fact", "decision", ...
};

size_t ks_fact_count(void);
// Fact number index (from 0), in the order of the sheet; NULL past the last.
const struct ks_fact *ks_fact_at(size_t index);
bool ks_explain_fact(const char *id, struct ks_fact *out_fact);

size_t ks_fact_family_count(void);
const struct ks_fact_family *ks_fact_family_at(size_t index);
// The family of a fact id, or of the bare letters. NULL when there is none.
const struct ks_fact_family *ks_fact_family(const char *id);

// True when the rule rests on reports or inference and neither Microsoft's pages nor a test on real
// Windows bear it out: whatever is decided by it is shown as "reported, unverified". ids may name
// several facts, separated by spaces: true when one of them is. Unknown ids are not.
bool ks_fact_unverified(const char *ids);

// The trust in one phrase: "documented by Microsoft", "reported, unverified; ReactOS does the
// same", ...
const char *ks_fact_trust(const struct ks_fact *fact);

#define KS_FACT_GRADES_SIZE (KS_GRADE_COUNT * 3 + 1)
// Writes "[R][O]" into text, in the order D R T S U O I, and returns text.
char *ks_fact_grades(unsigned grades, char text[KS_FACT_GRADES_SIZE]);

// What one grade means, as a phrase.
const char *ks_fact_grade_text(enum ks_grade grade);

#define KS_FACT_CITE_SIZE 64
// Writes "U7, reported, unverified" or "L17" into text and returns text. Unknown ids are copied.
char *ks_fact_cite(const char *id, char text[KS_FACT_CITE_SIZE]);

// ---- limits of the simulation ----

struct ks_limit {
    const char *id;   // of a fact, a finding or a knob
    const char *text; // what the simulation, or this version of it, leaves out
};

size_t ks_limit_count(void);
const struct ks_limit *ks_limit_at(size_t index);
// What is left out of the thing with this id; "" when nothing.
const char *ks_limit_text(const char *id);

// ---- findings of the checker ----

struct ks_finding_info {
    const char *id;      // "dangling-import"
    const char *fields;  // fields beside `kind`, separated by spaces
    const char *facts;   // fact ids, separated by spaces
    const char *meaning; // when it is reported
    const char *why;     // why it matters
    const char *advice;  // what to do
};

size_t ks_finding_count(void);
const struct ks_finding_info *ks_finding_at(size_t index);
bool ks_finding_find(const char *id, struct ks_finding_info *out_finding);

// ---- knob values and profiles ----

struct ks_value_info {
    const char *knob;
    const char *value;
    const char *facts;   // fact ids, separated by spaces; "": none
    const char *meaning; // one sentence
};

size_t ks_value_count(void);
const struct ks_value_info *ks_value_at(size_t index);
bool ks_value_find(const char *knob, const char *value, struct ks_value_info *out_value);

// A paragraph about a profile, beyond kldr_profile_meaning().
const char *ks_profile_text(enum kldr_profile profile);

// ---- names that are explained by one text ----

struct ks_term {
    const char *id;
    const char *facts; // fact ids, separated by spaces
    const char *text;
};

// An event of the trace; its fields are named in the text. NULL when kind is none.
const struct ks_term *ks_event_term(enum kldr_event_kind kind);

// The glossary: words as kldr uses them.
size_t ks_word_count(void);
const struct ks_term *ks_word_at(size_t index);

// More about a status or stop code than its one line: when the loader gives it. NULL when there is
// none.
const struct ks_term *ks_status_term(kldr_status status);
const struct ks_term *ks_stop_code_term(uint32_t code);

// ---- text helpers ----

// Case-insensitive comparison of two ids.
bool ks_explain_same(const char *a, const char *b);

// Takes the next word of a list separated by spaces: *inout_list moves on, the word is copied into
// word (cut to size). False at the end.
bool ks_explain_next(const char **inout_list, char *word, size_t size);

#endif

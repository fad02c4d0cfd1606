// SPDX-License-Identifier: MIT
// One scenario under several profiles, and beside a recording from a real system: what each step
// showed, where that differs, and which knob makes it differ.
//
// A cause is found by trying: knobs of the first profile are set to the other one's values until
// the difference is gone. No table says which knob decides what.
#ifndef KS_COMPARE_H
#define KS_COMPARE_H

#include "compare/recording.h"
#include "output/text_buffer.h"
#include "scenario/run.h"

enum ks_compare_key {
    KS_COMPARE_STATUS,
    KS_COMPARE_CALLS,
    KS_COMPARE_MODULES,
    KS_COMPARE_COUNTS,
    KS_COMPARE_STOP, // from here on shown only where it differs
    KS_COMPARE_UNLOADED,
    KS_COMPARE_LOG,
    KS_COMPARE_ARGUMENT,
    KS_COMPARE_OPENED,
    KS_COMPARE_FINDINGS,
    KS_COMPARE_KEY_COUNT
};

// "status", "calls", ...
const char *ks_compare_key_name(enum ks_compare_key key);

// What a step showed under one key.
struct ks_compare_value {
    bool known;   // a recording need not tell everything; a step that was not run tells nothing
    bool partial; // a map of a recording, which may leave entries out
    const struct ks_recorded_item *items;
    size_t count;
};

struct ks_compare_step {
    bool ran;
    bool has_status;
    kldr_status status;
    bool has_win32; // a recording that has only the Win32 error
    uint32_t win32;
    struct ks_compare_value values[KS_COMPARE_KEY_COUNT];
};

// A profile, or the recording.
struct ks_compare_column {
    const char *label;
    bool recorded;
    enum kldr_profile profile;
    struct kldr_policy policy;
    enum ks_outcome outcome;
    const char *reason;
    struct ks_compare_step *steps; // one more than the scenario has: the run as a whole
    unsigned differences;          // from the recording
};

struct ks_compare_change {
    enum kldr_knob knob;
    uint8_t from, to; // values
};

struct ks_compare_difference {
    size_t step; // index
    enum ks_compare_key key;
    size_t column;                           // differs from the first one
    const struct ks_compare_change *changes; // the smallest set found that makes it vanish
    size_t change_count;                     // 0: no knob does
};

struct ks_compare {
    const struct ks_scenario *scenario;
    struct ks_compare_column *columns;
    size_t column_count;
    struct ks_compare_difference *differences; // by step, key, column
    size_t difference_count;
    bool whole_run; // the recording has prints of the run as a whole
    unsigned tried; // runs that were made to find causes
    bool agrees;    // with a recording: some profile shows what it has
};

// Runs the scenario under each profile and finds differences and causes. options->profile is not
// looked at. recorded may be NULL. KLDR_ERROR_OUT_OF_MEMORY; else *out_compare is freed with
// ks_compare_destroy. That a run ends badly is no failure: its column says so.
kldr_status ks_compare_profiles(const struct ks_scenario *scenario,
                                const struct ks_run_options *options,
                                const enum kldr_profile *profiles, size_t profile_count,
                                const struct ks_recording *recorded,
                                struct ks_compare **out_compare);
void ks_compare_destroy(struct ks_compare *compare);

// True when two columns showed the same; what one of them does not tell is no difference. A
// recording is on the right.
bool ks_compare_same(const struct ks_compare_step *left, const struct ks_compare_step *right,
                     enum ks_compare_key key);
// The cause of a column's difference, or NULL when there is none.
const struct ks_compare_difference *ks_compare_find(const struct ks_compare *compare, size_t step,
                                                    enum ks_compare_key key, size_t column);

void ks_compare_write_text(struct ks_text_buffer *buffer, const struct ks_compare *compare);
void ks_compare_write_json(struct ks_text_buffer *buffer, const struct ks_compare *compare);

#endif

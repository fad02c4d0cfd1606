// SPDX-License-Identifier: MIT
// What somebody saw on a real system, as JSON Lines (docs/probe.md): first a line with
// "kldr_recording", then one for each step, in any order. A key that a line does not have is not
// compared.
#ifndef KS_COMPARE_RECORDING_H
#define KS_COMPARE_RECORDING_H

#include <kldr/error.h>

// An entry of a list, or (with a name) of a map.
struct ks_recorded_item {
    const char *name; // NULL in lists
    const char *value;
};

struct ks_recorded_list {
    bool given;
    struct ks_recorded_item *items;
    size_t count;
};

struct ks_recorded_step {
    unsigned step; // from 1; 0: the run as a whole
    unsigned line;
    bool has_status, has_win32;
    kldr_status status;
    uint32_t win32; // the Win32 error that the service control manager gave
    struct ks_recorded_list calls, modules, counts, unloaded;
};

struct ks_recording {
    char *system; // "" when it does not say
    struct ks_recorded_step *steps;
    size_t count;
    struct ks_recorded_list all_calls; // calls of the run as a whole
    void *storage;
};

// Reads a recording. KLDR_ERROR_SCENARIO with file, line and reason in error when it is not one.
kldr_status ks_recording_read(const char *path, const char *text, size_t size,
                              struct ks_recording **out_recording, struct kldr_error *error);
void ks_recording_destroy(struct ks_recording *recording);

// Adds what drivers of a probe printed, taken from any log that has their lines in order: whatever
// stands around "KLDR module!Routine" is passed over. False when memory is out.
bool ks_recording_add_prints(struct ks_recording *recording, const char *text, size_t size);

#endif

// SPDX-License-Identifier: MIT
// Small worlds with something that happens in them, for tests that let everything go wrong at every
// moment: the same stories are told with memory failing, with files failing and with the simulation
// ending.
#ifndef LOADER_STORIES_H
#define LOADER_STORIES_H

#include "loader_fixture.h"

struct loader_story {
    const char *name;
    const char *knobs; // "missing_imports=trap; search=importer", or ""
    void (*furnish)(struct fixture *fixture);
    const char *script;
    // A load may leave modules behind although it failed: one that refuses to go, or that a routine
    // loaded by itself.
    bool leaves;
};

enum { LOADER_STORIES = 12 };
extern const struct loader_story loader_stories[LOADER_STORIES];

// A fixture with the story's images, not started; x64 unless a machine is given. Every story's
// world also has clean.sys, which imports cleandll.sys and has no part in the story.
struct fixture *loader_story_open(const struct loader_story *story, enum kldr_profile profile);
struct fixture *loader_story_open_on(const struct loader_story *story, enum kldr_profile profile,
                                     enum kldr_machine machine);

// The command number index of a script, copied into command, or false past the last.
bool loader_story_command(const char *script, unsigned index, char *command, size_t size);

// The loader is as good as new: clean.sys loads, runs and goes.
void loader_story_check_clean(struct fixture *fixture);

#endif

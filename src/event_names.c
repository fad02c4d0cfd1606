// SPDX-License-Identifier: MIT
// The names of event kinds, from the one table in the header.
#include <kldr/event.h>

#include <string.h>

static const char *const names[KLDR_EVENT_KIND_COUNT] = {
#define NAME(name, text) text,
    KLDR_EVENT_TABLE(NAME)
#undef NAME
};

const char *kldr_event_name(enum kldr_event_kind kind)
{
    return (unsigned)kind < KLDR_EVENT_KIND_COUNT ? names[kind] : NULL;
}

bool kldr_event_find(const char *name, enum kldr_event_kind *out_kind)
{
    for (unsigned i = 0; i < KLDR_EVENT_KIND_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out_kind = (enum kldr_event_kind)i;
            return true;
        }
    }
    return false;
}

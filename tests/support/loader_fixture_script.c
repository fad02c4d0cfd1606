// SPDX-License-Identifier: MIT
// Commands, and routines that run them.

#include "loader_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A reference that the fixture holds, as the I/O manager or alone.
struct fixture_reference {
    struct fixture_reference *next;
    uint32_t id;
    enum kldr_load_purpose purpose;
    char *base_name;
};

struct fixture_routine {
    struct fixture_routine *next;
    const char *name; // "b.sys!DllUnload"
    const char *commands;
    kldr_status first, later;
    bool always; // commands run at every call, not at the first only
    unsigned calls;
};

// ---- references ----

static void hold(struct fixture *fixture, uint32_t id, enum kldr_load_purpose purpose)
{
    struct fixture_reference *reference = calloc(1, sizeof *reference);
    struct kldr_module_info info;
    assert_non_null(reference);
    assert_true(kldr_loader_module(fixture->loader, id, &info));
    reference->id = id;
    reference->purpose = purpose;
    fixture_append(&reference->base_name, info.base_name);
    reference->next = fixture->references;
    fixture->references = reference;
}

static void free_reference(struct fixture_reference *reference)
{
    free(reference->base_name);
    free(reference);
}

void fixture_drop_references(struct fixture *fixture)
{
    while (fixture->references != NULL) {
        struct fixture_reference *reference = fixture->references;
        fixture->references = reference->next;
        free_reference(reference);
    }
}

unsigned fixture_references_on(const struct fixture *fixture, uint32_t id)
{
    unsigned count = 0;
    for (const struct fixture_reference *reference = fixture->references; reference != NULL;
         reference = reference->next)
        count += reference->id == id;
    return count;
}

// ---- commands ----

static kldr_status load(struct fixture *fixture, const char *name, enum kldr_load_purpose purpose)
{
    char *path = fixture_full_path(name);
    uint32_t id = 0;
    kldr_status status = kldr_loader_load(fixture->loader, path, purpose, &id, &fixture->error);
    free(path);
    fixture->id = id;
    if (status == KLDR_STATUS_SUCCESS)
        hold(fixture, id, purpose);
    return status;
}

static kldr_status unload(struct fixture *fixture, const char *name, enum kldr_load_purpose purpose)
{
    struct fixture_reference **link = &fixture->references;
    while (*link != NULL &&
           ((*link)->purpose != purpose || !fixture_same_name((*link)->base_name, name)))
        link = &(*link)->next;
    struct fixture_reference *reference = *link;
    if (reference == NULL)
        return KLDR_ERROR_NOT_FOUND;
    uint32_t id = reference->id;
    *link = reference->next;
    free_reference(reference);
    return kldr_loader_unload(fixture->loader, id, purpose);
}

static kldr_status run_one(struct fixture *fixture, const char *command)
{
    const char *name = strchr(command, ' ');
    assert_non_null(name);
    size_t length = (size_t)(name++ - command);
    if (strncmp(command, "load", length) == 0)
        return load(fixture, name, KLDR_LOAD_DRIVER);
    if (strncmp(command, "unload", length) == 0)
        return unload(fixture, name, KLDR_LOAD_DRIVER);
    if (strncmp(command, "load_image", length) == 0)
        return load(fixture, name, KLDR_LOAD_IMAGE);
    if (strncmp(command, "unload_image", length) == 0)
        return unload(fixture, name, KLDR_LOAD_IMAGE);
    fail_msg("no such command: %s", command);
    return KLDR_ERROR_BAD_ARGUMENT;
}

kldr_status fixture_run(struct fixture *fixture, const char *commands)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    while (*commands != '\0') {
        char command[KLDR_PATH_SIZE];
        size_t length = strcspn(commands, ";");
        assert_true(length < sizeof command);
        memcpy(command, commands, length);
        command[length] = '\0';
        status = run_one(fixture, command);
        commands += length;
        commands += strspn(commands, "; ");
    }
    return status;
}

// ---- routines ----

static struct fixture_routine *routine_of(struct fixture *fixture, const char *name)
{
    struct fixture_routine *routine = fixture->routines;
    while (routine != NULL && !fixture_same_name(routine->name, name))
        routine = routine->next;
    return routine;
}

static struct fixture_routine *set_routine(struct fixture *fixture, const char *name)
{
    struct fixture_routine *routine = routine_of(fixture, name);
    if (routine == NULL) {
        routine = calloc(1, sizeof *routine);
        assert_non_null(routine);
        routine->name = name;
        routine->commands = "";
        routine->next = fixture->routines;
        fixture->routines = routine;
    }
    routine->calls = 0;
    return routine;
}

void fixture_returns(struct fixture *fixture, const char *routine, kldr_status status)
{
    fixture_returns_once(fixture, routine, status, status);
}

void fixture_returns_once(struct fixture *fixture, const char *routine, kldr_status first,
                          kldr_status later)
{
    struct fixture_routine *entry = set_routine(fixture, routine);
    entry->first = first;
    entry->later = later;
}

void fixture_does(struct fixture *fixture, const char *routine, const char *commands,
                  kldr_status status)
{
    struct fixture_routine *entry = set_routine(fixture, routine);
    entry->commands = commands;
    entry->first = entry->later = status;
}

void fixture_keeps_doing(struct fixture *fixture, const char *routine, const char *commands)
{
    struct fixture_routine *entry = set_routine(fixture, routine);
    entry->commands = commands;
    entry->always = true;
}

void fixture_drop_routines(struct fixture *fixture)
{
    while (fixture->routines != NULL) {
        struct fixture_routine *routine = fixture->routines;
        fixture->routines = routine->next;
        free(routine);
    }
}

void fixture_rewind_routines(struct fixture *fixture)
{
    for (struct fixture_routine *routine = fixture->routines; routine != NULL;
         routine = routine->next)
        routine->calls = 0;
}

static void tell(struct fixture *fixture, const struct kldr_module_info *info,
                 enum kldr_event_kind kind, const char *symbol, const char *argument)
{
    struct kldr_event event = {.kind = kind, .module_id = info->id, .module = info->base_name};
    event.symbol = symbol;
    event.argument = argument;
    event.flag = true;
    event.has = KLDR_EVENT_HAS_FLAG;
    kldr_loader_emit(fixture->loader, &event);
}

kldr_status fixture_call(void *user, const struct kldr_routine_call *call)
{
    struct fixture *fixture = user;
    struct kldr_module_info info;
    char name[KLDR_NAME_SIZE + 16];
    bool initialize = call->routine == KLDR_ROUTINE_DLLINITIALIZE;
    const char *symbol = initialize ? "DllInitialize" : "DllUnload";
    assert_true(kldr_loader_module(fixture->loader, call->module_id, &info));
    assert_int_equal(initialize, call->registry_path != NULL);
    assert_true(call->rva != 0 && call->rva < info.size);
    assert_int_equal(info.state, KLDR_MODULE_LOADED);
    snprintf(name, sizeof name, "%s!%s", info.base_name, symbol);
    tell(fixture, &info, KLDR_EVENT_CALL_BEGIN, symbol, call->registry_path);
    if (++fixture->called == fixture->fail_call_at)
        return fixture->fail_status;
    struct fixture_routine *routine = routine_of(fixture, name);
    if (routine == NULL)
        return KLDR_STATUS_SUCCESS;
    bool first = routine->calls++ == 0;
    if (first || routine->always)
        fixture_run(fixture, routine->commands);
    return first ? routine->first : routine->later;
}

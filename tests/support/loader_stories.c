// SPDX-License-Identifier: MIT

#include "loader_stories.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static void deep_chain(struct fixture *fixture)
{
    char name[16], import[16];
    for (unsigned i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "m%u.sys", i);
        snprintf(import, sizeof import, "m%u.sys:F", i + 1);
        fixture_image(fixture, name, BOTH, i < 11 ? import : "ntoskrnl.exe:KeOne");
    }
}

static void cycle(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F a.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F a.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "a.sys:F b.sys:F c.sys:F");
}

static void forwarders(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "c.sys:F b.sys:G,H,I");
    fixture_image(fixture, "b.sys", "G=c.F H=c.I I=ntoskrnl.KeTwo DllInitialize DllUnload", "");
    fixture_image(fixture, "c.sys", "I=b.I " BOTH, "");
}

static void failing_initialize(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "d.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture_returns(fixture, "b.sys!DllInitialize", KLDR_STATUS_UNSUCCESSFUL);
}

static void much_missing(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F,Gone,#77 e.sys:Gone nowhere.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "d.sys:F nowhere.sys:F c.sys:F,Lost e.sys:G");
    fixture_image(fixture, "c.sys", BOTH, "nothing.sys:F d.sys:F,Gone");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture_image(fixture, "e.sys", "G=d.F DllInitialize DllUnload", "c.sys:F");
}

static void refusal(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "e.sys", "", "b.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_returns_once(fixture, "b.sys!DllUnload", KLDR_STATUS_NOT_SUPPORTED, 0);
}

static void loads_inside(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "d.sys", "", "c.sys:F e.sys:F");
    fixture_image(fixture, "e.sys", BOTH, "b.sys:F");
    fixture_does(fixture, "b.sys!DllInitialize", "load d.sys; unload d.sys; load_image c.sys", 0);
    fixture_does(fixture, "e.sys!DllInitialize", "load a.sys; load e.sys", 0);
    fixture_does(fixture, "e.sys!DllUnload", "load d.sys; unload d.sys", 0);
    fixture_does(fixture, "c.sys!DllUnload", "load_image d.sys; unload_image d.sys", 0);
}

static void wide(struct fixture *fixture)
{
    char imports[512] = "", name[16];
    for (unsigned i = 0; i < 24; i++) {
        size_t length = strlen(imports);
        snprintf(imports + length, sizeof imports - length, "w%u.sys:F ", i);
        snprintf(name, sizeof name, "w%u.sys", i);
        fixture_image(fixture, name, BOTH, i % 3 == 0 ? "w23.sys:F w22.sys:F" : "");
    }
    fixture_image(fixture, "a.sys", "", imports);
}

static void repeats(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "",
                  "b.sys:F b.sys:F c.sys:F b.sys:F c.sys:F b.sys:F b.sys:F c.sys:F c.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "b.sys:F b.sys:F");
}

static void second_folder(struct fixture *fixture)
{
    fixture_image(fixture, "\\F\\a.sys", "", "b.sys:F c.sys:F d.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "\\F\\c.sys", BOTH, "");
    fixture_image(fixture, "d.sys", BOTH, "");
    fixture_image(fixture, "\\F\\d.sys", BOTH, "");
}

static void traps(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", "", "nowhere.sys:F,G,#3 b.sys:F,Gone,Lost,#9 nothing.sys");
    fixture_image(fixture, "b.sys", BOTH, "nowhere.sys:A,B,C,D,E");
}

static void images_alone(struct fixture *fixture)
{
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "halo.sys:F");
    fixture_image(fixture, "halo.sys", BOTH, "hal.dll:HalOne");
    fixture_image(fixture, "e.sys", "", "a.sys:F b.sys:Gone");
}

const struct loader_story loader_stories[LOADER_STORIES] = {
    {"deep chain", "", deep_chain, "load m0.sys; load m5.sys; unload m0.sys", false},
    {"cycle", "", cycle, "load a.sys; load_image b.sys; unload a.sys; load c.sys", false},
    {"forwarders", "", forwarders, "load a.sys; unload a.sys", false},
    {"failing DllInitialize", "", failing_initialize, "load a.sys", false},
    {"much is missing", "", much_missing, "load a.sys; load b.sys", false},
    {"refusal", "", refusal, "load a.sys; unload a.sys; load e.sys; unload e.sys; load a.sys",
     true},
    {"loads inside routines", "", loads_inside, "load a.sys; unload a.sys; load e.sys", true},
    {"wide", "", wide, "load a.sys; unload a.sys", false},
    {"repeats", "", repeats, "load a.sys; unload a.sys", false},
    {"second folder", "search=importer+drivers", second_folder,
     "load \\F\\a.sys; load b.sys; unload a.sys", false},
    {"traps", "missing_imports=trap", traps, "load a.sys; unload a.sys", false},
    {"images alone", "never_counted=prefix", images_alone,
     "load_image a.sys; load e.sys; load_image e.sys; unload_image a.sys", true},
};

static void set_knobs(struct fixture *fixture, const char *knobs)
{
    char id[64];
    for (unsigned i = 0; loader_story_command(knobs, i, id, sizeof id); i++) {
        char *value = strchr(id, '=');
        assert_non_null(value);
        *value = '\0';
        fixture_knob(fixture, id, value + 1);
    }
}

struct fixture *loader_story_open(const struct loader_story *story, enum kldr_profile profile)
{
    return loader_story_open_on(story, profile, KLDR_MACHINE_X64);
}

struct fixture *loader_story_open_on(const struct loader_story *story, enum kldr_profile profile,
                                     enum kldr_machine machine)
{
    struct fixture *fixture = fixture_create(profile, machine);
    set_knobs(fixture, story->knobs);
    story->furnish(fixture);
    fixture_image(fixture, "clean.sys", "", "cleandll.sys:F ntoskrnl.exe:KeOne");
    fixture_image(fixture, "cleandll.sys", BOTH, "");
    return fixture;
}

bool loader_story_command(const char *script, unsigned index, char *command, size_t size)
{
    for (; index > 0; index--) {
        script += strcspn(script, ";");
        script += strspn(script, "; ");
    }
    size_t length = strcspn(script, ";");
    assert_true(length < size);
    memcpy(command, script, length);
    command[length] = '\0';
    return length > 0;
}

void loader_story_check_clean(struct fixture *fixture)
{
    fixture_check(fixture);
    assert_int_equal(fixture_run(fixture, "load clean.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(fixture_module(fixture, "cleandll.sys").load_count, 1);
    assert_true(fixture_module(fixture, "cleandll.sys").initialized);
    fixture_check(fixture);
    assert_int_equal(fixture_run(fixture, "unload clean.sys"), KLDR_STATUS_SUCCESS);
    assert_int_equal(kldr_loader_find(fixture->loader, "cleandll.sys"), 0);
}

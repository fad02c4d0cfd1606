// SPDX-License-Identifier: MIT
// Before and after in one test program of the host: the same test for both.
#include "../host_io_test.h"

#include <string.h>

#define JOURNAL_SPLIT
#define JOURNALAPI
#define DriverEntry journal_entry
#include "journal.c"
#undef DriverEntry

// Before: the journal is called directly.
#define DriverEntry          whole_entry
#define gauge_complete       whole_complete
#define gauge_open_close     whole_open_close
#define gauge_write          whole_write
#define gauge_read           whole_read
#define gauge_plug_and_play  whole_plug_and_play
#define gauge_system_control whole_system_control
#define gauge_power          whole_power
#define gauge_add_device     whole_add_device
#define gauge_unload         whole_unload
#define _GAUGE               _WHOLE
#define GAUGE                WHOLE
#define PGAUGE               PWHOLE
#include "gauge.c"
#undef JOURNAL_SIZE
#undef DriverEntry
#undef gauge_complete
#undef gauge_open_close
#undef gauge_write
#undef gauge_read
#undef gauge_plug_and_play
#undef gauge_system_control
#undef gauge_power
#undef gauge_add_device
#undef gauge_unload
#undef _GAUGE
#undef GAUGE
#undef PGAUGE

// After: through import cells.
static NTSTATUS(NTAPI *imp_JournalOpen)(ULONG, PJOURNAL *);
static VOID(NTAPI *imp_JournalClose)(PJOURNAL);
static VOID(NTAPI *imp_JournalAppend)(PJOURNAL, const UCHAR *, ULONG);
static ULONG(NTAPI *imp_JournalRead)(PJOURNAL, PUCHAR, ULONG);
static const struct kldr_host_export exports[] = {
    KLDR_EXPORT(JournalAppend), KLDR_EXPORT(JournalClose), KLDR_EXPORT(JournalOpen),
    KLDR_EXPORT(JournalRead)};
static const struct kldr_host_import imports[] = {
    KLDR_IMPORT(journal.sys, JournalAppend), KLDR_IMPORT(journal.sys, JournalClose),
    KLDR_IMPORT(journal.sys, JournalOpen), KLDR_IMPORT(journal.sys, JournalRead)};
#define JournalOpen   imp_JournalOpen
#define JournalClose  imp_JournalClose
#define JournalAppend imp_JournalAppend
#define JournalRead   imp_JournalRead
#define DriverEntry   gauge_entry
#include "gauge.c"
#undef DriverEntry

static const struct kldr_host_driver whole = {
    .name = "gauge.sys", .wdm = {.DriverEntry = (kldr_any_function)whole_entry}};
static const struct kldr_host_driver journal = {
    .name = "journal.sys",
    .exports = exports,
    .export_count = sizeof exports / sizeof exports[0],
    .wdm = {.DllInitialize = (kldr_any_function)DllInitialize,
            .DllUnload = (kldr_any_function)DllUnload}};
static const struct kldr_host_driver gauge = {
    .name = "gauge.sys",
    .imports = imports,
    .import_count = sizeof imports / sizeof imports[0],
    .wdm = {.DriverEntry = (kldr_any_function)gauge_entry}};

static void try_gauge(struct kldr_world *world)
{
    const char *const services[] = {"gauge", NULL};
    char bytes[32] = "three four five six";
    struct kldr_request request = {.device = "gauge0", .input = bytes, .input_size = 19};
    uint64_t information = 0;

    assert_int_equal(kldr_world_add_device(world, services, "gauge0", NULL), STATUS_SUCCESS);
    assert_int_equal(kldr_world_write(world, &request, &information, NULL), STATUS_SUCCESS);
    assert_int_equal(information, 19);
    memset(bytes, 0, sizeof bytes);
    request.output = bytes;
    request.output_size = sizeof bytes;
    assert_int_equal(kldr_world_read(world, &request, &information, NULL), STATUS_SUCCESS);
    assert_int_equal(information, JOURNAL_SIZE);
    assert_string_equal(bytes, "ee four five six");
    assert_int_equal(kldr_world_read(world, &request, NULL, NULL), (kldr_status)STATUS_END_OF_FILE);
    assert_int_equal(kldr_world_remove_device(world, "gauge0", NULL), STATUS_SUCCESS);
    assert_int_equal(io_count(world, "gauge.sys"), -1);
    assert_int_equal(io_findings, 0);
    kldr_world_destroy(world);
}

static void one_driver(void **state)
{
    const struct kldr_host_driver *const drivers[] = {&whole, NULL};

    (void)state;
    try_gauge(io_world(drivers));
}

static void two_drivers(void **state)
{
    const struct kldr_host_driver *const drivers[] = {&journal, &gauge, NULL};

    (void)state;
    try_gauge(io_world(drivers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_driver), cmocka_unit_test(two_drivers)};
    return cmocka_run_group_tests_name("12-split-rehearsal", tests, NULL, NULL);
}

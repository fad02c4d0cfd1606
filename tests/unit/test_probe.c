// SPDX-License-Identifier: MIT
#define _DEFAULT_SOURCE // MAP_ANONYMOUS

#include "probe/probe.h"

#include "run_case.h"
#include "test.h"

#include <kldr/world.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The code of a probe can be run where the machine is x64 and memory can be made executable.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define CAN_RUN 1
#include <sys/mman.h>
#else
#define CAN_RUN 0
#endif

struct made {
    struct run_case test;
    struct ks_probe *probe;
};

static void make(struct made *made, const char *text, const char *profile)
{
    struct kldr_error error;
    run_case_init(&made->test, text);
    kldr_status status = ks_probe_make(made->test.scenario, profile, &made->probe, &error);
    if (status != KLDR_STATUS_SUCCESS) {
        fail_msg("%s", error.detail);
    }
}

static void finish(struct made *made)
{
    ks_probe_destroy(made->probe);
    run_case_fini(&made->test);
}

// The file whose path ends so.
static const struct ks_probe_file *file_of(const struct made *made, const char *end)
{
    for (size_t i = 0; i < made->probe->count; i++) {
        const struct ks_probe_file *file = &made->probe->files[i];
        size_t length = strlen(file->path), wanted = strlen(end);
        if (length >= wanted && strcmp(file->path + length - wanted, end) == 0) {
            return file;
        }
    }
    fail_msg("there is no file %s", end);
    return NULL;
}

static bool has_line(const struct ks_probe_file *file, const char *line)
{
    size_t length = strlen(line);
    for (size_t i = 0; i + length + 2 <= file->size; i++) {
        if ((i == 0 || file->bytes[i - 1] == '\n') && memcmp(file->bytes + i, line, length) == 0 &&
            memcmp(file->bytes + i + length, "\r\n", 2) == 0) {
            return true;
        }
    }
    return false;
}

#define PAIR                                                                                       \
    "kldr: 1\n"                                                                                    \
    "name: A pair\n"                                                                               \
    "images:\n"                                                                                    \
    "  port.sys: { exports: [Hundred%, N @7 NONAME, D DATA, F = other.G],\n"                       \
    "      DllInitialize: STATUS_SUCCESS, DllUnload: [STATUS_UNSUCCESSFUL, 0x103, "                \
    "STATUS_SUCCESS],\n"                                                                           \
    "      routines: { Hundred%: { returns: 0x1234567890ABCDEF } } }\n"                            \
    "  mini.sys: { imports: { port.sys: ['Hundred%'] } }\n"                                        \
    "  lone.sys: { DriverUnload: absent, DriverEntry: STATUS_NO_MEMORY }\n"

// ---- files ----

static void a_probe_has_images_scripts_and_the_scenario(void **state)
{
    static const char *const paths[] = {
        "images/01-port.sys", "images/02-mini.sys", "images/03-lone.sys", "run.cmd",
        "cleanup.cmd",        "modules.ps1",        "sign.ps1",           "README.txt",
        "scenario.kldr.yaml"};
    struct made made;
    (void)state;
    make(&made, PAIR "steps: [{load: mini}]\n", NULL);
    assert_int_equal(made.probe->count, COUNT_OF(paths));
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_string_equal(made.probe->files[i].path, paths[i]);
    }
    finish(&made);
}

static void the_same_scenario_makes_the_same_bytes(void **state)
{
    struct made first, second;
    (void)state;
    make(&first, PAIR "steps: [{load: mini}]\n", NULL);
    make(&second, PAIR "steps: [{load: mini}]\n", NULL);
    for (size_t i = 0; i < first.probe->count; i++) {
        assert_int_equal(first.probe->files[i].size, second.probe->files[i].size);
        assert_memory_equal(first.probe->files[i].bytes, second.probe->files[i].bytes,
                            first.probe->files[i].size);
    }
    finish(&first);
    finish(&second);
}

// ---- images ----

static void the_images_load_in_the_simulation(void **state)
{
    struct made made;
    struct kldr_world *world = NULL;
    struct kldr_world_options options = {.cpu = KLDR_CPU_NONE};
    struct kldr_error error;
    (void)state;
    make(&made, PAIR "steps: [{load: mini}]\n", NULL);
    kldr_policy_init(&options.policy, KLDR_PROFILE_24H2);
    options.policy.value[KLDR_KNOB_MISSING_IMPORTS] = KLDR_MISSING_IMPORTS_TRAP; // DbgPrintEx
    options.kernel = made.test.kernel;
    assert_int_equal(kldr_world_create(&options, &world, &error), KLDR_STATUS_SUCCESS);
    for (size_t i = 0; i < 3; i++) {
        const struct ks_probe_file *file = &made.probe->files[i];
        uint32_t stored = 0, computed = 0;
        assert_true(kldr_image_checksum(file->bytes, file->size, &stored, &computed));
        assert_int_equal(stored, computed);
        assert_int_equal(
            kldr_world_add_image(world, file->path + strlen("images/01-"), file->bytes, file->size),
            KLDR_STATUS_SUCCESS);
    }
    assert_int_equal(kldr_world_load(world, "mini", &error), KLDR_STATUS_SUCCESS);
    assert_int_not_equal(kldr_loader_find(kldr_world_loader(world), "port.sys"), 0);
    kldr_world_destroy(world);
    finish(&made);
}

static struct kldr_image *open_image(const struct made *made, const char *name)
{
    const struct ks_probe_file *file = file_of(made, name);
    struct kldr_image *image = NULL;
    assert_int_equal(kldr_image_create(NULL, file->bytes, file->size, NULL, &image, NULL),
                     KLDR_STATUS_SUCCESS);
    return image;
}

static void driverentry_sets_driverunload_unless_there_is_none(void **state)
{
    static const uint8_t lea_rax[] = {0x48, 0x8d, 0x05};
    static const uint8_t store[] = {0x48, 0x89, 0x41, 0x68};
    static const uint8_t sub_rsp[] = {0x48, 0x83, 0xec, 0x28};
    struct made made;
    (void)state;
    make(&made, PAIR "steps: [{load: mini}]\n", NULL);
    struct kldr_image *mini = open_image(&made, "mini.sys");
    struct kldr_image *lone = open_image(&made, "lone.sys");
    const uint8_t *entry = kldr_image_at(mini, kldr_image_info(mini)->entry_rva, 16);
    assert_memory_equal(entry, lea_rax, sizeof lea_rax);
    assert_memory_equal(entry + 7, store, sizeof store);
    entry = kldr_image_at(lone, kldr_image_info(lone)->entry_rva, 16);
    assert_memory_equal(entry, sub_rsp, sizeof sub_rsp);
    kldr_image_destroy(mini);
    kldr_image_destroy(lone);
    finish(&made);
}

static void printing_is_imported_first(void **state)
{
    struct made made;
    struct kldr_import_descriptor descriptor;
    (void)state;
    make(&made, PAIR "steps: [{load: mini}]\n", NULL);
    struct kldr_image *mini = open_image(&made, "mini.sys");
    assert_int_equal(kldr_image_import(mini, 0, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_string_equal(descriptor.module, "ntoskrnl.exe");
    assert_int_equal(kldr_image_import(mini, 1, &descriptor, NULL), KLDR_STATUS_SUCCESS);
    assert_string_equal(descriptor.module, "port.sys");
    kldr_image_destroy(mini);
    finish(&made);
}

// ---- running the code ----

#if CAN_RUN

static char printed[256];

__attribute__((ms_abi)) static uint32_t print(uint32_t component, uint32_t level,
                                              const char *format)
{
    snprintf(printed, sizeof printed, "%u %u %s", component, level, format);
    return 0;
}

struct mapped {
    uint8_t *memory;
    size_t size;
    struct kldr_image *image;
};

// Maps an image with its sections where they belong and binds its first import.
static void map_image(struct mapped *mapped, const struct made *made, const char *name)
{
    mapped->image = open_image(made, name);
    const struct kldr_image_info *info = kldr_image_info(mapped->image);
    mapped->size = info->size_of_image;
    mapped->memory = mmap(NULL, mapped->size, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mapped->memory != MAP_FAILED);
    kldr_image_map(mapped->image, mapped->memory);
    uint64_t address = (uint64_t)(uintptr_t)&print;
    memcpy(mapped->memory + info->directory[KLDR_DIRECTORY_IAT].rva, &address, sizeof address);
}

static void unmap_image(struct mapped *mapped)
{
    kldr_image_destroy(mapped->image);
    munmap(mapped->memory, mapped->size);
}

typedef uint64_t (*routine_function)(void *argument) __attribute__((ms_abi));

static uint64_t call(const struct mapped *mapped, uint32_t rva, void *argument)
{
    routine_function function;
    void *at = mapped->memory + rva;
    memcpy(&function, &at, sizeof function);
    printed[0] = '\0';
    return function(argument);
}

static uint32_t export_rva(const struct mapped *mapped, const char *name)
{
    struct kldr_export export;
    assert_true(kldr_image_export_listed(mapped->image, name, &export));
    return export.rva;
}

static void the_code_prints_its_name_and_returns_what_the_scenario_says(void **state)
{
    struct made made;
    struct mapped port, lone;
    uint64_t driver_object[64] = {0};
    (void)state;
    make(&made, PAIR "steps: [{load: mini}]\n", NULL);
    map_image(&port, &made, "port.sys");
    map_image(&lone, &made, "lone.sys");
    uint32_t unload = export_rva(&port, "DllUnload");
    assert_int_equal(call(&port, export_rva(&port, "DllInitialize"), NULL), 0);
    assert_string_equal(printed, "77 0 KLDR port.sys!DllInitialize\n");
    assert_int_equal(call(&port, unload, NULL), 0xC0000001);
    assert_int_equal(call(&port, unload, NULL), 0x103);
    assert_int_equal(call(&port, unload, NULL), 0);
    assert_int_equal(call(&port, unload, NULL), 0);
    assert_string_equal(printed, "77 0 KLDR port.sys!DllUnload\n");
    assert_true(call(&port, export_rva(&port, "Hundred%"), NULL) == UINT64_C(0x1234567890ABCDEF));
    assert_string_equal(printed, "77 0 KLDR port.sys!Hundred%%\n");
    assert_int_equal(call(&port, kldr_image_info(port.image)->entry_rva, driver_object), 0);
    assert_int_not_equal(driver_object[0x68 / 8], 0);
    assert_int_equal(
        call(&port, (uint32_t)(driver_object[0x68 / 8] - (uint64_t)(uintptr_t)port.memory), NULL),
        0);
    assert_string_equal(printed, "77 0 KLDR port.sys!DriverUnload\n");
    driver_object[0x68 / 8] = 0;
    assert_int_equal(call(&lone, kldr_image_info(lone.image)->entry_rva, driver_object),
                     KLDR_STATUS_NO_MEMORY);
    assert_int_equal(driver_object[0x68 / 8], 0);
    unmap_image(&port);
    unmap_image(&lone);
    finish(&made);
}

#else

static void the_code_prints_its_name_and_returns_what_the_scenario_says(void **state)
{
    (void)state;
    skip();
}

#endif

// ---- scripts ----

static void the_script_makes_a_service_once_and_changes_its_path(void **state)
{
    struct made made;
    (void)state;
    make(&made,
         "kldr: 1\n"
         "images: { a.sys: {}, '\\??\\C:\\x\\a.sys': {}, '\\SystemRoot\\b.sys': {} }\n"
         "services: { b: { ImagePath: b.sys, Type: 2, ObjectName: \\FileSystem\\bb } }\n"
         "steps:\n"
         "  - load: { service: s, image: a.sys }\n"
         "  - unload: s\n"
         "  - load: { service: s, image: '\\??\\C:\\x\\a.sys' }\n"
         "  - load: b\n"
         "  - delete: '\\??\\C:\\x\\a.sys'\n"
         "  - create: { c.sys: {} }\n"
         "  - check:\n"
         "  - shutdown:\n",
         NULL);
    const struct ks_probe_file *run = file_of(&made, "run.cmd");
    static const char *const lines[] = {
        "if exist \"C:\\x\\a.sys\" goto taken",
        "if exist \"%SystemRoot%\\System32\\drivers\\c.sys\" goto taken",
        "if not exist \"C:\\x\\\" mkdir \"C:\\x\"",
        "copy /y /b \"images\\02-a.sys\" \"C:\\x\\a.sys\" >nul",
        "sc create \"s\" type= kernel start= demand binPath= "
        "\"\\SystemRoot\\System32\\drivers\\a.sys\" >nul",
        "sc config \"s\" type= kernel start= demand binPath= \"\\??\\C:\\x\\a.sys\" >nul",
        "sc create \"b\" type= filesys start= demand binPath= \"\\SystemRoot\\b.sys\" >nul",
        "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Services\\b\" /v ObjectName /t REG_SZ /d "
        "\"\\FileSystem\\bb\" /f >nul",
        "sc stop \"s\" >nul",
        "del /f \"C:\\x\\a.sys\"",
        "copy /y /b \"images\\04-c.sys\" \"%SystemRoot%\\System32\\drivers\\c.sys\" >nul",
        "call :record 7 \"check\"",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (!has_line(run, lines[i])) {
            fail_msg("run.cmd lacks: %s", lines[i]);
        }
    }
    assert_false(has_line(run, "call :record 8 \"shutdown\""));
    finish(&made);
}

static void steps_for_one_profile_need_that_profile(void **state)
{
    static const char text[] = PAIR "steps: [{load: mini}, {unload: mini, only: [nt52]}]\n";
    struct made made;
    struct ks_probe *probe = NULL;
    struct kldr_error error;
    (void)state;
    make(&made, text, "nt52");
    assert_true(has_line(file_of(&made, "run.cmd"), "sc stop \"mini\" >nul"));
    assert_int_equal(ks_probe_make(made.test.scenario, NULL, &probe, &error),
                     KLDR_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.detail, "--profile"));
    finish(&made);
    make(&made, text, "24h2");
    assert_false(has_line(file_of(&made, "run.cmd"), "sc stop \"mini\" >nul"));
    finish(&made);
}

// ---- refusals ----

#define ONE  "kldr: 1\nimages:\n  a.sys: "
#define LOAD "\nsteps: [{load: a}]\n"

static void what_a_real_machine_cannot_do_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *message;
    } rows[] = {
        {ONE "{ DriverEntry: { do: [{check: }] } }" LOAD, 3, "`do`"},
        {ONE "{ DriverEntry: { raise: 0xC0000005 } }" LOAD, 3, "`raise`"},
        {ONE "{ DriverEntry: { queue: later } }" LOAD, 3, "`queue`"},
        {ONE "{ DllInitialize: { keep_argument: true } }" LOAD, 3, "`keep_argument`"},
        {ONE "{ file: a.sys }" LOAD, 3, "real image"},
        {ONE "{ flags: [pnp] }" LOAD, 3, "`flags`"},
        {ONE "{}\n  'b c.sys': {}" LOAD, 4, "plain"},
        {ONE "{}\n  '\\Device\\x\\b.sys': {}" LOAD, 4, "paths below"},
        {ONE "{}\nsteps:\n  - load: a\n  - open: a\n", 6, "the step `open`"},
        {ONE "{}\nsteps:\n  - load_image: a.sys\n", 5, "the step `load_image`"},
        {ONE "{}\nsteps:\n  - { load: a, fail: {map: 1} }\n", 5, "the step `fail`"},
        {ONE
         "{}\nservices: { s: { Type: absent, ImagePath: '\\SystemRoot\\System32\\drivers\\a.sys' "
         "} }\nsteps: [{load: s}]\n",
         5, "no Type"},
        {ONE "{}\nblocked: [a.sys]" LOAD, 4, "blocked"},
        {ONE "{}\nprocessor: { hypervisor: X }" LOAD, 4, "real processor"},
        {ONE "{}\nmachine: arm64" LOAD, 1, "x64 only"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct run_case test;
        struct ks_probe *probe = NULL;
        struct kldr_error error;
        run_case_init(&test, rows[i].text);
        assert_int_equal(ks_probe_make(test.scenario, NULL, &probe, &error),
                         KLDR_ERROR_UNSUPPORTED);
        assert_null(probe);
        if (strstr(error.detail, rows[i].message) == NULL || error.line != rows[i].line) {
            fail_msg("%s: line %u: %s", rows[i].text, error.line, error.detail);
        }
        run_case_fini(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_has_images_scripts_and_the_scenario),
        cmocka_unit_test(the_same_scenario_makes_the_same_bytes),
        cmocka_unit_test(the_images_load_in_the_simulation),
        cmocka_unit_test(driverentry_sets_driverunload_unless_there_is_none),
        cmocka_unit_test(printing_is_imported_first),
        cmocka_unit_test(the_code_prints_its_name_and_returns_what_the_scenario_says),
        cmocka_unit_test(the_script_makes_a_service_once_and_changes_its_path),
        cmocka_unit_test(steps_for_one_profile_need_that_profile),
        cmocka_unit_test(what_a_real_machine_cannot_do_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

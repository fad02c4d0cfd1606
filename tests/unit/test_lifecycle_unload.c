// SPDX-License-Identifier: MIT
#include "loader_fixture.h"
#include "test.h"

#include <string.h>

#define BOTH "F DllInitialize DllUnload"

static int set_up(void **state)
{
    *state = fixture_open(KLDR_PROFILE_24H2);
    return 0;
}

static int tear_down(void **state)
{
    fixture_check(*state);
    fixture_destroy(*state);
    return 0;
}

static void run(struct fixture *fixture, const char *commands)
{
    assert_int_equal(fixture_run(fixture, commands), KLDR_STATUS_SUCCESS);
}

// One command and the module list after it, under a policy.
struct step {
    const char *command, *modules;
};

enum { MOST_STEPS = 8 };

// Tells the steps under a profile. b.sys exports what is given, a1 and a2 import it, once each.
static void check_steps(enum kldr_profile profile, const char *exports, kldr_status first,
                        kldr_status later, const struct step *steps, const char *calls)
{
    struct fixture *fixture = fixture_open(profile);
    fixture_image(fixture, "a1.sys", "", "b.sys:F");
    fixture_image(fixture, "a2.sys", "", "b.sys:F");
    fixture_image(fixture, "twice.sys", "", "b.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", exports, "");
    fixture_returns_once(fixture, "b.sys!DllUnload", first, later);
    for (unsigned i = 0; i < MOST_STEPS && steps[i].command != NULL; i++) {
        assert_int_equal(fixture_run(fixture, steps[i].command), KLDR_STATUS_SUCCESS);
        assert_string_equal(fixture_modules(fixture), steps[i].modules);
        fixture_check(fixture);
    }
    assert_string_equal(fixture_events(fixture, "call.begin image.resident"), calls);
    fixture_destroy(fixture);
}

#define INITIALIZED                                                                                \
    "call.begin b.sys!DllInitialize "                                                              \
    "=\\REGISTRY\\MACHINE\\SYSTEM\\CURRENTCONTROLSET\\SERVICES\\b; "
#define ASKED "call.begin b.sys!DllUnload"

// ---- 5.3: worked counts ----

static void the_last_importer_takes_the_dll_along(void **state)
{
    static const struct step steps[MOST_STEPS] = {
        {"load a1.sys", "a1.sys 1; b.sys 1"},
        {"load a2.sys", "a1.sys 1; b.sys 2; a2.sys 1"},
        {"unload a1.sys", "b.sys 1; a2.sys 1"},
        {"unload a2.sys", ""},
    };
    (void)state;
    check_steps(KLDR_PROFILE_NT52, BOTH, 0, 0, steps, INITIALIZED ASKED);
    check_steps(KLDR_PROFILE_24H2, BOTH, 0, 0, steps, INITIALIZED ASKED);
    check_steps(KLDR_PROFILE_DOCUMENTED, BOTH, 0, 0, steps, INITIALIZED ASKED);
}

static void a_refused_dll_stays_and_is_asked_again_where_the_count_went_to_zero(void **state)
{
    static const struct step steps[MOST_STEPS] = {
        {"load a1.sys", "a1.sys 1; b.sys 1"},
        {"unload a1.sys", "b.sys 0"},
        {"load a2.sys", "b.sys 1; a2.sys 1"},
        {"unload a2.sys", ""},
    };
    (void)state;
    check_steps(KLDR_PROFILE_NT52, BOTH, KLDR_STATUS_NOT_SUPPORTED, 0, steps,
                INITIALIZED ASKED "; image.resident b.sys 0 refused by a1.sys; " ASKED);
}

static void a_refused_dll_is_pinned_where_the_count_stayed_at_one(void **state)
{
    static const struct step steps[MOST_STEPS] = {
        {"load a1.sys", "a1.sys 1; b.sys 1"},       {"unload a1.sys", "b.sys 1"},
        {"load a2.sys", "b.sys 2; a2.sys 1"},       {"unload a2.sys", "b.sys 1"},
        {"load twice.sys", "b.sys 3; twice.sys 1"}, {"unload twice.sys", "b.sys 1"},
    };
    (void)state;
    check_steps(KLDR_PROFILE_NT62, BOTH, KLDR_STATUS_NOT_SUPPORTED, 0, steps,
                INITIALIZED ASKED "; image.resident b.sys 1 refused by a1.sys");
}

static void a_dll_without_dllunload_stays(void **state)
{
    static const struct step zero[MOST_STEPS] = {{"load a1.sys", "a1.sys 1; b.sys 1"},
                                                 {"unload a1.sys", "b.sys 0"},
                                                 {"load a1.sys", "b.sys 1; a1.sys 1"},
                                                 {"unload a1.sys", "b.sys 0"}};
    static const struct step one[MOST_STEPS] = {{"load a1.sys", "a1.sys 1; b.sys 1"},
                                                {"unload a1.sys", "b.sys 1"},
                                                {"load a1.sys", "b.sys 2; a1.sys 1"},
                                                {"unload a1.sys", "b.sys 1"}};
    (void)state;
    check_steps(KLDR_PROFILE_NT52, "F", 0, 0, zero,
                "image.resident b.sys 0 no-dllunload by a1.sys; "
                "image.resident b.sys 0 no-dllunload by a1.sys");
    check_steps(KLDR_PROFILE_24H2, "F", 0, 0, one,
                "image.resident b.sys 1 no-dllunload by a1.sys; "
                "image.resident b.sys 1 no-dllunload by a1.sys");
}

static void two_descriptors_are_dropped_one_by_one(void **state)
{
    static const struct step steps[MOST_STEPS] = {{"load twice.sys", "twice.sys 1; b.sys 2"},
                                                  {"unload twice.sys", ""}};
    (void)state;
    check_steps(KLDR_PROFILE_NT52, BOTH, 0, 0, steps, INITIALIZED ASKED);
    check_steps(KLDR_PROFILE_24H2, BOTH, 0, 0, steps, INITIALIZED ASKED);
}

static void a_driver_that_is_imported_leaves_its_image_to_the_importers(void **state)
{
    static const struct step steps[MOST_STEPS] = {
        {"load b.sys", "b.sys 1"},
        {"load a1.sys", "b.sys 2; a1.sys 1"},
        {"unload b.sys", "b.sys 1; a1.sys 1"},
        {"unload a1.sys", ""},
    };
    (void)state;
    check_steps(KLDR_PROFILE_NT52, BOTH, 0, 0, steps, ASKED);
    check_steps(KLDR_PROFILE_24H2, BOTH, 0, 0, steps, ASKED);
    check_steps(KLDR_PROFILE_DOCUMENTED, BOTH, 0, 0, steps, ASKED);
}

static void a_driver_that_goes_last_goes_without_being_asked(void **state)
{
    static const struct step steps[MOST_STEPS] = {
        {"load b.sys", "b.sys 1"},
        {"load a1.sys", "b.sys 2; a1.sys 1"},
        {"unload a1.sys", "b.sys 1"},
        {"unload b.sys", ""},
    };
    (void)state;
    check_steps(KLDR_PROFILE_NT52, BOTH, KLDR_STATUS_NOT_SUPPORTED, 0, steps, "");
    check_steps(KLDR_PROFILE_24H2, BOTH, KLDR_STATUS_NOT_SUPPORTED, 0, steps, "");
}

// ---- U2, U3: the order of going ----

static void importers_go_before_or_after_what_they_import(void **state)
{
    static const struct {
        enum kldr_profile profile;
        const char *order;
    } rows[] = {
        {KLDR_PROFILE_NT52, "image.unmapped a.sys ring; image.unlisted a.sys; "
                            "call.begin b.sys!DllUnload; image.unmapped b.sys ring; "
                            "image.unlisted b.sys; call.begin c.sys!DllUnload; "
                            "image.unmapped c.sys ring; image.unlisted c.sys"},
        {KLDR_PROFILE_REACTOS, "image.unmapped a.sys; image.unlisted a.sys; "
                               "call.begin b.sys!DllUnload; image.unmapped b.sys; "
                               "image.unlisted b.sys; call.begin c.sys!DllUnload; "
                               "image.unmapped c.sys; image.unlisted c.sys"},
        {KLDR_PROFILE_24H2, "call.begin b.sys!DllUnload; call.begin c.sys!DllUnload; "
                            "image.unmapped c.sys ring; image.unlisted c.sys; "
                            "image.unmapped b.sys ring; image.unlisted b.sys; "
                            "image.unmapped a.sys ring; image.unlisted a.sys"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_open(rows[i].profile);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        run(fixture, "load a.sys");
        fixture_forget(fixture);
        run(fixture, "unload a.sys");
        assert_string_equal(fixture_events(fixture, "call image."), rows[i].order);
        fixture_destroy(fixture);
    }
}

static void references_are_dropped_in_descriptor_order(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "c.sys:F b.sys:F c.sys:F ntoskrnl.exe:KeOne");
    fixture_image(fixture, "b.sys", BOTH, "");
    fixture_image(fixture, "c.sys", BOTH, "");
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_events(fixture, "ref.drop"),
                        "ref.drop a.sys 0 unload by I/O manager; "
                        "ref.drop c.sys 1 import by a.sys; ref.drop b.sys 0 import by a.sys; "
                        "ref.drop c.sys 0 import by a.sys");
}

static void a_refused_dll_keeps_what_it_imports(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = fixture_open(profiles[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        fixture_returns(fixture, "b.sys!DllUnload", KLDR_STATUS_UNSUCCESSFUL);
        run(fixture, "load a.sys; unload a.sys");
        assert_string_equal(fixture_modules(fixture),
                            i == 0 ? "b.sys 0; c.sys 1" : "b.sys 1; c.sys 1");
        assert_string_equal(fixture_imports(fixture, "b.sys"), "c.sys");
        assert_true(fixture_module(fixture, "b.sys").refused);
        assert_true(fixture_module(fixture, "b.sys").unload_asked);
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void a_cycle_does_not_keep_itself_alive(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "F", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "a.sys:F");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    run(fixture, "load a.sys; load d.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "b.sys 1; d.sys 1");
    assert_string_equal(fixture_cell(fixture, "b.sys", "a.sys", "F"), "gone");
    run(fixture, "unload d.sys");
    assert_string_equal(fixture_modules(fixture), "");
}

// ---- U9, C5: agreeing ----

static void what_counts_as_agreeing_is_the_policys_word(void **state)
{
    static const struct {
        kldr_status returned;
        bool exact, nonerror;
    } rows[] = {
        {KLDR_STATUS_SUCCESS, true, true},
        {KLDR_STATUS_PENDING, false, true},
        {0x40000000, false, true},
        {0x80000005, false, false},
        {KLDR_STATUS_NOT_SUPPORTED, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (unsigned exact = 0; exact < 2; exact++) {
            struct fixture *fixture = fixture_create(KLDR_PROFILE_24H2, KLDR_MACHINE_X64);
            fixture_knob(fixture, "unload_success", exact ? "exact" : "nonerror");
            fixture_start(fixture);
            fixture_image(fixture, "a.sys", "", "b.sys:F");
            fixture_image(fixture, "b.sys", BOTH, "");
            fixture_returns(fixture, "b.sys!DllUnload", rows[i].returned);
            run(fixture, "load a.sys; unload a.sys");
            bool gone = exact ? rows[i].exact : rows[i].nonerror;
            assert_string_equal(fixture_modules(fixture), gone ? "" : "b.sys 1");
            fixture_destroy(fixture);
        }
    }
}

static void images_alone_are_given_back_one_by_one(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", BOTH, "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "");
    run(fixture, "load_image a.sys");
    assert_int_equal(fixture_run(fixture, "unload a.sys"), KLDR_ERROR_NOT_FOUND);
    run(fixture, "unload_image a.sys");
    assert_string_equal(fixture_modules(fixture), "");
    // The image itself was not asked: its count went with whoever loaded it.
    assert_null(strstr(fixture_events(fixture, "call"), "a.sys!DllUnload"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_importer_takes_the_dll_along),
        TEST(a_refused_dll_stays_and_is_asked_again_where_the_count_went_to_zero),
        TEST(a_refused_dll_is_pinned_where_the_count_stayed_at_one),
        TEST(a_dll_without_dllunload_stays),
        TEST(two_descriptors_are_dropped_one_by_one),
        TEST(a_driver_that_is_imported_leaves_its_image_to_the_importers),
        TEST(a_driver_that_goes_last_goes_without_being_asked),
        TEST(importers_go_before_or_after_what_they_import),
        TEST(references_are_dropped_in_descriptor_order),
        TEST(a_refused_dll_keeps_what_it_imports),
        TEST(a_cycle_does_not_keep_itself_alive),
        TEST(what_counts_as_agreeing_is_the_policys_word),
        TEST(images_alone_are_given_back_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

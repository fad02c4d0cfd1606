// SPDX-License-Identifier: MIT
// DllUnload routines that load and unload themselves.
#include "loader_fixture.h"
#include "test.h"

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

static void after_it_agreed_a_dll_goes_though_it_was_imported_meanwhile(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = fixture_open(profiles[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        fixture_image(fixture, "d.sys", "", "b.sys:F c.sys:F");
        fixture_does(fixture, "b.sys!DllUnload", "load d.sys", 0);
        run(fixture, "load a.sys; unload a.sys");
        assert_string_equal(fixture_modules(fixture), "c.sys 1; d.sys 1");
        assert_string_equal(fixture_cell(fixture, "d.sys", "b.sys", "F"), "gone");
        assert_string_equal(fixture_imports(fixture, "d.sys"), "gone c.sys");
        run(fixture, "unload d.sys");
        assert_string_equal(fixture_modules(fixture), "");
        fixture_destroy(fixture);
    }
}

static void a_dll_may_be_imported_and_left_again_while_it_is_asked(void **state)
{
    static const struct {
        enum kldr_profile profile;
        unsigned asked;
    } rows[] = {
        {KLDR_PROFILE_NT52, 2}, // zero again inside: asked once more, and gone by the outer answer
        {KLDR_PROFILE_24H2, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture *fixture = fixture_open(rows[i].profile);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
        fixture_image(fixture, "c.sys", BOTH, "");
        fixture_image(fixture, "d.sys", "", "b.sys:F");
        fixture_does(fixture, "b.sys!DllUnload", "load d.sys; unload d.sys", 0);
        run(fixture, "load a.sys");
        unsigned before = fixture->called;
        run(fixture, "unload a.sys");
        assert_int_equal(fixture->called - before, rows[i].asked + 1); // and c.sys
        assert_string_equal(fixture_modules(fixture), "");
        fixture_check(fixture);
        fixture_destroy(fixture);
    }
}

static void a_refusing_dll_may_have_been_freed_inside_its_own_question(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    // The inner question is answered with yes, the outer with no: b.sys is gone by then.
    fixture_does(fixture, "b.sys!DllUnload", "load d.sys; unload d.sys", 0);
    fixture_returns_once(fixture, "b.sys!DllUnload", KLDR_STATUS_UNSUCCESSFUL, 0);
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "");
    assert_string_equal(fixture_events(fixture, "image.resident"), "");
    // The inner one with no, the outer with yes.
    fixture_returns_once(fixture, "b.sys!DllUnload", 0, KLDR_STATUS_UNSUCCESSFUL);
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "");
    assert_string_equal(fixture_events(fixture, "image.resident"),
                        "image.resident b.sys 0 refused by d.sys");
    // Both with no: it keeps what it imports.
    fixture_returns(fixture, "b.sys!DllUnload", KLDR_STATUS_UNSUCCESSFUL);
    run(fixture, "load a.sys; unload a.sys");
    assert_string_equal(fixture_modules(fixture), "b.sys 0; c.sys 1");
    assert_string_equal(fixture_imports(fixture, "b.sys"), "c.sys");
    fixture_check(fixture);
    fixture_destroy(fixture);
}

static void the_end_may_come_after_the_asked_dll_is_gone(void **state)
{
    struct fixture *fixture = fixture_open(KLDR_PROFILE_NT52);
    (void)state;
    fixture_image(fixture, "a.sys", "", "b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    fixture_image(fixture, "d.sys", "", "b.sys:F");
    fixture_image(fixture, "x.sys", "", "y.sys:F");
    fixture_image(fixture, "y.sys", BOTH, "");
    // b.sys goes by the inner answer; then DllInitialize of y.sys ends it all.
    fixture_does(fixture, "b.sys!DllUnload", "load d.sys; unload d.sys; load x.sys", 0);
    run(fixture, "load a.sys");
    fixture->fail_call_at = fixture->called + 3;
    fixture->fail_status = KLDR_ERROR_STOPPED;
    assert_int_equal(fixture_run(fixture, "unload a.sys"), KLDR_ERROR_STOPPED);
    assert_string_equal(fixture_modules(fixture), "c.sys 1; x.sys 1 loading; y.sys 1");
    fixture_destroy(fixture);
}

static void an_importer_may_be_loaded_again_while_its_dlls_go(void **state)
{
    static const enum kldr_profile profiles[] = {KLDR_PROFILE_NT52, KLDR_PROFILE_24H2};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct fixture *fixture = fixture_open(profiles[i]);
        fixture_image(fixture, "a.sys", "", "b.sys:F");
        fixture_image(fixture, "b.sys", BOTH, "");
        fixture_does(fixture, "b.sys!DllUnload", "load a.sys", 0);
        run(fixture, "load a.sys");
        fixture_run(fixture, "unload a.sys");
        // Where the importer is off the list by then, a second one comes, and loses what it
        // imports.
        assert_string_equal(fixture_modules(fixture), i == 0 ? "a.sys 1" : "");
        if (i == 0)
            assert_string_equal(fixture_cell(fixture, "a.sys", "b.sys", "F"), "gone");
        fixture_run(fixture, "unload a.sys");
        assert_string_equal(fixture_modules(fixture), "");
        fixture_destroy(fixture);
    }
}

static void unloading_asks_for_no_memory(void **state)
{
    struct fixture *fixture = *state;
    fixture_image(fixture, "a.sys", "", "b.sys:F c.sys:F b.sys:F");
    fixture_image(fixture, "b.sys", BOTH, "c.sys:F");
    fixture_image(fixture, "c.sys", BOTH, "");
    run(fixture, "load a.sys");
    fixture_fail_allocation(fixture, 0);
    run(fixture, "unload a.sys");
    assert_int_equal(fixture->asked, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(after_it_agreed_a_dll_goes_though_it_was_imported_meanwhile),
        TEST(a_dll_may_be_imported_and_left_again_while_it_is_asked),
        TEST(a_refusing_dll_may_have_been_freed_inside_its_own_question),
        TEST(the_end_may_come_after_the_asked_dll_is_gone),
        TEST(an_importer_may_be_loaded_again_while_its_dlls_go),
        TEST(unloading_asks_for_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include "explain/entry.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static struct ks_entry entry;

// What was found, as "kind id, kind id".
static char found[1024];

static void note(void *user, const struct ks_entry *match)
{
    (void)user;
    size_t used = strlen(found);
    (void)snprintf(found + used, sizeof found - used, "%s%s %s", used == 0 ? "" : ", ", match->kind,
                   match->id);
}

static const char *find(const char *query)
{
    found[0] = '\0';
    (void)ks_entry_find(query, &entry, note, NULL);
    return found;
}

static const char *not_found(const char *query)
{
    static char text[400];
    assert_string_equal(find(query), "");
    static const char *const more[] = {"extra-rule"};
    ks_entry_not_found(query, more, COUNT_OF(more), text, sizeof text);
    return text;
}

static void each_kind_of_id_is_found_without_case(void **state)
{
    (void)state;
    static const struct {
        const char *query, *found;
    } cases[] = {
        {"u7", "fact U7"},
        {"A11", "decision A11"},
        {"t41", "scenario T41"},
        {"v1", "invariant V1"},
        {"Dangling-Import", "finding dangling-import"},
        {"NT52", "profile nt52"},
        {"REFUSED", "knob refused"},
        {"refused=One-Final", "value refused=one-final"},
        {"load_imported=0xc0000034", "value load_imported=0xC0000034"},
        {"Ref.Drop", "event ref.drop"},
        {"loadcount", "word LoadCount"},
        {"boot sentinel", "word boot sentinel"},
        {"status_object_name_not_found", "status STATUS_OBJECT_NAME_NOT_FOUND"},
        {"object_name_not_found", "status STATUS_OBJECT_NAME_NOT_FOUND"},
        {"kldr_not_implemented", "status KLDR_NOT_IMPLEMENTED"},
        {"drivers", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(find(cases[i].query), cases[i].found);
    }
}

static void numbers_are_statuses_stop_codes_or_win32_errors(void **state)
{
    (void)state;
    const char *missing = "status STATUS_OBJECT_NAME_NOT_FOUND";
    assert_string_equal(find("0xC0000034"), missing);
    assert_string_equal(find("0xc0000034"), missing);
    assert_string_equal(find("3221225524"), missing);
    assert_string_equal(find("-1073741772"), missing);
    assert_string_equal(find("2"), missing);
    assert_string_equal(find("0xCE"),
                        "stop-code DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS");
    assert_string_equal(find("0xE0000008"), "status KLDR_SCENARIO");
    assert_string_equal(find("0"), "status STATUS_SUCCESS");
}

static void a_win32_error_shows_every_status_behind_it(void **state)
{
    (void)state;
    assert_string_equal(find("1056"), "status STATUS_IMAGE_ALREADY_LOADED, "
                                      "status STATUS_IMAGE_ALREADY_LOADED_AS_DLL");
}

static void an_id_that_two_things_have_shows_both(void **state)
{
    (void)state;
    assert_string_equal(find("bugcheck"), "event bugcheck, word bugcheck");
    assert_string_equal(find("0xE0000001"), "stop-code KLDR_TRAP, status KLDR_NOT_IMPLEMENTED");
}

static void a_stop_code_is_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(find("driver_unloaded_without_cancelling_pending_operations"),
                        "stop-code DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS");
}

static void letters_list_a_family_and_names_list_a_group(void **state)
{
    (void)state;
    assert_string_equal(find("rd"), "family RD");
    assert_int_equal(entry.row_count, 12);
    assert_string_equal(find("findings"), "group findings");
    assert_int_equal(entry.row_count, ks_finding_count());
    assert_string_equal(find("facts"), "group facts");
    assert_int_equal(entry.row_count, ks_fact_count());
}

static void every_member_of_every_group_is_found(void **state)
{
    (void)state;
    static struct ks_entry group;
    for (unsigned g = 0; g < KS_GROUP_GRADES; g++) {
        ks_entry_group(&group, (enum ks_group)g);
        assert_true(group.row_count > 0 && group.row_count < KS_ENTRY_ROWS);
        assert_true(group.storage_used < sizeof group.storage);
        for (size_t i = 0; i < group.row_count; i++) {
            if (find(group.rows[i].id)[0] == '\0') {
                fail_msg("%s lists %s, which is not found", group.id, group.rows[i].id);
            }
            assert_true(entry.storage_used < sizeof entry.storage);
        }
    }
}

static void a_near_id_is_suggested(void **state)
{
    (void)state;
    assert_string_equal(not_found("danglin-import"),
                        "nothing is called 'danglin-import'; did you mean dangling-import?");
    assert_string_equal(not_found("refsed"), "nothing is called 'refsed'; did you mean refused?");
}

static void ids_of_the_caller_are_suggested_too(void **state)
{
    (void)state;
    assert_string_equal(not_found("extra-rul"),
                        "nothing is called 'extra-rul'; did you mean extra-rule?");
}

static void without_a_near_id_the_list_is_pointed_to(void **state)
{
    (void)state;
    assert_string_equal(not_found("quux quux"),
                        "nothing is called 'quux quux'; 'kldr explain' lists what there is");
    assert_string_equal(not_found(""), "nothing is called ''; 'kldr explain' lists what there is");
}

static void an_unknown_value_names_the_values_there_are(void **state)
{
    (void)state;
    assert_string_equal(not_found("refused=never"),
                        "knob refused has no value 'never'; it has zero-retry, one-final");
}

static void an_unknown_number_is_taken_apart(void **state)
{
    (void)state;
    assert_string_equal(not_found("0xC1234567"),
                        "kldr knows no name for 0xC1234567: as a status it is an error status of "
                        "facility 0x123, code 0x4567");
    assert_string_equal(not_found("9999"), "no status that kldr knows has Win32 error 9999");
}

static void what_only_looks_like_a_number_is_a_name(void **state)
{
    (void)state;
    assert_non_null(strstr(not_found("0x"), "nothing is called"));
    assert_non_null(strstr(not_found("12345678901234567890"), "nothing is called"));
    assert_non_null(strstr(not_found("0x1FFFFFFFF"), "nothing is called"));
    assert_non_null(strstr(not_found("-"), "nothing is called"));
}

static void a_long_query_is_cut_in_the_message(void **state)
{
    (void)state;
    char query[2000];
    memset(query, 'q', sizeof query - 1);
    query[sizeof query - 1] = '\0';
    assert_true(strlen(not_found(query)) < 200);
    query[1] = '=';
    assert_true(strlen(not_found(query)) < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_id_is_found_without_case),
        cmocka_unit_test(numbers_are_statuses_stop_codes_or_win32_errors),
        cmocka_unit_test(a_win32_error_shows_every_status_behind_it),
        cmocka_unit_test(an_id_that_two_things_have_shows_both),
        cmocka_unit_test(a_stop_code_is_found_by_name),
        cmocka_unit_test(letters_list_a_family_and_names_list_a_group),
        cmocka_unit_test(every_member_of_every_group_is_found),
        cmocka_unit_test(a_near_id_is_suggested),
        cmocka_unit_test(ids_of_the_caller_are_suggested_too),
        cmocka_unit_test(without_a_near_id_the_list_is_pointed_to),
        cmocka_unit_test(an_unknown_value_names_the_values_there_are),
        cmocka_unit_test(an_unknown_number_is_taken_apart),
        cmocka_unit_test(what_only_looks_like_a_number_is_a_name),
        cmocka_unit_test(a_long_query_is_cut_in_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

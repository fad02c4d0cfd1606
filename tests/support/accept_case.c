// SPDX-License-Identifier: MIT
// Accepting made-up results; see accept_case.h.
#include "accept_case.h"

#include "scenario/accept.h"
#include "scenario/accept/accept_keys.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static const struct ks_step *step_of(const struct accept_case *fixture,
                                     const struct accept_wish *wish)
{
    const struct ks_scenario *scenario = &fixture->parsed.file->scenarios[wish->scenario];

    return wish->nested ? &scenario->images[0].dllinitialize.entries[0].steps[wish->step]
                        : &scenario->steps[wish->step];
}

// Where the value stands that the wish is about.
static struct ks_place place_of(const struct accept_case *fixture, const struct accept_wish *wish)
{
    const struct ks_expect *expect = ks_step_expect(step_of(fixture, wish), wish->profile);
    const struct ks_map *map =
        strcmp(wish->key, "imports") == 0 ? &expect->imports : &expect->counts;
    const struct ks_place *place = ks_accept_keys_place(expect, wish->key);

    assert_non_null(place);
    for (size_t i = 0; wish->subkey != NULL && i < map->pair_count; i++) {
        if (strcmp(map->pairs[i].name, wish->subkey) == 0)
            return map->pairs[i].place;
    }
    return *place;
}

static void add_edits(struct accept_case *fixture, const struct accept_wish *wishes,
                      size_t wish_count)
{
    for (size_t i = 0; i < wish_count; i++) {
        const struct accept_wish *wish = &wishes[i];
        struct ks_result *result = fixture->results;

        while (result->scenario != &fixture->parsed.file->scenarios[wish->scenario] ||
               result->profile != wish->profile)
            result++;
        fixture->edits[result - fixture->results][result->edit_count++] = (struct ks_accept_edit){
            step_of(fixture, wish), wish->key, wish->subkey, place_of(fixture, wish), wish->text};
        result->outcome = KS_FAILED;
    }
}

void accept_case_init(struct accept_case *fixture, const char *text,
                      const struct accept_wish *wishes, size_t wish_count)
{
    memset(fixture, 0, sizeof *fixture);
    kldr_status status = ks_scenario_parse("t.kldr.yaml", text, strlen(text), &fixture->parsed);
    if (status != KLDR_STATUS_SUCCESS)
        print_message("%s\n%s\n", text, fixture->parsed.diagnostics.items[0].message);
    assert_int_equal(status, KLDR_STATUS_SUCCESS);
    for (size_t s = 0; s < fixture->parsed.file->scenario_count; s++) {
        const struct ks_scenario *scenario = &fixture->parsed.file->scenarios[s];
        for (size_t p = 0; p < scenario->profile_count; p++) {
            size_t index = fixture->count++;
            fixture->results[index] = (struct ks_result){
                .scenario = scenario, .profile = scenario->profiles[p], .outcome = KS_PASSED};
            fixture->results[index].edits = fixture->edits[index];
            fixture->pointers[index] = &fixture->results[index];
        }
    }
    add_edits(fixture, wishes, wish_count);
    fixture->status = ks_accept(fixture->parsed.file, fixture->pointers, fixture->count,
                                &fixture->text, &fixture->size, &fixture->error);
}

void accept_case_fini(struct accept_case *fixture)
{
    free(fixture->text);
    ks_scenario_file_destroy(fixture->parsed.file);
    ks_parse_result_fini(&fixture->parsed);
}

void accept_case_check(const char *before, const struct accept_wish *wishes, size_t wish_count,
                       const char *after)
{
    struct accept_case fixture;

    accept_case_init(&fixture, before, wishes, wish_count);
    if (fixture.status != KLDR_STATUS_SUCCESS)
        print_message("%s\n", fixture.error.detail);
    assert_int_equal(fixture.status, KLDR_STATUS_SUCCESS);
    assert_string_equal(fixture.text, after);
    assert_int_equal(fixture.size, strlen(after));
    accept_case_fini(&fixture);
}

void accept_case_check_refused(const char *before, const struct accept_wish *wishes,
                               size_t wish_count, const char *reason)
{
    struct accept_case fixture;

    accept_case_init(&fixture, before, wishes, wish_count);
    assert_int_equal(fixture.status, KLDR_ERROR_UNSUPPORTED);
    assert_non_null(strstr(fixture.error.detail, reason));
    assert_null(fixture.text);
    accept_case_fini(&fixture);
}

// SPDX-License-Identifier: MIT
// Stacks that take turns.
#include "platform.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

struct relay {
    struct ks_fiber *caller, *runner;
    char text[64];
    double carried;
    int rounds;
};

static void say(struct relay *relay, const char *word)
{
    strcat(relay->text, word);
}

static void run_relay(void *user)
{
    struct relay *relay = user;
    double mine = relay->carried * 2; // lives through the switches
    for (int i = 0; i < relay->rounds; i++) {
        say(relay, "b");
        ks_fiber_switch(relay->runner, relay->caller);
    }
    relay->carried = mine;
    ks_fiber_leave(relay->runner, relay->caller);
}

static void two_stacks_take_turns(void **state)
{
    struct relay relay = {.rounds = 3, .carried = 1.25};
    (void)state;
    relay.caller = ks_fiber_adopt();
    relay.runner = ks_fiber_create(65536, run_relay, &relay);
    assert_non_null(relay.caller);
    assert_non_null(relay.runner);
    for (int i = 0; i < 4; i++) {
        say(&relay, "a");
        ks_fiber_switch(relay.caller, relay.runner);
    }
    assert_string_equal(relay.text, "abababa");
    assert_true(relay.carried == 2.5);
    ks_fiber_destroy(relay.runner);
    ks_fiber_destroy(relay.caller);
}

// Uses most of a stack, so that it is seen to be one of its own.
static unsigned dig(unsigned depth)
{
    volatile unsigned char room[512];
    memset((void *)(uintptr_t)room, (int)depth, sizeof room);
    return depth == 0 ? 0 : dig(depth - 1) + (room[depth % sizeof room] == (depth & 0xFF));
}

static void run_deep(void *user)
{
    struct relay *relay = user;
    relay->rounds = (int)dig(200);
    ks_fiber_leave(relay->runner, relay->caller);
}

static void a_stack_has_the_room_that_was_asked_for(void **state)
{
    struct relay relay = {0};
    (void)state;
    relay.caller = ks_fiber_adopt();
    relay.runner = ks_fiber_create((size_t)1 << 20, run_deep, &relay);
    ks_fiber_switch(relay.caller, relay.runner);
    assert_int_equal(relay.rounds, 200);
    ks_fiber_destroy(relay.runner);
    ks_fiber_destroy(relay.caller);
}

static void one_that_never_ended_can_be_destroyed(void **state)
{
    struct relay relay = {.rounds = 5};
    (void)state;
    relay.caller = ks_fiber_adopt();
    for (int i = 0; i < 50; i++) {
        relay.text[0] = '\0';
        relay.runner = ks_fiber_create(65536, run_relay, &relay);
        ks_fiber_switch(relay.caller, relay.runner);
        ks_fiber_destroy(relay.runner);
        assert_string_equal(relay.text, "b");
    }
    relay.runner = ks_fiber_create(65536, run_relay, &relay);
    ks_fiber_destroy(relay.runner); // never begun
    ks_fiber_destroy(relay.caller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_stacks_take_turns),
        cmocka_unit_test(a_stack_has_the_room_that_was_asked_for),
        cmocka_unit_test(one_that_never_ended_can_be_destroyed),
    };
    return cmocka_run_group_tests_name("platform_fiber", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// The arena.
#include "scenario/arena.h"

#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct counter {
    size_t blocks;
    size_t allowed;
};

static void *take_block(void *user, size_t size)
{
    struct counter *counter = user;
    if (counter->allowed == 0) {
        return NULL;
    }
    counter->allowed--;
    counter->blocks++;
    return malloc(size);
}

static void *resize_block(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void give_block(void *user, void *block)
{
    struct counter *counter = user;
    counter->blocks -= block != NULL ? 1 : 0;
    free(block);
}

struct fixture {
    struct counter counter;
    struct ks_arena arena;
    jmp_buf out_of_memory;
};

static void begin(struct fixture *fixture, size_t allowed)
{
    const struct kldr_allocator allocator = {&fixture->counter, take_block, resize_block,
                                             give_block};
    fixture->counter = (struct counter){0, allowed};
    ks_arena_init(&fixture->arena, &allocator, &fixture->out_of_memory);
}

static void memory_is_aligned_zeroed_and_apart(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, 100);
    if (setjmp(fixture.out_of_memory) != 0) {
        fail();
    }
    for (size_t i = 0; i < 2000; i++) {
        char *text = ks_arena_copy(&fixture.arena, "abcdefgh", i % 9);
        unsigned char *bytes = ks_arena_take(&fixture.arena, i % 50, 3);
        assert_int_equal(strlen(text), i % 9);
        assert_int_equal((uintptr_t)bytes % 16, 0);
        for (size_t k = 0; k < i % 50 * 3; k++) {
            assert_int_equal(bytes[k], 0);
        }
        memset(bytes, 0xEE, i % 50 * 3);
    }
    assert_true(fixture.counter.blocks > 1);
    ks_arena_fini(&fixture.arena);
    assert_int_equal(fixture.counter.blocks, 0);
}

static void objects_larger_than_a_block_get_their_own(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, 100);
    if (setjmp(fixture.out_of_memory) != 0) {
        fail();
    }
    char *large = ks_arena_take(&fixture.arena, 5, (size_t)1024 * 1024);
    large[(size_t)5 * 1024 * 1024 - 1] = 'x';
    ks_arena_fini(&fixture.arena);
    assert_int_equal(fixture.counter.blocks, 0);
}

// What changes between setjmp and longjmp is in the fixture, not in this function's variables.
static bool runs_out(struct fixture *fixture, size_t count, size_t size)
{
    if (setjmp(fixture->out_of_memory) != 0) {
        return true;
    }
    ks_arena_take(&fixture->arena, count, size);
    return false;
}

static void running_out_goes_to_the_owner(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, 1);
    assert_false(runs_out(&fixture, 1, 1));
    assert_true(runs_out(&fixture, 1, 1000000));
    assert_true(runs_out(&fixture, SIZE_MAX / 2, 3));
    ks_arena_fini(&fixture.arena);
    assert_int_equal(fixture.counter.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_zeroed_and_apart),
        cmocka_unit_test(objects_larger_than_a_block_get_their_own),
        cmocka_unit_test(running_out_goes_to_the_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

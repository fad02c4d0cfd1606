// SPDX-License-Identifier: MIT
// Blocks of the host's memory, with an allocator that gives out no address twice, as those of
// sanitizers do for long, and with one that gives out the same address each time.
#include "test.h"

#include "kernel/ex/ex_pool.h"

#include <stdlib.h>

#define ROUNDS 20000u
#define BLOCK  40u
#define SLOTS  4u

// What is released stays taken until the test ends.
struct hoard {
    void **released;
    size_t count;
};

static void *take(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *take_again(void *user, void *memory, size_t size)
{
    (void)user;
    return realloc(memory, size);
}

static void keep(void *user, void *memory)
{
    struct hoard *hoard = user;
    if (memory != NULL) {
        assert_true(hoard->count < 4 * ROUNDS);
        hoard->released[hoard->count++] = memory;
    }
}

static void give(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static struct kldr_allocator make_hoard(struct hoard *hoard)
{
    hoard->released = calloc(4 * ROUNDS, sizeof *hoard->released);
    hoard->count = 0;
    assert_non_null(hoard->released);
    return (struct kldr_allocator){
        .user = hoard, .allocate = take, .reallocate = take_again, .release = keep};
}

static void free_hoard(struct hoard *hoard)
{
    for (size_t i = 0; i < hoard->count; i++) {
        free(hoard->released[i]);
    }
    free((void *)hoard->released);
}

static void only_the_last_freed_blocks_are_known(void **state)
{
    struct hoard hoard;
    const struct kldr_allocator allocator = make_hoard(&hoard);
    struct ks_pool pool;
    uint64_t *addresses = calloc(ROUNDS, sizeof *addresses);
    (void)state;
    assert_non_null(addresses);
    ks_pool_init(&pool, &allocator, NULL, 1 << 20);
    uint64_t live = ks_pool_take(&pool, KS_POOL_DATA, BLOCK, 1);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        addresses[i] = ks_pool_take(&pool, KS_POOL_DATA, BLOCK, i);
        assert_true(addresses[i] != 0);
        ks_pool_give(&pool, ks_pool_find(&pool, addresses[i]));
    }
    assert_true(pool.count <= KS_POOL_KNOWN + SLOTS);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct ks_pool_block *block = ks_pool_find(&pool, addresses[i]);
        if (i < ROUNDS - KS_POOL_KNOWN - 1) {
            assert_null(block);
        } else if (i > ROUNDS - KS_POOL_KNOWN) {
            assert_non_null(block);
            assert_false(block->live);
            assert_int_equal(block->tag, i);
        }
    }
    assert_true(ks_pool_find(&pool, live)->live);
    assert_int_equal(pool.used, BLOCK);
    ks_pool_fini(&pool);
    free(addresses);
    free_hoard(&hoard);
}

// Blocks that live are never forgotten, however many others come and go.
static void live_blocks_stay_known(void **state)
{
    enum { LIVE = 3000 };
    struct hoard hoard;
    const struct kldr_allocator allocator = make_hoard(&hoard);
    struct ks_pool pool;
    static uint64_t live[LIVE];
    (void)state;
    ks_pool_init(&pool, &allocator, NULL, 1 << 20);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t passing = ks_pool_take(&pool, KS_POOL_DATA, BLOCK, 0);
        if (i % 5 == 0 && i / 5 < LIVE) {
            live[i / 5] = ks_pool_take(&pool, KS_POOL_DATA, BLOCK, i / 5);
        }
        ks_pool_give(&pool, ks_pool_find(&pool, passing));
    }
    for (uint32_t i = 0; i < LIVE; i++) {
        struct ks_pool_block *block = ks_pool_find(&pool, live[i]);
        assert_non_null(block);
        assert_true(block->live);
        assert_int_equal(block->tag, i);
        ks_pool_give(&pool, block);
    }
    assert_int_equal(pool.used, 0);
    ks_pool_fini(&pool);
    free_hoard(&hoard);
}

static void an_address_that_comes_again_has_one_record(void **state)
{
    const struct kldr_allocator allocator = {
        .allocate = take, .reallocate = take_again, .release = give};
    struct ks_pool pool;
    uint64_t kept[SLOTS] = {0};
    (void)state;
    ks_pool_init(&pool, &allocator, NULL, 1 << 20);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct ks_pool_block *block = ks_pool_find(&pool, kept[i % SLOTS]);
        if (i >= SLOTS) {
            assert_non_null(block);
            assert_int_equal(block->tag, i - SLOTS);
            ks_pool_give(&pool, block);
        }
        kept[i % SLOTS] = ks_pool_take(&pool, KS_POOL_DATA, BLOCK, i);
    }
    assert_int_equal(pool.used, SLOTS * BLOCK);
    assert_true(pool.count <= KS_POOL_KNOWN + 2 * SLOTS);
    ks_pool_fini(&pool);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_last_freed_blocks_are_known),
        cmocka_unit_test(live_blocks_stay_known),
        cmocka_unit_test(an_address_that_comes_again_has_one_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

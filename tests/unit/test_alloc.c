// SPDX-License-Identifier: MIT
#include "alloc.h"

#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// An allocator that remembers the last size asked for and can be told to fail.
struct recorder {
    size_t last_size;
    bool failing;
    unsigned released;
};

static void *record_allocate(void *user, size_t size)
{
    struct recorder *recorder = user;
    recorder->last_size = size;
    if (recorder->failing)
        return NULL;
    void *block = malloc(size);
    memset(block, 0xee, size);
    return block;
}

static void *record_reallocate(void *user, void *block, size_t size)
{
    struct recorder *recorder = user;
    recorder->last_size = size;
    return recorder->failing ? NULL : realloc(block, size);
}

static void record_release(void *user, void *block)
{
    struct recorder *recorder = user;
    recorder->released++;
    free(block);
}

static struct kldr_allocator recording(struct recorder *recorder)
{
    return (struct kldr_allocator){recorder, record_allocate, record_reallocate, record_release};
}

static void no_allocator_means_the_default_one(void **state)
{
    const struct kldr_allocator empty = {0};
    struct recorder recorder = {0};
    struct kldr_allocator own = recording(&recorder);
    (void)state;
    assert_ptr_equal(kl_alloc_pick(NULL), kldr_allocator_default());
    assert_ptr_equal(kl_alloc_pick(&empty), kldr_allocator_default());
    assert_ptr_equal(kl_alloc_pick(&own), &own);
}

static void the_default_allocator_allocates_grows_and_releases(void **state)
{
    const struct kldr_allocator *allocator = kldr_allocator_default();
    (void)state;
    char *block = allocator->allocate(allocator->user, 4);
    assert_non_null(block);
    memcpy(block, "abc", 4);
    block = allocator->reallocate(allocator->user, block, 4096);
    assert_non_null(block);
    assert_string_equal(block, "abc");
    allocator->release(allocator->user, block);
    allocator->release(allocator->user, NULL);
}

static void new_memory_is_zero_whatever_the_allocator_gave(void **state)
{
    struct recorder recorder = {0};
    struct kldr_allocator allocator = recording(&recorder);
    static const uint8_t zeros[64];
    (void)state;
    void *block = kl_alloc_zeroed(&allocator, sizeof zeros);
    assert_memory_equal(block, zeros, sizeof zeros);
    kl_alloc_release(&allocator, block);
    assert_int_equal(recorder.released, 1);
    recorder.failing = true;
    assert_null(kl_alloc_zeroed(&allocator, 1));
}

static void an_array_size_that_wraps_is_refused_without_asking(void **state)
{
    struct recorder recorder = {0};
    struct kldr_allocator allocator = recording(&recorder);
    (void)state;
    void *block = kl_alloc_resize(&allocator, NULL, 3, 5);
    assert_non_null(block);
    assert_int_equal(recorder.last_size, 15);
    assert_null(kl_alloc_resize(&allocator, block, SIZE_MAX / 4, 5));
    assert_int_equal(recorder.last_size, 15);
    recorder.failing = true;
    assert_null(kl_alloc_resize(&allocator, block, 30, 5));
    kl_alloc_release(&allocator, block);
}

static void a_text_is_copied_as_counted_and_terminated(void **state)
{
    struct recorder recorder = {0};
    struct kldr_allocator allocator = recording(&recorder);
    (void)state;
    char *copy = kl_alloc_text(&allocator, "port.sys and more", 8);
    assert_string_equal(copy, "port.sys");
    kl_alloc_release(&allocator, copy);
    assert_null(kl_alloc_text(&allocator, "", SIZE_MAX));
    recorder.failing = true;
    assert_null(kl_alloc_text(&allocator, "x", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocator_means_the_default_one),
        cmocka_unit_test(the_default_allocator_allocates_grows_and_releases),
        cmocka_unit_test(new_memory_is_zero_whatever_the_allocator_gave),
        cmocka_unit_test(an_array_size_that_wraps_is_refused_without_asking),
        cmocka_unit_test(a_text_is_copied_as_counted_and_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// Expectations on requests and devices.

#include "scenario/run/expect_io.h"

#include "kernel/io/io_request.h"
#include "world/world_object.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 1024 // bytes that are written as digits

// ---- numbers ----

static void judge_number(struct ks_judge *judge, const char *key,
                         const struct ks_expect_number *wanted, uint64_t got)
{
    struct ks_runner *runner = judge->runner;
    if (wanted->given) {
        runner->result.expectations++;
        if (wanted->value != got) {
            ks_expect_fail(judge, key, NULL, wanted->place,
                           ks_run_text(runner, "%llu", (unsigned long long)wanted->value),
                           ks_run_text(runner, "%llu", (unsigned long long)got));
        }
    }
}

static const char *irql_text(struct ks_judge *judge, uint64_t level)
{
    const char *name = ks_io_irql_name((size_t)level);
    return name != NULL ? name : ks_run_text(judge->runner, "%u", (unsigned)level);
}

static void judge_irql(struct ks_judge *judge)
{
    const struct ks_expect_number *wanted = &judge->expect->irql;
    struct kldr_world *world = judge->runner->world;
    if (!wanted->given) {
        return;
    }
    unsigned got = ks_io_services(world)->irql(world);
    judge->runner->result.expectations++;
    if (wanted->value != got) {
        ks_expect_fail(judge, "irql", NULL, wanted->place, irql_text(judge, wanted->value),
                       irql_text(judge, got));
    }
}

// ---- bytes ----

static const char *fill_text(struct ks_runner *runner, const uint8_t *bytes, size_t size)
{
    size_t same = 0;
    while (same < size && bytes[same] == bytes[0]) {
        same++;
    }
    return same == size && size > 16
               ? ks_run_text(runner, "{fill: 0x%02X, length: %zu}", bytes[0], size)
               : NULL;
}

// As data; only the first ones when there are many (*out_whole is then false).
static const char *bytes_text(struct ks_runner *runner, const uint8_t *bytes, size_t size,
                              bool *out_whole)
{
    static const char digits[] = "0123456789ABCDEF";
    struct ks_flow flow;
    const char *fill = fill_text(runner, bytes, size);
    *out_whole = fill != NULL || size <= SHOWN_MAX;
    if (fill != NULL || size == 0) {
        return fill != NULL ? fill : "[]";
    }
    ks_flow_init(&flow, runner);
    ks_flow_raw(&flow, "'"); // digits alone would be a number to other readers of YAML
    for (size_t i = 0; i < size && i < SHOWN_MAX; i++) {
        const char pair[] = {' ', digits[bytes[i] >> 4], digits[bytes[i] & 15], '\0'};
        ks_flow_raw(&flow, i == 0 ? pair + 1 : pair);
    }
    ks_flow_raw(&flow, *out_whole ? "'" : " ...'");
    return flow.text;
}

struct span {
    const uint8_t *bytes;
    size_t size;
};

// False: the outcome has been set.
static bool make(struct ks_judge *judge, const struct ks_data *data, struct span *out_span)
{
    return ks_run_data(judge->runner, data, &out_span->bytes, &out_span->size) ==
           KLDR_STATUS_SUCCESS;
}

static bool same_bytes(const uint8_t *left, const uint8_t *right, size_t size)
{
    return size == 0 || memcmp(left, right, size) == 0;
}

static bool contains(struct span all, struct span part)
{
    for (size_t at = 0; part.size <= all.size && at <= all.size - part.size; at++) {
        if (same_bytes(all.bytes + at, part.bytes, part.size)) {
            return true;
        }
    }
    return false;
}

// Bytes under an expectation: of a request, or of a file.
struct subject {
    const char *key, *name; // name NULL: the key says it
    struct span got;
    bool replaceable;
};

// What tells where in the expectation it is. NULL: the key alone.
static const char *subkey_of(struct ks_runner *runner, const struct subject *subject,
                             const char *part)
{
    if (subject->name == NULL || part == NULL) {
        return subject->name != NULL ? subject->name : part;
    }
    return ks_run_text(runner, "%s.%s", subject->name, part);
}

static void fail_bytes(struct ks_judge *judge, const struct subject *subject, const char *part,
                       struct ks_place place, struct span wanted, struct span got)
{
    struct ks_runner *runner = judge->runner;
    bool whole, wanted_whole;
    const char *wanted_text = bytes_text(runner, wanted.bytes, wanted.size, &wanted_whole);
    const char *got_text = bytes_text(runner, got.bytes, got.size, &whole);
    bool replaceable = subject->replaceable && part == NULL && whole;
    (replaceable ? ks_expect_fail : ks_expect_differ)(
        judge, subject->key, subkey_of(runner, subject, part), place, wanted_text, got_text);
}

static void judge_at(struct ks_judge *judge, const struct subject *subject,
                     const struct ks_bytes_at *at)
{
    struct span wanted, got = subject->got, part = {NULL, 0};
    if (!make(judge, &at->data, &wanted)) {
        return;
    }
    if (at->offset < got.size) {
        size_t left = got.size - (size_t)at->offset;
        part = (struct span){got.bytes + at->offset, left < wanted.size ? left : wanted.size};
    }
    if (part.size != wanted.size || !same_bytes(part.bytes, wanted.bytes, wanted.size)) {
        const char *offset =
            ks_run_text(judge->runner, "at.0x%llX", (unsigned long long)at->offset);
        fail_bytes(judge, subject, offset, at->data.place, wanted, part);
    }
}

static void judge_span(struct ks_judge *judge, const struct subject *subject,
                       const struct ks_expect_bytes *expect)
{
    struct span wanted, got = subject->got;
    if (expect->mode == KS_BYTES_AT) {
        for (size_t i = 0; i < expect->at_count; i++) {
            judge_at(judge, subject, &expect->at[i]);
        }
        return;
    }
    if (!make(judge, &expect->data, &wanted)) {
        return;
    }
    bool exact = expect->mode == KS_BYTES_EXACT;
    if (exact ? got.size != wanted.size || !same_bytes(got.bytes, wanted.bytes, got.size)
              : !contains(got, wanted)) {
        fail_bytes(judge, subject, exact ? NULL : "contains", expect->place, wanted, got);
    }
}

static void judge_bytes(struct ks_judge *judge)
{
    const struct ks_io_result *result = &judge->outcome->io;
    const struct subject subject = {"bytes", NULL, {result->bytes, result->byte_count}, true};
    if (judge->expect->bytes.given) {
        judge->runner->result.expectations++;
        judge_span(judge, &subject, &judge->expect->bytes);
    }
}

// ---- files ----

static void judge_file(struct ks_judge *judge, const struct ks_expect_file *expect)
{
    struct ks_file *file = NULL;
    bool there =
        ks_disk_find(judge->runner->world->disk, expect->path, &file) == KLDR_STATUS_SUCCESS;
    judge->runner->result.expectations++;
    if (there == expect->absent) {
        ks_expect_differ(judge, "files", expect->path, expect->place,
                         expect->absent ? "absent" : "a file", there ? "a file" : "absent");
    } else if (there) {
        const struct subject subject = {"files", expect->path, {file->bytes, file->size}, false};
        judge_span(judge, &subject, &expect->bytes);
    }
}

void ks_expect_io(struct ks_judge *judge)
{
    judge_number(judge, "information", &judge->expect->information, judge->outcome->io.information);
    judge_bytes(judge);
    for (size_t i = 0; i < judge->expect->file_count; i++) {
        judge_file(judge, &judge->expect->files[i]);
    }
    judge_irql(judge);
}

// ---- maps ----

// Everything that a table function shows: texts into a list, numbers into a sum.
struct seen_names {
    struct ks_runner *runner;
    struct ks_seen list;
    uint64_t total;
    const struct ks_pair *wanted; // a map of names to numbers
    uint64_t *numbers;            // by index into wanted->pairs
};

static void see_name(void *user, const char *name, uint64_t number)
{
    struct seen_names *seen = user;
    (void)number;
    ks_observe_add_text(seen->runner, &seen->list, name != NULL ? name : "unnamed");
}

static void see_number(void *user, const char *name, uint64_t number)
{
    struct seen_names *seen = user;
    seen->total += number;
    for (size_t i = 0; seen->numbers != NULL && i < seen->wanted->pair_count; i++) {
        if (strcmp(seen->wanted->pairs[i].name, name) == 0) {
            seen->numbers[i] += number;
        }
    }
}

static bool match_names(struct ks_judge *judge, const struct ks_pair *pair,
                        const struct ks_seen *seen)
{
    struct ks_item *items =
        ks_arena_take(&judge->runner->arena, pair->list_count + 1, sizeof *items);
    for (size_t i = 0; items != NULL && i < pair->list_count; i++) {
        items[i] = (struct ks_item){.text = pair->list[i]};
    }
    struct ks_list wanted = {.items = items, .item_count = items != NULL ? pair->list_count : 0};
    return pair->is_list && ks_match_list(&wanted, seen, KS_COMPARE_NAME, pair->list_mode);
}

struct ks_map_entry ks_expect_stack(struct ks_judge *judge, const struct ks_pair *pair)
{
    struct kldr_world *world = judge->runner->world;
    struct seen_names seen = {.runner = judge->runner};
    if (!ks_io_services(world)->see_stack(world, pair->name, see_name, &seen)) {
        return (struct ks_map_entry){
            "absent", pair->text != NULL && strcmp(pair->text, "absent") == 0, false};
    }
    return (struct ks_map_entry){ks_flow_seen(judge->runner, &seen.list),
                                 match_names(judge, pair, &seen.list), false};
}

struct ks_map_entry ks_expect_devices(struct ks_judge *judge, const struct ks_pair *pair)
{
    struct kldr_world *world = judge->runner->world;
    struct seen_names seen = {.runner = judge->runner};
    bool ambiguous = false;
    uint32_t id = ks_observe_module(judge->runner, pair->name, &ambiguous);
    if (id != 0 && !ambiguous) {
        ks_io_services(world)->see_devices(world, id, see_name, &seen);
    }
    return (struct ks_map_entry){ks_flow_seen(judge->runner, &seen.list),
                                 match_names(judge, pair, &seen.list), ambiguous};
}

// "{ Port: 16, Mini: 0 }", the names that were asked for.
static const char *numbers_text(struct ks_runner *runner, const struct ks_pair *wanted,
                                const uint64_t *numbers)
{
    struct ks_flow flow;
    ks_flow_init(&flow, runner);
    ks_flow_raw(&flow, "{");
    for (size_t i = 0; i < wanted->pair_count; i++) {
        ks_flow_raw(&flow, i == 0 ? "" : ", ");
        ks_flow_scalar(&flow, wanted->pairs[i].name);
        ks_flow_raw(&flow, ": ");
        ks_flow_number(&flow, numbers[i]);
    }
    ks_flow_raw(&flow, "}");
    return flow.text;
}

typedef void (*see_function)(struct kldr_world *world, const char *module, ks_io_see see,
                             void *user);

static struct ks_map_entry judge_numbers(struct ks_judge *judge, const struct ks_pair *pair,
                                         see_function look)
{
    struct ks_runner *runner = judge->runner;
    struct seen_names seen = {.runner = runner, .wanted = pair};
    seen.numbers = ks_arena_take(&runner->arena, pair->pair_count + 1, sizeof *seen.numbers);
    if (seen.numbers == NULL) {
        runner->out_of_memory = true;
        return (struct ks_map_entry){"", false, true};
    }
    look(runner->world, pair->name, see_number, &seen);
    if (!pair->is_map) {
        return (struct ks_map_entry){ks_run_text(runner, "%llu", (unsigned long long)seen.total),
                                     pair->is_number && pair->number == seen.total, false};
    }
    bool same = true;
    for (size_t i = 0; i < pair->pair_count; i++) {
        same = same && pair->pairs[i].number == seen.numbers[i];
    }
    return (struct ks_map_entry){numbers_text(runner, pair, seen.numbers), same, false};
}

struct ks_map_entry ks_expect_pool(struct ks_judge *judge, const struct ks_pair *pair)
{
    return judge_numbers(judge, pair, ks_io_services(judge->runner->world)->see_pool);
}

struct ks_map_entry ks_expect_objects(struct ks_judge *judge, const struct ks_pair *pair)
{
    return judge_numbers(judge, pair, ks_io_services(judge->runner->world)->see_objects);
}

const char *ks_expect_numbers_text(struct ks_judge *judge, const struct ks_pair *pair)
{
    uint64_t *numbers = ks_arena_take(&judge->runner->arena, pair->pair_count + 1, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < pair->pair_count; i++) {
        numbers[i] = pair->pairs[i].number;
    }
    return numbers != NULL ? numbers_text(judge->runner, pair, numbers) : "";
}

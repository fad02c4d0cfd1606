// SPDX-License-Identifier: MIT
#include "cli/fault_sweep_state.h"
#include "cli/commands.h"
#include "output/json_writer.h"
#include "platform.h"
#include "scenario/run/host_file.h"
#include "scenario/walk.h"
#include "worker/request.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MOST (UINT64_C(1) << 28)
#define WRITE_NS  UINT64_C(500000000) // between two writes of the file

// FNV-1a
#define HASH_FIRST UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

// A fault of an earlier run.
struct entry {
    uint64_t key, operation;
    json_t *value;
};

struct ks_sweep_state {
    char *path;
    struct ks_mutex *mutex;
    struct entry *entries;
    size_t entry_count;
    struct ks_text_buffer lines; // the file as it is to be
    uint64_t written_at;
    bool changed, failed;
};

static void state_free(struct ks_sweep_state *state)
{
    for (size_t i = 0; i < state->entry_count; i++) {
        json_decref(state->entries[i].value);
    }
    ks_mutex_destroy(state->mutex);
    ks_text_buffer_fini(&state->lines);
    free(state->entries);
    free(state->path);
    free(state);
}

// ---- reading ----

static int refuse(const char *path, size_t line, const char *what)
{
    fprintf(stderr, "kldr run: --sweep-state %s:%zu: %s; remove the file to begin anew\n", path,
            line, what);
    return KS_EXIT_USAGE;
}

static bool read_entry(json_t *value, struct entry *out_entry)
{
    const char *key = json_string_value(json_object_get(value, "key"));
    const json_t *operation = json_object_get(value, "operation");
    const json_t *code = json_object_get(value, "code");
    char *end = NULL;
    out_entry->key = key != NULL ? strtoull(key, &end, 16) : 0;
    out_entry->operation = (uint64_t)json_integer_value(operation);
    out_entry->value = value;
    return end != NULL && *end == '\0' && json_is_integer(operation) && json_is_integer(code) &&
           json_integer_value(code) >= KS_EXIT_OK && json_integer_value(code) <= KS_EXIT_LIMIT &&
           json_is_string(json_object_get(value, "text")) &&
           json_is_string(json_object_get(value, "json"));
}

static bool is_header(const json_t *value)
{
    return json_integer_value(json_object_get(value, "kldr_sweep_state")) == 1;
}

static int read_lines(struct ks_sweep_state *state, const char *bytes, size_t size)
{
    size_t lines = 0, line = 0;
    for (size_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
    }
    state->entries = calloc(lines + 1, sizeof *state->entries);
    if (state->entries == NULL) {
        return KS_EXIT_LIMIT;
    }
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(bytes + at, '\n', size - at);
        size_t length = newline != NULL ? (size_t)(newline - bytes) - at : size - at;
        json_t *value = newline != NULL ? json_loadb(bytes + at, length, 0, NULL) : NULL;
        bool good =
            ++line == 1 ? is_header(value) : read_entry(value, &state->entries[state->entry_count]);
        if (!good) {
            json_decref(value);
            return refuse(state->path, line, "this is no state of a sweep");
        }
        state->entry_count += line > 1;
        if (line == 1) {
            json_decref(value);
        }
        at += length + 1;
    }
    ks_text_buffer_bytes(&state->lines, bytes, size);
    return KS_EXIT_OK;
}

static void write_header(struct ks_text_buffer *lines)
{
    struct ks_json json;
    ks_json_init(&json, lines);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_sweep_state", 1);
    ks_json_key_text(&json, "version", KLDR_VERSION);
    ks_json_end_object(&json);
    ks_text_buffer_char(lines, '\n');
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return (a->operation > b->operation) - (a->operation < b->operation);
}

static int read_file(struct ks_sweep_state *state)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum ks_io io = ks_platform_read_file(state->path, SIZE_MOST, &bytes, &size);
    int code = KS_EXIT_OK;
    if (io == KS_IO_NOT_FOUND || (io == KS_IO_OK && size == 0)) {
        write_header(&state->lines);
        state->changed = true;
    } else if (io == KS_IO_OK) {
        code = read_lines(state, (const char *)bytes, size);
    } else {
        fprintf(stderr, "kldr run: --sweep-state %s: %s\n", state->path, ks_platform_io_text(io));
        code = KS_EXIT_USAGE;
    }
    free(bytes);
    if (state->entry_count > 0) {
        qsort(state->entries, state->entry_count, sizeof *state->entries, compare);
    }
    return code;
}

// ---- writing ----

static void write_file(struct ks_sweep_state *state)
{
    if (state->failed || state->lines.failed || !state->changed) {
        return;
    }
    enum ks_io io = ks_platform_write_file(state->path, state->lines.bytes, state->lines.size);
    if (io != KS_IO_OK) {
        fprintf(stderr, "kldr run: --sweep-state %s: %s\n", state->path, ks_platform_io_text(io));
        state->failed = true;
    }
    state->changed = false;
    state->written_at = ks_platform_now_ns();
}

static void write_text(struct ks_json *json, const char *key, const struct ks_text_buffer *text)
{
    struct ks_text_buffer ended;
    ks_text_buffer_init(&ended, NULL);
    ks_text_buffer_bytes(&ended, text->bytes, text->size);
    ks_text_buffer_bytes(&ended, "", 1);
    ks_json_key_text(json, key, ended.failed ? "" : ended.bytes);
    json->buffer->failed = json->buffer->failed || ended.failed;
    ks_text_buffer_fini(&ended);
}

void ks_sweep_state_add(struct ks_sweep_state *state, uint64_t key,
                        const struct ks_sweep_verdict *verdict)
{
    struct ks_json json;
    ks_mutex_lock(state->mutex);
    ks_json_init(&json, &state->lines);
    ks_json_begin_object(&json);
    ks_json_key(&json, "key");
    ks_json_address(&json, key);
    ks_json_key_unsigned(&json, "operation", verdict->site->number);
    ks_json_key_unsigned(&json, "code", (uint64_t)verdict->code);
    write_text(&json, "text", &verdict->text);
    write_text(&json, "json", &verdict->json);
    ks_json_end_object(&json);
    ks_text_buffer_char(&state->lines, '\n');
    state->changed = true;
    if (ks_platform_now_ns() - state->written_at >= WRITE_NS) {
        write_file(state);
    }
    ks_mutex_unlock(state->mutex);
}

// ---- both ----

int ks_sweep_state_open(const char *path, struct ks_sweep_state **out_state)
{
    struct ks_sweep_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return KS_EXIT_LIMIT;
    }
    ks_text_buffer_init(&state->lines, NULL);
    state->path = ks_platform_join("", path);
    state->mutex = ks_mutex_create();
    int code = state->path != NULL && state->mutex != NULL ? read_file(state) : KS_EXIT_LIMIT;
    if (code == KS_EXIT_OK) {
        write_file(state); // what cannot be written is told now
        code = state->failed ? KS_EXIT_USAGE : KS_EXIT_OK;
    }
    if (code != KS_EXIT_OK) {
        state_free(state);
        return code;
    }
    *out_state = state;
    return KS_EXIT_OK;
}

bool ks_sweep_state_close(struct ks_sweep_state *state)
{
    write_file(state);
    bool good = !state->failed && !state->lines.failed;
    state_free(state);
    return good;
}

void ks_sweep_state_find(const struct ks_sweep_state *state, uint64_t key,
                         struct ks_sweep_verdict *verdict)
{
    const struct entry wanted = {.key = key, .operation = verdict->site->number};
    const struct entry *found =
        state->entry_count > 0
            ? bsearch(&wanted, state->entries, state->entry_count, sizeof wanted, compare)
            : NULL;
    if (found != NULL) {
        const char *text = json_string_value(json_object_get(found->value, "text"));
        const char *json = json_string_value(json_object_get(found->value, "json"));
        verdict->code = (int)json_integer_value(json_object_get(found->value, "code"));
        ks_text_buffer_text(&verdict->text, text);
        ks_text_buffer_text(&verdict->json, json);
        verdict->known = true;
    }
}

// ---- the key ----

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * HASH_PRIME;
    }
    return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return add_bytes(hash, text, strlen(text) + 1);
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return add_text(hash, text);
}

static uint64_t add_site(uint64_t hash, const struct ks_fault_site *site)
{
    hash = add_number(hash, site->number);
    hash = add_text(hash, ks_fallible_at(site->operation)->name);
    hash = add_number(hash, site->step);
    hash = add_text(hash, site->module);
    hash = add_number(hash, site->offset);
    return add_number(hash, site->stack);
}

struct image_hash {
    const struct ks_scenario *scenario;
    const struct ks_run_options *options;
    uint64_t hash;
};

// The bytes of a real image; one that cannot be read was not read by the runs either.
static bool add_image(void *user, const struct ks_image *image)
{
    struct image_hash *images = user;
    struct ks_host_file file;
    struct kldr_error error;
    kldr_error_clear(&error);
    if (image->real && ks_host_file_read(images->scenario, image, images->options, &file, &error) ==
                           KLDR_STATUS_SUCCESS) {
        images->hash = add_bytes(images->hash, file.bytes, file.size);
        free(file.bytes);
    }
    return true;
}

uint64_t ks_sweep_state_key(const struct ks_run_context *context, const struct ks_run_item *item,
                            const struct ks_result *baseline)
{
    const struct ks_run_options options = ks_run_options_for(context, item);
    struct ks_wire_writer request = {0};
    struct image_hash images = {.scenario = item->scenario, .options = &options};
    const struct ks_walk walk = {.image = add_image, .user = &images};
    uint64_t hash = add_text(HASH_FIRST, KLDR_VERSION);
    ks_worker_request_write(&request, item->scenario, &options, 0, false);
    hash = add_bytes(hash, request.bytes, request.size);
    ks_wire_writer_fini(&request);
    for (size_t i = 0; i < options.directory_count; i++) {
        hash = add_text(hash, options.directories[i]);
    }
    images.hash = hash;
    ks_walk_scenario(item->scenario, &walk);
    hash = images.hash;
    for (size_t i = 0; i < baseline->fault_site_count; i++) {
        hash = add_site(hash, &baseline->fault_sites[i]);
    }
    return hash;
}

// SPDX-License-Identifier: MIT

#include "compare/recording.h"

#include "scenario/arena.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PRINT_MARK "KLDR "
#define MOST_STEPS 100000
#define MAX_NAME   600

struct reader {
    struct ks_recording *recording;
    struct ks_arena *arena;
    const char *path;
    unsigned line;
    struct kldr_error *error;
    size_t capacity;
    bool has_header;
};

static kldr_status refuse(struct reader *reader, const char *what, const char *name)
{
    struct kldr_error *error = reader->error;
    kldr_error_set(error, KLDR_ERROR_SCENARIO, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s%.200s", what,
                   name);
    if (error != NULL) {
        size_t length = strlen(reader->path);
        length = length < sizeof error->file ? length : sizeof error->file - 1;
        memcpy(error->file, reader->path, length);
        error->file[length] = '\0';
        error->line = reader->line;
        error->column = 1;
    }
    return KLDR_ERROR_SCENARIO;
}

static const char *keep(struct ks_arena *arena, const char *text)
{
    return ks_arena_copy(arena, text, strlen(text));
}

// ---- prints ----

// The call that a line tells of: what follows the mark, up to a blank. NULL: none.
static const char *call_of_print(struct ks_arena *arena, const char *line, size_t size)
{
    size_t mark = sizeof PRINT_MARK - 1, begin = 0, end = 0;
    while (begin + mark <= size && memcmp(line + begin, PRINT_MARK, mark) != 0) {
        begin++;
    }
    if (begin + mark > size) {
        return NULL;
    }
    begin += mark;
    for (end = begin; end < size && (unsigned char)line[end] > ' ' && line[end] != '"'; end++) {
    }
    if (end == begin || end - begin > MAX_NAME || memchr(line + begin, '!', end - begin) == NULL) {
        return NULL;
    }
    return ks_arena_copy(arena, line + begin, end - begin);
}

static bool add_item(struct ks_arena *arena, struct ks_recorded_list *list, const char *value)
{
    // The room doubles at 0, 1, 2, 4, 8, ...
    if ((list->count & (list->count - 1)) == 0) {
        size_t capacity = list->count == 0 ? 1 : list->count * 2;
        struct ks_recorded_item *items = ks_arena_take(arena, capacity, sizeof *items);
        if (items == NULL) {
            return false;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof *items);
        }
        list->items = items;
    }
    list->items[list->count++] = (struct ks_recorded_item){NULL, value};
    return value != NULL;
}

bool ks_recording_add_prints(struct ks_recording *recording, const char *text, size_t size)
{
    struct ks_arena *arena = recording->storage;
    const char *end = text + size;
    recording->all_calls.given = true;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        const char *call = call_of_print(arena, text, (size_t)(stop - text));
        if (call != NULL && !add_item(arena, &recording->all_calls, call)) {
            return false;
        }
        text = stop < end ? stop + 1 : end;
    }
    return true;
}

// ---- values ----

static kldr_status read_list(struct reader *reader, const char *key, const json_t *value,
                             bool prints, struct ks_recorded_list *out)
{
    size_t index = 0;
    const json_t *item = NULL;
    if (!json_is_array(value)) {
        return refuse(reader, "a list of texts is wanted for ", key);
    }
    out->given = true;
    json_array_foreach(value, index, item)
    {
        const char *text = json_string_value(item);
        if (text == NULL) {
            return refuse(reader, "a list of texts is wanted for ", key);
        }
        const char *kept =
            prints ? call_of_print(reader->arena, text, strlen(text)) : keep(reader->arena, text);
        if (kept != NULL && !add_item(reader->arena, out, kept)) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status read_counts(struct reader *reader, json_t *value, struct ks_recorded_list *out)
{
    const char *name = NULL;
    json_t *count = NULL;
    if (!json_is_object(value)) {
        return refuse(reader, "a map of numbers is wanted for ", "counts");
    }
    out->given = true;
    json_object_foreach(value, name, count)
    {
        char text[32];
        if (!json_is_integer(count)) {
            return refuse(reader, "a number is wanted for the count of ", name);
        }
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(count));
        if (!add_item(reader->arena, out, keep(reader->arena, text))) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        out->items[out->count - 1].name = keep(reader->arena, name);
    }
    return KLDR_STATUS_SUCCESS;
}

// "STATUS_SUCCESS", "0xC0000034" or the number itself.
static bool read_status(const json_t *value, kldr_status *out_status)
{
    struct kldr_status_info info;
    const char *text = json_string_value(value);
    char *end = NULL;
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        *out_status = (kldr_status)number;
        return number >= INT32_MIN && number <= (json_int_t)UINT32_MAX;
    }
    if (text == NULL) {
        return false;
    }
    if (kldr_status_find_name(text, &info)) {
        *out_status = info.value;
        return true;
    }
    unsigned long long number = strtoull(text, &end, 0);
    *out_status = (kldr_status)number;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number <= UINT32_MAX;
}

// ---- lines ----

static kldr_status read_key(struct reader *reader, struct ks_recorded_step *step, const char *key,
                            json_t *value)
{
    if (strcmp(key, "step") == 0) {
        json_int_t number = json_integer_value(value);
        step->step = (unsigned)number;
        return number >= 1 && number <= MOST_STEPS
                   ? KLDR_STATUS_SUCCESS
                   : refuse(reader, "the number of a step is wanted for ", key);
    }
    if (strcmp(key, "status") == 0) {
        step->has_status = read_status(value, &step->status);
        return step->has_status ? KLDR_STATUS_SUCCESS
                                : refuse(reader, "a status name or number is wanted for ", key);
    }
    if (strcmp(key, "win32") == 0) {
        step->has_win32 = json_is_integer(value) && json_integer_value(value) >= 0 &&
                          json_integer_value(value) <= (json_int_t)UINT32_MAX;
        step->win32 = step->has_win32 ? (uint32_t)json_integer_value(value) : 0;
        return step->has_win32 ? KLDR_STATUS_SUCCESS
                               : refuse(reader, "a Win32 error number is wanted for ", key);
    }
    if (strcmp(key, "calls") == 0) {
        step->calls = (struct ks_recorded_list){0}; // they win over prints
        return read_list(reader, key, value, false, &step->calls);
    }
    if (strcmp(key, "prints") == 0) {
        return step->calls.given ? KLDR_STATUS_SUCCESS
                                 : read_list(reader, key, value, true, &step->calls);
    }
    if (strcmp(key, "modules") == 0) {
        return read_list(reader, key, value, false, &step->modules);
    }
    if (strcmp(key, "unloaded") == 0) {
        return read_list(reader, key, value, false, &step->unloaded);
    }
    if (strcmp(key, "counts") == 0) {
        return read_counts(reader, value, &step->counts);
    }
    if (strcmp(key, "action") == 0 || strcmp(key, "note") == 0) {
        return KLDR_STATUS_SUCCESS;
    }
    return refuse(reader, "unknown key ", key);
}

static kldr_status add_step(struct reader *reader, const struct ks_recorded_step *step)
{
    struct ks_recording *recording = reader->recording;
    for (size_t i = 0; i < recording->count; i++) {
        if (recording->steps[i].step == step->step) {
            return refuse(reader, "this step was told of before", "");
        }
    }
    if (recording->count == reader->capacity) {
        size_t capacity = reader->capacity == 0 ? 16 : reader->capacity * 2;
        struct ks_recorded_step *steps = ks_arena_take(reader->arena, capacity, sizeof *steps);
        if (steps == NULL) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        if (recording->count > 0) {
            memcpy(steps, recording->steps, recording->count * sizeof *steps);
        }
        recording->steps = steps;
        reader->capacity = capacity;
    }
    recording->steps[recording->count++] = *step;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status read_header(struct reader *reader, const json_t *object)
{
    const char *system = json_string_value(json_object_get(object, "system"));
    if (json_integer_value(json_object_get(object, "kldr_recording")) != 1) {
        return refuse(reader, "the first line of a recording has \"kldr_recording\": 1", "");
    }
    reader->has_header = true;
    reader->recording->system =
        (char *)(uintptr_t)keep(reader->arena, system != NULL ? system : "");
    return reader->recording->system != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

static kldr_status read_object(struct reader *reader, json_t *object)
{
    struct ks_recorded_step step = {.line = reader->line};
    const char *key = NULL;
    json_t *value = NULL;
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (!json_is_object(object)) {
        return refuse(reader, "each line is a JSON object", "");
    }
    if (!reader->has_header) {
        return read_header(reader, object);
    }
    json_object_foreach(object, key, value)
    {
        if (status == KLDR_STATUS_SUCCESS) {
            status = read_key(reader, &step, key, value);
        }
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    if (step.step == 0) { // the run as a whole: calls or prints only
        reader->recording->all_calls = step.calls;
        return step.calls.given ? status : refuse(reader, "the number of the step is missing", "");
    }
    return add_step(reader, &step);
}

static bool is_blank(const char *line, size_t size)
{
    while (size > 0 && strchr(" \t\r", line[size - 1]) != NULL) {
        size--;
    }
    return size == 0;
}

static kldr_status read_line(struct reader *reader, const char *line, size_t size)
{
    json_error_t why;
    if (is_blank(line, size)) {
        return KLDR_STATUS_SUCCESS;
    }
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (object == NULL) {
        return refuse(reader, "this is not JSON: ", why.text);
    }
    kldr_status status = read_object(reader, object);
    json_decref(object);
    return status;
}

static kldr_status read_lines(struct reader *reader, const char *text, size_t size)
{
    const char *end = text + size;
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; // Windows programs like to begin so
    }
    while (text < end && status == KLDR_STATUS_SUCCESS) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        reader->line++;
        status = read_line(reader, text, (size_t)(stop - text));
        text = stop < end ? stop + 1 : end;
    }
    if (status == KLDR_STATUS_SUCCESS && !reader->has_header) {
        status = refuse(reader, "the recording is empty", "");
    }
    return status;
}

kldr_status ks_recording_read(const char *path, const char *text, size_t size,
                              struct ks_recording **out_recording, struct kldr_error *error)
{
    struct ks_recording *recording = calloc(1, sizeof *recording);
    struct ks_arena *arena = calloc(1, sizeof *arena);
    if (recording == NULL || arena == NULL) {
        free(recording);
        free(arena);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_error_clear(error);
    ks_arena_init(arena, NULL, NULL);
    recording->storage = arena;
    struct reader reader = {.recording = recording, .arena = arena, .path = path, .error = error};
    kldr_status status = read_lines(&reader, text, size);
    if (status != KLDR_STATUS_SUCCESS) {
        ks_recording_destroy(recording);
        return status;
    }
    *out_recording = recording;
    return status;
}

void ks_recording_destroy(struct ks_recording *recording)
{
    if (recording != NULL) {
        ks_arena_fini(recording->storage);
        free(recording->storage);
        free(recording);
    }
}

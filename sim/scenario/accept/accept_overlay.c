// SPDX-License-Identifier: MIT
// Writing expect_by_profile; see accept_overlay.h.
//
// Three cases, each for block and for flow style: the step has no expect_by_profile (it is written
// after the value of expect); it has one without this profile (an entry is written after its last
// one); it has an entry for this profile (the key is written after its last one).
#include "scenario/accept/accept_overlay.h"

#include "scenario/accept/accept_keys.h"

#include <string.h>

// A longer line is broken where that is possible.
#define LINE_WIDTH 100

// What belongs to one step.
struct task {
    struct ks_accept_text *edits;
    const struct ks_scenario_file *file;
    const struct ks_step *step;
    const struct ks_accept_overlay *overlays;
    size_t count;
};

static bool is_flow(const struct task *task, const struct ks_place *place)
{
    return task->file->text[place->begin] == '{';
}

static bool is_written(const struct ks_place *place)
{
    return place->end > place->begin;
}

static bool has_own_map(const struct task *task, enum kldr_profile profile)
{
    const struct ks_expect *own = &task->step->by_profile[profile];

    return is_written(&task->step->by_profile_place) && own->given &&
           ks_accept_keys_inside(&own->place, &task->step->by_profile_place);
}

// Appends "calls: [a], counts: { b: 1 }" for a profile. Returns false when it has no overlay.
static bool add_entries(struct ks_text_buffer *out, const struct task *task,
                        enum kldr_profile profile)
{
    bool any = false;

    for (size_t i = 0; i < task->count; i++) {
        const struct ks_accept_overlay *overlay = &task->overlays[i];

        if (overlay->step != task->step || overlay->profile != profile) {
            continue;
        }
        ks_text_buffer_text(out, any ? ", " : "");
        ks_text_buffer_text(out, overlay->key);
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_bytes(out, overlay->text.bytes, overlay->text.size);
        any = true;
    }
    return any;
}

// Appends "nt52: { calls: [a] }". Returns false, appending nothing, when the profile has no
// overlay.
static bool add_profile(struct ks_text_buffer *out, const struct task *task,
                        enum kldr_profile profile)
{
    struct ks_text_buffer entries = {0};
    bool any = add_entries(&entries, task, profile);

    if (any) {
        ks_text_buffer_text(out, kldr_profile_name(profile));
        ks_text_buffer_text(out, ": { ");
        ks_text_buffer_bytes(out, entries.bytes, entries.size);
        ks_text_buffer_text(out, " }");
    }
    out->failed = out->failed || entries.failed;
    ks_text_buffer_fini(&entries);
    return any;
}

// Appends each key of a profile on a line of its own.
static void add_key_lines(struct ks_text_buffer *out, const struct task *task,
                          enum kldr_profile profile, size_t indent)
{
    for (size_t i = 0; i < task->count; i++) {
        const struct ks_accept_overlay *overlay = &task->overlays[i];

        if (overlay->step == task->step && overlay->profile == profile) {
            ks_text_buffer_repeat(out, ' ', indent);
            ks_text_buffer_text(out, overlay->key);
            ks_text_buffer_text(out, ": ");
            ks_text_buffer_bytes(out, overlay->text.bytes, overlay->text.size);
            ks_text_buffer_char(out, '\n');
        }
    }
}

static void insert(const struct task *task, size_t at, struct ks_text_buffer *text)
{
    if (text->size != 0 || text->failed) {
        ks_accept_text_replace(task->edits, at, at, text);
    }
    ks_text_buffer_fini(text);
}

// ---- lines ----

// The beginning of the first line after a value. A block scalar ends at the beginning of a line
// already.
static size_t next_line(const struct ks_scenario_file *file, size_t end)
{
    const char *newline;

    if (end != 0 && file->text[end - 1] == '\n') {
        return end;
    }
    newline = memchr(file->text + end, '\n', file->size - end);
    return newline != NULL ? (size_t)(newline - file->text) + 1 : file->size;
}

static const char *newline_of(const struct ks_scenario_file *file)
{
    const char *first = memchr(file->text, '\n', file->size);

    return first != NULL && first != file->text && first[-1] == '\r' ? "\r\n" : "\n";
}

// Inserts text as lines of their own before the line at which a value's following line begins. Each
// line of text ends with '\n', which becomes the file's own newline.
static void insert_lines(const struct task *task, size_t end, struct ks_text_buffer *lines)
{
    const char *newline = newline_of(task->file);
    size_t at = next_line(task->file, end);
    bool at_line_start = at != 0 && task->file->text[at - 1] == '\n';
    struct ks_text_buffer out = {0};

    if (lines->size != 0) {
        ks_text_buffer_text(&out, at_line_start ? "" : newline);
        for (size_t i = 0; i < lines->size; i++) {
            if (lines->bytes[i] != '\n') {
                ks_text_buffer_char(&out, lines->bytes[i]);
            } else if (at_line_start || i + 1 != lines->size) {
                ks_text_buffer_text(&out, newline);
            }
        }
    }
    out.failed = out.failed || lines->failed;
    ks_text_buffer_fini(lines);
    insert(task, at, &out);
}

// ---- the three cases ----

static void extend_profile(const struct task *task, enum kldr_profile profile)
{
    const struct ks_expect *own = &task->step->by_profile[profile];
    bool flow = is_flow(task, &own->place);
    size_t last = ks_accept_keys_last_end(own, &own->place);
    struct ks_text_buffer text = {0};

    if (!flow) {
        add_key_lines(&text, task, profile, own->place.column - 1);
        insert_lines(task, own->place.end, &text);
        return;
    }
    ks_text_buffer_text(&text, last != 0 ? ", " : " ");
    if (!add_entries(&text, task, profile)) {
        ks_text_buffer_fini(&text);
        return;
    }
    ks_text_buffer_text(&text, last != 0 ? "" : " ");
    insert(task, last != 0 ? last : own->place.begin + 1, &text);
}

// The end of the last profile's map in expect_by_profile; 0 when it is empty.
static size_t last_profile_end(const struct task *task)
{
    size_t end = 0;

    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        const struct ks_place *place = &task->step->by_profile[p].place;

        if (has_own_map(task, (enum kldr_profile)p) && place->end > end) {
            end = place->end;
        }
    }
    return end;
}

// Appends the profiles that have no map yet, in flow style with a separator before each.
static void add_new_profiles(struct ks_text_buffer *text, const struct task *task,
                             const char *separator)
{
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        struct ks_text_buffer entry = {0};

        if (!has_own_map(task, (enum kldr_profile)p) &&
            add_profile(&entry, task, (enum kldr_profile)p)) {
            ks_text_buffer_text(text, separator);
            ks_text_buffer_bytes(text, entry.bytes, entry.size);
            separator = ", ";
        }
        text->failed = text->failed || entry.failed;
        ks_text_buffer_fini(&entry);
    }
}

// The same as lines: one for each profile, or one for each of its keys where that would be too
// long.
static void add_new_profile_lines(struct ks_text_buffer *text, const struct task *task,
                                  size_t indent)
{
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        enum kldr_profile profile = (enum kldr_profile)p;
        struct ks_text_buffer entry = {0};

        if (!has_own_map(task, profile) && add_profile(&entry, task, profile)) {
            ks_text_buffer_repeat(text, ' ', indent);
            if (indent + entry.size <= LINE_WIDTH) {
                ks_text_buffer_bytes(text, entry.bytes, entry.size);
                ks_text_buffer_char(text, '\n');
            } else {
                ks_text_buffer_text(text, kldr_profile_name(profile));
                ks_text_buffer_text(text, ":\n");
                add_key_lines(text, task, profile, indent + 2);
            }
        }
        text->failed = text->failed || entry.failed;
        ks_text_buffer_fini(&entry);
    }
}

static void extend_map(const struct task *task)
{
    const struct ks_place *map = &task->step->by_profile_place;
    size_t last = last_profile_end(task);
    struct ks_text_buffer text = {0};

    if (!is_flow(task, map)) {
        add_new_profile_lines(&text, task, map->column - 1);
        insert_lines(task, map->end, &text);
    } else {
        add_new_profiles(&text, task, last != 0 ? ", " : " ");
        insert(task, last != 0 ? last : map->begin + 1, &text);
    }
}

static void write_map(const struct task *task)
{
    const struct ks_step *step = task->step;
    struct ks_text_buffer text = {0};

    if (is_flow(task, &step->place)) {
        ks_text_buffer_text(&text, ", expect_by_profile: { ");
        add_new_profiles(&text, task, "");
        ks_text_buffer_text(&text, " }");
        insert(task, step->expect.place.end, &text);
    } else {
        ks_text_buffer_repeat(&text, ' ', step->place.column - 1);
        ks_text_buffer_text(&text, "expect_by_profile:\n");
        add_new_profile_lines(&text, task, step->place.column + 1);
        insert_lines(task, step->expect.place.end, &text);
    }
}

void ks_accept_overlay_write(struct ks_accept_text *edits, const struct ks_scenario_file *file,
                             const struct ks_step *step, const struct ks_accept_overlay *overlays,
                             size_t count)
{
    const struct task task = {edits, file, step, overlays, count};

    if (!is_written(&step->by_profile_place)) {
        write_map(&task);
        return;
    }
    // The keys of a profile's map come before a further profile that is to follow it.
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        if (has_own_map(&task, (enum kldr_profile)p)) {
            extend_profile(&task, (enum kldr_profile)p);
        }
    }
    extend_map(&task);
}

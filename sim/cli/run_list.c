// SPDX-License-Identifier: MIT
// A scenario in a line, as it can be given to `kldr run`; its profiles behind it.
#include "cli/run_list.h"
#include "cli/commands.h"
#include "cli/stdout_sink.h"
#include "output/json_writer.h"

// Items of one scenario follow each other. Returns the index behind them.
static size_t end_of_scenario(const struct ks_run_selection *selection, size_t begin)
{
    const struct ks_run_item *items = selection->items;
    size_t end = begin + 1;
    while (end < selection->item_count && items[begin].scenario != NULL &&
           items[end].scenario == items[begin].scenario) {
        end++;
    }
    return end;
}

static void write_text(struct ks_text_buffer *out, const struct ks_run_item *items, size_t count)
{
    ks_text_buffer_visible(out, items[0].source->path);
    ks_text_buffer_char(out, ':');
    ks_text_buffer_visible(out, items[0].scenario->name);
    for (size_t i = 0; i < count; i++) {
        ks_text_buffer_text(out, i == 0 ? " [" : ", ");
        ks_text_buffer_text(out, kldr_profile_name(items[i].profile));
    }
    ks_text_buffer_text(out, "]\n");
}

static void write_json(struct ks_json *json, const struct ks_run_item *items, size_t count)
{
    ks_json_newline(json);
    ks_json_begin_object(json);
    ks_json_key_text(json, "file", items[0].source->path);
    ks_json_key_unsigned(json, "line", items[0].scenario->place.line);
    ks_json_key_text(json, "scenario", items[0].scenario->name);
    ks_json_key_text(json, "description", items[0].scenario->description);
    ks_json_key(json, "profiles");
    ks_json_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        ks_json_text(json, kldr_profile_name(items[i].profile));
    }
    ks_json_end_array(json);
    ks_json_end_object(json);
}

int ks_run_list(const struct ks_run_settings *settings, const struct ks_run_selection *selection)
{
    bool as_json = settings->format == KS_FORMAT_JSON;
    struct ks_text_buffer out;
    struct ks_json json;
    int code = KS_EXIT_OK;
    ks_text_buffer_init(&out, &ks_stdout_sink);
    ks_json_init(&json, &out);
    if (as_json) {
        ks_json_begin_object(&json);
        ks_json_key_unsigned(&json, "kldr_list", 1);
        ks_json_key(&json, "scenarios");
        ks_json_begin_array(&json);
    }
    for (size_t i = 0, end; i < selection->item_count; i = end) {
        const struct ks_run_item *items = &selection->items[i];
        end = end_of_scenario(selection, i);
        if (items[0].scenario == NULL) {
            ks_run_tell_bad_source("run", items[0].source);
            code = KS_EXIT_USAGE;
        } else if (as_json) {
            write_json(&json, items, end - i);
        } else {
            write_text(&out, items, end - i);
        }
    }
    if (as_json) {
        ks_text_buffer_char(&out, '\n');
        ks_json_end_array(&json);
        ks_json_end_object(&json);
        ks_text_buffer_char(&out, '\n');
    }
    return ks_stdout_end(&out, "run") ? code : KS_EXIT_USAGE;
}

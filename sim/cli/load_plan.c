// SPDX-License-Identifier: MIT
#include "cli/load_plan.h"
#include "cli/commands.h"
#include "output/json_writer.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_MOST 8 // images that the scenario's name has
#define IMPORTER   "first-importer"

// ---- the scenario's text ----

// The name of an image's service: the file's name without its extension.
static void quote_service(struct ks_text_buffer *out, const char *name)
{
    char service[KLDR_NAME_SIZE];
    snprintf(service, sizeof(service), "%s", name);
    char *dot = strrchr(service, '.');
    if (dot != NULL && dot != service) {
        *dot = '\0';
    }
    ks_json_quote(out, service);
}

static void write_title(struct ks_text_buffer *out, const struct ks_load_plan *plan)
{
    struct ks_text_buffer title;
    ks_text_buffer_init(&title, NULL);
    ks_text_buffer_text(&title, "load");
    for (size_t i = 0; i < plan->image_count && i < TITLE_MOST; i++) {
        ks_text_buffer_char(&title, ' ');
        ks_text_buffer_visible(&title, plan->images[i].name);
    }
    ks_text_buffer_text(&title, plan->image_count > TITLE_MOST ? " ..." : "");
    ks_text_buffer_char(&title, '\0');
    ks_text_buffer_text(out, "name: ");
    if (title.failed) {
        out->failed = true;
    } else {
        ks_json_quote(out, title.bytes);
    }
    ks_text_buffer_char(out, '\n');
    ks_text_buffer_fini(&title);
}

static void write_importer(struct ks_text_buffer *out, const struct ks_load_image *image)
{
    ks_text_buffer_text(out, "  " IMPORTER ".sys: { imports: { ");
    ks_json_quote(out, image->name);
    if (image->import->name != NULL) {
        ks_text_buffer_text(out, ": [{ name: ");
        ks_json_quote(out, image->import->name);
    } else {
        ks_text_buffer_text(out, ": [{ ordinal: ");
        ks_text_buffer_unsigned(out, image->import->ordinal);
    }
    ks_text_buffer_text(out, " }] } }\n");
}

static void write_images(struct ks_text_buffer *out, const struct ks_load_plan *plan)
{
    ks_text_buffer_text(out, "images:\n");
    for (size_t i = 0; i < plan->image_count; i++) {
        ks_text_buffer_text(out, "  ");
        ks_json_quote(out, plan->images[i].name);
        ks_text_buffer_text(out, ": { file: \"${");
        ks_text_buffer_text(out, plan->variables[i]);
        ks_text_buffer_text(out, "}\" }\n");
        if (plan->images[i].import != NULL) {
            write_importer(out, &plan->images[i]);
        }
    }
}

static const char *driver_name(const struct ks_load_image *image)
{
    return image->import != NULL ? IMPORTER ".sys" : image->name;
}

static void write_steps(struct ks_text_buffer *out, const struct ks_load_plan *plan)
{
    ks_text_buffer_text(out, "steps:\n");
    for (size_t i = 0; i < plan->image_count; i++) {
        const char *name = driver_name(&plan->images[i]);
        ks_text_buffer_text(out, "  - load: { service: ");
        quote_service(out, name);
        ks_text_buffer_text(out, ", image: ");
        ks_json_quote(out, name);
        ks_text_buffer_text(out, " }\n");
    }
    for (size_t i = plan->image_count; i-- > 0;) {
        if (!plan->images[i].stays) {
            ks_text_buffer_text(out, "  - unload: ");
            quote_service(out, driver_name(&plan->images[i]));
            ks_text_buffer_text(out, "\n    expect: { status: any }\n");
        }
    }
}

static void write_scenario(struct ks_text_buffer *out, const struct ks_load_plan *plan)
{
    ks_text_buffer_text(out, "kldr: 1\n");
    write_title(out, plan);
    write_images(out, plan);
    write_steps(out, plan);
}

// ---- making it ----

// A file's path may hold any text, so it stands in a variable.
static bool name_files(struct ks_load_plan *plan, struct ks_run_settings *settings)
{
    plan->variables = calloc(plan->image_count, sizeof(*plan->variables));
    settings->variable_count = plan->variables == NULL ? 0 : plan->image_count;
    for (size_t i = 0; i < settings->variable_count; i++) {
        snprintf(plan->variables[i], sizeof(plan->variables[i]), "IMAGE%u", (unsigned)(i + 1));
        settings->variables[i] = (struct ks_variable){plan->variables[i], plan->images[i].path};
    }
    return plan->variables != NULL;
}

static kldr_status parse(struct ks_load_plan *plan)
{
    struct ks_text_buffer text;
    ks_text_buffer_init(&text, NULL);
    write_scenario(&text, plan);
    kldr_status status = text.failed ? KLDR_ERROR_OUT_OF_MEMORY
                                     : ks_scenario_parse(plan->source.path, text.bytes, text.size,
                                                         &plan->source.parsed);
    ks_text_buffer_fini(&text);
    return status;
}

static int refuse(const struct ks_load_plan *plan, kldr_status status, char *out_message,
                  size_t size)
{
    const struct ks_diagnostics *diagnostics = &plan->source.parsed.diagnostics;
    if (status == KLDR_ERROR_OUT_OF_MEMORY || diagnostics->count == 0) {
        snprintf(out_message, size, "not enough memory");
        return KS_EXIT_LIMIT;
    }
    snprintf(out_message, size, "these images make no system: %s: %s",
             diagnostics->items[0].key_path, diagnostics->items[0].message);
    return KS_EXIT_USAGE;
}

int ks_load_plan_init(struct ks_load_plan *plan, const struct ks_load_image *images,
                      size_t image_count, enum kldr_profile profile,
                      struct ks_run_settings *settings, char *out_message, size_t size)
{
    memset(plan, 0, sizeof(*plan));
    plan->images = images;
    plan->image_count = image_count;
    plan->source.path = plan->path;
    snprintf(plan->path, sizeof(plan->path), "kldr-load");
    kldr_status status =
        name_files(plan, settings) ? parse(plan) : (kldr_status)KLDR_ERROR_OUT_OF_MEMORY;
    if (status != KLDR_STATUS_SUCCESS) {
        return refuse(plan, status, out_message, size);
    }
    plan->item.source = &plan->source;
    plan->item.scenario = &plan->source.parsed.file->scenarios[0];
    plan->item.profile = profile;
    plan->selection = (struct ks_run_selection){&plan->source, 1, &plan->item, 1};
    return KS_EXIT_OK;
}

void ks_load_plan_fini(struct ks_load_plan *plan)
{
    ks_scenario_file_destroy(plan->source.parsed.file);
    ks_parse_result_fini(&plan->source.parsed);
    free(plan->variables);
    memset(plan, 0, sizeof(*plan));
}

// ---- what came of it ----

static bool status_of_step(const struct ks_result *result, uint32_t step, kldr_status *out_status)
{
    size_t count = result->events == NULL ? 0 : ks_event_log_count(result->events);
    for (size_t i = 0; i < count; i++) {
        const struct kldr_event *event = ks_event_log_at(result->events, i);
        if (event->kind == KLDR_EVENT_STEP_END && event->step == step && event->depth == 0 &&
            (event->has & KLDR_EVENT_HAS_STATUS) != 0) {
            *out_status = event->status;
            return true;
        }
    }
    return false;
}

bool ks_load_plan_status(const struct ks_result *result, size_t index, kldr_status *out_status)
{
    return status_of_step(result, (uint32_t)index + 1, out_status);
}

bool ks_load_plan_unload_status(const struct ks_load_plan *plan, const struct ks_result *result,
                                size_t index, kldr_status *out_status)
{
    uint32_t step = (uint32_t)plan->image_count;
    for (size_t i = plan->image_count; i-- > index;) {
        step += !plan->images[i].stays;
    }
    return !plan->images[index].stays && status_of_step(result, step, out_status);
}

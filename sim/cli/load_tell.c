// SPDX-License-Identifier: MIT
#include "cli/load_tell.h"
#include "cli/image_file.h"
#include "platform.h"

#include <kldr/world.h>

#include <string.h>

// ---- how it ended ----

// What the judge of the step said of it; "" when nothing.
static const char *reason_of(const struct ks_result *result, size_t index)
{
    static const char prefix[] = "the step ended with ";
    for (size_t i = 0; i < result->failure_count; i++) {
        const char *message = result->failures[i].message;
        if (result->failures[i].step_number == index + 1 && message != NULL) {
            bool known = strncmp(message, prefix, strlen(prefix)) == 0;
            return message + (known ? strlen(prefix) : 0);
        }
    }
    return "";
}

static void tell_failed_loads(struct ks_text_buffer *out, const struct ks_load_plan *plan,
                              const struct ks_result *result)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    for (size_t i = 0; i < plan->image_count; i++) {
        kldr_status status;
        if (!ks_load_plan_status(result, i, &status) || KLDR_NT_SUCCESS(status)) {
            continue;
        }
        const char *reason = reason_of(result, i);
        ks_text_buffer_text(out, "failed  ");
        ks_text_buffer_visible(out, plan->images[i].path);
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_visible(out, reason[0] != '\0' ? reason : kldr_status_format(status, text));
        ks_text_buffer_char(out, '\n');
    }
}

static void tell_stop(struct ks_text_buffer *out, const struct ks_result *result)
{
    struct kldr_stop_code_info info;
    if (result->has_bugcheck && kldr_stop_code_find(result->bugcheck.code, &info)) {
        ks_text_buffer_text(out, "        ");
        ks_text_buffer_text(out, info.name);
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_text(out, info.meaning);
        ks_text_buffer_char(out, '\n');
    }
}

static void tell_sums(struct ks_text_buffer *out, const struct ks_load_plan *plan,
                      const struct ks_result *result)
{
    size_t loaded = 0, unloaded = 0;
    kldr_status status;
    for (size_t i = 0; i < plan->image_count; i++) {
        loaded += ks_load_plan_status(result, i, &status) && KLDR_NT_SUCCESS(status);
        unloaded += ks_load_plan_unload_status(plan, result, i, &status) && KLDR_NT_SUCCESS(status);
    }
    ks_text_buffer_unsigned(out, loaded);
    ks_text_buffer_text(out, " of ");
    ks_text_buffer_unsigned(out, plan->image_count);
    ks_text_buffer_text(out, " loaded, ");
    ks_text_buffer_unsigned(out, unloaded);
    ks_text_buffer_text(out, " unloaded");
    ks_text_buffer_text(out, result->ran_no_code ? "; bound only: no code was run\n" : "\n");
}

void ks_load_tell(struct ks_text_buffer *out, const struct ks_load_plan *plan,
                  const struct ks_result *result)
{
    if (result->events != NULL && ks_event_log_count(result->events) > 0) {
        ks_text_buffer_char(out, '\n');
    }
    if (result->outcome != KS_PASSED && result->outcome != KS_FAILED) {
        const char *word = ks_outcome_name(result->outcome);
        ks_text_buffer_text(out, word);
        ks_text_buffer_repeat(out, ' ', strlen(word) < 8 ? 8 - strlen(word) : 1);
        ks_text_buffer_visible(out, result->reason);
        ks_text_buffer_char(out, '\n');
        tell_stop(out, result);
    } else {
        tell_failed_loads(out, plan, result);
    }
    tell_sums(out, plan, result);
}

// ---- who would call DllInitialize ----

static bool imports(const struct kldr_image *image, const char *name)
{
    struct kldr_import_descriptor descriptor;
    for (uint32_t i = 0; kldr_image_import(image, i, &descriptor, NULL) == KLDR_STATUS_SUCCESS;
         i++) {
        if (ks_image_same_name(descriptor.module, name)) {
            return true;
        }
    }
    return false;
}

static bool file_imports(const char *path, const char *name)
{
    struct ks_image_file file;
    char message[KLDR_DETAIL_SIZE * 2];
    if (!ks_image_file_open(path, &file, message, sizeof(message))) {
        return false;
    }
    bool found = !ks_image_same_name(file.base_name, name) && imports(file.image, name);
    ks_image_file_close(&file);
    return found;
}

static bool tell_importer(struct ks_text_buffer *out, const char *folder, const char *name)
{
    struct ks_path_list list;
    bool found = false;
    if (ks_platform_list_folder(folder, ".sys", &list) != KS_IO_OK) {
        return false;
    }
    for (size_t i = 0; i < list.count && !found; i++) {
        found = file_imports(list.paths[i], name);
        if (found) {
            ks_text_buffer_text(out, "kldr load ");
            ks_text_buffer_visible(out, list.paths[i]);
            ks_text_buffer_text(out, "\n");
        }
    }
    ks_platform_path_list_fini(&list);
    return found;
}

void ks_load_tell_routine(struct ks_text_buffer *out, const struct ks_load_image *image,
                          const char *const *folders, size_t folder_count)
{
    struct ks_image_file file;
    struct ks_image_routine routine;
    char message[KLDR_DETAIL_SIZE * 2];
    if (!ks_image_file_open(image->path, &file, message, sizeof(message))) {
        return;
    }
    ks_image_routine_find(file.image, "DllInitialize", &routine);
    ks_image_file_close(&file);
    if (routine.form != KS_ROUTINE_PRESENT) {
        return;
    }
    ks_text_buffer_text(out, "note    ");
    ks_text_buffer_visible(out, image->name);
    ks_text_buffer_text(out, " exports DllInitialize, which a load as a driver does not call (N1). "
                             "Its first importer does:\n        ");
    for (size_t i = 0; i < folder_count; i++) {
        if (tell_importer(out, folders[i], image->name)) {
            return;
        }
    }
    ks_text_buffer_text(out, "no *.sys file beside it imports it; a scenario can declare one, see "
                             "kldr-scenario(5), 'imports'\n");
}

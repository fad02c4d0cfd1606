// SPDX-License-Identifier: MIT
// A line for each image, the sums, and the names that are wanted most.
#include "cli/survey.h"

#include <stdio.h>
#include <string.h>

#define PATH_MOST  56
#define NAMES_MOST 20 // of each ranking
#define STATUS     24

static void pad(struct ks_text_buffer *out, size_t used, size_t width)
{
    ks_text_buffer_repeat(out, ' ', used < width ? width - used : 1);
}

// "SUCCESS", "0xC0001234"
static const char *brief(kldr_status status, char *text)
{
    kldr_status_format(status, text);
    char *number = strstr(text, " (0x");
    if (number == NULL) {
        return text;
    }
    *number = '\0';
    return strncmp(text, "STATUS_", 7) == 0 ? text + 7 : text;
}

static void write_column(struct ks_text_buffer *out, const char *word)
{
    ks_text_buffer_text(out, word);
    pad(out, strlen(word), STATUS);
}

// How a routine ended.
static void write_routine(struct ks_text_buffer *out, const struct ks_survey_run *run)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    const char *word = "-";
    if (run->called) {
        word = brief(run->status, text);
    } else if (run->done && run->outcome == KS_STOPPED) {
        word = "stopped";
    } else if (run->done && run->outcome == KS_LIMIT) {
        word = "limit";
    }
    write_column(out, word);
}

static void write_unload(struct ks_text_buffer *out, const struct ks_survey_run *run)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    bool none = run->has_unload && run->unload == KLDR_STATUS_INVALID_DEVICE_REQUEST;
    write_column(out, !run->has_unload ? "-" : none ? "no DriverUnload" : brief(run->unload, text));
}

// ---- remarks ----

static void begin_remark(struct ks_text_buffer *out, bool *any)
{
    ks_text_buffer_text(out, *any ? "; " : "");
    *any = true;
}

static void write_stop(struct ks_text_buffer *out, const struct ks_survey_run *run)
{
    ks_text_buffer_text(out, "stop ");
    ks_text_buffer_hex(out, run->bugcheck.code, 2);
    if (run->place[0] != '\0') {
        ks_text_buffer_text(out, " at ");
        ks_text_buffer_visible(out, run->place);
    } else if (run->bugcheck.module[0] != '\0') {
        ks_text_buffer_text(out, " in ");
        ks_text_buffer_visible(out, run->bugcheck.module);
        ks_text_buffer_char(out, '+');
        ks_text_buffer_address(out, run->bugcheck.offset);
    }
    ks_text_buffer_text(out, run->stop_text[0] != '\0' ? ", " : "");
    ks_text_buffer_visible(out, run->stop_text);
}

static void write_findings(struct ks_text_buffer *out, const struct ks_survey_run *run, bool *any)
{
    for (size_t i = 0; i < run->finding_count; i++) {
        begin_remark(out, any);
        ks_text_buffer_visible(out, run->findings[i].kind);
        if (run->findings[i].count > 1) {
            ks_text_buffer_text(out, " x");
            ks_text_buffer_unsigned(out, run->findings[i].count);
        }
    }
}

static void write_end(struct ks_text_buffer *out, const struct ks_survey_run *run,
                      const char *routine, bool *any)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    bool ended = run->outcome == KS_PASSED || run->outcome == KS_FAILED;
    if (!run->done) {
        return;
    }
    if (!ended) {
        begin_remark(out, any);
        ks_text_buffer_text(out, routine);
        ks_text_buffer_text(out, ": ");
    }
    if (run->has_bugcheck) {
        write_stop(out, run);
    } else if (!ended) {
        ks_text_buffer_visible(out, run->reason);
    } else if (run->has_load && !KLDR_NT_SUCCESS(run->load) &&
               !(run->called && run->load == run->status)) {
        begin_remark(out, any);
        ks_text_buffer_text(out, routine);
        ks_text_buffer_text(out, ": the load ended with ");
        ks_text_buffer_text(out, brief(run->load, text));
    }
}

static void write_remarks(struct ks_text_buffer *out, const struct ks_survey_item *item)
{
    char text[KLDR_STATUS_TEXT_SIZE];
    bool any = false;
    if (item->image->problem != NULL) {
        begin_remark(out, &any);
        ks_text_buffer_visible(out, item->image->problem);
    } else if (!KLDR_NT_SUCCESS(item->link)) {
        begin_remark(out, &any);
        ks_text_buffer_text(out, brief(item->link, text));
    }
    if (item->missing > 0) {
        begin_remark(out, &any);
        ks_text_buffer_unsigned(out, item->missing);
        ks_text_buffer_text(out, " missing");
    }
    if (item->image->state == KS_DEPS_READ && !item->runs_here) {
        begin_remark(out, &any);
        ks_text_buffer_text(out, kldr_machine_name(item->image->machine));
        ks_text_buffer_text(out, ": linked only");
    }
    write_end(out, &item->as_dll, "as a DLL", &any);
    write_findings(out, &item->as_dll, &any);
    write_end(out, &item->as_driver, "as a driver", &any);
    write_findings(out, &item->as_driver, &any);
    if (item->lacking > 0) {
        begin_remark(out, &any);
        ks_text_buffer_unsigned(out, item->lacking);
        ks_text_buffer_text(out, " not simulated");
    }
}

// ---- the table ----

static size_t path_width(const struct ks_survey *survey)
{
    size_t width = 5;
    for (size_t i = 0; i < survey->count; i++) {
        size_t length = strlen(survey->items[i].image->path);
        width = length > width && length <= PATH_MOST ? length : width;
    }
    return width + 2;
}

static void write_item(struct ks_text_buffer *out, const struct ks_survey_item *item, size_t width)
{
    struct ks_text_buffer line;
    ks_text_buffer_init(&line, NULL);
    ks_text_buffer_visible(&line, item->image->path);
    pad(&line, strlen(item->image->path), width);
    ks_text_buffer_text(&line, KLDR_NT_SUCCESS(item->link) ? "links  " : "NO     ");
    write_routine(&line, &item->as_dll);
    write_routine(&line, &item->as_driver);
    write_unload(&line, &item->as_driver);
    write_remarks(&line, item);
    while (line.size > 0 && line.bytes[line.size - 1] == ' ') {
        line.size--;
    }
    ks_text_buffer_bytes(out, line.bytes, line.size);
    ks_text_buffer_char(out, '\n');
    out->failed = out->failed || line.failed;
    ks_text_buffer_fini(&line);
}

static void write_header(struct ks_text_buffer *out, size_t width)
{
    ks_text_buffer_text(out, "image");
    pad(out, strlen("image"), width);
    ks_text_buffer_text(out, "link   ");
    write_column(out, "DllInitialize");
    write_column(out, "DriverEntry");
    write_column(out, "unload");
    ks_text_buffer_text(out, "where and why it ended\n");
}

static void write_names(struct ks_text_buffer *out, const char *title,
                        const struct ks_survey_name *names, size_t count)
{
    if (count > 0) {
        ks_text_buffer_char(out, '\n');
        ks_text_buffer_text(out, title);
        ks_text_buffer_char(out, '\n');
    }
    for (size_t i = 0; i < count && i < NAMES_MOST; i++) {
        char number[24];
        snprintf(number, sizeof(number), "%6u  ", (unsigned)names[i].count);
        ks_text_buffer_text(out, number);
        ks_text_buffer_visible(out, names[i].module);
        if (names[i].function != NULL && names[i].function->name != NULL) {
            ks_text_buffer_char(out, '!');
            ks_text_buffer_visible(out, names[i].function->name);
        } else if (names[i].function != NULL) {
            ks_text_buffer_text(out, "!#");
            ks_text_buffer_unsigned(out, names[i].function->ordinal);
        }
        ks_text_buffer_char(out, '\n');
    }
    if (count > NAMES_MOST) {
        ks_text_buffer_text(out, "        and ");
        ks_text_buffer_unsigned(out, count - NAMES_MOST);
        ks_text_buffer_text(out, " more; --format json has them all\n");
    }
}

static void write_of(struct ks_text_buffer *out, const char *before, size_t part, size_t whole,
                     const char *after)
{
    ks_text_buffer_text(out, before);
    ks_text_buffer_unsigned(out, part);
    ks_text_buffer_text(out, " of ");
    ks_text_buffer_unsigned(out, whole);
    ks_text_buffer_text(out, after);
}

static void write_sums(struct ks_text_buffer *out, const struct ks_survey *survey)
{
    struct ks_survey_totals totals;
    ks_survey_sum(survey, &totals);
    ks_text_buffer_char(out, '\n');
    write_of(out, "", totals.link, totals.images, " link");
    write_of(out, "; DllInitialize succeeded in ", totals.dll_ok, totals.dll, "");
    write_of(out, ", DriverEntry in ", totals.entry_ok, totals.run, "; ");
    ks_text_buffer_unsigned(out, totals.stopped);
    ks_text_buffer_text(out, " stopped, ");
    ks_text_buffer_unsigned(out, totals.limit);
    ks_text_buffer_text(out, " reached a limit, ");
    ks_text_buffer_unsigned(out, totals.unloaded);
    ks_text_buffer_text(out, " unloaded\n");
}

void ks_survey_write_text(struct ks_text_buffer *out, const struct ks_survey *survey)
{
    size_t width = path_width(survey);
    write_header(out, width);
    for (size_t i = 0; i < survey->count; i++) {
        write_item(out, &survey->items[i], width);
    }
    write_names(out, "missing, by the number of images that want it", survey->missing,
                survey->missing_count);
    write_names(out, "not simulated by kldr, by the number of images that want it", survey->lacking,
                survey->lacking_count);
    write_sums(out, survey);
}

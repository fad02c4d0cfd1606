// SPDX-License-Identifier: MIT
#include "cli/run_output.h"
#include "cli/commands.h"
#include "cli/stdout_sink.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_AFTER_NS UINT64_C(1000000000)
#define PROGRESS_EVERY_NS UINT64_C(200000000)
#define PROGRESS_WIDTH    72

// One report and where it goes.
struct channel {
    struct ks_report *report;
    struct ks_sink sink;
    struct ks_file_writer *writer; // NULL: standard output
    const char *path;
};

struct ks_run_output {
    const struct ks_run_settings *settings;
    struct ks_totals totals;
    size_t planned, reported;
    struct channel *channels; // the first is standard output
    size_t channel_count;
    bool flush_each; // somebody watches
    bool progress;   // standard error is a terminal
    bool shown;      // a progress line stands there
    uint64_t begun, last_shown;
    char *workspace; // GITHUB_WORKSPACE
};

// ---- sinks ----

static bool write_file(void *user, const char *bytes, size_t size)
{
    return ks_platform_writer_write(user, bytes, size);
}

// ---- beginning ----

bool ks_run_output_wants_color(const struct ks_run_settings *settings, bool to_stdout)
{
    if (settings->color != KS_COLOR_AUTO) {
        return settings->color == KS_COLOR_ALWAYS;
    }
    char *no_color = ks_platform_environment("NO_COLOR");
    bool refused = no_color != NULL && no_color[0] != '\0';
    free(no_color);
    return !refused && to_stdout && ks_platform_enable_colors(KS_STREAM_OUT);
}

static bool begin_channel(struct ks_run_output *output, enum ks_format format, const char *path,
                          const char *headline)
{
    struct channel *channel = &output->channels[output->channel_count];
    struct ks_report_options options = {
        .verbosity = output->settings->verbosity,
        .color = ks_run_output_wants_color(output->settings, path == NULL),
        .version = KLDR_VERSION,
        .headline = headline,
        .path_prefix = output->workspace,
        .trace = output->settings->trace,
    };
    channel->path = path;
    channel->sink.write = path == NULL ? ks_stdout_sink.write : write_file;
    if (path != NULL) {
        enum ks_io io = ks_platform_writer_open(path, &channel->writer);
        if (io != KS_IO_OK) {
            fprintf(stderr, "kldr run: %s cannot be written: %s\n", path, ks_platform_io_text(io));
            return false;
        }
        channel->sink.user = channel->writer;
    }
    output->channel_count++;
    channel->report = ks_report_begin(format, &channel->sink, &options, output->planned);
    if (channel->report == NULL) {
        fputs("kldr run: not enough memory\n", stderr);
    }
    return channel->report != NULL;
}

static void abandon(struct ks_run_output *output)
{
    static const struct ks_totals none;
    for (size_t i = 0; i < output->channel_count; i++) {
        if (output->channels[i].report != NULL) {
            ks_report_end(output->channels[i].report, &none);
        }
        ks_platform_writer_abandon(output->channels[i].writer);
    }
    free(output->channels);
    free(output->workspace);
    free(output);
}

// Files first: when one of them cannot be opened, nothing has been written to standard output.
static bool begin_channels(struct ks_run_output *output, const char *headline)
{
    const struct ks_run_settings *settings = output->settings;
    for (size_t i = 0; i < settings->file_count; i++) {
        const struct ks_run_file *file = &settings->files[i];
        if (!begin_channel(output, file->format, file->path, headline)) {
            return false;
        }
    }
    return begin_channel(output, settings->format, NULL, headline);
}

struct ks_run_output *ks_run_output_begin(const struct ks_run_settings *settings, size_t planned,
                                          const char *headline)
{
    struct ks_run_output *output = calloc(1, sizeof(*output));
    struct channel *channels = calloc(settings->file_count + 1, sizeof(*channels));
    if (output == NULL || channels == NULL) {
        fputs("kldr run: not enough memory\n", stderr);
        free(output);
        free(channels);
        return NULL;
    }
    output->settings = settings;
    output->planned = planned;
    output->channels = channels;
    output->workspace = ks_platform_environment("GITHUB_WORKSPACE");
    output->flush_each = ks_platform_is_terminal(KS_STREAM_OUT);
    output->progress = ks_platform_is_terminal(KS_STREAM_ERROR);
    output->begun = ks_platform_now_ns();
    if (!begin_channels(output, headline)) {
        abandon(output);
        return NULL;
    }
    return output;
}

// ---- items ----

static void hide_progress(struct ks_run_output *output)
{
    if (output->shown) {
        fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
        fflush(stderr);
        output->shown = false;
    }
}

bool ks_run_output_wants_progress(const struct ks_run_output *output)
{
    return output->progress;
}

void ks_run_output_progress(struct ks_run_output *output, size_t index,
                            const struct ks_run_item *item)
{
    uint64_t now = ks_platform_now_ns();
    if (!output->progress || now - output->begun < PROGRESS_AFTER_NS ||
        (output->last_shown != 0 && now - output->last_shown < PROGRESS_EVERY_NS)) {
        return;
    }
    struct ks_text_buffer line;
    ks_text_buffer_init(&line, NULL);
    ks_text_buffer_unsigned(&line, index + 1);
    ks_text_buffer_text(&line, " of ");
    ks_text_buffer_unsigned(&line, output->planned);
    ks_text_buffer_text(&line, ", ");
    ks_text_buffer_unsigned(&line, output->totals.failed);
    ks_text_buffer_text(&line, " failed: ");
    ks_text_buffer_visible(&line,
                           item->scenario == NULL ? item->source->path : item->scenario->name);
    hide_progress(output);
    fwrite(line.bytes, 1, line.size < PROGRESS_WIDTH ? line.size : PROGRESS_WIDTH, stderr);
    fflush(stderr);
    ks_text_buffer_fini(&line);
    output->shown = true;
    output->last_shown = now;
}

void ks_run_output_item(struct ks_run_output *output, const struct ks_run_item *item,
                        const struct ks_result *result)
{
    output->reported++;
    if (output->flush_each) {
        hide_progress(output);
    }
    if (result != NULL) {
        ks_totals_add(&output->totals, result);
    } else {
        ks_totals_add_bad_file(&output->totals);
    }
    for (size_t i = 0; i < output->channel_count; i++) {
        struct ks_report *report = output->channels[i].report;
        if (result != NULL) {
            ks_report_result(report, result);
        } else {
            ks_report_bad_file(report, item->source->path, &item->source->parsed.diagnostics,
                               item->source->message);
        }
        if (output->flush_each && output->channels[i].writer == NULL) {
            ks_report_flush(report);
            fflush(stdout);
        }
    }
    if (output->reported < output->planned) {
        ks_run_output_progress(output, output->reported, item);
    }
}

const struct ks_totals *ks_run_output_totals(const struct ks_run_output *output)
{
    return &output->totals;
}

// ---- the end ----

static bool end_channel(struct channel *channel, const struct ks_totals *totals)
{
    bool written = ks_report_end(channel->report, totals);
    if (channel->writer == NULL) {
        written = fflush(stdout) == 0 && written;
    } else if (written) {
        written = ks_platform_writer_commit(channel->writer) == KS_IO_OK;
    } else {
        ks_platform_writer_abandon(channel->writer);
    }
    if (!written) {
        fprintf(stderr, "kldr run: %s could not be written\n",
                channel->path == NULL ? "standard output" : channel->path);
    }
    return written;
}

int ks_run_output_end(struct ks_run_output *output)
{
    hide_progress(output);
    output->totals.not_run = (unsigned)(output->planned - output->reported);
    int code = output->totals.exit_code;
    for (size_t i = 0; i < output->channel_count; i++) {
        if (!end_channel(&output->channels[i], &output->totals)) {
            code = ks_exit_code_worse(code, KS_EXIT_USAGE);
        }
    }
    free(output->channels);
    free(output->workspace);
    free(output);
    return code;
}

// SPDX-License-Identifier: MIT
#include "cli/fault_sweep_report.h"
#include "cli/stdout_sink.h"

#include <stdio.h>
#include <string.h>

static bool is_text(const struct ks_sweep_report *report)
{
    return report->settings->format == KS_FORMAT_TEXT;
}

void ks_sweep_report_begin(struct ks_sweep_report *report, const struct ks_run_settings *settings)
{
    report->settings = settings;
    ks_text_buffer_init(&report->out, &ks_stdout_sink);
    ks_json_init(&report->json, &report->out);
    if (!is_text(report)) {
        ks_sweep_json_begin(report);
    }
}

// What is known of an item is there as soon as the item is done.
static void pass_on(struct ks_sweep_report *report)
{
    ks_text_buffer_flush(&report->out);
    fflush(stdout);
}

void ks_sweep_report_item(struct ks_sweep_report *report, const struct ks_swept *swept)
{
    (is_text(report) ? ks_sweep_text_item : ks_sweep_json_item)(report, swept);
    pass_on(report);
}

void ks_sweep_report_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                           const struct ks_result *baseline)
{
    (is_text(report) ? ks_sweep_text_unfit : ks_sweep_json_unfit)(report, item, baseline);
    pass_on(report);
}

bool ks_sweep_report_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals)
{
    (is_text(report) ? ks_sweep_text_end : ks_sweep_json_end)(report, totals);
    return ks_stdout_end(&report->out, "run");
}

// ---- places ----

bool ks_sweep_same_place(const struct ks_fault_site *left, const struct ks_fault_site *right)
{
    return left->operation == right->operation && left->offset == right->offset &&
           strcmp(left->module, right->module) == 0;
}

bool ks_sweep_begins_place(const struct ks_swept *swept, size_t index)
{
    bool first = swept->verdicts[index].code != 0;
    for (size_t i = 0; i < index && first; i++) {
        first = swept->verdicts[i].code == 0 ||
                !ks_sweep_same_place(swept->verdicts[i].site, swept->verdicts[index].site);
    }
    return first;
}

void ks_sweep_write_failure(struct ks_text_buffer *out, const struct ks_fault_site *site)
{
    static const char *const how[] = {[KS_FALLIBLE_LOADER] = "fails with ",
                                      [KS_FALLIBLE_POOL] = "is refused memory",
                                      [KS_FALLIBLE_STATUS] = "returns ",
                                      [KS_FALLIBLE_NONE] = "returns a null pointer",
                                      [KS_FALLIBLE_RAISE] = "raises "};
    const struct ks_fallible *fallible = ks_fallible_at(site->operation);
    ks_text_buffer_text(out, how[fallible->kind]);
    if (ks_fallible_takes_status(fallible)) {
        const char *name = kldr_status_name(fallible->status);
        ks_text_buffer_text(out, name != NULL ? name : "");
        if (name == NULL) {
            ks_text_buffer_hex(out, (uint32_t)fallible->status, 8);
        }
    }
}

// ---- the command ----

// A word of a command line.
static void write_word(struct ks_text_buffer *out, const char *before, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=+,@%";
    bool quotes = word[0] == '\0' || word[strspn(word, plain)] != '\0';
    ks_text_buffer_text(out, before);
    ks_text_buffer_text(out, quotes ? "'" : "");
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'') {
            ks_text_buffer_text(out, "'\\''");
        } else {
            ks_text_buffer_char(out, *at);
        }
    }
    ks_text_buffer_text(out, quotes ? "'" : "");
}

static void write_pair(struct ks_text_buffer *out, const char *option, const char *name,
                       char between, const char *value)
{
    struct ks_text_buffer pair;
    ks_text_buffer_init(&pair, NULL);
    ks_text_buffer_text(&pair, name);
    ks_text_buffer_char(&pair, between);
    ks_text_buffer_text(&pair, value);
    ks_text_buffer_bytes(&pair, "", 1);
    write_word(out, option, pair.failed ? "" : pair.bytes);
    ks_text_buffer_fini(&pair);
}

static void write_options(struct ks_text_buffer *out, const struct ks_run_settings *settings)
{
    for (size_t i = 0; i < settings->policy_count; i++) {
        write_pair(out, " --policy ", settings->policy[i].knob, '=', settings->policy[i].value);
    }
    for (size_t i = 0; i < settings->variable_count; i++) {
        write_pair(out, " --define ", settings->variables[i].name, '=',
                   settings->variables[i].value);
    }
    for (size_t i = 0; i < settings->directory_count; i++) {
        write_word(out, " --dir ", settings->directories[i]);
    }
    if (settings->timeout != 0) {
        ks_text_buffer_text(out, " --timeout ");
        ks_text_buffer_unsigned(out, settings->timeout);
    }
}

void ks_sweep_write_command(struct ks_text_buffer *out, const struct ks_run_settings *settings,
                            const struct ks_run_item *item, const struct ks_fault_site *site)
{
    ks_text_buffer_text(out, "kldr run --fault-sweep=");
    ks_text_buffer_unsigned(out, site->number);
    ks_text_buffer_char(out, '-');
    ks_text_buffer_unsigned(out, site->number);
    ks_text_buffer_text(out, settings->sweep_all ? " --sweep-all --seed " : " --seed ");
    ks_text_buffer_unsigned(out, settings->seed);
    write_word(out, " --profile ", kldr_profile_name(item->profile));
    write_options(out, settings);
    write_pair(out, " ", item->source->path, ':', item->scenario->name);
}

// SPDX-License-Identifier: MIT
#include "cli/fault_sweep_report.h"

static void write_name(struct ks_text_buffer *out, const struct ks_run_item *item)
{
    ks_text_buffer_visible(out, item->source->path);
    ks_text_buffer_char(out, ':');
    ks_text_buffer_visible(out, item->scenario->name);
    ks_text_buffer_text(out, " [");
    ks_text_buffer_text(out, kldr_profile_name(item->profile));
    ks_text_buffer_char(out, ']');
}

static void write_counts(struct ks_text_buffer *out, uint64_t operations, uint64_t faults,
                         uint64_t misbehaviours)
{
    ks_text_buffer_unsigned(out, operations);
    ks_text_buffer_text(out, operations == 1 ? " operation, " : " operations, ");
    ks_text_buffer_unsigned(out, faults);
    ks_text_buffer_text(out, faults == 1 ? " fault injected, " : " faults injected, ");
    ks_text_buffer_unsigned(out, misbehaviours);
    ks_text_buffer_text(out, misbehaviours == 1 ? " misbehaves" : " misbehave");
}

// ---- a place ----

static void write_place(struct ks_text_buffer *out, const struct ks_fault_site *site)
{
    const struct ks_native_source *source = &site->source;
    ks_text_buffer_text(out, "\n  place    ");
    ks_text_buffer_text(out, ks_fallible_at(site->operation)->name);
    if (site->module[0] == '\0') {
        ks_text_buffer_text(out, " in the loader\n");
        return;
    }
    ks_text_buffer_text(out, " in ");
    ks_text_buffer_visible(out, site->module);
    ks_text_buffer_text(out, "+");
    ks_text_buffer_hex(out, site->offset, 1);
    if (source->function[0] != '\0' || source->file[0] != '\0') {
        ks_text_buffer_text(out, " (");
        ks_text_buffer_visible(out, source->function[0] != '\0' ? source->function : "?");
        if (source->file[0] != '\0') {
            ks_text_buffer_text(out, ", ");
            ks_text_buffer_visible(out, source->file);
            ks_text_buffer_char(out, ':');
            ks_text_buffer_unsigned(out, source->line);
        }
        ks_text_buffer_char(out, ')');
    }
    ks_text_buffer_char(out, '\n');
}

// The line of a scenario that makes the fault part of it.
static void write_fail(struct ks_text_buffer *out, const struct ks_fault_site *site)
{
    ks_text_buffer_text(out, "  fail     step ");
    ks_text_buffer_unsigned(out, site->step);
    ks_text_buffer_text(out, ": { ");
    ks_text_buffer_text(out, ks_fallible_at(site->operation)->name);
    ks_text_buffer_text(out, ": ");
    ks_text_buffer_unsigned(out, site->in_step);
    ks_text_buffer_text(out, " }\n");
}

static void write_fault(struct ks_sweep_report *report, const struct ks_swept *swept,
                        const struct ks_sweep_verdict *verdict)
{
    struct ks_text_buffer *out = &report->out;
    ks_text_buffer_text(out, "  fault    operation ");
    ks_text_buffer_unsigned(out, verdict->site->number);
    ks_text_buffer_text(out, " ");
    ks_sweep_write_failure(out, verdict->site);
    ks_text_buffer_char(out, '\n');
    ks_text_buffer_bytes(out, verdict->text.bytes, verdict->text.size);
    if (verdict->site->step != 0) {
        write_fail(out, verdict->site);
    }
    ks_text_buffer_text(out, "  again    ");
    ks_sweep_write_command(out, report->settings, swept->item, verdict->site);
    ks_text_buffer_char(out, '\n');
}

static void write_place_of(struct ks_sweep_report *report, const struct ks_swept *swept,
                           size_t first)
{
    ks_text_buffer_text(&report->out, "misbehaves  ");
    write_name(&report->out, swept->item);
    write_place(&report->out, swept->verdicts[first].site);
    for (size_t i = first; i < swept->count; i++) {
        const struct ks_sweep_verdict *verdict = &swept->verdicts[i];
        if (verdict->code != 0 && ks_sweep_same_place(verdict->site, swept->verdicts[first].site)) {
            write_fault(report, swept, verdict);
        }
    }
}

// ---- items ----

void ks_sweep_text_item(struct ks_sweep_report *report, const struct ks_swept *swept)
{
    struct ks_text_buffer *out = &report->out;
    for (size_t i = 0; i < swept->count; i++) {
        if (ks_sweep_begins_place(swept, i)) {
            write_place_of(report, swept, i);
        }
    }
    if (report->settings->verbosity > 0) {
        ks_text_buffer_text(out, "swept  ");
        write_name(out, swept->item);
        ks_text_buffer_text(out, "  ");
        write_counts(out, swept->baseline->operations, swept->count, swept->misbehaviours);
        ks_text_buffer_char(out, '\n');
    }
}

void ks_sweep_text_unfit(struct ks_sweep_report *report, const struct ks_run_item *item,
                         const struct ks_result *baseline)
{
    ks_text_buffer_text(&report->out, ks_outcome_name(baseline->outcome));
    ks_text_buffer_text(&report->out, "  ");
    write_name(&report->out, item);
    ks_text_buffer_text(&report->out, "  ");
    ks_text_buffer_visible(&report->out, baseline->reason);
    ks_text_buffer_char(&report->out, '\n');
}

void ks_sweep_text_end(struct ks_sweep_report *report, const struct ks_sweep_totals *totals)
{
    struct ks_text_buffer *out = &report->out;
    write_counts(out, totals->operations, totals->faults, totals->misbehaviours);
    if (totals->skipped > 0) {
        ks_text_buffer_text(out, ", ");
        ks_text_buffer_unsigned(out, totals->skipped);
        ks_text_buffer_text(out, " skipped");
    }
    ks_text_buffer_text(out, "; seed ");
    ks_text_buffer_unsigned(out, report->settings->seed);
    ks_text_buffer_char(out, '\n');
}

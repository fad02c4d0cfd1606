// SPDX-License-Identifier: MIT
// The findings of lint as text, json and annotations.
#include "cli/lint.h"
#include "explain/explain.h"
#include "output/github.h"
#include "output/json_writer.h"

static void write_facts(struct ks_text_buffer *out, const char *facts)
{
    char fact[16], cite[KS_FACT_CITE_SIZE];
    const char *before = "";
    while (ks_explain_next(&facts, fact, sizeof(fact))) {
        ks_text_buffer_text(out, before);
        ks_text_buffer_text(out, ks_fact_cite(fact, cite));
        before = "; ";
    }
}

void ks_lint_write_text(struct ks_text_buffer *out, const struct ks_lint *lint)
{
    for (size_t i = 0; i < lint->count; i++) {
        const struct ks_lint_finding *finding = &lint->findings[i];
        const struct ks_lint_rule_info *rule = ks_lint_rule_info(finding->rule);
        ks_text_buffer_visible(out, finding->path);
        if (finding->line > 0) {
            ks_text_buffer_char(out, ':');
            ks_text_buffer_unsigned(out, finding->line);
        }
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_text(out, rule->id);
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_visible(out, finding->message);
        ks_text_buffer_text(out, "\n    why     ");
        ks_text_buffer_text(out, rule->meaning);
        ks_text_buffer_text(out, " (");
        write_facts(out, rule->facts);
        ks_text_buffer_text(out, ")\n    advice  ");
        ks_text_buffer_text(out, rule->advice);
        ks_text_buffer_char(out, '\n');
    }
}

static void write_json_facts(struct ks_json *json, const char *facts)
{
    char fact[16];
    ks_json_key(json, "facts");
    ks_json_begin_array(json);
    while (ks_explain_next(&facts, fact, sizeof(fact))) {
        ks_json_text(json, fact);
    }
    ks_json_end_array(json);
}

void ks_lint_write_json(struct ks_text_buffer *out, const struct ks_lint *lint, size_t files)
{
    struct ks_json json;
    ks_json_init(&json, out);
    ks_json_begin_object(&json);
    ks_json_key_unsigned(&json, "kldr_lint", 1);
    ks_json_key(&json, "findings");
    ks_json_begin_array(&json);
    for (size_t i = 0; i < lint->count; i++) {
        const struct ks_lint_finding *finding = &lint->findings[i];
        const struct ks_lint_rule_info *rule = ks_lint_rule_info(finding->rule);
        ks_json_newline(&json);
        ks_json_begin_object(&json);
        ks_json_key_text(&json, "rule", rule->id);
        write_json_facts(&json, rule->facts);
        ks_json_key_text(&json, "file", finding->path);
        if (finding->line > 0) {
            ks_json_key_unsigned(&json, "line", finding->line);
        }
        ks_json_key_text(&json, "message", finding->message);
        ks_json_key_text(&json, "why", rule->meaning);
        ks_json_key_text(&json, "advice", rule->advice);
        ks_json_end_object(&json);
    }
    ks_text_buffer_char(out, '\n');
    ks_json_end_array(&json);
    ks_json_key_unsigned(&json, "files", files);
    ks_json_end_object(&json);
    ks_text_buffer_char(out, '\n');
}

void ks_lint_write_github(struct ks_text_buffer *out, const struct ks_lint *lint)
{
    for (size_t i = 0; i < lint->count; i++) {
        const struct ks_lint_finding *finding = &lint->findings[i];
        const struct ks_lint_rule_info *rule = ks_lint_rule_info(finding->rule);
        ks_text_buffer_text(out, "::error file=");
        ks_github_escape(out, finding->path, true);
        if (finding->line > 0) {
            ks_text_buffer_text(out, ",line=");
            ks_text_buffer_unsigned(out, finding->line);
        }
        ks_text_buffer_text(out, ",title=");
        ks_github_escape(out, rule->id, true);
        ks_text_buffer_text(out, "::");
        ks_github_escape(out, finding->message, false);
        ks_text_buffer_text(out, "%0A");
        ks_github_escape(out, rule->meaning, false);
        ks_text_buffer_text(out, "%0A");
        ks_github_escape(out, rule->advice, false);
        ks_text_buffer_char(out, '\n');
    }
}

// SPDX-License-Identifier: MIT
// What libyaml says is looked up in one table; what it does not know (a ` #`, a quote that would
// help) is found in the lines around.
#include "scenario/parse/yaml_error.h"

#include "scenario/parse/diagnose.h"

#include <string.h>
#include <yaml.h>

struct known_problem {
    const char *problem; // libyaml's text
    const char *message;
    const char *advice;
};

static const struct known_problem known_problems[] = {
    {"mapping values are not allowed in this context", "a `: ` is not allowed here",
     "a text that contains `: ` needs quotes; a key of a map begins a line of its own"},
    {"found unknown escape character", "unknown escape behind a backslash",
     "write paths in single quotes, where a backslash is just a backslash"},
    {"found a tab character that violates indentation", "a tab cannot indent", "use blanks"},
    {"found a tab character where an indentation space is expected", "a tab cannot indent",
     "use blanks"},
    {"did not find expected key", "this is neither a key of the map above nor its end",
     "keys of one map begin in the same column"},
    {"did not find expected '-' indicator", "this is neither an item of the list above nor its end",
     "items of one list begin with `- ` in the same column"},
    {"did not find expected ',' or ']'", "expected `,` or `]`",
     "a list in brackets separates its items by `,`; quote texts with brackets or braces"},
    {"did not find expected ',' or '}'", "expected `,` or `}`",
     "a map in braces separates its entries by `,`; quote texts with brackets or braces"},
    {"could not find expected ':'", "expected a `:` behind the key", NULL},
    {"did not find expected node content", "expected a value", NULL},
    {"found unexpected end of stream", "the file ends inside quotes", "close the quotes"},
    {"block sequence entries are not allowed in this context", "a `- ` is not allowed here",
     "a list begins on the line below its key"},
    {"control characters are not allowed", "control characters are not allowed", NULL},
    {"exceeded maximum nesting level", "values are nested too deep", NULL},
};

static struct known_problem find_known(const char *problem)
{
    for (size_t i = 0; i < sizeof known_problems / sizeof known_problems[0]; i++) {
        if (strcmp(known_problems[i].problem, problem) == 0) {
            return known_problems[i];
        }
    }
    return (struct known_problem){problem, problem, NULL};
}

// Where a plain text that should have been quoted ends: at the comma, bracket or line break.
static size_t text_end(const struct ks_source *source, size_t begin)
{
    size_t end = begin;
    size_t line_end = ks_source_line_end(source, begin);
    while (end < line_end && strchr(",]}", source->text[end]) == NULL) {
        end++;
    }
    while (end > begin && (source->text[end - 1] == ' ' || source->text[end - 1] == '\t')) {
        end--;
    }
    return end;
}

void ks_yaml_error_cut(struct ks_parse *parse, struct ks_node *node, size_t cut)
{
    const char *text = parse->source.text;
    size_t begin = node->place.begin;
    parse->last_cut = cut;
    ks_diagnose(parse, KS_DIAGNOSTIC_YAML, node,
                ks_diagnose_quoted(parse, text + begin, text_end(&parse->source, cut) - begin),
                "the text is cut short: ` #` begins a comment (`# ` with a blank is taken for a "
                "real one)");
}

static void report_cut(struct ks_parse *parse, size_t cut)
{
    const struct ks_source *source = &parse->source;
    size_t begin = cut;
    size_t line = ks_source_line_begin(source, cut);
    while (begin > line && strchr("[{,:\"'", source->text[begin - 1]) == NULL) {
        begin--;
    }
    begin += strspn(source->text + begin, " \t-");
    ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, ks_source_place_at(source, cut),
                     ks_diagnose_quoted(parse, source->text + begin, text_end(source, cut) - begin),
                     "the text is cut short: ` #` begins a comment");
}

static void report_character(struct ks_parse *parse, struct ks_place place)
{
    const struct ks_source *source = &parse->source;
    if (place.begin < source->size && source->text[place.begin] == '\t') {
        ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, place, "use blanks", "a tab cannot indent");
        return;
    }
    size_t length = text_end(source, place.begin) - place.begin;
    ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, place,
                     ks_diagnose_quoted(parse, source->text + place.begin, length),
                     "a plain text cannot begin with %s",
                     ks_diagnose_shown(parse, source->text + place.begin, length > 0));
}

static void report_reader(struct ks_parse *parse, const yaml_parser_t *parser)
{
    const struct ks_source *source = &parse->source;
    struct known_problem known = find_known(parser->problem);
    ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML,
                     ks_source_place_at(source, source->start + parser->problem_offset),
                     "scenario files are UTF-8 text", "%s", known.message);
}

static void report_known(struct ks_parse *parse, const yaml_parser_t *parser, struct ks_place place)
{
    struct known_problem known = find_known(parser->problem);
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line) {
        ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, place, known.advice, "%s (%s, line %zu)",
                         known.message, parser->context, parser->context_mark.line + 1);
    } else {
        ks_diagnose_file(parse, KS_DIAGNOSTIC_YAML, place, known.advice, "%s", known.message);
    }
}

// From where a ` #` may be to blame: the line before the error, or the whole list or map in
// brackets, which runs on behind the comment.
static size_t suspect_begin(struct ks_source *source, const yaml_parser_t *parser,
                            struct ks_place place)
{
    size_t line = ks_source_line_begin(source, place.begin);
    size_t begin = line > source->start ? ks_source_line_begin(source, line - 1) : line;
    if (parser->context != NULL && strstr(parser->context, "flow") != NULL) {
        size_t flow = ks_source_offset(source, parser->context_mark.index);
        return flow < begin ? flow : begin;
    }
    return begin;
}

void ks_yaml_error_report(struct ks_parse *parse, const void *opaque)
{
    const yaml_parser_t *parser = opaque;
    struct ks_source *source = &parse->source;
    if (parser->error == YAML_READER_ERROR) {
        report_reader(parse, parser);
        return;
    }
    const yaml_mark_t *mark = &parser->problem_mark;
    struct ks_place place = ks_source_place(source, mark->index, mark->line, mark->column);
    size_t cut = ks_source_find_cut(source, suspect_begin(source, parser, place), place.begin + 1);
    if (cut != 0 && cut == parse->last_cut) {
        return; // the error is what came of it
    }
    if (cut != 0) {
        report_cut(parse, cut);
    } else if (strcmp(parser->problem, "found character that cannot start any token") == 0) {
        report_character(parse, place);
    } else {
        report_known(parse, parser, place);
    }
}

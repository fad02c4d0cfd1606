// SPDX-License-Identifier: MIT
// First whether a text fits a shape, silently; only when it does not, why.
#include "scenario/parse/validate_scalar.h"

#include "scenario/format/scalar.h"

#include <kldr/nearest.h>
#include <kldr/policy.h>

#include <string.h>

bool ks_validate_is_scalar(const struct ks_shape *shape)
{
    return shape->kind < KS_SHAPE_LIST;
}

static bool is_word(const struct ks_shape *shape, const char *text, size_t length)
{
    const char *word;
    for (size_t i = 0; (word = shape->word_at(i)) != NULL; i++) {
        if (word[0] == text[0] && strlen(word) == length && memcmp(word, text, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool fits_text(const struct ks_shape *shape, const struct ks_node *node)
{
    const char *why;
    size_t at;
    if (shape->any_text) {
        return true;
    }
    if (node->length == 0 ||
        ks_scalar_find_control(node->text, node->length, shape->lines) != node->length) {
        return false;
    }
    if (shape->word_at != NULL) {
        size_t first = strcspn(node->text, " ");
        return is_word(shape, node->text, first) &&
               (first == node->length || first + 1 < node->length);
    }
    return shape->fits == NULL || shape->fits(node->text, node->length, &why, &at);
}

static bool fits_number(const struct ks_shape *shape, const char *text)
{
    uint64_t number;
    return ks_scalar_number(text, &number) && number >= shape->min && number <= shape->max;
}

static bool fits(const struct ks_shape *shape, const struct ks_node *node)
{
    kldr_status status;
    uint32_t code;
    switch (shape->kind) {
    case KS_SHAPE_TEXT:
        return fits_text(shape, node);
    case KS_SHAPE_NUMBER:
        return fits_number(shape, node->text);
    case KS_SHAPE_STATUS:
        return ks_scalar_status(node->text, &status);
    case KS_SHAPE_STOP:
        return ks_scalar_stop_code(node->text, &code);
    case KS_SHAPE_BOOLEAN:
    case KS_SHAPE_WORD:
        return is_word(shape, node->text, node->length);
    case KS_SHAPE_NOTHING:
        return node->length == 0;
    case KS_SHAPE_CHOICE:
        for (const struct ks_shape *const *choice = shape->choices; *choice != NULL; choice++) {
            if (fits(*choice, node)) {
                return true;
            }
        }
        return false;
    default:
        return false;
    }
}

// ---- why not ----

static const char *shown(struct ks_parse *parse, const struct ks_node *node)
{
    return ks_diagnose_shown(parse, node->text, node->length);
}

static void report_control(struct ks_parse *parse, struct ks_node *node, size_t at)
{
    ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL,
                "expected a text without control characters, found character 0x%02X in %s",
                (unsigned char)node->text[at], shown(parse, node));
}

// Points into the text when it stands in the file as it is: plain or quoted, on one line, without
// escapes.
static void report_misfit(struct ks_parse *parse, const struct ks_shape *shape,
                          struct ks_node *node)
{
    const char *why = "";
    size_t at = 0;
    shape->fits(node->text, node->length, &why, &at);
    size_t skip = node->plain ? 0 : 1;
    const char *source = parse->source.text + node->place.begin;
    bool verbatim = node->place.begin + skip + node->length <= parse->source.size &&
                    memcmp(source + skip, node->text, node->length) == 0;
    struct ks_place place = node->place;
    if (verbatim && at > 0) {
        place.begin += skip + at;
        place.column += (uint32_t)(skip + at);
    }
    ks_diagnose_inside(parse, KS_DIAGNOSTIC_FORM, node, place, NULL, "%s: %s", shown(parse, node),
                       why);
}

static const char *list_words(struct ks_parse *parse, const struct ks_shape *shape)
{
    const char *text = "";
    const char *word;
    for (size_t i = 0; (word = shape->word_at(i)) != NULL; i++) {
        if (i > 8) {
            return NULL;
        }
        text = ks_diagnose_text(parse, "%s%s%s", text, i == 0 ? "known: " : ", ", word);
    }
    return text;
}

static const char *word_of(void *user, size_t index)
{
    const struct ks_shape *const *shape = user;
    return (*shape)->word_at(index);
}

static const char *nearest_word(const struct ks_shape *shape, const char *text)
{
    size_t count = 0;
    while (shape->word_at(count) != NULL) {
        count++;
    }
    return kldr_nearest(text, count, word_of, &shape);
}

static const char *nearest(const struct ks_shape *shape, const char *text)
{
    if (shape->word_at != NULL) {
        return nearest_word(shape, text);
    }
    if (shape->kind == KS_SHAPE_STATUS) {
        return kldr_status_nearest(text);
    }
    const char *near = NULL;
    if (shape->kind == KS_SHAPE_CHOICE) {
        for (const struct ks_shape *const *choice = shape->choices; *choice != NULL && near == NULL;
             choice++) {
            near = nearest(*choice, text);
        }
    }
    return near;
}

static const char *advice_for(struct ks_parse *parse, const struct ks_shape *shape,
                              const struct ks_node *node)
{
    const char *near = nearest(shape, node->text);
    if (near == NULL && shape->kind == KS_SHAPE_TEXT && shape->word_at != NULL) {
        char first[64] = "";
        size_t length = strcspn(node->text, " ");
        memcpy(first, node->text, length < sizeof first ? length : 0);
        near = nearest_word(shape, first);
    }
    if (near != NULL) {
        return ks_diagnose_near(parse, near);
    }
    return shape->word_at == NULL ? NULL : list_words(parse, shape);
}

static bool takes(const struct ks_shape *shape, enum ks_shape_kind kind)
{
    bool found = shape->kind == kind;
    for (const struct ks_shape *const *choice = shape->choices;
         shape->kind == KS_SHAPE_CHOICE && *choice != NULL; choice++) {
        found = found || (*choice)->kind == kind;
    }
    return found;
}

// A name that only kldr can know is not a matter of form: the schema takes any such name.
static bool report_unknown_name(struct ks_parse *parse, const struct ks_shape *shape,
                                struct ks_node *node)
{
    bool stop_code = takes(shape, KS_SHAPE_STOP);
    bool looks_like_one =
        node->text[0] >= 'A' && node->text[0] <= 'Z' &&
        node->text[strspn(node->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
    if (!looks_like_one || !(stop_code || takes(shape, KS_SHAPE_STATUS))) {
        return false;
    }
    ks_diagnose(parse, KS_DIAGNOSTIC_REFERENCE, node, advice_for(parse, shape, node),
                stop_code ? "unknown stop code %s" : "unknown status %s", shown(parse, node));
    return true;
}

static const char *advice_of(struct ks_parse *parse, const struct ks_shape *shape,
                             const struct ks_node *node)
{
    return shape->kind == KS_SHAPE_LIST ? "a list of one is written in brackets, too"
                                        : advice_for(parse, shape, node);
}

static void report(struct ks_parse *parse, const struct ks_shape *shape, struct ks_node *node)
{
    size_t control = ks_scalar_find_control(node->text, node->length, shape->lines);
    if (control < node->length) {
        report_control(parse, node, control);
    } else if (node->length == 0) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, NULL, "expected %s, found an empty text",
                    shape->what);
    } else if (shape->kind == KS_SHAPE_TEXT && shape->fits != NULL) {
        report_misfit(parse, shape, node);
    } else if (!report_unknown_name(parse, shape, node)) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, advice_of(parse, shape, node),
                    "expected %s, found %s", shape->what, shown(parse, node));
    }
}

// ---- empty values ----

static bool takes_any_text(const struct ks_shape *shape)
{
    return shape->kind == KS_SHAPE_TEXT && shape->any_text;
}

static void report_empty(struct ks_parse *parse, const struct ks_shape *shape, struct ks_node *node)
{
    const struct ks_source *source = &parse->source;
    size_t comment = node->place.begin;
    size_t line_end = ks_source_line_end(source, comment);
    comment += strspn(source->text + comment, " \t");
    const char *advice = shape->kind == KS_SHAPE_LIST ? "write [] for the empty list"
                         : shape->kind > KS_SHAPE_LIST && shape->kind != KS_SHAPE_CHOICE
                             ? "write {} for the empty map"
                             : NULL;
    if (comment + 1 < line_end && source->text[comment] == '#' &&
        strchr(" \t#", source->text[comment + 1]) == NULL) {
        advice = ks_diagnose_quoted(parse, source->text + comment, line_end - comment);
    }
    ks_diagnose(parse, takes_any_text(shape) ? KS_DIAGNOSTIC_YAML : KS_DIAGNOSTIC_FORM, node,
                advice, "a value is missing: expected %s", shape->what);
}

// The one scalar alternative of a choice, which can say more than the choice.
static const struct ks_shape *only_scalar(const struct ks_shape *shape)
{
    const struct ks_shape *only = shape;
    size_t count = 0;
    for (const struct ks_shape *const *choice = shape->choices; *choice != NULL; choice++) {
        if (ks_validate_is_scalar(*choice)) {
            only = *choice;
            count++;
        }
    }
    return count == 1 && only->fits != NULL ? only : shape;
}

void ks_validate_scalar(struct ks_parse *parse, struct ks_node *node, const struct ks_shape *shape)
{
    bool empty = node->plain && node->length == 0;
    if (empty && shape->kind != KS_SHAPE_NOTHING) {
        report_empty(parse, shape, node);
    } else if (!fits(shape, node)) {
        report(parse, shape->kind == KS_SHAPE_CHOICE ? only_scalar(shape) : shape, node);
    }
}

void ks_validate_knob(struct ks_parse *parse, struct ks_node *node)
{
    struct kldr_policy policy;
    struct kldr_error error;
    enum kldr_knob knob;
    kldr_error_clear(&error);
    kldr_policy_init(&policy, KLDR_PROFILE_DOCUMENTED);
    if (kldr_policy_set(&policy, node->key->text, node->text, &error) == KLDR_STATUS_SUCCESS) {
        return;
    }
    const char *advice = ks_diagnose_text(parse, "%s", error.advice);
    if (kldr_knob_find(node->key->text, &knob)) {
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node, advice, "the knob `%s` has no value %s",
                    node->key->text, shown(parse, node));
    } else {
        node->bad = true;
        ks_diagnose(parse, KS_DIAGNOSTIC_FORM, node->key, advice, "unknown knob %s",
                    shown(parse, node->key));
    }
}

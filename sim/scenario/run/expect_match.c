// SPDX-License-Identifier: MIT

#include "scenario/run/expect_match.h"

#include <string.h>

// Case ignored up to the first '!', exact after it.
static bool same_call(const char *a, const char *b)
{
    const char *a_routine = strchr(a, '!'), *b_routine = strchr(b, '!');
    char a_module[KLDR_PATH_SIZE], b_module[KLDR_PATH_SIZE];
    if (a_routine == NULL || b_routine == NULL || strcmp(a_routine, b_routine) != 0 ||
        a_routine - a >= KLDR_PATH_SIZE || b_routine - b >= KLDR_PATH_SIZE) {
        return false;
    }
    memcpy(a_module, a, (size_t)(a_routine - a));
    a_module[a_routine - a] = '\0';
    memcpy(b_module, b, (size_t)(b_routine - b));
    b_module[b_routine - b] = '\0';
    return ks_same_name(a_module, b_module);
}

// "name module", "name module!Routine", or the name alone, which any module fits.
static bool same_event(const char *wanted, const char *seen)
{
    size_t name = strcspn(wanted, " ");
    if (strncmp(wanted, seen, name) != 0 || (seen[name] != ' ' && seen[name] != '\0')) {
        return false;
    }
    if (wanted[name] == '\0') {
        return true;
    }
    return seen[name] == ' ' &&
           (strchr(wanted, '!') != NULL ? same_call(wanted + name, seen + name)
                                        : ks_same_name(wanted + name, seen + name));
}

bool ks_match_text(const char *wanted, const char *seen, const char *alternative,
                   enum ks_compare compare)
{
    switch (compare) {
    case KS_COMPARE_EXACT:
        return strcmp(wanted, seen) == 0;
    case KS_COMPARE_CALL:
        return same_call(wanted, seen) || (alternative != NULL && same_call(wanted, alternative));
    case KS_COMPARE_EVENT:
        return same_event(wanted, seen) || (alternative != NULL && same_event(wanted, alternative));
    default:
        return ks_same_name(wanted, seen) ||
               (alternative != NULL && ks_same_name(wanted, alternative));
    }
}

static const struct ks_seen_field *field_named(const struct ks_seen_item *item, const char *name)
{
    for (size_t i = 0; i < item->field_count; i++) {
        if (strcmp(item->fields[i].name, name) == 0) {
            return &item->fields[i];
        }
    }
    return NULL;
}

// Export names compare exactly; names of modules and images by their last component when the wanted
// one has no backslash.
static bool same_field(const struct ks_pair *wanted, const struct ks_seen_field *seen)
{
    static const char *const exact[] = {"export", "missing_procedure", "kind", "reason", "detail",
                                        "tag"};
    if (seen->text == NULL) {
        return wanted->is_number && wanted->number == seen->number;
    }
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        if (strcmp(wanted->name, exact[i]) == 0) {
            return strcmp(wanted->text, seen->text) == 0;
        }
    }
    const char *backslash = strchr(wanted->text, '\\') == NULL ? strrchr(seen->text, '\\') : NULL;
    return ks_same_name(wanted->text, backslash != NULL ? backslash + 1 : seen->text);
}

static bool match_record(const struct ks_item *wanted, const struct ks_seen_item *seen,
                         enum ks_compare compare)
{
    bool names_export = false;
    for (size_t i = 0; i < wanted->field_count; i++) {
        const struct ks_pair *pair = &wanted->fields[i];
        const struct ks_seen_field *field = field_named(seen, pair->name);
        if (field == NULL || pair->is_list || !same_field(pair, field)) {
            return false;
        }
        names_export =
            names_export || strcmp(pair->name, "export") == 0 || strcmp(pair->name, "ordinal") == 0;
    }
    bool has_export = field_named(seen, "export") != NULL || field_named(seen, "ordinal") != NULL;
    return compare != KS_COMPARE_MISSING || names_export == has_export;
}

static bool match_item(const struct ks_item *wanted, const struct ks_seen_item *seen,
                       enum ks_compare compare)
{
    if (wanted->text == NULL) {
        return seen->text == NULL && match_record(wanted, seen, compare);
    }
    if (seen->text == NULL) { // a finding given by its kind alone
        const struct ks_seen_field *kind = field_named(seen, "kind");
        return kind != NULL && strcmp(kind->text, wanted->text) == 0;
    }
    return ks_match_text(wanted->text, seen->text, seen->alternative, compare);
}

static bool match_exact(const struct ks_list *wanted, const struct ks_seen *seen,
                        enum ks_compare compare)
{
    bool same = wanted->item_count == seen->count;
    for (size_t i = 0; same && i < seen->count; i++) {
        same = match_item(&wanted->items[i], &seen->items[i], compare);
    }
    return same;
}

static bool match_ordered(const struct ks_list *wanted, const struct ks_seen *seen,
                          enum ks_compare compare)
{
    size_t next = 0;
    for (size_t i = 0; i < seen->count && next < wanted->item_count; i++) {
        next += match_item(&wanted->items[next], &seen->items[i], compare);
    }
    return next == wanted->item_count;
}

// Finds a seen item for wanted item number index that no earlier one took, moving earlier ones
// aside where they have another choice (a matching in a bipartite graph). taken[i] is 1 + the
// wanted item that has seen item i.
static bool assign(const struct ks_list *wanted, const struct ks_seen *seen,
                   enum ks_compare compare, size_t index, size_t *taken, unsigned char *visited)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (visited[i] || !match_item(&wanted->items[index], &seen->items[i], compare)) {
            continue;
        }
        visited[i] = 1;
        if (taken[i] == 0 || assign(wanted, seen, compare, taken[i] - 1, taken, visited)) {
            taken[i] = index + 1;
            return true;
        }
    }
    return false;
}

#define CONTAINS_LIMIT 512

static bool match_contains(const struct ks_list *wanted, const struct ks_seen *seen,
                           enum ks_compare compare)
{
    size_t taken[CONTAINS_LIMIT] = {0};
    unsigned char visited[CONTAINS_LIMIT];
    struct ks_seen part = *seen;
    part.count = part.count < CONTAINS_LIMIT ? part.count : CONTAINS_LIMIT;
    for (size_t i = 0; i < wanted->item_count; i++) {
        memset(visited, 0, sizeof visited);
        if (!assign(wanted, &part, compare, i, taken, visited)) {
            return false;
        }
    }
    return true;
}

static bool match_none_of(const struct ks_list *wanted, const struct ks_seen *seen,
                          enum ks_compare compare)
{
    for (size_t i = 0; i < wanted->item_count; i++) {
        for (size_t j = 0; j < seen->count; j++) {
            if (match_item(&wanted->items[i], &seen->items[j], compare)) {
                return false;
            }
        }
    }
    return true;
}

bool ks_match_list(const struct ks_list *wanted, const struct ks_seen *seen,
                   enum ks_compare compare, enum ks_list_mode mode)
{
    switch (mode) {
    case KS_LIST_CONTAINS:
        return match_contains(wanted, seen, compare);
    case KS_LIST_ORDERED:
        return match_ordered(wanted, seen, compare);
    case KS_LIST_NONE_OF:
        return match_none_of(wanted, seen, compare);
    default:
        return match_exact(wanted, seen, compare);
    }
}

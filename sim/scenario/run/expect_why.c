// SPDX-License-Identifier: MIT
// The answer of `kldr why` beside an expectation that speaks of a module's presence. Worked out
// only when one fails.

#include "scenario/run/expect_map.h"

#include "why/why.h"

#include <string.h>

static bool is_seen(const struct ks_seen *seen, const char *name)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (ks_match_text(name, seen->items[i].text, seen->items[i].alternative, KS_COMPARE_NAME)) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct ks_list *wanted, const struct ks_seen_item *item)
{
    for (size_t i = 0; i < wanted->item_count; i++) {
        if (wanted->items[i].text != NULL &&
            ks_match_text(wanted->items[i].text, item->text, item->alternative, KS_COMPARE_NAME)) {
            return true;
        }
    }
    return false;
}

// The first module that is missing from the list or too much in it. NULL: only the order differs.
static const char *odd_module(const struct ks_list *wanted, const struct ks_seen *seen)
{
    bool none_of = wanted->mode == KS_LIST_NONE_OF;
    for (size_t i = 0; i < wanted->item_count; i++) {
        const char *name = wanted->items[i].text;
        if (name != NULL && is_seen(seen, name) == none_of) {
            return name;
        }
    }
    for (size_t i = 0; i < seen->count && wanted->mode == KS_LIST_EXACT; i++) {
        if (!is_wanted(wanted, &seen->items[i])) {
            return seen->items[i].text;
        }
    }
    return NULL;
}

const char *ks_expect_why(struct ks_judge *judge, const char *key, const char *subkey)
{
    const char *module = NULL;
    if (strcmp(key, "modules") == 0) {
        struct ks_seen seen = ks_observe(judge->runner, KS_VIEW_MODULES, judge->outcome);
        module = odd_module(&judge->expect->modules, &seen);
    } else if (strcmp(key, "counts") == 0 || strcmp(key, "state") == 0) {
        module = subkey;
    }
    return module != NULL ? ks_why(judge->runner, module)->summary : "";
}

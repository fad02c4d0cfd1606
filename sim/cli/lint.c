// SPDX-License-Identifier: MIT
#include "cli/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ks_lint_rule_info rules[] = {
#define LINT_ROW(name, id, facts, meaning, advice) {id, facts, meaning, advice},
    KS_LINT_RULES(LINT_ROW)
#undef LINT_ROW
};

const struct ks_lint_rule_info *ks_lint_rule_info(enum ks_lint_rule rule)
{
    return &rules[rule];
}

bool ks_lint_rule_find(const char *id, enum ks_lint_rule *out_rule)
{
    for (size_t i = 0; i < KS_LINT_RULE_COUNT; i++) {
        if (strcmp(rules[i].id, id) == 0) {
            *out_rule = (enum ks_lint_rule)i;
            return true;
        }
    }
    return false;
}

void ks_lint_init(struct ks_lint *lint)
{
    memset(lint, 0, sizeof(*lint));
}

void ks_lint_fini(struct ks_lint *lint)
{
    free(lint->findings);
    memset(lint, 0, sizeof(*lint));
}

void ks_lint_add(struct ks_lint *lint, enum ks_lint_rule rule, const char *path, unsigned line,
                 const char *format, ...)
{
    if (lint->ignored[rule]) {
        return;
    }
    if ((lint->count & (lint->count - 1)) == 0) { // the room doubles at 0, 1, 2, 4, 8, ...
        size_t room = lint->count == 0 ? 1 : lint->count * 2;
        struct ks_lint_finding *grown = realloc(lint->findings, room * sizeof(*grown));
        if (grown == NULL) {
            lint->out_of_memory = true;
            return;
        }
        lint->findings = grown;
    }
    struct ks_lint_finding *finding = &lint->findings[lint->count++];
    va_list arguments;
    finding->rule = rule;
    finding->path = path;
    finding->line = line;
    va_start(arguments, format);
    vsnprintf(finding->message, sizeof(finding->message), format, arguments);
    va_end(arguments);
}

// SPDX-License-Identifier: MIT
// The table of checks, and lists of them.

#include <kldr/check.h>
#include <kldr/nearest.h>

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 40
#define ALL       ((UINT32_C(1) << KLDR_CHECK_COUNT) - 1)

_Static_assert(KLDR_CHECK_COUNT < 32, "a bit for each");

#define NAME(enumerator, text) static const char name_##enumerator[] = text;
KLDR_CHECK_TABLE(NAME)
#undef NAME

static const struct kldr_check_info infos[KLDR_CHECK_COUNT] = {
#define CHECK(enumerator, by_default, finds, tells, when, windows)                                 \
    [KLDR_CHECK_##enumerator] = {name_##enumerator, by_default, finds, tells, when, windows},
#include "check/checks.inc"
#undef CHECK
};

static const char *const words[] = {"all", "none"};

#define WORD_COUNT (sizeof words / sizeof words[0])

const struct kldr_check_info *kldr_check_info(enum kldr_check check)
{
    return (unsigned)check < KLDR_CHECK_COUNT ? &infos[check] : NULL;
}

bool kldr_check_find(const char *name, enum kldr_check *out_check)
{
    for (unsigned i = 0; i < KLDR_CHECK_COUNT; i++) {
        if (strcmp(infos[i].name, name) == 0) {
            *out_check = (enum kldr_check)i;
            return true;
        }
    }
    return false;
}

bool kldr_checks_has(const struct kldr_checks *checks, enum kldr_check check)
{
    uint32_t bit = UINT32_C(1) << check;
    return (checks->off & bit) == 0 && ((checks->on & bit) != 0 || infos[check].by_default);
}

// ---- lists ----

static const char *word_at(void *user, size_t index)
{
    (void)user;
    return index < WORD_COUNT ? words[index] : infos[index - WORD_COUNT].name;
}

static kldr_status refuse(const char *word, struct kldr_error *error)
{
    const char *near = kldr_nearest(word[0] == '-' ? word + 1 : word, WORD_COUNT + KLDR_CHECK_COUNT,
                                    word_at, NULL);
    kldr_error_clear(error);
    kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                   "there is no check '%s'", word);
    if (near != NULL) {
        kldr_error_advise(error, "did you mean %s?", near);
    } else {
        kldr_error_advise(error, "'kldr explain checks' lists them");
    }
    return KLDR_ERROR_BAD_ARGUMENT;
}

static bool apply(const char *word, struct kldr_checks *checks)
{
    enum kldr_check check;
    if (strcmp(word, "all") == 0) {
        *checks = (struct kldr_checks){.on = ALL};
    } else if (strcmp(word, "none") == 0) {
        *checks = (struct kldr_checks){.off = ALL};
    } else if (kldr_check_find(word, &check)) {
        checks->on |= UINT32_C(1) << check;
        checks->off &= ~(UINT32_C(1) << check);
    } else if (word[0] == '-' && kldr_check_find(word + 1, &check)) {
        checks->off |= UINT32_C(1) << check;
        checks->on &= ~(UINT32_C(1) << check);
    } else {
        return false;
    }
    return true;
}

kldr_status kldr_checks_parse(const char *list, struct kldr_checks *checks,
                              struct kldr_error *error)
{
    struct kldr_checks wanted = *checks;
    for (bool last = false; !last;) {
        char word[WORD_SIZE];
        size_t length = strcspn(list, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < WORD_SIZE ? length : WORD_SIZE - 1),
                 list);
        if (length >= WORD_SIZE || !apply(word, &wanted)) {
            return refuse(word, error);
        }
        last = list[length] == '\0';
        list += length + 1;
    }
    *checks = wanted;
    return KLDR_STATUS_SUCCESS;
}

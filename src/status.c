// SPDX-License-Identifier: MIT
// NTSTATUS names. Three tables: the statuses of the behaviour sheet with Win32 code and meaning,
// kldr's own, and all public names with their values.
#include <kldr/nearest.h>
#include <kldr/status.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

// Sorted by value, as the table in the header is.
static const struct kldr_status_info described[] = {
#define DESCRIBED(name, value, win32, meaning) {UINT32_C(value), "STATUS_" #name, win32, meaning},
    KLDR_STATUS_TABLE(DESCRIBED)
#undef DESCRIBED
};

static const struct kldr_status_info own[] = {
#define OWN(name, value, meaning) {UINT32_C(value), "KLDR_" #name, 0, meaning},
    KLDR_OWN_STATUS_TABLE(OWN)
#undef OWN
};

struct named_status {
    const char *name;
    kldr_status value;
};

static const struct named_status by_name[] = {
#define STATUS_NAME(name, value) {#name, UINT32_C(value)},
#include "status_names.inc"
#undef STATUS_NAME
};

static const uint16_t by_value[] = {
#define STATUS_BY_VALUE(position) position,
#include "status_names.inc"
#undef STATUS_BY_VALUE
};

static int compare_described(const void *key, const void *element)
{
    kldr_status value = *(const kldr_status *)key;
    const struct kldr_status_info *info = element;
    return value < info->value ? -1 : value > info->value;
}

static int compare_value(const void *key, const void *element)
{
    kldr_status value = *(const kldr_status *)key;
    kldr_status other = by_name[*(const uint16_t *)element].value;
    return value < other ? -1 : value > other;
}

static int compare_name(const void *key, const void *element)
{
    return strcmp(key, ((const struct named_status *)element)->name);
}

// Adds Win32 code and meaning. They belong to the value, so a second name of it (STATUS_WAIT_0) has
// them too.
static struct kldr_status_info describe(const struct named_status *named)
{
    const struct kldr_status_info *info = bsearch(&named->value, described, COUNT_OF(described),
                                                  sizeof described[0], compare_described);
    return (struct kldr_status_info){named->value, named->name, info == NULL ? 0 : info->win32,
                                     info == NULL ? "" : info->meaning};
}

bool kldr_status_find(kldr_status value, struct kldr_status_info *out_info)
{
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        if (own[i].value == value) {
            *out_info = own[i];
            return true;
        }
    }
    const uint16_t *position =
        bsearch(&value, by_value, COUNT_OF(by_value), sizeof by_value[0], compare_value);
    if (position == NULL)
        return false;
    *out_info = describe(&by_name[*position]);
    return true;
}

bool kldr_status_find_name(const char *name, struct kldr_status_info *out_info)
{
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        if (strcmp(own[i].name, name) == 0) {
            *out_info = own[i];
            return true;
        }
    }
    const struct named_status *named =
        bsearch(name, by_name, COUNT_OF(by_name), sizeof by_name[0], compare_name);
    if (named == NULL)
        return false;
    *out_info = describe(named);
    return true;
}

static const char *name_at(void *user, size_t index)
{
    (void)user;
    return index < COUNT_OF(own) ? own[index].name : by_name[index - COUNT_OF(own)].name;
}

const char *kldr_status_nearest(const char *name)
{
    return kldr_nearest(name, COUNT_OF(own) + COUNT_OF(by_name), name_at, NULL);
}

const char *kldr_status_name(kldr_status value)
{
    struct kldr_status_info info;
    return kldr_status_find(value, &info) ? info.name : NULL;
}

char *kldr_status_format(kldr_status value, char text[KLDR_STATUS_TEXT_SIZE])
{
    const char *name = kldr_status_name(value);
    if (name == NULL)
        snprintf(text, KLDR_STATUS_TEXT_SIZE, "0x%08lX", (unsigned long)value);
    else
        snprintf(text, KLDR_STATUS_TEXT_SIZE, "%s (0x%08lX)", name, (unsigned long)value);
    return text;
}

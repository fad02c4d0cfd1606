// SPDX-License-Identifier: MIT
// The part of the text that is lists of names: the kernel's functions, exports and their users.
#include "deps/deps_text_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMN 26

struct name_list {
    struct ks_text_buffer *out;
    size_t used; // columns of the line under way
    bool any;
};

static void begin_list(struct name_list *list, struct ks_text_buffer *out, const char *label)
{
    *list = (struct name_list){.out = out, .used = 4 + strlen(label)};
    ks_text_buffer_text(out, "    ");
    ks_text_buffer_text(out, label);
    ks_deps_text_pad(out, list->used, NAME_COLUMN);
    list->used = list->used + 2 < NAME_COLUMN ? NAME_COLUMN : list->used + 2;
}

static void add_name(struct name_list *list, const char *name, uint32_t ordinal)
{
    char number[16];
    snprintf(number, sizeof(number), "#%u", (unsigned)ordinal);
    name = name == NULL ? number : name;
    size_t length = strlen(name);
    if (list->any) {
        bool folds = list->used + 2 + length > KS_DEPS_TEXT_WIDTH;
        ks_text_buffer_text(list->out, folds ? ",\n" : ", ");
        ks_text_buffer_repeat(list->out, ' ', folds ? NAME_COLUMN : 0);
        list->used = folds ? NAME_COLUMN : list->used + 2;
    }
    ks_text_buffer_visible(list->out, name);
    list->used += length;
    list->any = true;
}

static void end_list(struct name_list *list)
{
    ks_text_buffer_char(list->out, '\n');
}

// ---- the kernel's functions ----

struct kernel_use {
    const char *module;
    const struct ks_deps_function *function;
};

static int compare_uses(const void *left, const void *right)
{
    const struct kernel_use *a = left, *b = right;
    int order = strcmp(a->module, b->module);
    if (order == 0) {
        order = (int)a->function->answer - (int)b->function->answer;
    }
    if (order == 0 && (a->function->name == NULL) != (b->function->name == NULL)) {
        order = a->function->name == NULL ? 1 : -1;
    }
    if (order == 0 && a->function->name != NULL) {
        order = strcmp(a->function->name, b->function->name);
    }
    return order != 0 ? order
                      : (a->function->ordinal > b->function->ordinal) -
                            (a->function->ordinal < b->function->ordinal);
}

// Calls back for each function that is imported from a kernel image and exists there.
static size_t gather(const struct ks_deps *deps, struct kernel_use *uses)
{
    size_t count = 0;
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        for (size_t i = 0; i < image->import_count; i++) {
            const struct ks_deps_import *import = &image->imports[i];
            for (size_t j = 0;
                 import->target->state == KS_DEPS_KERNEL && j < import->function_count; j++) {
                bool there = import->functions[j].answer < KS_DEPS_NO_EXPORT;
                if (there && uses != NULL) {
                    uses[count] = (struct kernel_use){import->target->name, &import->functions[j]};
                }
                count += there;
            }
        }
    }
    return count;
}

static const char *answer_label(enum ks_deps_answer answer)
{
    switch (answer) {
    case KS_DEPS_FULL:
        return "full";
    case KS_DEPS_PARTIAL:
        return "partial";
    case KS_DEPS_VARIABLE:
        return "variable";
    case KS_DEPS_TRAP:
        return "trap";
    default:
        return "not simulated";
    }
}

static void write_uses(struct ks_text_buffer *out, const struct kernel_use *uses, size_t count)
{
    struct name_list list;
    for (size_t i = 0; i < count; i++) {
        const struct kernel_use *use = &uses[i], *before = i > 0 ? &uses[i - 1] : NULL;
        bool new_module = before == NULL || strcmp(before->module, use->module) != 0;
        bool new_answer = new_module || before->function->answer != use->function->answer;
        if (!new_answer && compare_uses(before, use) == 0) {
            continue;
        }
        if (new_answer && before != NULL) {
            end_list(&list);
        }
        if (new_module) {
            ks_text_buffer_text(out, "  ");
            ks_text_buffer_text(out, use->module);
            ks_text_buffer_char(out, '\n');
        }
        if (new_answer) {
            begin_list(&list, out, answer_label(use->function->answer));
        }
        add_name(&list, use->function->name, use->function->ordinal);
    }
    if (count > 0) {
        end_list(&list);
    }
}

void ks_deps_text_kernel(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    size_t count = gather(deps, NULL);
    struct kernel_use *uses = count == 0 ? NULL : calloc(count, sizeof(*uses));
    if (uses == NULL) {
        out->failed = out->failed || count > 0;
        return;
    }
    gather(deps, uses);
    qsort(uses, count, sizeof(*uses), compare_uses);
    ks_text_buffer_text(out, "\nkernel functions: Windows has them, and kldr simulates\n");
    write_uses(out, uses, count);
    free(uses);
}

// ---- exports ----

static void write_used(struct ks_text_buffer *out, const struct ks_deps_export *entry)
{
    struct name_list list;
    char number[16];
    snprintf(number, sizeof(number), "#%u", (unsigned)entry->ordinal);
    begin_list(&list, out, entry->name == NULL ? number : entry->name);
    for (const struct ks_deps_user *user = entry->users; user != NULL; user = user->next) {
        add_name(&list, user->importer->name, 0);
    }
    end_list(&list);
}

// What nobody uses of an image that was not asked for is only counted.
static void write_rest(struct ks_text_buffer *out, const struct ks_deps_image *image)
{
    struct name_list list;
    size_t count = 0;
    for (size_t i = 0; i < image->export_count; i++) {
        count += image->exports[i].users == NULL && !image->exports[i].routine;
    }
    if (count > 0) {
        begin_list(&list, out, "nobody");
        ks_text_buffer_unsigned(out, count);
        ks_text_buffer_text(out, count == 1 ? " other" : " others");
        end_list(&list);
    }
}

static void write_group(struct ks_text_buffer *out, const struct ks_deps_image *image,
                        const char *label, bool routines)
{
    struct name_list list;
    bool begun = false;
    for (size_t i = 0; i < image->export_count; i++) {
        const struct ks_deps_export *entry = &image->exports[i];
        if (entry->users != NULL || entry->routine != routines) {
            continue;
        }
        if (!begun) {
            begin_list(&list, out, label);
            begun = true;
        }
        add_name(&list, entry->name, entry->ordinal);
    }
    if (begun) {
        end_list(&list);
    }
}

void ks_deps_text_exports(struct ks_text_buffer *out, const struct ks_deps *deps)
{
    bool begun = false;
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        if (image->export_count == 0 || (!image->asked && !image->imported)) {
            continue;
        }
        ks_text_buffer_text(out, begun ? "" : "\nexports, and who uses them\n");
        begun = true;
        ks_text_buffer_text(out, "  ");
        ks_text_buffer_visible(out, image->path);
        ks_text_buffer_char(out, '\n');
        for (size_t i = 0; i < image->export_count; i++) {
            if (image->exports[i].users != NULL) {
                write_used(out, &image->exports[i]);
            }
        }
        if (image->asked) {
            write_group(out, image, "nobody", false);
        } else {
            write_rest(out, image);
        }
        write_group(out, image, "the loader", true);
    }
}

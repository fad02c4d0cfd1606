// SPDX-License-Identifier: MIT
// Replacing stretches of a text; see accept_text.h.
#include "scenario/accept/accept_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ks_accept_patch {
    size_t begin, end;
    size_t order; // of asking
    char *text;
};

static struct ks_accept_patch *new_patch(struct ks_accept_text *edits)
{
    if (edits->count == edits->capacity) {
        size_t capacity = edits->capacity != 0 ? edits->capacity * 2 : 16;
        struct ks_accept_patch *patches = realloc(edits->patches, capacity * sizeof(*patches));

        if (patches == NULL) {
            return NULL;
        }
        edits->patches = patches;
        edits->capacity = capacity;
    }
    return &edits->patches[edits->count];
}

void ks_accept_text_replace(struct ks_accept_text *edits, size_t begin, size_t end,
                            const struct ks_text_buffer *text)
{
    struct ks_accept_patch *patch = text->failed ? NULL : new_patch(edits);
    char *copy = malloc(text->size + 1);

    if (patch == NULL || copy == NULL) {
        free(copy);
        edits->failed = true;
        return;
    }
    if (text->size != 0) {
        memcpy(copy, text->bytes, text->size);
    }
    copy[text->size] = '\0';
    *patch = (struct ks_accept_patch){begin, end, edits->count, copy};
    edits->count++;
}

static int compare_sizes(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

// An insertion at the beginning of a replaced stretch comes before it, one at its end after it:
// that is the order of begin, then end.
static int compare_patches(const void *left, const void *right)
{
    const struct ks_accept_patch *a = left;
    const struct ks_accept_patch *b = right;
    int order = compare_sizes(a->begin, b->begin);

    if (order == 0) {
        order = compare_sizes(a->end, b->end);
    }
    return order != 0 ? order : compare_sizes(a->order, b->order);
}

static bool is_repeat(const struct ks_accept_patch *patch, const struct ks_accept_patch *previous)
{
    return patch->begin == previous->begin && patch->end == previous->end &&
           patch->begin != patch->end && strcmp(patch->text, previous->text) == 0;
}

kldr_status ks_accept_text_apply(struct ks_accept_text *edits, const char *text, size_t size,
                                 char **out_text, size_t *out_size, size_t *out_clash)
{
    struct ks_text_buffer result = {0};
    size_t done = 0;

    if (edits->failed) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (edits->count != 0) {
        qsort(edits->patches, edits->count, sizeof(*edits->patches), compare_patches);
    }
    for (size_t i = 0; i < edits->count; i++) {
        const struct ks_accept_patch *patch = &edits->patches[i];

        if (i != 0 && is_repeat(patch, patch - 1)) {
            continue;
        }
        if (patch->begin < done || patch->end < patch->begin || patch->end > size) {
            ks_text_buffer_fini(&result);
            *out_clash = patch->begin;
            return KLDR_ERROR_UNSUPPORTED;
        }
        ks_text_buffer_bytes(&result, text + done, patch->begin - done);
        ks_text_buffer_text(&result, patch->text);
        done = patch->end;
    }
    ks_text_buffer_bytes(&result, text + done, size - done);
    ks_text_buffer_char(&result, '\0');
    if (result.failed) {
        ks_text_buffer_fini(&result);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_text = result.bytes;
    *out_size = result.size - 1;
    return KLDR_STATUS_SUCCESS;
}

void ks_accept_text_fini(struct ks_accept_text *edits)
{
    for (size_t i = 0; i < edits->count; i++) {
        free(edits->patches[i].text);
    }
    free(edits->patches);
    *edits = (struct ks_accept_text){0};
}

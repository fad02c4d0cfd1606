// SPDX-License-Identifier: MIT
// Events lie in one array, their texts in blocks that never move. A text that repeats one of the
// event just before (module names mostly do) is not copied again.

#include "world/event_log.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384u

struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct ks_event_log {
    struct kldr_event *events;
    size_t count, capacity;
    struct block *first, *current;
    bool incomplete;
};

struct ks_event_log *ks_event_log_create(void)
{
    return calloc(1, sizeof(struct ks_event_log));
}

void ks_event_log_destroy(struct ks_event_log *log)
{
    if (log == NULL) {
        return;
    }
    while (log->first != NULL) {
        struct block *block = log->first;
        log->first = block->next;
        free(block);
    }
    free(log->events);
    free(log);
}

void ks_event_log_clear(struct ks_event_log *log)
{
    for (struct block *block = log->first; block != NULL; block = block->next) {
        block->used = 0;
    }
    log->current = log->first;
    log->count = 0;
    log->incomplete = false;
}

static struct block *block_for(struct ks_event_log *log, size_t size)
{
    while (log->current != NULL && log->current->size - log->current->used < size &&
           log->current->next != NULL) {
        log->current = log->current->next;
    }
    if (log->current != NULL && log->current->size - log->current->used >= size) {
        return log->current;
    }
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct block *block = malloc(sizeof *block + room);
    if (block != NULL) {
        *block = (struct block){.size = room};
        *(log->current != NULL ? &log->current->next : &log->first) = block;
        log->current = block;
    }
    return block;
}

static const char *copy_text(struct ks_event_log *log, const char *text)
{
    size_t size = strlen(text) + 1;
    struct block *block = block_for(log, size);
    if (block == NULL) {
        log->incomplete = true;
        return NULL;
    }
    char *copy = memcpy(block->bytes + block->used, text, size);
    block->used += size;
    return copy;
}

static bool reserve(struct ks_event_log *log)
{
    if (log->count < log->capacity) {
        return true;
    }
    size_t capacity = log->capacity == 0 ? 128 : log->capacity * 2;
    struct kldr_event *events = realloc(log->events, capacity * sizeof *events);
    if (events == NULL) {
        return false;
    }
    log->events = events;
    log->capacity = capacity;
    return true;
}

static void keep(struct ks_event_log *log, const char **text, const char *previous)
{
    if (*text != NULL) {
        *text = previous != NULL && strcmp(*text, previous) == 0 ? previous : copy_text(log, *text);
    }
}

void ks_event_log_append(struct ks_event_log *log, const struct kldr_event *event)
{
    static const struct kldr_event nothing;
    if (!reserve(log)) {
        log->incomplete = true;
        return;
    }
    const struct kldr_event *before = log->count > 0 ? &log->events[log->count - 1] : &nothing;
    struct kldr_event *copy = &log->events[log->count++];
    *copy = *event;
    keep(log, &copy->module, before->module);
    keep(log, &copy->importer, before->importer);
    keep(log, &copy->holder, before->holder);
    keep(log, &copy->path, before->path);
    keep(log, &copy->symbol, before->symbol);
    keep(log, &copy->target, before->target);
    keep(log, &copy->reason, before->reason);
    keep(log, &copy->argument, before->argument);
    keep(log, &copy->service, before->service);
    keep(log, &copy->missing_module, before->missing_module);
    keep(log, &copy->text, before->text);
    keep(log, &copy->detail, before->detail);
    keep(log, &copy->fact, before->fact);
    keep(log, &copy->registers, before->registers);
    keep(log, &copy->stack, before->stack);
}

bool ks_event_log_complete(const struct ks_event_log *log)
{
    return !log->incomplete;
}

size_t ks_event_log_count(const struct ks_event_log *log)
{
    return log->count;
}

const struct kldr_event *ks_event_log_at(const struct ks_event_log *log, size_t index)
{
    return &log->events[index];
}

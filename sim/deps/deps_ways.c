// SPDX-License-Identifier: MIT
// Walks over the graph: trees, shortest ways, circles. A chain of imports may be as long as there
// are images, so none of them goes by recursion.
#include "deps/deps_parts.h"

#include <string.h>

struct queue {
    struct ks_deps_image **images;
    size_t count, next;
};

static struct queue make_queue(struct ks_deps *deps)
{
    return (struct queue){
        ks_arena_take(&deps->storage->arena, deps->image_count, sizeof(struct ks_deps_image *)), 0,
        0};
}

// ---- trees ----

// Visits what can be reached from the queue's images and is not reached yet.
static void reach(struct queue *queue)
{
    while (queue->next < queue->count) {
        struct ks_deps_image *image = queue->images[queue->next++];
        for (size_t i = 0; i < image->import_count; i++) {
            struct ks_deps_image *target = image->imports[i].target;
            if (!target->reached) {
                target->reached = true;
                target->parent = image;
                queue->images[queue->count++] = target;
            }
        }
    }
}

static void begin_tree(struct queue *queue, struct ks_deps_image *image)
{
    image->root = true;
    image->reached = true;
    queue->images[queue->count++] = image;
}

void ks_deps_find_ways(struct ks_deps *deps)
{
    struct queue queue = make_queue(deps);
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        bool top = image->asked && !image->imported;
        if (image->root || top) {
            begin_tree(&queue, image);
        }
    }
    reach(&queue);
    // Members of a folder that import each other in a circle which nobody else imports.
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        if (image->asked && !image->reached) {
            begin_tree(&queue, image);
            reach(&queue);
        }
    }
}

void ks_deps_mark_tree(struct ks_deps *deps, const struct ks_deps_image *image)
{
    while (image->parent != NULL) {
        image = image->parent;
    }
    ks_deps_mark_closure(deps, image);
}

void ks_deps_mark_closure(struct ks_deps *deps, const struct ks_deps_image *image)
{
    struct ks_deps_storage *storage = deps->storage;
    if (storage->marked == image) {
        return;
    }
    if (storage->walk == NULL) {
        storage->walk = make_queue(deps).images;
    }
    struct queue queue = {storage->walk, 0, 0};
    storage->marked = image;
    storage->last_mark++;
    queue.images[queue.count++] = (struct ks_deps_image *)(uintptr_t)image;
    queue.images[0]->mark = storage->last_mark;
    while (queue.next < queue.count) {
        struct ks_deps_image *at = queue.images[queue.next++];
        for (size_t i = 0; i < at->import_count; i++) {
            struct ks_deps_image *target = at->imports[i].target;
            if (target->mark != storage->last_mark) {
                target->mark = storage->last_mark;
                queue.images[queue.count++] = target;
            }
        }
    }
}

// ---- circles ----

enum { NEW, ON_THE_WAY, DONE };

struct step {
    struct ks_deps_image *image;
    size_t next; // of its imports
};

static void add_cycle(struct ks_deps *deps, struct ks_deps_cycle ***end, const struct step *steps,
                      size_t first, size_t count)
{
    struct ks_arena *arena = &deps->storage->arena;
    struct ks_deps_cycle *cycle = ks_arena_take(arena, 1, sizeof(*cycle));
    cycle->count = count - first;
    cycle->images = ks_arena_take(arena, cycle->count, sizeof(*cycle->images));
    for (size_t i = 0; i < cycle->count; i++) {
        cycle->images[i] = steps[first + i].image;
    }
    **end = cycle;
    *end = &cycle->next;
}

static size_t position(const struct step *steps, size_t count, const struct ks_deps_image *image)
{
    while (steps[--count].image != image) {
    }
    return count;
}

// Each import that leads back onto the way closes one circle.
static void walk_from(struct ks_deps *deps, struct ks_deps_image *start, struct step *steps,
                      struct ks_deps_cycle ***end)
{
    size_t count = 1;
    steps[0] = (struct step){start, 0};
    start->mark = ON_THE_WAY;
    while (count > 0) {
        struct step *top = &steps[count - 1];
        if (top->next == top->image->import_count) {
            top->image->mark = DONE;
            count--;
            continue;
        }
        struct ks_deps_image *target = top->image->imports[top->next++].target;
        if (target->mark == NEW) {
            target->mark = ON_THE_WAY;
            steps[count++] = (struct step){target, 0};
        } else if (target->mark == ON_THE_WAY) {
            add_cycle(deps, end, steps, position(steps, count, target), count);
        }
    }
}

void ks_deps_find_cycles(struct ks_deps *deps)
{
    struct step *steps = ks_arena_take(&deps->storage->arena, deps->image_count, sizeof(*steps));
    struct ks_deps_cycle **end = &deps->cycles;
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        image->mark = NEW;
    }
    deps->storage->marked = NULL; // the marks are ours now
    deps->storage->last_mark = DONE;
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        if (image->root && image->mark == NEW) {
            walk_from(deps, image, steps, &end);
        }
    }
}

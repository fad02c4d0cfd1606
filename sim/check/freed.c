// SPDX-License-Identifier: MIT
#include "check/freed.h"

#include "engine/native.h"
#include "engine/native_source.h"
#include "kernel/nt.h"
#include "world/world_object.h"

#include <stdio.h>

#define TAG_TEXT 5

static void report(struct kldr_world *world, const struct ks_pool_block *block, uint64_t at,
                   const char *module, uint32_t module_id, const char *place)
{
    char tag[TAG_TEXT], where[64];
    struct kldr_event event = {.kind = KLDR_EVENT_FINDING,
                               .reason = "freed-pool-written",
                               .module = module,
                               .module_id = module_id,
                               .argument = tag,
                               .detail = where,
                               .stack = place,
                               .value = block->size,
                               .has = KLDR_EVENT_HAS_VALUE};
    ks_leftovers_tag(block->tag, tag);
    snprintf(where, sizeof where, "at byte %llu", (unsigned long long)(at - block->address));
    kldr_loader_emit(world->loader, &event);
}

// Whoever freed it is named; what kldr gave back itself, such as an IRP at its end, has no such
// module.
void ks_freed_report(void *user, const struct ks_pool_block *block, uint64_t at)
{
    struct kldr_world *world = user;
    struct kldr_module_info module;
    char place[KS_NATIVE_PLACE_SIZE];
    const struct ks_range *gone = ks_address_space_gone(&world->addresses, block->freer);
    if (block->freer != 0 && ks_native_module_at(world, block->freer, &module)) {
        ks_native_describe_at(world, &module, block->freer, true, place);
        report(world, block, at, module.base_name, module.id, place);
    } else if (gone != NULL) {
        report(world, block, at, gone->name, gone->module_id, NULL);
    } else {
        report(world, block, at, NULL, 0, NULL);
    }
}

void ks_freed_report_image(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    struct ks_pool *pool = &world->nt->pool;
    char place[KS_NATIVE_PLACE_SIZE];
    uint64_t at = 0;
    for (uint32_t i = 0; i < pool->count && pool->on_written != NULL; i++) {
        struct ks_pool_block *block = &pool->blocks[i];
        if (block->freer >= image->base && block->freer < image->end &&
            ks_pool_is_written(block, &at)) {
            block->seen = true;
            ks_native_describe(image->instance, image->name, image->module_id,
                               block->freer - image->base, true, place);
            report(world, block, at, image->name, image->module_id, place);
        }
    }
}

// SPDX-License-Identifier: MIT
#include "check/leftovers.h"

#include "check/dangling.h"
#include "check/freed.h"
#include "check/places.h"
#include "kernel/io/io_irp.h"
#include "kernel/ke/ke.h"
#include "kernel/ob/ob.h"
#include "kernel/registered.h"
#include "world/world_object.h"
#include "world/world_steps.h"

#include <stdio.h>
#include <string.h>

#define TAG_TEXT 5

void ks_leftovers_tag(uint32_t tag, char text[TAG_TEXT])
{
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = (uint8_t)(tag >> (8 * i) & 0x7F);
        text[i] = byte >= 0x20 && byte < 0x7F ? (char)byte : '.';
    }
    text[4] = '\0';
}

// The tag as a number whose order is that of its text.
static uint32_t order_of(uint32_t tag)
{
    return tag << 24 | (tag & 0xFF00u) << 8 | (tag >> 8 & 0xFF00u) | tag >> 24;
}

struct sum {
    uint32_t tag;
    uint64_t bytes;
    struct ks_places places;
};

typedef bool (*is_mine)(const struct kldr_world *world, const void *whose, uint64_t maker);

// The sum of the first tag after one, in order; after NULL: of the first. False: there is none.
static bool next_tag(const struct kldr_world *world, is_mine mine, const void *whose,
                     const uint32_t *after, struct sum *out_sum)
{
    struct sum sum = {0};
    const struct ks_pool *pool = &world->nt->pool;
    for (uint32_t i = 0; i < pool->count; i++) {
        const struct ks_pool_block *block = &pool->blocks[i];
        if (!block->live || block->maker == 0 ||
            (after != NULL && order_of(block->tag) <= order_of(*after)) ||
            !mine(world, whose, block->maker)) {
            continue;
        }
        if (sum.places.things == 0 || order_of(block->tag) < order_of(sum.tag)) {
            sum = (struct sum){.tag = block->tag};
        }
        if (block->tag == sum.tag) {
            sum.bytes += block->size;
            ks_places_add(&sum.places, block->maker);
        }
    }
    *out_sum = sum;
    return sum.places.things != 0;
}

// ---- who owns an address ----

static bool in_image(const struct kldr_world *world, const void *whose, uint64_t maker)
{
    const struct ks_leftovers_image *image = whose;
    (void)world;
    return maker >= image->base && maker < image->end;
}

static bool of_module(const struct kldr_world *world, const void *whose, uint64_t maker)
{
    for (size_t i = world->addresses.count; i-- > 0;) {
        const struct ks_range *range = &world->addresses.ranges[i];
        struct kldr_module_info module;
        if (maker < range->base || maker >= range->end) {
            continue;
        }
        if (!range->live) {
            return range->name != NULL && ks_same_name(range->name, whose);
        }
        for (uint32_t id = kldr_loader_first(world->loader); id != 0;
             id = kldr_loader_next(world->loader, id)) {
            if (kldr_loader_module(world->loader, id, &module) && module.base == range->base) {
                return ks_same_name(module.base_name, whose);
            }
        }
    }
    return false;
}

void ks_leftovers_pool(struct kldr_world *world, const char *module,
                       void (*see)(void *user, const char *tag, uint64_t bytes), void *user)
{
    struct sum sum;
    const uint32_t *after = NULL;
    uint32_t last;
    while (world->nt != NULL && next_tag(world, of_module, module, after, &sum)) {
        char text[TAG_TEXT];
        ks_leftovers_tag(sum.tag, text);
        see(user, text, sum.bytes);
        last = sum.tag;
        after = &last;
    }
}

// ---- reports ----

static void report(struct kldr_world *world, const struct ks_leftovers_image *image,
                   const char *kind, const char *tag, uint64_t bytes,
                   const struct ks_places *places)
{
    char text[KS_PLACES_TEXT];
    struct kldr_event event = {.kind = KLDR_EVENT_FINDING,
                               .reason = kind,
                               .module = image->name,
                               .module_id = image->module_id,
                               .argument = tag,
                               .value = bytes,
                               .count = (int32_t)places->things,
                               .fact = "U12"};
    ks_places_write(places, image, text);
    event.stack = text[0] != '\0' ? text : NULL;
    event.has = KLDR_EVENT_HAS_COUNT | (bytes != 0 ? KLDR_EVENT_HAS_VALUE : 0u);
    kldr_loader_emit(world->loader, &event);
}

static void report_pool(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    struct sum sum;
    const uint32_t *after = NULL;
    uint32_t last;
    while (next_tag(world, in_image, image, after, &sum)) {
        char text[TAG_TEXT];
        ks_leftovers_tag(sum.tag, text);
        report(world, image, "leaked-pool", text, sum.bytes, &sum.places);
        last = sum.tag;
        after = &last;
    }
}

// A block that was overrun and is never freed is found here.
static bool is_pool_intact(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    const struct ks_pool *pool = &world->nt->pool;
    uint64_t at = 0;
    for (uint32_t i = 0; i < pool->count; i++) {
        const struct ks_pool_block *block = &pool->blocks[i];
        if (block->live && in_image(world, image, block->maker) && !ks_pool_is_intact(block, &at)) {
            const uint64_t parameters[KLDR_EVENT_PARAMETERS] = {block->address, at, 0,
                                                                KS_POOL_WRITTEN_BEYOND};
            ks_world_stop(world, KS_POOL_STOP_CORRUPTION, parameters, image->name,
                          (uint32_t)(block->maker - image->base),
                          "left a block of pool behind whose end somebody had written");
            return false;
        }
    }
    return true;
}

// A device that was deleted goes when the last that uses it lets go.
static bool is_left(const struct ks_object *object)
{
    const struct ks_io_device *device = object->type == KS_OB_DEVICE ? object->data : NULL;
    return !object->deleting && object->maker != 0 && (device == NULL || !device->deleting);
}

static void add(struct ks_places *places, const struct ks_leftovers_image *image, uint64_t maker)
{
    if (in_image(NULL, image, maker)) {
        ks_places_add(places, maker);
    }
}

static void add_objects(struct kldr_world *world, const struct ks_leftovers_image *image,
                        enum ks_ob_type type, struct ks_places *places)
{
    for (struct ks_object *object = ks_ob_next(world, NULL); object != NULL;
         object = ks_ob_next(world, object)) {
        if (object->type == type && is_left(object)) {
            add(places, image, object->maker);
        }
    }
}

static void add_handles(struct kldr_world *world, const struct ks_leftovers_image *image,
                        struct ks_places *places)
{
    uint64_t handle, maker;
    struct ks_object *object;
    for (size_t index = 0; ks_ob_handle_next(world, &index, &handle, &object, &maker);) {
        add(places, image, maker);
    }
}

// What another driver set with a routine of the image's is the image's, too.
static void add_remainders(struct kldr_world *world, const struct ks_leftovers_image *image,
                           enum ks_ke_left kind, struct ks_places *places)
{
    struct ks_ke_remainder left;
    for (size_t i = 0; ks_ke_remainder_at(world, i, &left); i++) {
        if (left.kind == kind &&
            (in_image(world, image, left.routine) || in_image(world, image, left.maker))) {
            ks_places_add(places, left.maker);
        }
    }
}

// IRPs of IoAllocateIrp that were not freed, and others that the image built and that are not
// completed.
static void add_irps(struct kldr_world *world, const struct ks_leftovers_image *image,
                     struct ks_places *places)
{
    for (const struct ks_io_irp *irp = ks_io_irp_next(world, NULL); irp != NULL;
         irp = ks_io_irp_next(world, irp)) {
        add(places, image, irp->maker);
    }
}

struct registrations {
    struct kldr_world *world;
    const struct ks_leftovers_image *image;
    const char *kind;
    struct ks_places *places;
};

// One with an object of the image's own is told as that object, which it keeps.
static void see_registered(void *user, const struct ks_registered *registered)
{
    struct registrations *sum = user;
    const struct ks_object *object =
        registered->object != 0 ? ks_ob_find(sum->world, registered->object) : NULL;
    if (strcmp(registered->kind, sum->kind) == 0 &&
        !(object != NULL && in_image(sum->world, sum->image, object->maker))) {
        add(sum->places, sum->image, registered->maker);
    }
}

static void add_registered(struct kldr_world *world, const struct ks_leftovers_image *image,
                           const char *kind, struct ks_places *places)
{
    struct registrations sum = {world, image, kind, places};
    ks_ex_callback_see(world, see_registered, &sum);
    ks_io_interrupt_see(world, see_registered, &sum);
    ks_io_notify_see(world, see_registered, &sum);
    ks_io_register_see(world, see_registered, &sum);
    ks_mm_view_see(world, see_registered, &sum);
    ks_ke_bugcheck_see(world, see_registered, &sum);
    ks_registered_list_see(world, see_registered, &sum);
    ks_ex_tracked_see(world, see_registered, &sum);
    ks_io_work_see(world, see_registered, &sum);
    ks_ps_notify_see(world, see_registered, &sum);
}

static void report_some(struct kldr_world *world, const struct ks_leftovers_image *image,
                        const char *what, const struct ks_places *places)
{
    if (places->things != 0) {
        report(world, image, "leaked-object", what, 0, places);
    }
}

static void report_objects(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    static const struct {
        enum ks_ob_type type;
        const char *name;
    } types[] = {{KS_OB_DEVICE, "device"},
                 {KS_OB_SYMBOLIC_LINK, "symbolic_link"},
                 {KS_OB_CALLBACK, "callback"}};
    static const char *const registrations[] = {
        "interrupt",          "notification",         "reinitialization",
        "bugcheck_callback",  "debug_print_callback", "power_setting_callback",
        "processor_callback", "registry_callback",    "resource",
        "lookaside_list",     "io_work_item",         "process_routine",
        "thread_routine",     "image_routine",        "view",
        "file_system",        "file_system_callback", "wmi_provider"};
    static const char *const remainders[] = {[KS_KE_LEFT_THREAD] = "thread",
                                             [KS_KE_LEFT_TIMER] = "timer",
                                             [KS_KE_LEFT_DPC] = "dpc",
                                             [KS_KE_LEFT_WORK] = "work_item"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct ks_places places = {0};
        add_objects(world, image, types[i].type, &places);
        add_registered(world, image, types[i].name, &places);
        report_some(world, image, types[i].name, &places);
    }
    struct ks_places handles = {0}, irps = {0};
    add_handles(world, image, &handles);
    report_some(world, image, "handle", &handles);
    add_irps(world, image, &irps);
    report_some(world, image, "irp", &irps);
    for (size_t i = 0; i < sizeof registrations / sizeof registrations[0]; i++) {
        struct ks_places places = {0};
        add_registered(world, image, registrations[i], &places);
        report_some(world, image, registrations[i], &places);
    }
    for (unsigned i = 0; i < sizeof remainders / sizeof remainders[0]; i++) {
        struct ks_places places = {0};
        add_remainders(world, image, (enum ks_ke_left)i, &places);
        report_some(world, image, remainders[i], &places);
    }
}

void ks_leftovers_framework(struct kldr_world *world, uint32_t module_id, const char *type,
                            uint32_t count)
{
    struct kldr_module_info module;
    if (KS_CHECKED(world, LEAKED_OBJECT) && kldr_loader_module(world->loader, module_id, &module)) {
        const struct ks_leftovers_image image = {module.base, module.base + module.size, module.id,
                                                 module.base_name, NULL};
        const struct ks_places places = {.things = count}; // made by the framework's code
        report_some(world, &image, type, &places);
    }
}

void ks_leftovers_report(struct kldr_world *world, const struct ks_leftovers_image *image)
{
    if (world->nt != NULL && !kldr_loader_stopped(world->loader, NULL) &&
        (!KS_CHECKED(world, POOL_OVERRUN) || is_pool_intact(world, image))) {
        ks_freed_report_image(world, image);
        if (KS_CHECKED(world, LEAKED_POOL)) {
            report_pool(world, image);
        }
        if (KS_CHECKED(world, LEAKED_OBJECT)) {
            report_objects(world, image);
        }
        if (KS_CHECKED(world, DANGLING_ROUTINE)) {
            ks_dangling_report(world, image);
        }
    }
}

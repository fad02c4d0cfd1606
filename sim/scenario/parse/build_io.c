// SPDX-License-Identifier: MIT
// Steps on devices and requests. What names stand for is settled in cross_io.c.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

enum { MAJOR_READ = 3, MAJOR_WRITE = 4, MAJOR_DEVICE_CONTROL = 14, MAJOR_INTERNAL_CONTROL = 15 };

// ---- add_device ----

// One service, or a list of them.
static struct ks_step_service *list_services(struct ks_build *build, const struct ks_node *node,
                                             size_t *out_count)
{
    bool list = node->kind == KS_NODE_LIST;
    struct ks_step_service *services =
        ks_arena_take(build->arena, list ? node->count : 1, sizeof *services);
    *out_count = 0;
    for (const struct ks_node *item = list ? node->first : node; item != NULL;
         item = list ? item->next : NULL) {
        if (!item->bad) {
            services[(*out_count)++] =
                (struct ks_step_service){.name = item->text, .place = item->place};
        }
    }
    return services;
}

static void build_services(struct ks_build *build, const struct ks_node *node,
                           struct ks_step_io *io)
{
    io->services = list_services(build, node, &io->service_count);
}

void ks_build_hardware(struct ks_build *build, const struct ks_node *map)
{
    struct ks_scenario_hardware *all = ks_arena_take(build->arena, map->count, sizeof *all);
    build->scenario->hardware = all;
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            struct ks_scenario_hardware *one = &all[build->scenario->hardware_count++];
            one->id = value->key->text;
            one->services = list_services(build, value, &one->service_count);
        }
    }
}

static void build_resource(const struct ks_node *map, struct ks_io_resource *resource)
{
    resource->length = 1;
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && value->key_index == KS_RESOURCE_LENGTH) {
            resource->length = ks_build_number(value);
        } else if (!value->bad && value->key_index >= 0) {
            resource->kind = (enum ks_io_resource_kind)value->key_index;
            resource->base = ks_build_number(value);
        }
    }
}

static void build_resources(struct ks_build *build, const struct ks_node *list,
                            struct ks_step_io *io)
{
    struct ks_io_resource *resources = ks_arena_take(build->arena, list->count, sizeof *resources);
    io->resources = resources;
    for (const struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            build_resource(item, &resources[io->resource_count++]);
        }
    }
}

static void build_add_device_key(struct ks_build *build, const struct ks_node *value,
                                 struct ks_step_io *io)
{
    switch (value->key_index) {
    case KS_ADD_DEVICE_SERVICE:
    case KS_ADD_DEVICE_STACK:
        build_services(build, value, io);
        break;
    case KS_ADD_DEVICE_NAME:
        io->name = value->text;
        break;
    case KS_ADD_DEVICE_HARDWARE_ID:
        io->hardware_id = value->text;
        break;
    case KS_ADD_DEVICE_RESOURCES:
        build_resources(build, value, io);
        break;
    case KS_ADD_DEVICE_START:
        io->no_start = !ks_build_boolean(value);
        break;
    }
}

static void build_add_device(struct ks_build *build, const struct ks_node *node,
                             struct ks_step_io *io)
{
    if (node->kind == KS_NODE_SCALAR) {
        build_services(build, node, io);
        return;
    }
    for (const struct ks_node *value = node->first; value != NULL; value = value->next) {
        if (!value->bad) {
            build_add_device_key(build, value, io);
        }
    }
}

// ---- power and requests ----

static void build_minor(const struct ks_node *node, struct ks_step_io *io)
{
    uint64_t number = 0;
    if (ks_scalar_number(node->text, &number)) {
        io->minor = (unsigned)number;
    } else {
        unsigned major = 0;
        io->minor_name = (struct ks_text){node->text, node->place};
        io->minor = ks_irp_words_minor(node->text, &major);
        io->major = io->major_name.text == NULL ? major : io->major;
    }
}

static void build_numbers(struct ks_build *build, const struct ks_node *list, struct ks_step_io *io)
{
    uint64_t *numbers = ks_arena_take(build->arena, list->count, sizeof *numbers);
    io->arguments = numbers;
    io->has_arguments = true;
    for (const struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            numbers[io->argument_count++] = ks_build_number(item);
        }
    }
}

static void build_reads(struct ks_build *build, const struct ks_node *list, struct ks_step_io *io)
{
    uint32_t *numbers = ks_arena_take(build->arena, list->count, sizeof *numbers);
    io->reads = numbers;
    for (const struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            numbers[io->read_count++] = (uint32_t)ks_build_number(item);
        }
    }
}

// Who it is for, and how often.
static bool build_common_key(const struct ks_node *value, struct ks_step_io *io)
{
    switch (ks_keys_io_number(value->key->text)) {
    case KS_IO_DEVICE:
        io->device = value->text;
        io->device_place = value->place;
        return true;
    case KS_IO_AS:
    case KS_IO_REQUEST:
        io->as = value->text;
        return true;
    case KS_IO_OPEN:
        io->no_open = !ks_build_boolean(value);
        return true;
    case KS_IO_REPEAT:
        io->repeat = (uint32_t)ks_build_number(value);
        return true;
    case KS_IO_STRIDE:
        io->stride = ks_build_number(value);
        return true;
    case KS_IO_OFFSET:
        io->offset = ks_build_number(value);
        return true;
    case KS_IO_LENGTH:
    case KS_IO_OUTPUT:
        io->length = (uint32_t)ks_build_number(value);
        return true;
    default:
        return false;
    }
}

static bool build_request_key(struct ks_build *build, const struct ks_node *value,
                              struct ks_step_io *io)
{
    switch (ks_keys_io_number(value->key->text)) {
    case KS_IO_DATA:
    case KS_IO_INPUT:
    case KS_IO_BYTES:
        io->data = ks_build_data(build, value);
        return true;
    case KS_IO_CODE:
        io->code = (uint32_t)ks_build_number(value);
        return true;
    case KS_IO_INTERNAL:
        io->internal = ks_build_boolean(value);
        return true;
    case KS_IO_MAJOR:
        io->major_name = (struct ks_text){value->text, value->place};
        io->major = ks_irp_words_major(value->text);
        return true;
    case KS_IO_MINOR:
        build_minor(value, io);
        return true;
    case KS_IO_ARGUMENTS:
        build_numbers(build, value, io);
        return true;
    default:
        return false;
    }
}

static void build_other_key(struct ks_build *build, const struct ks_node *value,
                            struct ks_step *step, struct ks_step_io *io)
{
    switch (ks_keys_io_number(value->key->text)) {
    case KS_IO_SURPRISE:
        io->surprise = ks_build_boolean(value);
        break;
    case KS_IO_STATE:
        io->of_device = value->text[0] == 'D';
        io->state = (unsigned)(value->text[1] - '0');
        break;
    case KS_IO_QUERY:
        io->query = ks_build_boolean(value);
        break;
    case KS_IO_STATUS:
        step->has_status = true;
        step->status = ks_build_status(value);
        break;
    case KS_IO_INFORMATION:
        io->has_information = true;
        io->information = ks_build_number(value);
        break;
    case KS_IO_PORT:
        io->port = (uint16_t)ks_build_number(value);
        break;
    case KS_IO_WIDTH:
        io->width = (uint8_t)(value->text[0] - '0');
        break;
    case KS_IO_READS:
        build_reads(build, value, io);
        break;
    default:
        break;
    }
}

static void build_map(struct ks_build *build, const struct ks_node *map, struct ks_step *step,
                      struct ks_step_io *io)
{
    for (const struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && value->key_index >= 0 && !build_common_key(value, io) &&
            !build_request_key(build, value, io)) {
            build_other_key(build, value, step, io);
        }
    }
}

// ---- all of them ----

static void set_request(struct ks_step *step, struct ks_step_io *io)
{
    switch (step->action) {
    case KS_ACTION_READ:
        io->major = MAJOR_READ;
        break;
    case KS_ACTION_WRITE:
        io->major = MAJOR_WRITE;
        break;
    case KS_ACTION_IOCTL:
        io->major = io->internal ? MAJOR_INTERNAL_CONTROL : MAJOR_DEVICE_CONTROL;
        break;
    case KS_ACTION_IRP:
        io->no_open = true;
        break;
    default:
        break;
    }
}

// What the step is about, for those who tell of it.
static const char *target_of(const struct ks_step *step, const struct ks_step_io *io,
                             const struct ks_node *value)
{
    switch (step->action) {
    case KS_ACTION_ADD_DEVICE:
        return io->name;
    case KS_ACTION_COMPLETE:
        return io->as;
    case KS_ACTION_SET_REGISTRY:
        return io->registry.service != NULL ? io->registry.service : io->registry.key;
    default:
        return value->kind == KS_NODE_SCALAR ? value->text : io->device;
    }
}

static void build_scalar(const struct ks_node *value, struct ks_step *step, struct ks_step_io *io)
{
    if (step->action == KS_ACTION_ADVANCE) {
        ks_scalar_time(value->text, &io->time);
    } else if (step->action == KS_ACTION_REMOVE_DEVICE) {
        io->device = value->text;
        io->device_place = value->place;
    } else {
        io->as = value->text;
    }
}

void ks_build_io(struct ks_build *build, struct ks_node *value, struct ks_step *step)
{
    struct ks_step_io *io = ks_arena_take(build->arena, 1, sizeof *io);
    step->io = io;
    io->width = 1;
    if (step->action == KS_ACTION_ADD_DEVICE) {
        build_add_device(build, value, io);
        if (io->name == NULL && io->service_count > 0) {
            io->name = io->services[0].name;
        }
    } else if (step->action == KS_ACTION_SET_REGISTRY) {
        ks_build_registry(build, value, &io->registry);
    } else if (value->kind == KS_NODE_SCALAR) {
        build_scalar(value, step, io);
    } else {
        build_map(build, value, step, io);
        set_request(step, io);
    }
    step->target = target_of(step, io, value);
}

// ---- device objects of declared drivers ----

void ks_build_devices(struct ks_build *build, struct ks_node *node, struct ks_image *image)
{
    struct ks_named_device *devices = ks_arena_take(build->arena, node->count, sizeof *devices);
    image->devices = devices;
    for (const struct ks_node *item = node->first; item != NULL; item = item->next) {
        if (item->bad || (node->kind == KS_NODE_MAP && item->key->bad)) {
            continue;
        }
        struct ks_named_device *device = &devices[image->device_count++];
        device->place = item->place;
        device->name = node->kind == KS_NODE_MAP ? item->key->text : item->text;
        device->link = node->kind == KS_NODE_MAP ? item->text : NULL;
    }
}

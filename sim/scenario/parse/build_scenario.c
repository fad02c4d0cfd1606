// SPDX-License-Identifier: MIT
// The top of a document: everything but images, routines, steps and expectations.
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

#include <string.h>

uint64_t ks_build_number(const struct ks_node *node)
{
    uint64_t number = 0;
    ks_scalar_number(node->text, &number);
    return number;
}

kldr_status ks_build_status(const struct ks_node *node)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    ks_scalar_status(node->text, &status);
    return status;
}

bool ks_build_boolean(const struct ks_node *node)
{
    return strcmp(node->text, "true") == 0;
}

static void build_profiles(struct ks_build *build, struct ks_node *list)
{
    enum kldr_profile *profiles = ks_arena_take(build->arena, list->count, sizeof *profiles);
    struct ks_scenario *scenario = build->scenario;
    scenario->profiles = profiles;
    scenario->profile_count = 0;
    scenario->has_profiles = true;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad && kldr_profile_find(item->text, &profiles[scenario->profile_count])) {
            scenario->profile_count++;
        }
    }
}

static void build_policy(struct ks_build *build, struct ks_node *map)
{
    struct ks_policy_override *policy = ks_arena_take(build->arena, map->count, sizeof *policy);
    build->scenario->policy = policy;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            policy[build->scenario->policy_count++] =
                (struct ks_policy_override){value->key->place, value->key->text, value->text};
        }
    }
}

static void build_images(struct ks_build *build, struct ks_node *map)
{
    struct ks_image *images = ks_arena_take(build->arena, map->count, sizeof *images);
    build->scenario->images = images;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->key->bad && value->kind == KS_NODE_MAP) {
            ks_build_image(build, value, true, &images[build->scenario->image_count++]);
        }
    }
}

static void build_parameters(struct ks_build *build, struct ks_node *map,
                             struct ks_service *service)
{
    struct ks_parameter *parameters = ks_arena_take(build->arena, map->count, sizeof *parameters);
    service->parameters = parameters;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            parameters[service->parameter_count++] =
                (struct ks_parameter){value->key->text, value->key->place, value->text};
        }
    }
}

static void build_service_key(struct ks_build *build, struct ks_node *value,
                              struct ks_service *service)
{
    switch (value->key_index) {
    case KS_SERVICE_IMAGE_PATH:
        service->image_path = value->text;
        break;
    case KS_SERVICE_TYPE:
        service->type_absent = strcmp(value->text, "absent") == 0;
        service->type = service->type_absent ? 0 : (uint32_t)ks_build_number(value);
        break;
    case KS_SERVICE_START:
        service->has_start = true;
        service->start = (uint32_t)ks_build_number(value);
        break;
    case KS_SERVICE_ERROR_CONTROL:
        service->has_error_control = true;
        service->error_control = (uint32_t)ks_build_number(value);
        break;
    case KS_SERVICE_GROUP:
        service->group = value->text;
        break;
    case KS_SERVICE_TAG:
        service->has_tag = true;
        service->tag = (uint32_t)ks_build_number(value);
        break;
    case KS_SERVICE_OBJECT_NAME:
        service->object_name = value->text;
        break;
    case KS_SERVICE_PARAMETERS:
        build_parameters(build, value, service);
        break;
    }
}

static void build_services(struct ks_build *build, struct ks_node *map)
{
    struct ks_service *services = ks_arena_take(build->arena, map->count, sizeof *services);
    build->scenario->services = services;
    for (struct ks_node *child = map->first; child != NULL; child = child->next) {
        if (child->key->bad || child->kind != KS_NODE_MAP) {
            continue;
        }
        struct ks_service *service = &services[build->scenario->service_count++];
        service->name = child->key->text;
        service->place = child->key->place;
        service->type = 1;
        for (struct ks_node *value = child->first; value != NULL; value = value->next) {
            if (!value->bad) {
                build_service_key(build, value, service);
            }
        }
    }
}

static void build_files(struct ks_build *build, struct ks_node *map)
{
    struct ks_data_file *files = ks_arena_take(build->arena, map->count, sizeof *files);
    build->scenario->files = files;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad) {
            files[build->scenario->file_count++] = (struct ks_data_file){
                value->key->text, value->key->place, ks_build_data(build, value)};
        }
    }
}

static void build_blocked(struct ks_build *build, struct ks_node *list)
{
    struct ks_text *blocked = ks_arena_take(build->arena, list->count, sizeof *blocked);
    build->scenario->blocked = blocked;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            blocked[build->scenario->blocked_count++] = (struct ks_text){item->text, item->place};
        }
    }
}

static void build_limits(struct ks_node *map, struct ks_limits *limits)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        uint64_t number = ks_build_number(value);
        switch (value->key_index) {
        case KS_LIMITS_DEPTH:
            limits->depth = (uint32_t)number;
            break;
        case KS_LIMITS_MODULES:
            limits->modules = (uint32_t)number;
            break;
        case KS_LIMITS_STEPS:
            limits->steps = (uint32_t)number;
            break;
        case KS_LIMITS_SECONDS:
            limits->seconds = (uint32_t)number;
            break;
        case KS_LIMITS_MEMORY:
            limits->memory = number;
            break;
        }
    }
}

static void build_checks(struct ks_node *map, struct kldr_checks *checks)
{
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        enum kldr_check check;
        if (!value->bad && !value->key->bad && kldr_check_find(value->key->text, &check)) {
            uint32_t *mask = strcmp(value->text, "true") == 0 ? &checks->on : &checks->off;
            *mask |= UINT32_C(1) << check;
        }
    }
}

static void build_skip(struct ks_node *node, struct ks_scenario *scenario)
{
    if (node->kind == KS_NODE_SCALAR) {
        scenario->skip_all = node->text;
        return;
    }
    for (struct ks_node *value = node->first; value != NULL; value = value->next) {
        enum kldr_profile profile;
        if (!value->bad && !value->key->bad && kldr_profile_find(value->key->text, &profile)) {
            scenario->skip_profile[profile] = value->text;
        }
    }
}

static void build_key(struct ks_build *build, struct ks_node *value)
{
    struct ks_scenario *scenario = build->scenario;
    switch (value->key_index) {
    case KS_SCENARIO_NAME:
        scenario->name = value->text;
        break;
    case KS_SCENARIO_DESCRIPTION:
        scenario->description = value->text;
        break;
    case KS_SCENARIO_PROFILES:
        build_profiles(build, value);
        break;
    case KS_SCENARIO_POLICY:
        build_policy(build, value);
        break;
    case KS_SCENARIO_MACHINE:
        scenario->machine = kldr_machine_find(value->text);
        break;
    case KS_SCENARIO_IMAGES:
        build_images(build, value);
        break;
    case KS_SCENARIO_FILES:
        build_files(build, value);
        break;
    case KS_SCENARIO_SERVICES:
        build_services(build, value);
        break;
    case KS_SCENARIO_HARDWARE_IDS:
        ks_build_hardware(build, value);
        break;
    case KS_SCENARIO_BLOCKED:
        build_blocked(build, value);
        break;
    case KS_SCENARIO_PROCESSOR:
        ks_build_processor(build, value);
        break;
    case KS_SCENARIO_CHECKS:
        build_checks(value, &scenario->checks);
        break;
    case KS_SCENARIO_LIMITS:
        build_limits(value, &scenario->limits);
        break;
    case KS_SCENARIO_SKIP:
        build_skip(value, scenario);
        break;
    case KS_SCENARIO_STEPS:
        ks_build_steps(build, value, &scenario->steps, &scenario->step_count);
        break;
    }
}

// Steps that need more of a world than loading.
static void collect_io_steps(struct ks_build *build)
{
    size_t count = 0;
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        count += built->step->io_needs != 0;
    }
    const struct ks_step **steps = ks_arena_take(build->arena, count, sizeof *steps);
    build->scenario->io_steps = steps;
    for (struct ks_built_step *built = build->steps; built != NULL; built = built->next) {
        if (built->step->io_needs != 0) {
            steps[build->scenario->io_step_count++] = built->step;
        }
    }
}

static void collect_file_data(struct ks_build *build)
{
    size_t count = 0;
    for (struct ks_built_data *built = build->file_data; built != NULL; built = built->next) {
        count++;
    }
    struct ks_data *data = ks_arena_take(build->arena, count, sizeof *data);
    build->scenario->file_data = data;
    for (struct ks_built_data *built = build->file_data; built != NULL; built = built->next) {
        data[build->scenario->file_data_count++] = built->data;
    }
}

void ks_build_scenario(struct ks_build *build, struct ks_node *root)
{
    static const enum kldr_profile default_profiles[] = {KLDR_PROFILE_DOCUMENTED};
    struct ks_scenario *scenario = build->scenario;
    build->last_step = &build->steps;
    build->last_image = &build->images;
    build->last_file_data = &build->file_data;
    scenario->place = root->place;
    scenario->description = "";
    scenario->profiles = default_profiles;
    scenario->profile_count = 1;
    for (struct ks_node *value = root->first; value != NULL; value = value->next) {
        if (!value->bad) {
            build_key(build, value);
        }
    }
    collect_io_steps(build);
    collect_file_data(build);
}

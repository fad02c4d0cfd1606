// SPDX-License-Identifier: MIT
// Steps. What a service or module name stands for is settled later (resolve.c), when all images are
// known.
#include "kernel/ke/ke_fallible.h"
#include "scenario/format/scalar.h"
#include "scenario/parse/build.h"

#include <string.h>

const char *ks_action_name(enum ks_action action)
{
    static const char *const names[] = {
        [KS_ACTION_LOAD] = "load",
        [KS_ACTION_UNLOAD] = "unload",
        [KS_ACTION_LOAD_IMAGE] = "load_image",
        [KS_ACTION_UNLOAD_IMAGE] = "unload_image",
        [KS_ACTION_BOOT] = "boot",
        [KS_ACTION_CALL] = "call",
        [KS_ACTION_LOOKUP] = "lookup",
        [KS_ACTION_OPEN] = "open",
        [KS_ACTION_CLOSE] = "close",
        [KS_ACTION_START_DEVICE] = "start_device",
        [KS_ACTION_DELETE] = "delete",
        [KS_ACTION_REPLACE] = "replace",
        [KS_ACTION_CREATE] = "create",
        [KS_ACTION_RUN_QUEUED] = "run_queued",
        [KS_ACTION_ADD_DEVICE] = "add_device",
        [KS_ACTION_REMOVE_DEVICE] = "remove_device",
        [KS_ACTION_POWER] = "power",
        [KS_ACTION_OPEN_FILE] = "open_file",
        [KS_ACTION_CLOSE_FILE] = "close_file",
        [KS_ACTION_READ] = "read",
        [KS_ACTION_WRITE] = "write",
        [KS_ACTION_IOCTL] = "ioctl",
        [KS_ACTION_IRP] = "irp",
        [KS_ACTION_WAIT] = "wait",
        [KS_ACTION_CANCEL] = "cancel",
        [KS_ACTION_COMPLETE] = "complete",
        [KS_ACTION_ADVANCE] = "advance",
        [KS_ACTION_SET_REGISTRY] = "set_registry",
        [KS_ACTION_PORT_IO] = "port_io",
        [KS_ACTION_SHUTDOWN] = "shutdown",
        [KS_ACTION_CHECK] = "check",
    };
    return (unsigned)action < sizeof names / sizeof names[0] ? names[action] : NULL;
}

const char *const *ks_build_texts(struct ks_build *build, const struct ks_node *list,
                                  size_t *out_count)
{
    const char **texts = ks_arena_take(build->arena, list->count, sizeof *texts);
    size_t count = 0;
    for (const struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            texts[count++] = item->text;
        }
    }
    *out_count = count;
    return texts;
}

// ---- actions ----

static void build_load(struct ks_node *node, struct ks_step *step)
{
    if (node->kind == KS_NODE_SCALAR) {
        step->service = node->text;
        step->service_place = node->place;
        return;
    }
    for (struct ks_node *value = node->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        switch (value->key_index) {
        case KS_LOAD_SERVICE:
            step->service = value->text;
            step->service_place = value->place;
            break;
        case KS_LOAD_IMAGE:
            step->image = value->text;
            step->image_place = value->place;
            break;
        case KS_LOAD_AS_SPELLED:
            step->as_spelled = ks_build_boolean(value);
            break;
        }
    }
}

static void build_load_image(struct ks_node *node, struct ks_step *step)
{
    if (node->kind == KS_NODE_SCALAR) {
        step->target = node->text;
        return;
    }
    for (struct ks_node *value = node->first; value != NULL; value = value->next) {
        if (value->bad) {
            continue;
        }
        if (value->key_index == KS_LOAD_IMAGE_AS_SPELLED) {
            step->as_spelled = ks_build_boolean(value);
        } else if (value->key_index >= 0) {
            step->target = value->text;
            step->action_place = value->place;
        }
    }
}

static void build_call(struct ks_build *build, struct ks_node *node, struct ks_step *step)
{
    size_t module = ks_scalar_module_length(node->text);
    step->target = node->text;
    step->call_module = ks_arena_copy(build->arena, node->text, module);
    step->call_routine = node->text + module + 1;
}

static void build_disk_change(struct ks_build *build, struct ks_node *map, struct ks_step *step)
{
    struct ks_node *value = map->first;
    if (value == NULL || value->key->bad) {
        return;
    }
    struct ks_image *image = ks_arena_take(build->arena, 1, sizeof *image);
    step->target = value->key->text;
    step->disk_image = image;
    if (!value->bad) {
        ks_build_image(build, value, false, image);
    }
}

static void build_action(struct ks_build *build, struct ks_node *value, struct ks_step *step)
{
    step->action = (enum ks_action)value->key_index;
    step->action_place = value->place;
    switch (step->action) {
    case KS_ACTION_LOAD:
        build_load(value, step);
        break;
    case KS_ACTION_LOAD_IMAGE:
    case KS_ACTION_UNLOAD_IMAGE:
        build_load_image(value, step);
        break;
    case KS_ACTION_BOOT:
        step->modules = ks_build_texts(build, value, &step->module_count);
        break;
    case KS_ACTION_CALL:
        build_call(build, value, step);
        break;
    case KS_ACTION_REPLACE:
    case KS_ACTION_CREATE:
        build_disk_change(build, value, step);
        break;
    case KS_ACTION_SHUTDOWN:
    case KS_ACTION_CHECK:
        break;
    default:
        if (step->action >= KS_ACTION_ADD_DEVICE) {
            ks_build_io(build, value, step);
        } else {
            step->target = value->text;
        }
        break;
    }
}

// ---- the other keys ----

static void build_arguments(struct ks_build *build, struct ks_node *list, struct ks_step *step)
{
    uint64_t *arguments = ks_arena_take(build->arena, list->count, sizeof *arguments);
    step->arguments = arguments;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad) {
            arguments[step->argument_count++] = ks_build_number(item);
        }
    }
}

static void check_fault_status(struct ks_build *build, struct ks_node *node,
                               const struct ks_fault *fault)
{
    const struct ks_fallible *fallible = ks_fallible_at(fault->operation);
    if (!ks_fallible_takes_status(fallible)) {
        ks_diagnose(build->parse, KS_DIAGNOSTIC_REFERENCE, node, "give the number alone",
                    "`%s` takes no status: what it answers when it fails is documented",
                    fallible->name);
    } else if (KLDR_NT_SUCCESS(fault->status)) {
        ks_diagnose(build->parse, KS_DIAGNOSTIC_REFERENCE, node, NULL,
                    "with this status nothing fails");
    }
}

static void build_fault(struct ks_build *build, struct ks_node *value, struct ks_fault *fault)
{
    fault->place = value->place;
    fault->status = ks_fallible_at(fault->operation)->status;
    if (value->kind == KS_NODE_SCALAR) {
        fault->n = (uint32_t)ks_build_number(value);
        return;
    }
    for (struct ks_node *child = value->first; child != NULL; child = child->next) {
        if (!child->bad && child->key_index == KS_FAULT_N) {
            fault->n = (uint32_t)ks_build_number(child);
        } else if (!child->bad && child->key_index == KS_FAULT_STATUS) {
            fault->status = ks_build_status(child);
            check_fault_status(build, child, fault);
        }
    }
}

static void build_faults(struct ks_build *build, struct ks_node *map, struct ks_step *step)
{
    struct ks_fault *faults = ks_arena_take(build->arena, map->count, sizeof *faults);
    step->faults = faults;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (!value->bad && !value->key->bad &&
            ks_fallible_find(value->key->text, &faults[step->fault_count].operation)) {
            build_fault(build, value, &faults[step->fault_count++]);
        }
    }
}

static void build_key(struct ks_build *build, struct ks_node *value, struct ks_step *step)
{
    switch (value->key_index) {
    case KS_STEP_ARGS:
        build_arguments(build, value, step);
        break;
    case KS_STEP_STATUS:
        step->has_status = true;
        step->status = ks_build_status(value);
        break;
    case KS_STEP_AS_SPELLED:
        step->as_spelled = ks_build_boolean(value);
        break;
    case KS_STEP_EXPECT:
        ks_build_expect(build, value, &step->expect);
        break;
    case KS_STEP_NOTE:
        step->note = value->text;
        break;
    case KS_STEP_ONLY:
        step->only = ks_build_texts(build, value, &step->only_count);
        break;
    case KS_STEP_FAIL:
        build_faults(build, value, step);
        break;
    case KS_STEP_EXPECT_BY_PROFILE:
        step->by_profile_place = value->place;
        break; // laid over `expect`, which may stand further down
    default:
        build_action(build, value, step);
        break;
    }
}

// Steps without an overlay, which nearly all are, share this one.
static const struct ks_expect no_overlay[KLDR_PROFILE_COUNT];

static void overlay(struct ks_build *build, struct ks_node *map, struct ks_step *step)
{
    struct ks_expect *by_profile =
        ks_arena_take(build->arena, KLDR_PROFILE_COUNT, sizeof *by_profile);
    step->by_profile = by_profile;
    step->by_profile_place = map->place;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        enum kldr_profile profile;
        if (!value->bad && !value->key->bad && kldr_profile_find(value->key->text, &profile)) {
            by_profile[profile] = step->expect;
            ks_build_expect(build, value, &by_profile[profile]);
        }
    }
}

// ---- what it takes to run it ----

static unsigned needs_of_expect(const struct ks_expect *expect)
{
    return (expect->device_stack.given || expect->devices.given ? KS_IO_NEEDS_STACK : 0u) |
           (expect->pool.given ? KS_IO_NEEDS_POOL : 0u) |
           (expect->objects.given ? KS_IO_NEEDS_OBJECTS : 0u) |
           (expect->irql.given ? KS_IO_NEEDS_IRQL : 0u) |
           (expect->port_writes.given ? KS_IO_NEEDS_PORTS : 0u);
}

static unsigned needs_of_action(enum ks_action action)
{
    switch (action) {
    case KS_ACTION_ADD_DEVICE:
    case KS_ACTION_REMOVE_DEVICE:
        return KS_IO_NEEDS_DEVICES;
    case KS_ACTION_POWER:
        return KS_IO_NEEDS_POWER;
    case KS_ACTION_OPEN_FILE:
    case KS_ACTION_CLOSE_FILE:
    case KS_ACTION_READ:
    case KS_ACTION_WRITE:
    case KS_ACTION_IOCTL:
    case KS_ACTION_IRP:
        return KS_IO_NEEDS_REQUESTS;
    case KS_ACTION_WAIT:
    case KS_ACTION_CANCEL:
        return KS_IO_NEEDS_WAITING;
    case KS_ACTION_COMPLETE:
        return KS_IO_NEEDS_COMPLETION;
    case KS_ACTION_ADVANCE:
        return KS_IO_NEEDS_CLOCK;
    case KS_ACTION_SET_REGISTRY:
        return KS_IO_NEEDS_REGISTRY;
    case KS_ACTION_PORT_IO:
        return KS_IO_NEEDS_PORTS;
    default:
        return 0;
    }
}

static void set_needs(struct ks_step *step)
{
    step->io_needs = needs_of_action(step->action) | needs_of_expect(&step->expect);
    if (step->disk_image != NULL && step->disk_image->device_count > 0) {
        step->io_needs |= KS_IO_NEEDS_NAMED;
    }
    for (int p = 0; p < KLDR_PROFILE_COUNT; p++) {
        step->io_needs |= needs_of_expect(&step->by_profile[p]);
    }
}

static void build_step(struct ks_build *build, struct ks_node *map, struct ks_step *step)
{
    struct ks_built_step *built = ks_arena_take(build->arena, 1, sizeof *built);
    *built = (struct ks_built_step){.step = step, .nested = build->routine_depth > 0};
    *build->last_step = built;
    build->last_step = &built->next;
    step->place = map->place;
    step->by_profile = no_overlay;
    struct ks_node *by_profile = NULL;
    for (struct ks_node *value = map->first; value != NULL; value = value->next) {
        if (value->bad || value->key_index < 0) {
            continue;
        }
        build_key(build, value, step);
        by_profile = value->key_index == KS_STEP_EXPECT_BY_PROFILE ? value : by_profile;
    }
    if (by_profile != NULL) {
        overlay(build, by_profile, step);
    }
    set_needs(step);
}

void ks_build_steps(struct ks_build *build, struct ks_node *list, const struct ks_step **out_steps,
                    size_t *out_count)
{
    struct ks_step *steps = ks_arena_take(build->arena, list->count, sizeof *steps);
    size_t count = 0;
    for (struct ks_node *item = list->first; item != NULL; item = item->next) {
        if (!item->bad && item->kind == KS_NODE_MAP) {
            build_step(build, item, &steps[count++]);
        }
    }
    *out_steps = steps;
    *out_count = count;
}

const struct ks_expect *ks_step_expect(const struct ks_step *step, enum kldr_profile profile)
{
    return step->by_profile[profile].given ? &step->by_profile[profile] : &step->expect;
}

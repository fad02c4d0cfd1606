// SPDX-License-Identifier: MIT
// Making and ending a world.

#include "engine/host_kernel.h"
#include "engine/host_slots.h"
#include "engine/native.h"
#include "kernel/ke/ke.h"
#include "world/world_steps.h"

#include <string.h>

#define DEFAULT_DEPTH   256u
#define DEFAULT_MODULES 4096u
#define DEFAULT_STEPS   100000u
#define DEFAULT_MEMORY  (UINT64_C(1) << 30)

bool ks_world_has_kernel(const struct kldr_world *world)
{
    return world->native != NULL || world->host_kernel;
}

// ---- life ----

static void fill_limits(struct kldr_world_limits *limits)
{
    limits->depth = limits->depth != 0 ? limits->depth : DEFAULT_DEPTH;
    limits->modules = limits->modules != 0 ? limits->modules : DEFAULT_MODULES;
    limits->steps = limits->steps != 0 ? limits->steps : DEFAULT_STEPS;
    limits->memory = limits->memory != 0 ? limits->memory : DEFAULT_MEMORY;
}

static kldr_status make_loader(struct kldr_world *world, struct kldr_error *error)
{
    struct kldr_loader_options options = {.policy = world->options.policy,
                                          .machine = world->options.machine};
    options.limits.depth = world->options.limits.depth;
    options.limits.modules = world->options.limits.modules;
    struct kldr_host host = ks_world_host(world);
    return kldr_loader_create(&options, &host, &world->loader, error);
}

kldr_status ks_world_add_core(struct kldr_world *world, enum ks_kernel_module module)
{
    const struct ks_kernel_image *kernel = &world->kernel->images->modules[module];
    uint64_t base = 0;
    uint32_t id = 0;
    kldr_status status =
        ks_address_space_place(&world->addresses, 0, (uint32_t)kernel->size, &base);
    if (status == KLDR_STATUS_SUCCESS && world->native != NULL) {
        status = ks_native_add_kernel(world, module, base);
    }
    return status == KLDR_STATUS_SUCCESS
               ? kldr_loader_add_core(world->loader, ks_kernel_module_path(module), kernel->image,
                                      base, &id)
               : status;
}

static kldr_status add_kernel(struct kldr_world *world)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (unsigned i = 0; i < KS_KERNEL_ALWAYS && status == KLDR_STATUS_SUCCESS; i++) {
        status = ks_world_add_core(world, (enum ks_kernel_module)i);
    }
    return status;
}

static kldr_status pick_kernel(struct kldr_world *world, struct kldr_error *error)
{
    enum kldr_machine machine = world->options.machine;
    world->kernel = world->options.kernel;
    if (world->kernel == NULL) {
        kldr_status status =
            kldr_kernel_create(machine, &world->allocator, &world->own_kernel, error);
        if (status != KLDR_STATUS_SUCCESS) {
            return status;
        }
        world->kernel = world->own_kernel;
    } else if (machine != KLDR_MACHINE_UNKNOWN && machine != kldr_kernel_machine(world->kernel)) {
        kldr_error_set(error, KLDR_ERROR_BAD_ARGUMENT, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT,
                       "the kernel images are for another machine");
        return KLDR_ERROR_BAD_ARGUMENT;
    }
    world->options.machine = kldr_kernel_machine(world->kernel);
    return KLDR_STATUS_SUCCESS;
}

// Where images go; nothing has been placed yet.
static kldr_status make_addresses(struct kldr_world *world, struct kldr_error *error)
{
    ks_address_space_init(&world->addresses, &world->allocator, world->options.machine);
    if (world->options.cpu != KLDR_CPU_NATIVE) {
        return KLDR_STATUS_SUCCESS;
    }
    kldr_status status = ks_native_create(world, error);
    if (status == KLDR_STATUS_SUCCESS) {
        uint64_t start = world->native->guest.base;
        ks_address_space_init_at(&world->addresses, &world->allocator, start,
                                 start + KS_GUEST_IMAGES_SIZE);
    }
    return status;
}

static kldr_status build_world(struct kldr_world *world, struct kldr_error *error)
{
    ks_address_space_init(&world->addresses, &world->allocator, world->options.machine);
    ks_findings_init(&world->findings, &world->allocator, &world->addresses);
    ks_service_list_init(&world->services, &world->allocator);
    ks_hardware_list_init(&world->hardware, &world->allocator);
    kldr_status status = pick_kernel(world, error);
    if (status == KLDR_STATUS_SUCCESS) {
        status = make_addresses(world, error);
    }
    if (status != KLDR_STATUS_SUCCESS) {
        return status;
    }
    world->disk = ks_disk_create(&world->allocator);
    status = world->disk != NULL ? make_loader(world, error) : KLDR_ERROR_OUT_OF_MEMORY;
    if (status == KLDR_STATUS_SUCCESS) {
        world->findings.loader = world->loader;
        status = add_kernel(world);
    }
    return status;
}

kldr_status kldr_world_create(const struct kldr_world_options *options,
                              struct kldr_world **out_world, struct kldr_error *error)
{
    const struct kldr_allocator *allocator =
        options->allocator.allocate != NULL ? &options->allocator : kldr_allocator_default();
    struct kldr_world *world = allocator->allocate(allocator->user, sizeof *world);
    kldr_error_clear(error);
    if (world == NULL) {
        kldr_error_set(error, KLDR_ERROR_OUT_OF_MEMORY, KLDR_ORIGIN_HOST, KLDR_STAGE_NONE,
                       "no memory for a world");
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    memset(world, 0, sizeof *world);
    world->allocator = *allocator;
    world->options = *options;
    fill_limits(&world->options.limits);
    kldr_status status = build_world(world, error);
    if (status != KLDR_STATUS_SUCCESS) {
        kldr_world_destroy(world);
        return status;
    }
    *out_world = world;
    return KLDR_STATUS_SUCCESS;
}

void kldr_world_destroy(struct kldr_world *world)
{
    if (world == NULL) {
        return;
    }
    const struct kldr_allocator allocator = world->allocator;
    ks_ke_shut_down(world);
    ks_io_destroy_drivers(world);
    kldr_loader_destroy(world->loader);
    ks_world_free_leftovers(world);
    ks_host_forget_world(world);
    ks_host_kernel_forget(world);
    ks_findings_fini(&world->findings);
    ks_hardware_list_fini(&world->hardware);
    ks_service_list_fini(&world->services);
    ks_address_space_fini(&world->addresses);
    ks_id_set_fini(&allocator, &world->load_images);
    ks_disk_destroy(world->disk);
    ks_nt_destroy(world);
    ks_native_destroy(world);
    kldr_kernel_destroy(world->own_kernel);
    allocator.release(allocator.user, world);
}

struct kldr_loader *kldr_world_loader(struct kldr_world *world)
{
    return world->loader;
}

bool kldr_world_bugcheck(const struct kldr_world *world, struct kldr_bugcheck *out_bugcheck)
{
    if (world->has_bugcheck && out_bugcheck != NULL) {
        *out_bugcheck = world->bugcheck;
    }
    return world->has_bugcheck;
}

// SPDX-License-Identifier: MIT
// What drivers report: entries of the error log, and devices whose relations or state changed.

#include "kernel/io/io_own.h"
#include "kernel/io/io_pnp.h"

#include "engine/native.h"
#include "kernel/ke/ke.h"
#include "world/world_steps.h"

#include <stdio.h>

#define TAG_LOG            0x456F4C45u // 'ELoE'
#define LARGEST_ENTRY      0xF0u
#define STOP_PNP_FATAL     0xCAu
#define PNP_INVALID_DEVICE 2u

// ---- error log ----

// IoAllocateErrorLogEntry(IoObject, EntrySize)
uint64_t ks_io_report_allocate_entry(const struct ks_kernel_call *call)
{
    uint8_t size = (uint8_t)call->arguments[1];
    return size < sizeof(IO_ERROR_LOG_PACKET) || size > LARGEST_ENTRY
               ? 0
               : ks_nt_take(call->world, size, TAG_LOG);
}

uint64_t ks_io_report_free_entry(const struct ks_kernel_call *call)
{
    ks_nt_give(call->world, call->arguments[0]);
    return 0;
}

uint64_t ks_io_report_write_entry(const struct ks_kernel_call *call)
{
    struct kldr_module_info module;
    const IO_ERROR_LOG_PACKET packet =
        *(const IO_ERROR_LOG_PACKET *)ks_guest_pointer(call->arguments[0]);
    char text[96];
    snprintf(text, sizeof text, "error 0x%08X, unique value 0x%X, final status 0x%08X",
             (unsigned)packet.ErrorCode, (unsigned)packet.UniqueErrorValue,
             (unsigned)packet.FinalStatus);
    bool known = ks_native_module_at(call->world, call->caller, &module);
    ks_world_note(call->world, "error-log", known ? module.base_name : NULL, known ? module.id : 0,
                  text, NULL);
    ks_nt_give(call->world, call->arguments[0]);
    return 0;
}

// ---- relations and state ----

struct query {
    uint64_t device;
    uint8_t minor;
    uint32_t type;
};

static void free_relations(struct kldr_world *world, uint64_t address)
{
    const DEVICE_RELATIONS *relations = ks_guest_pointer(address);
    for (ULONG i = 0; relations != NULL && i < relations->Count; i++) {
        struct ks_object *child = ks_ob_find(world, ks_io_address(relations->Objects[i]));
        if (child != NULL) {
            ks_ob_dereference(world, child);
        }
    }
    ks_nt_give(world, address);
}

// The stack is asked; nothing follows from what it answers.
static void ask_stack(struct kldr_world *world, struct ks_io_device *device,
                      const struct query *query)
{
    struct ks_io_own *own = ks_io_own_make(world, device, IRP_MJ_PNP, query->minor);
    bool relations = query->minor == IRP_MN_QUERY_DEVICE_RELATIONS;
    if (own == NULL) {
        return;
    }
    if (relations) {
        own->location->Parameters.QueryDeviceRelations.Type = (DEVICE_RELATION_TYPE)query->type;
    }
    if (ks_io_own_send(own) == KLDR_STATUS_SUCCESS && ks_io_own_wait(own) == KLDR_STATUS_SUCCESS &&
        relations && own->done && NT_SUCCESS(own->status) && own->information != 0) {
        free_relations(world, own->information);
    }
    ks_io_own_end(own);
}

// On a worker thread.
static void ask(struct kldr_world *world, void *user)
{
    const struct query query = *(struct query *)user;
    struct ks_io_device *device = ks_io_device_find(world, query.device);
    world->allocator.release(world->allocator.user, user);
    if (device == NULL) {
        return;
    }
    if (query.minor != IRP_MN_QUERY_DEVICE_RELATIONS || query.type != BusRelations) {
        ask_stack(world, device, &query);
    } else if (device->pnp != NULL) {
        ks_io_pnp_changed(world, device->pnp);
    }
    ks_ob_dereference(world, device->object);
}

static uint64_t queue(const struct ks_kernel_call *call, uint8_t minor)
{
    struct kldr_world *world = call->world;
    struct ks_io_device *device = ks_io_call_device(call, call->arguments[0]);
    if (device == NULL || device->pnp == NULL) {
        return device == NULL
                   ? 0
                   : ks_nt_stop(call, STOP_PNP_FATAL, PNP_INVALID_DEVICE, call->arguments[0], 0, 0,
                                "gave a device object that is no physical one");
    }
    struct query *query = world->allocator.allocate(world->allocator.user, sizeof *query);
    const struct ks_ke_work work = {.run = ask, .user = query};
    if (query == NULL) {
        return ks_nt_lacking(call, "as many requests at once");
    }
    *query = (struct query){call->arguments[0], minor, (uint32_t)call->arguments[1]};
    if (!ks_ke_queue_work(world, &work)) {
        world->allocator.release(world->allocator.user, query);
        return ks_nt_lacking(call, "as many requests at once");
    }
    ks_ob_reference(device->object);
    return 0;
}

// IoInvalidateDeviceRelations(DeviceObject, Type)
uint64_t ks_io_report_relations(const struct ks_kernel_call *call)
{
    return queue(call, IRP_MN_QUERY_DEVICE_RELATIONS);
}

uint64_t ks_io_report_state(const struct ks_kernel_call *call)
{
    return queue(call, IRP_MN_QUERY_PNP_DEVICE_STATE);
}

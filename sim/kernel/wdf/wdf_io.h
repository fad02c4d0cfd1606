// SPDX-License-Identifier: MIT
// Devices, queues and requests of the framework: what its files share.
//
// Requests that a queue takes are pending from the first. A request object is there from when its
// IRP arrives until it is completed.
#ifndef KS_KERNEL_WDF_IO_H
#define KS_KERNEL_WDF_IO_H

#include "kernel/io/io_driver.h"
#include "kernel/wdf/wdf.h"

// What a WDFDEVICE_INIT says, until a device is made of it.
struct ks_wdf_init {
    struct ks_wdf_init *next; // of the client
    uint64_t handle;
    uint64_t name; // UNICODE_STRING; 0: none
    uint32_t type, characteristics, io_type;
    bool exclusive;
    uint64_t in_caller; // EvtIoInCallerContext; 0: none
    WDF_FILEOBJECT_CONFIG files;
    WDF_OBJECT_ATTRIBUTES file_attributes, request_attributes;
};

struct ks_wdf_device {
    uint64_t object;             // DEVICE_OBJECT; 0: deleted
    uint64_t link;               // UNICODE_STRING of its symbolic link; 0: none
    struct ks_wdf_object *queue; // default queue; NULL: none
    uint32_t io_type;
    uint64_t in_caller; // EvtIoInCallerContext; 0: none
    bool finished;      // WdfControlFinishInitializing was called
    WDF_FILEOBJECT_CONFIG files;
    WDF_OBJECT_ATTRIBUTES file_attributes, request_attributes;
};

struct ks_wdf_queue {
    struct ks_wdf_object *device; // NULL: gone
    WDF_IO_QUEUE_CONFIG config;
    struct ks_wdf_object **waiting; // requests that were not presented yet, in order
    uint32_t waiting_count, capacity;
    uint32_t presented; // that the driver has
    bool presenting;    // somebody further out on the stack looks after the waiting ones
};

// The structure behind an argument. NULL: none, and the system has stopped.
struct ks_wdf_init *ks_wdf_init_argument(const struct ks_kernel_call *call, unsigned index);
void ks_wdf_init_free(struct kldr_world *world, struct ks_wdf_client *client,
                      struct ks_wdf_init *init);
// Copies attributes that were checked, or the defaults for NULL.
void ks_wdf_init_copy(WDF_OBJECT_ATTRIBUTES *to, uint64_t attributes);

// The framework device of a DEVICE_OBJECT. NULL: there is none.
struct ks_wdf_object *ks_wdf_device_of_wdm(struct kldr_world *world, uint64_t device_object);
void ks_wdf_device_end(const struct ks_kernel_call *call, struct ks_wdf_object *object);

// IRP_MJ_CREATE, CLEANUP, CLOSE of a device (wdf_file.c). Answers what the dispatch routine does.
NTSTATUS ks_wdf_file_dispatch(const struct ks_kernel_call *call, struct ks_wdf_object *device,
                              uint64_t irp);
void ks_wdf_file_end(const struct ks_kernel_call *call, struct ks_wdf_object *object);
struct ks_wdf_object *ks_wdf_file_find(const struct ks_wdf_object *device, uint64_t file_object);

// A request for an IRP. NULL: no memory.
struct ks_wdf_object *ks_wdf_request_make(const struct ks_kernel_call *call,
                                          struct ks_wdf_object *device, uint64_t irp);
// Completes its IRP and ends the object.
void ks_wdf_request_finish(const struct ks_kernel_call *call, struct ks_wdf_object *request,
                           NTSTATUS status);
void ks_wdf_request_end(const struct ks_kernel_call *call, struct ks_wdf_object *object);
// The file object that it was made through. NULL: none, or it is closed.
struct ks_wdf_object *ks_wdf_request_file(const struct ks_wdf_object *request);
IO_STACK_LOCATION *ks_wdf_request_location(const struct ks_wdf_object *request);

// Gives a request to a queue.
void ks_wdf_queue_take(const struct ks_kernel_call *call, struct ks_wdf_object *queue,
                       struct ks_wdf_object *request);
// Whether a request waits there.
bool ks_wdf_queue_holds(const struct ks_wdf_object *object, const struct ks_wdf_object *request);
// A request that the queue presented is done.
void ks_wdf_queue_done(const struct ks_kernel_call *call, struct ks_wdf_object *queue);
void ks_wdf_queue_end(const struct ks_kernel_call *call, struct ks_wdf_object *object);

// Completes an IRP.
NTSTATUS ks_wdf_complete(const struct ks_kernel_call *call, uint64_t irp, NTSTATUS status,
                         uint64_t information);

#endif

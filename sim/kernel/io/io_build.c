// SPDX-License-Identifier: MIT
// Requests that drivers have the system build: buffers as the target device or the control code
// wants them.

#include "kernel/io/io_irp.h"

#include "kernel/ke/ke.h"
#include "kernel/mm/mm_mdl.h"

#include <string.h>

#define TAG_BUFFER 0x20206F49u // 'Io  '

struct build {
    struct kldr_world *world;
    struct ks_io_irp *record;
    IRP *irp;
    IO_STACK_LOCATION *location;
};

// An IRP for the stack that a device belongs to; what drivers give is read before.
static bool begin(struct build *build, const struct ks_kernel_call *call,
                  const struct ks_io_device *device, uint8_t major)
{
    build->world = call->world;
    build->record = ks_io_irp_make(call->world, ks_io_device_body(device)->StackSize, call->caller);
    if (build->record == NULL) {
        return false;
    }
    build->irp = ks_guest_pointer(build->record->address);
    build->irp->Tail.Overlay.Thread = ks_guest_pointer(ks_ke_current_thread(call->world));
    build->location = build->irp->Tail.Overlay.CurrentStackLocation - 1;
    build->location->MajorFunction = major;
    return true;
}

static uint64_t give_up(struct build *build)
{
    if (build->irp->AssociatedIrp.SystemBuffer != NULL) {
        ks_nt_give(build->world, ks_io_address(build->irp->AssociatedIrp.SystemBuffer));
    }
    ks_io_irp_free(build->world, build->record);
    return 0;
}

// A buffer of the system's, with a copy of the input.
static bool buffer(struct build *build, uint64_t input, uint32_t input_size, uint32_t size)
{
    uint64_t address = ks_nt_take(build->world, size, TAG_BUFFER);
    if (address == 0) {
        return false;
    }
    memcpy(ks_guest_pointer(address), ks_guest_pointer(input), input_size);
    build->irp->AssociatedIrp.SystemBuffer = ks_guest_pointer(address);
    build->irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
    return true;
}

static bool describe(struct build *build, uint64_t address, uint32_t size, bool write)
{
    MDL *mdl = ks_mm_mdl_make(build->world, address, size);
    if (mdl == NULL) {
        return false;
    }
    ks_mm_mdl_lock(build->world, mdl, write);
    build->irp->MdlAddress = mdl;
    return true;
}

// Faults now, before anything is made, if a buffer is bad.
static void touch(uint64_t address, uint32_t size, bool write)
{
    const volatile uint8_t *bytes = ks_guest_pointer(address);
    for (uint32_t i = 0; i < size; i += PAGE_SIZE) {
        (void)bytes[i];
    }
    if (size != 0) {
        (void)bytes[size - 1];
        if (write) {
            ks_ob_probe(address, 1);
            ks_ob_probe(address + size - 1, 1);
        }
    }
}

// ---- reads, writes and their like ----

static bool add_transfer(struct build *build, const DEVICE_OBJECT *device, uint64_t address,
                         uint32_t size)
{
    bool reads = build->location->MajorFunction == IRP_MJ_READ;
    if ((device->Flags & DO_BUFFERED_IO) != 0) {
        if (size == 0) {
            return true;
        }
        build->irp->UserBuffer = reads ? ks_guest_pointer(address) : NULL;
        build->irp->Flags |= reads ? IRP_INPUT_OPERATION : 0u;
        return buffer(build, address, reads ? 0 : size, size);
    }
    if ((device->Flags & DO_DIRECT_IO) != 0) {
        return size == 0 || describe(build, address, size, reads);
    }
    build->irp->UserBuffer = ks_guest_pointer(address);
    return true;
}

// Build...FsdRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, ...)
static bool build_transfer(const struct ks_kernel_call *call, struct build *build)
{
    const uint64_t *a = call->arguments;
    uint8_t major = (uint8_t)a[0];
    const struct ks_io_device *device = ks_io_call_device(call, a[1]);
    bool transfers = major == IRP_MJ_READ || major == IRP_MJ_WRITE;
    uint32_t size = transfers ? (uint32_t)a[3] : 0;
    if (device == NULL) {
        return false;
    }
    uint64_t offset = transfers && a[4] != 0 ? ks_guest_number(a[4], 8) : 0;
    if (major == IRP_MJ_WRITE || (ks_io_device_body(device)->Flags & DO_DIRECT_IO) != 0) {
        touch(a[2], size, major == IRP_MJ_READ);
    }
    if (!begin(build, call, device, major)) {
        return false;
    }
    if (transfers) {
        build->location->Parameters.Read.Length = size;
        build->location->Parameters.Read.ByteOffset.QuadPart = (LONGLONG)offset;
        build->irp->Flags |= major == IRP_MJ_READ ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
        if (!add_transfer(build, ks_io_device_body(device), a[2], size)) {
            return give_up(build) != 0;
        }
    }
    return true;
}

// (..., IoStatusBlock)
uint64_t ks_io_build_asynchronous(const struct ks_kernel_call *call)
{
    struct build build;
    if (!build_transfer(call, &build)) {
        return 0;
    }
    build.irp->UserIosb = ks_guest_pointer(call->arguments[5]);
    return build.record->address;
}

// (..., Event, IoStatusBlock)
uint64_t ks_io_build_synchronous(const struct ks_kernel_call *call)
{
    struct build build;
    if (!build_transfer(call, &build)) {
        return 0;
    }
    build.irp->UserEvent = ks_guest_pointer(call->arguments[5]);
    build.irp->UserIosb = ks_guest_pointer(call->arguments[6]);
    build.irp->Flags |= IRP_SYNCHRONOUS_API;
    build.record->threaded = true;
    return build.record->address;
}

// ---- control codes ----

struct control {
    uint32_t code;
    uint64_t input, output;
    uint32_t input_size, output_size;
};

static bool add_buffered(struct build *build, const struct control *control)
{
    uint32_t input = control->input != 0 ? control->input_size : 0;
    uint32_t size = input > control->output_size ? input : control->output_size;
    build->irp->UserBuffer = ks_guest_pointer(control->output);
    build->irp->Flags |= control->output != 0 ? IRP_INPUT_OPERATION : 0u;
    if (size == 0) {
        build->irp->Flags = 0;
        return true;
    }
    return buffer(build, control->input, input, size);
}

static bool add_buffers(struct build *build, const struct control *control)
{
    unsigned method = control->code & 3;
    if (method == METHOD_BUFFERED) {
        return add_buffered(build, control);
    }
    if (method == METHOD_NEITHER) {
        build->irp->UserBuffer = ks_guest_pointer(control->output);
        build->location->Parameters.DeviceIoControl.Type3InputBuffer =
            ks_guest_pointer(control->input);
        return true;
    }
    bool input = control->input != 0 && control->input_size != 0;
    bool output = control->output != 0 && control->output_size != 0;
    return (!input || buffer(build, control->input, control->input_size, control->input_size)) &&
           (!output ||
            describe(build, control->output, control->output_size, method == METHOD_OUT_DIRECT));
}

static void touch_control(const struct control *control)
{
    unsigned method = control->code & 3;
    if (method != METHOD_NEITHER) {
        touch(control->input, control->input != 0 ? control->input_size : 0, false);
    }
    if (method == METHOD_IN_DIRECT || method == METHOD_OUT_DIRECT) {
        touch(control->output, control->output != 0 ? control->output_size : 0,
              method == METHOD_OUT_DIRECT);
    }
}

// IoBuildDeviceIoControlRequest(IoControlCode, DeviceObject, InputBuffer, InputBufferLength,
// OutputBuffer, OutputBufferLength, InternalDeviceIoControl, Event, IoStatusBlock)
uint64_t ks_io_build_device_control(const struct ks_kernel_call *call)
{
    const uint64_t *a = call->arguments;
    struct build build;
    const struct control control = {.code = (uint32_t)a[0],
                                    .input = a[2],
                                    .input_size = (uint32_t)a[3],
                                    .output = a[4],
                                    .output_size = (uint32_t)a[5]};
    const struct ks_io_device *device = ks_io_call_device(call, a[1]);
    if (device == NULL) {
        return 0;
    }
    touch_control(&control);
    if (!begin(&build, call, device,
               (a[6] & 0xFF) != 0 ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL)) {
        return 0;
    }
    build.location->Parameters.DeviceIoControl.IoControlCode = control.code;
    build.location->Parameters.DeviceIoControl.InputBufferLength = control.input_size;
    build.location->Parameters.DeviceIoControl.OutputBufferLength = control.output_size;
    if (!add_buffers(&build, &control)) {
        return give_up(&build);
    }
    build.irp->UserEvent = ks_guest_pointer(a[7]);
    build.irp->UserIosb = ks_guest_pointer(a[8]);
    build.record->threaded = true;
    return build.record->address;
}

// IoMakeAssociatedIrp(Irp, StackSize): the caller counts it in the master's IrpCount.
uint64_t ks_io_build_associated(const struct ks_kernel_call *call)
{
    IRP *master = ks_guest_pointer(call->arguments[0]);
    PETHREAD thread = master->Tail.Overlay.Thread;
    struct ks_io_irp *record =
        ks_io_irp_make(call->world, (signed char)call->arguments[1], call->caller);
    if (record == NULL) {
        return 0;
    }
    IRP *irp = ks_guest_pointer(record->address);
    irp->Flags |= IRP_ASSOCIATED_IRP;
    irp->AssociatedIrp.MasterIrp = master;
    irp->Tail.Overlay.Thread = thread;
    record->threaded = true;
    return record->address;
}

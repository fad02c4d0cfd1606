// SPDX-License-Identifier: MIT
// Hal: buses. There is nothing on any of them: what drivers find is what a machine answers where no
// device is.

#include "kernel/functions.h"

#define PCI_CONFIGURATION  4u
#define PCI_INVALID_VENDOR 0xFFFFu
#define LAST_BUS_TYPE      12u
#define NO_SUCH_DEVICE     UINT64_C(0xC000000E) // STATUS_

// (type, bus, slot, buffer, [offset,] length): two bytes that say there is no device in the slot.
static uint64_t get(const struct ks_kernel_call *call, uint32_t length)
{
    if ((uint32_t)call->arguments[0] != PCI_CONFIGURATION || length < 2) {
        return 0;
    }
    ks_guest_put_u16(call->arguments[3], PCI_INVALID_VENDOR);
    return 2;
}

uint64_t ks_hal_get_bus_data(const struct ks_kernel_call *call)
{
    return get(call, (uint32_t)call->arguments[4]);
}

uint64_t ks_hal_get_bus_data_by_offset(const struct ks_kernel_call *call)
{
    return get(call, (uint32_t)call->arguments[5]);
}

// HalSetBusData, HalSetBusDataByOffset: nothing takes what is written.
uint64_t ks_hal_set_bus_data(const struct ks_kernel_call *call)
{
    (void)call;
    return 0;
}

// (RegistryPath, DriverClassName, DriverObject, DeviceObject, BusType, BusNumber, SlotNumber,
// AllocatedResources)
uint64_t ks_hal_assign_slot_resources(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[7], 8, 0);
    return NO_SUCH_DEVICE;
}

// (type, bus, address, PULONG space, PPHYSICAL_ADDRESS translated): memory and ports have the same
// addresses on every bus that the machine could have.
uint64_t ks_hal_translate_bus_address(const struct ks_kernel_call *call)
{
    if ((uint32_t)call->arguments[0] > LAST_BUS_TYPE) {
        return 0;
    }
    uint64_t space = ks_guest_number(call->arguments[3], 4);
    ks_guest_put_number(call->arguments[3], 4, space);
    ks_guest_put_number(call->arguments[4], 8, call->arguments[2]);
    return 1;
}

#define FIRST_VECTOR 0x30u
#define FIRST_DIRQL  3u
#define LAST_DIRQL   11u
#define IRQ_LINES    24u

// (type, bus, level, vector, PKIRQL irql, PKAFFINITY affinity): 0 for a line that is not there.
uint64_t ks_hal_get_interrupt_vector(const struct ks_kernel_call *call)
{
    uint32_t line = (uint32_t)call->arguments[2];
    if ((uint32_t)call->arguments[0] > LAST_BUS_TYPE || line >= IRQ_LINES) {
        return 0;
    }
    ks_guest_put_number(call->arguments[4], 1, LAST_DIRQL - line % (LAST_DIRQL - FIRST_DIRQL + 1));
    ks_guest_put_number(call->arguments[5], 8, 1);
    return FIRST_VECTOR + line;
}

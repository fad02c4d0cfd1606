// SPDX-License-Identifier: MIT
// Drivers compiled by the host's compiler into the test program (engine *host*).
//
// Such a driver is described in C: what it exports, a pointer slot for each import, its routines.
// The image builder makes a PE image from the description and the loader binds, counts and unloads
// it as any other; then the slots are written. After the exporter is gone its importers' slots
// point to a function that stops the simulated system with stop code 0xCE. Any sanitizer, debugger
// and coverage tool of the host works.
#ifndef KLDR_HOST_DRIVER_H
#define KLDR_HOST_DRIVER_H

#include <kldr/status.h>

// A function of any type, as stored in tables; call it only through its real type.
typedef void (*kldr_any_function)(void);

// UNICODE_STRING: lengths in bytes, buffer of UTF-16 code units, not necessarily terminated.
struct kldr_unicode_string {
    uint16_t length;
    uint16_t maximum_length;
    uint16_t *buffer;
};

#define KLDR_IRP_MJ_COUNT 28

// The part of a driver object that host drivers fill in.
struct kldr_driver_object {
    void (*DriverUnload)(struct kldr_driver_object *driver);
    kldr_any_function MajorFunction[KLDR_IRP_MJ_COUNT];
    void *extension; // the driver's own, starts NULL
};

struct kldr_host_export {
    const char *name;
    uint32_t ordinal;           // 0: the next free one
    kldr_any_function function; // NULL for data and forwarders
    void *data;                 // a variable (DATA), else NULL
    const char *forwarder;      // "other.Fn", else NULL
};

struct kldr_host_import {
    const char *module;
    const char *name; // NULL: by ordinal
    uint32_t ordinal;
    void *slot; // address of a function pointer, or of a data pointer when data is true
    bool data;
};

// The same routines as the kernel's headers (kldr/ddk) declare them: DriverEntry gets a
// DRIVER_OBJECT. A driver that has one of these is served by the simulated kernel: the program
// links kldr::ddk, which has the kernel's functions (host_kernel.h). Needs pointers of 64 bits.
struct kldr_host_wdm {
    kldr_any_function DriverEntry;
    kldr_any_function DllInitialize; // NULL: not exported
    kldr_any_function DllUnload;     // NULL: not exported
};

// A driver. Everything is borrowed and must outlive the world.
struct kldr_host_driver {
    const char *name; // "port.sys"
    const struct kldr_host_export *exports;
    size_t export_count;
    const struct kldr_host_import *imports;
    size_t import_count;
    kldr_status (*DllInitialize)(struct kldr_unicode_string *registry_path); // NULL: not exported
    kldr_status (*DllUnload)(void);                                          // NULL: not exported
    kldr_status (*DriverEntry)(struct kldr_driver_object *driver,
                               struct kldr_unicode_string *registry_path); // NULL: no entry point
    struct kldr_host_wdm wdm; // instead of the three above
};

// Table entries. KLDR_IMPORT(port.sys, PortStart) fills the pointer variable imp_PortStart.
#define KLDR_EXPORT(fn)                                                                            \
    {                                                                                              \
        .name = #fn, .function = (kldr_any_function)(fn)                                           \
    }
#define KLDR_EXPORT_DATA(variable)                                                                 \
    {                                                                                              \
        .name = #variable, .data = &(variable)                                                     \
    }
#define KLDR_EXPORT_FORWARD(fn, to)                                                                \
    {                                                                                              \
        .name = #fn, .forwarder = (to)                                                             \
    }
#define KLDR_IMPORT(dll, fn)                                                                       \
    {                                                                                              \
        .module = #dll, .name = #fn, .slot = &(imp_##fn)                                           \
    }
#define KLDR_IMPORT_ORDINAL(dll, number, fn)                                                       \
    {                                                                                              \
        .module = #dll, .ordinal = (number), .slot = &(imp_##fn)                                   \
    }
#define KLDR_IMPORT_DATA(dll, variable)                                                            \
    {                                                                                              \
        .module = #dll, .name = #variable, .slot = &(imp_##variable), .data = true                 \
    }

#endif

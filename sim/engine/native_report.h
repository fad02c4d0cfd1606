// SPDX-License-Identifier: MIT
// Registers and stack of driver code when the simulated system stops, as text.
#ifndef KS_ENGINE_NATIVE_REPORT_H
#define KS_ENGINE_NATIVE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct kldr_world;

#define KS_NATIVE_FRAMES         32u // shown
#define KS_NATIVE_REGISTERS_SIZE 512u
#define KS_NATIVE_STACK_SIZE     (KS_NATIVE_FRAMES * 192u)

// registers: "rax=0x0 rbx=..."; after a call of a kernel function only those that the driver finds
// again. stack: a line for each frame, the innermost first: "port.sys+0x1234 (PortOpen+0x14)",
// "ntoskrnl.exe!KeBugCheckEx". Addresses are those that people see. False: no driver code is under
// way.
bool ks_native_report(const struct kldr_world *world, char registers[KS_NATIVE_REGISTERS_SIZE],
                      char stack[KS_NATIVE_STACK_SIZE]);

#endif

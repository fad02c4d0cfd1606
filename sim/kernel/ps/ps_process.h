// SPDX-License-Identifier: MIT
// Ps: what drivers find in the object of the one process.
#ifndef KS_KERNEL_PS_PROCESS_H
#define KS_KERNEL_PS_PROCESS_H

#include <stdint.h>

// Writes the process's name where EPROCESS has it.
void ks_ps_process_name(uint64_t process);

#endif

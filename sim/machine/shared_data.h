// SPDX-License-Identifier: MIT
// The page that the kernel shares with everybody, KUSER_SHARED_DATA: version, features and clocks,
// at the offsets that the WDK's headers have.
#ifndef KS_MACHINE_SHARED_DATA_H
#define KS_MACHINE_SHARED_DATA_H

#include <stdint.h>

#define KS_SHARED_DATA_ADDRESS UINT64_C(0xFFFFF78000000000)
#define KS_SHARED_DATA_SIZE    0x1000u
#define KS_SHARED_DATA_TICK    156250u // between clock interrupts: 15.625 ms, in units of 100 ns

// A system whose clocks stand at zero.
void ks_shared_data_init(uint8_t page[KS_SHARED_DATA_SIZE], uint32_t build);
// The clocks: units of 100 ns since the start, and since 1601.
void ks_shared_data_set_time(uint8_t page[KS_SHARED_DATA_SIZE], uint64_t interrupt_time,
                             uint64_t system_time);

#endif

// SPDX-License-Identifier: MIT
// S-lists in memory of drivers (SLIST_HEADER).
#ifndef KS_KERNEL_EX_LIST_H
#define KS_KERNEL_EX_LIST_H

#include <stdint.h>

uint16_t ks_ex_slist_depth(uint64_t header);
// Addresses of entries; 0: the list is empty.
uint64_t ks_ex_slist_first(uint64_t header);
uint64_t ks_ex_slist_pop(uint64_t header);
// Answers what was the first before.
uint64_t ks_ex_slist_push(uint64_t header, uint64_t entry);

#endif

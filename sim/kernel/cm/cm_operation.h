// SPDX-License-Identifier: MIT
// Operations on the registry as system services, without those who filter them.
#ifndef KS_KERNEL_CM_OPERATION_H
#define KS_KERNEL_CM_OPERATION_H

#include "kernel/functions.h"

uint64_t ks_zw_open_key(const struct ks_kernel_call *call);
uint64_t ks_zw_create_key(const struct ks_kernel_call *call);
uint64_t ks_zw_delete_key(const struct ks_kernel_call *call);
uint64_t ks_zw_flush_key(const struct ks_kernel_call *call);
uint64_t ks_zw_set_value_key(const struct ks_kernel_call *call);
uint64_t ks_zw_delete_value_key(const struct ks_kernel_call *call);
uint64_t ks_zw_query_value_key(const struct ks_kernel_call *call);
uint64_t ks_zw_enumerate_value_key(const struct ks_kernel_call *call);
uint64_t ks_zw_query_key(const struct ks_kernel_call *call);
uint64_t ks_zw_enumerate_key(const struct ks_kernel_call *call);

#endif

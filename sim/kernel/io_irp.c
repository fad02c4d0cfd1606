// SPDX-License-Identifier: MIT
#include "kernel/io_state.h"

uint64_t ks_io_irp_invalid_request(const struct ks_kernel_call *call)
{
    (void)call;
    return 0;
}

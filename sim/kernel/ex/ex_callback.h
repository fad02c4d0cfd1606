// SPDX-License-Identifier: MIT
// The end function of callback objects.
#ifndef KS_KERNEL_EX_CALLBACK_H
#define KS_KERNEL_EX_CALLBACK_H

#include "kernel/ob/ob.h"

void ks_ex_end_callback(struct kldr_world *world, struct ks_object *object);

#endif

// SPDX-License-Identifier: MIT
#include "kernel/functions.h"

#include <string.h>

#define KS_FUNCTION(name, function, arguments, status, source)                                     \
    {#name, function, arguments, KS_FUNCTION_##status, #source},

// An empty row goes before each part, for there may be parts without any other.
// clang-format off
static const struct ks_kernel_function cm_functions[] = {{0},
#include "kernel/functions/cm.inc"
};
static const struct ks_kernel_function crt_functions[] = {{0},
#include "kernel/functions/crt.inc"
};
static const struct ks_kernel_function dbg_functions[] = {{0},
#include "kernel/functions/dbg.inc"
};
static const struct ks_kernel_function ex_functions[] = {{0},
#include "kernel/functions/ex.inc"
};
static const struct ks_kernel_function fsrtl_functions[] = {{0},
#include "kernel/functions/fsrtl.inc"
};
static const struct ks_kernel_function hal_functions[] = {{0},
#include "kernel/functions/hal.inc"
};
static const struct ks_kernel_function io_functions[] = {{0},
#include "kernel/functions/io.inc"
};
static const struct ks_kernel_function ke_functions[] = {{0},
#include "kernel/functions/ke.inc"
};
static const struct ks_kernel_function mm_functions[] = {{0},
#include "kernel/functions/mm.inc"
};
static const struct ks_kernel_function ob_functions[] = {{0},
#include "kernel/functions/ob.inc"
};
static const struct ks_kernel_function po_functions[] = {{0},
#include "kernel/functions/po.inc"
};
static const struct ks_kernel_function ps_functions[] = {{0},
#include "kernel/functions/ps.inc"
};
static const struct ks_kernel_function rtl_functions[] = {{0},
#include "kernel/functions/rtl.inc"
};
static const struct ks_kernel_function se_functions[] = {{0},
#include "kernel/functions/se.inc"
};
static const struct ks_kernel_function wdf_functions[] = {{0},
#include "kernel/functions/wdf.inc"
};
static const struct ks_kernel_function zw_functions[] = {{0},
#include "kernel/functions/zw.inc"
};
static const struct ks_kernel_function hidden_functions[] = {{0},
#include "kernel/functions/hidden.inc"
};
// clang-format on
#undef KS_FUNCTION

#define PART(name)                                                                                 \
    {                                                                                              \
        name##_functions + 1, sizeof name##_functions / sizeof name##_functions[0] - 1             \
    }

static const struct {
    const struct ks_kernel_function *functions;
    size_t count;
} parts[] = {
    PART(cm),  PART(crt), PART(dbg), PART(ex), PART(fsrtl),  PART(hal),
    PART(io),  PART(ke),  PART(mm),  PART(ob), PART(po),     PART(ps),
    PART(rtl), PART(se),  PART(wdf), PART(zw), PART(hidden),
};

#define PART_COUNT (sizeof parts / sizeof parts[0])

const struct ks_kernel_function *ks_function_at(size_t index)
{
    for (size_t part = 0; part < PART_COUNT; part++) {
        if (index < parts[part].count) {
            return &parts[part].functions[index];
        }
        index -= parts[part].count;
    }
    return NULL;
}

// In one part, whose rows are in the order of names; its count when it does not have it.
static size_t find_in_part(size_t part, const char *name)
{
    size_t low = 0, high = parts[part].count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, parts[part].functions[middle].name);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return parts[part].count;
}

const struct ks_kernel_function *ks_function_find(const char *name, size_t *out_index)
{
    size_t first = 0;
    for (size_t part = 0; part < PART_COUNT; part++) {
        size_t at = find_in_part(part, name);
        if (at < parts[part].count) {
            if (out_index != NULL) {
                *out_index = first + at;
            }
            return &parts[part].functions[at];
        }
        first += parts[part].count;
    }
    return NULL;
}

uint64_t ks_guest_number(uint64_t address, unsigned size)
{
    const volatile uint8_t *at = ks_guest_pointer(address);
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

void ks_guest_put_number(uint64_t address, unsigned size, uint64_t value)
{
    volatile uint8_t *at = ks_guest_pointer(address);
    for (unsigned i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

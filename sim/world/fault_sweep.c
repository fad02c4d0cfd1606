// SPDX-License-Identifier: MIT
#include "world/fault_sweep.h"

#include <stdlib.h>
#include <string.h>

void ks_fault_sweep_fini(struct ks_fault_sweep *sweep)
{
    free(sweep->sites);
    memset(sweep, 0, sizeof *sweep);
}

static bool is_known(const struct ks_fault_sweep *sweep, const struct ks_fault_site *site)
{
    for (size_t i = 0; site->module[0] != '\0' && i < sweep->site_count; i++) {
        const struct ks_fault_site *known = &sweep->sites[i];
        if (known->stack == site->stack && known->operation == site->operation &&
            known->offset == site->offset && strcmp(known->module, site->module) == 0) {
            return true;
        }
    }
    return false;
}

static bool grow(struct ks_fault_sweep *sweep)
{
    size_t wanted = sweep->site_capacity == 0 ? 16 : 2 * sweep->site_capacity;
    if (sweep->site_count < sweep->site_capacity) {
        return true;
    }
    struct ks_fault_site *grown =
        wanted <= KS_FAULT_SITES_MOST ? realloc(sweep->sites, wanted * sizeof *grown) : NULL;
    if (grown == NULL) {
        return false;
    }
    sweep->sites = grown;
    sweep->site_capacity = wanted;
    return true;
}

struct ks_fault_site *ks_fault_sweep_keep(struct ks_fault_sweep *sweep,
                                          const struct ks_fault_site *site)
{
    if (sweep->incomplete || (!sweep->all && is_known(sweep, site))) {
        return NULL;
    }
    if (!grow(sweep)) {
        sweep->incomplete = true;
        return NULL;
    }
    sweep->sites[sweep->site_count] = *site;
    return &sweep->sites[sweep->site_count++];
}

bool ks_fault_sweep_fails(struct ks_fault_sweep *sweep, struct ks_fault_site *site)
{
    if (site->step != sweep->step) {
        memset(sweep->in_step, 0, sizeof sweep->in_step);
        sweep->step = site->step;
    }
    site->number = ++sweep->operations;
    site->in_step = ++sweep->in_step[site->operation];
    return site->number == sweep->fail;
}

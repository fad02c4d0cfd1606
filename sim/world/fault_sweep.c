// SPDX-License-Identifier: MIT
#include "world/fault_sweep.h"

#include <stdlib.h>
#include <string.h>

const char *ks_fault_kind_name(enum kldr_fault kind)
{
    static const char *const names[] = {[KLDR_FAULT_ALLOCATION] = "allocation",
                                        [KLDR_FAULT_MAP] = "map",
                                        [KLDR_FAULT_READ] = "read",
                                        [KLDR_FAULT_IMPORT_LIST] = "import_list",
                                        [KLDR_FAULT_POOL] = "pool"};
    return names[kind];
}

void ks_fault_sweep_fini(struct ks_fault_sweep *sweep)
{
    free(sweep->sites);
    memset(sweep, 0, sizeof *sweep);
}

static bool is_known(const struct ks_fault_sweep *sweep, const struct ks_fault_site *site)
{
    for (size_t i = 0; site->module[0] != '\0' && i < sweep->site_count; i++) {
        const struct ks_fault_site *known = &sweep->sites[i];
        if (known->kind == site->kind && known->step == site->step &&
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

static void keep(struct ks_fault_sweep *sweep, const struct ks_fault_site *site)
{
    if (sweep->incomplete || is_known(sweep, site)) {
        return;
    }
    if (!grow(sweep)) {
        sweep->incomplete = true;
        return;
    }
    sweep->sites[sweep->site_count] = *site;
    sweep->sites[sweep->site_count++].number = sweep->operations;
}

bool ks_fault_sweep_fails(struct ks_fault_sweep *sweep, const struct ks_fault_site *site)
{
    sweep->operations++;
    if (sweep->fail == 0) {
        keep(sweep, site);
    }
    return sweep->operations == sweep->fail;
}

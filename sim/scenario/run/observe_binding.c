// SPDX-License-Identifier: MIT
// Where import cells lead to, as names and as addresses.

#include "scenario/run/observe.h"

#include <stdio.h>
#include <string.h>

struct binding_search {
    const char *symbol;
    struct kldr_binding found;
    bool has_found;
};

static bool see_binding(void *user, const struct kldr_binding *binding)
{
    struct binding_search *search = user;
    char ordinal[16];
    snprintf(ordinal, sizeof ordinal, "#%u", (unsigned)binding->ordinal);
    if (strcmp(binding->symbol != NULL ? binding->symbol : ordinal, search->symbol) != 0) {
        return true;
    }
    search->found = *binding;
    search->has_found = true;
    return false;
}

static bool module_at(const struct ks_runner *runner, uint64_t address,
                      struct kldr_module_info *out_module)
{
    const struct kldr_loader *loader = runner->world->loader;
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        if (kldr_loader_module(loader, id, out_module) && address >= out_module->base &&
            address - out_module->base < out_module->size) {
            return true;
        }
    }
    return false;
}

static const char *address_text(struct ks_runner *runner, uint64_t address)
{
    struct kldr_module_info module;
    struct kldr_export export;
    if (!module_at(runner, address, &module)) {
        const struct ks_range *gone = ks_address_space_gone(&runner->world->addresses, address);
        return gone != NULL
                   ? ks_run_text(runner, "%s+0x%x", gone->name, (unsigned)(address - gone->base))
                   : "nowhere";
    }
    uint32_t rva = (uint32_t)(address - module.base);
    for (uint32_t i = 0; rva != 0 && kldr_image_export_at(module.image, i, &export); i++) {
        if (export.rva == rva && export.forwarder == NULL) {
            return export.name != NULL
                       ? ks_run_text(runner, "%s!%s", module.base_name, export.name)
                       : ks_run_text(runner, "%s!#%u", module.base_name, (unsigned)export.ordinal);
        }
    }
    return ks_run_text(runner, "%s+0x%x", module.base_name, (unsigned)rva);
}

bool ks_observe_binding(struct ks_runner *runner, uint32_t importer_id, const char *symbol,
                        const char **out_text, uint64_t *out_address)
{
    struct binding_search search = {.symbol = symbol};
    kldr_loader_bindings(runner->world->loader, importer_id, see_binding, &search);
    if (!search.has_found) {
        return false;
    }
    *out_address = search.found.bound ? search.found.address : 0;
    *out_text = !search.found.bound    ? "unbound"
                : search.found.trapped ? "trap"
                                       : address_text(runner, search.found.address);
    return true;
}

// The address that the part behind the module's name means in that module.
static bool address_in(const struct kldr_module_info *module, const char *rest,
                       uint64_t *out_address)
{
    struct kldr_export export;
    unsigned number = 0;
    char end = 0;
    if (rest[0] == '+' && sscanf(rest, "+%x%c", &number, &end) == 1) {
        *out_address = module->base + number;
        return true;
    }
    bool found =
        rest[0] == '!' && rest[1] == '#' && sscanf(rest + 2, "%u%c", &number, &end) == 1
            ? kldr_image_find_ordinal(module->image, number, &export, NULL) == KLDR_STATUS_SUCCESS
            : rest[0] == '!' && kldr_image_export_listed(module->image, rest + 1, &export);
    if (found) {
        *out_address = module->base + export.rva;
    }
    return found;
}

bool ks_observe_address_is(struct ks_runner *runner, uint64_t address, const char *wanted)
{
    const struct kldr_loader *loader = runner->world->loader;
    size_t length = strcspn(wanted, "!+");
    char name[KLDR_PATH_SIZE];
    if (length >= sizeof name) {
        return false;
    }
    memcpy(name, wanted, length);
    name[length] = '\0';
    for (uint32_t id = kldr_loader_first(loader); id != 0; id = kldr_loader_next(loader, id)) {
        struct kldr_module_info module;
        uint64_t meant = 0;
        if (kldr_loader_module(loader, id, &module) &&
            (ks_same_name(module.base_name, name) || ks_same_name(module.full_name, name)) &&
            address_in(&module, wanted + length, &meant) && meant == address) {
            return true;
        }
    }
    return ks_same_name(address_text(runner, address), wanted); // an image that is gone
}

// SPDX-License-Identifier: MIT
// Questions about the module list. Nothing here changes anything.

#include "loader_object.h"

#include <string.h>

static const struct kl_module *find(const struct kldr_loader *loader, uint32_t id)
{
    return kl_module_list_by_id(&loader->context.modules, id);
}

bool kldr_loader_module(const struct kldr_loader *loader, uint32_t id,
                        struct kldr_module_info *out_info)
{
    const struct kl_module *module = find(loader, id);
    if (module == NULL) {
        return false;
    }
    *out_info = (struct kldr_module_info){
        .id = id,
        .base_name = module->base_name,
        .full_name = module->full_name,
        .base = module->mapping.base,
        .size = module->mapping.size,
        .load_count = module->load_count,
        .state = module->state,
        .core = module->core,
        .boot_sentinel = module->boot_sentinel,
        .dependent = module->dependent,
        .inactive = module->inactive,
        .initialized = module->initialized,
        .unload_asked = module->unload_asked,
        .refused = module->refused,
        .never_counted = module->never_counted,
        .has_dllinitialize = module->dllinitialize_rva != 0,
        .has_dllunload = module->dllunload_rva != 0,
        .import_count = module->imports.count,
        .orphans = module->orphans,
        .cookie = module->mapping.cookie,
        .image = module->image,
    };
    return true;
}

uint32_t kldr_loader_first(const struct kldr_loader *loader)
{
    const struct kl_module *module = loader->context.modules.first;
    return module != NULL ? module->id : 0;
}

uint32_t kldr_loader_next(const struct kldr_loader *loader, uint32_t id)
{
    const struct kl_module *module = find(loader, id);
    return module != NULL && module->next != NULL ? module->next->id : 0;
}

uint32_t kldr_loader_find(const struct kldr_loader *loader, const char *base_name)
{
    const struct kl_module *module =
        kl_module_list_by_base(&loader->context.modules, base_name, strlen(base_name));
    return module != NULL ? module->id : 0;
}

uint32_t kldr_loader_find_full(const struct kldr_loader *loader, const char *full_name)
{
    const struct kl_module *module =
        kl_module_list_by_full(&loader->context.modules, full_name, strlen(full_name));
    return module != NULL ? module->id : 0;
}

uint32_t kldr_loader_import(const struct kldr_loader *loader, uint32_t id, uint32_t index)
{
    const struct kl_module *module = find(loader, id);
    return module != NULL && index < module->imports.count ? module->imports.ids[index] : 0;
}

struct visit {
    const struct kl_module *module;
    bool (*call)(void *user, const struct kldr_binding *binding);
    void *user;
};

// A descriptor behind the end of the loader's walk has no target and its cells were never written
// (R2). It has no lookup table either, or stands behind one that has none, so its cells are not
// listed by name.
static bool visit_descriptor(const struct visit *visit,
                             const struct kldr_import_descriptor *descriptor, bool walked)
{
    const struct kl_module *module = visit->module;
    struct kldr_import_thunk thunk;
    struct kldr_binding binding = {.module = descriptor->module};
    if (walked && descriptor->index < module->targets.count) {
        binding.direct_id = module->targets.ids[descriptor->index];
    }
    for (uint32_t i = 0;
         kldr_image_thunk(module->image, descriptor, i, &thunk, NULL) == KLDR_STATUS_SUCCESS; i++) {
        binding.symbol = thunk.name;
        binding.ordinal = thunk.ordinal;
        binding.cell_rva = thunk.cell_rva;
        binding.address = kldr_image_read_cell(module->image, thunk.cell_rva);
        binding.bound = walked && descriptor->index < module->targets.count;
        binding.forwarded = kl_module_cell_is(module, thunk.cell_rva, KL_CELL_FORWARDED);
        binding.trapped = kl_module_cell_is(module, thunk.cell_rva, KL_CELL_TRAPPED);
        if (!visit->call(visit->user, &binding)) {
            return false;
        }
    }
    return true;
}

bool kldr_loader_bindings(const struct kldr_loader *loader, uint32_t id,
                          bool (*visit)(void *user, const struct kldr_binding *binding), void *user)
{
    struct visit walk = {find(loader, id), visit, user};
    struct kldr_import_descriptor descriptor;
    bool walked = true;
    if (walk.module == NULL) {
        return false;
    }
    for (uint32_t i = 0; !walk.module->core && kldr_image_import(walk.module->image, i, &descriptor,
                                                                 NULL) == KLDR_STATUS_SUCCESS;
         i++) {
        walked = walked && descriptor.lookup_table != 0;
        if (!visit_descriptor(&walk, &descriptor, walked)) {
            return true;
        }
    }
    return true;
}

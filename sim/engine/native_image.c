// SPDX-License-Identifier: MIT
// Images in guest memory: their rights, their security cookie, and what is thrown away of them.

#include "engine/native.h"

#include "world/world_steps.h"

#include <string.h>

#define SCN_DISCARDABLE 0x02000000u
#define SCN_EXECUTE     0x20000000u
#define SCN_WRITE       0x80000000u

#define COOKIE_UNSET UINT64_C(0x00002B992DDFA232) // what compilers put there
#define COOKIE_MASK  UINT64_C(0x0000FFFFFFFFFFFF)

kldr_status ks_native_map(struct kldr_world *world, uint64_t base, uint32_t size,
                          uint8_t **out_memory)
{
    if (!ks_guest_protect(&world->native->guest, base, size, KS_RIGHTS_WRITE)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    *out_memory = ks_guest_pointer(base);
    return KLDR_STATUS_SUCCESS;
}

void ks_native_unmap(struct kldr_world *world, uint64_t base, uint32_t size)
{
    ks_guest_discard(&world->native->guest, base, size);
}

static enum ks_rights rights_of(uint32_t flags, bool executable)
{
    if ((flags & SCN_EXECUTE) != 0 && executable) {
        return (flags & SCN_WRITE) != 0 ? KS_RIGHTS_ALL : KS_RIGHTS_EXECUTE;
    }
    return (flags & SCN_WRITE) != 0 ? KS_RIGHTS_WRITE : KS_RIGHTS_READ;
}

// A value for the image's security cookie: the same on every run.
static uint64_t make_cookie(const struct kldr_world *world, const struct kldr_module_info *module)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ world->options.seed;
    for (const char *at = module->base_name; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    hash = (hash ^ module->id) * UINT64_C(0x100000001b3) & COOKIE_MASK;
    return hash != COOKIE_UNSET && hash != 0 ? hash : hash + 1;
}

// The load configuration says where it is. Only the compiler's own value is replaced.
static void set_cookie(const struct kldr_world *world, const struct kldr_module_info *module)
{
    struct kldr_load_config config;
    uint64_t value;
    if (!kldr_image_load_config(module->image, &config)) {
        return;
    }
    uint64_t offset = config.security_cookie - kldr_image_info(module->image)->image_base;
    if (offset >= module->size || module->size - offset < sizeof value) {
        return;
    }
    memcpy(&value, ks_guest_pointer(module->base + offset), sizeof value);
    if (value == COOKIE_UNSET) {
        value = make_cookie(world, module);
        memcpy(ks_guest_pointer(module->base + offset), &value, sizeof value);
    }
}

// Sections smaller than a page of the host share their rights: then everything is allowed.
void ks_native_protect(struct kldr_world *world, const struct kldr_module_info *module,
                       bool executable)
{
    const struct ks_guest *guest = &world->native->guest;
    const struct kldr_image_info *info = kldr_image_info(module->image);
    struct kldr_section section;
    if (executable && !module->core) {
        set_cookie(world, module);
    }
    if (info->section_alignment < guest->page) {
        ks_guest_protect(guest, module->base, module->size,
                         executable ? KS_RIGHTS_ALL : KS_RIGHTS_WRITE);
        return;
    }
    ks_guest_protect(guest, module->base, module->size, KS_RIGHTS_READ);
    for (unsigned i = 0; kldr_image_section(module->image, i, &section); i++) {
        if (section.rva < module->size && section.virtual_size <= module->size - section.rva) {
            ks_guest_protect(guest, module->base + section.rva, section.virtual_size,
                             rights_of(section.characteristics, executable));
        }
    }
}

bool ks_native_module_at(const struct kldr_world *world, uint64_t address,
                         struct kldr_module_info *out_module)
{
    struct kldr_module_info module;
    for (uint32_t id = kldr_loader_first(world->loader); id != 0;
         id = kldr_loader_next(world->loader, id)) {
        if (kldr_loader_module(world->loader, id, &module) && address >= module.base &&
            address - module.base < module.size) {
            *out_module = module;
            return true;
        }
    }
    return false;
}

// ---- after DriverEntry ----

// They cannot be run or written any more. They can still be read, for kldr itself reads images, and
// linkers put import tables there.
void ks_native_discard(struct kldr_world *world, const struct kldr_module_info *module)
{
    const struct ks_guest *guest = &world->native->guest;
    struct ks_instance *instance = module->cookie;
    struct kldr_section section;
    if (kldr_image_info(module->image)->section_alignment < guest->page) {
        return;
    }
    for (unsigned i = 0; kldr_image_section(module->image, i, &section); i++) {
        if ((section.characteristics & SCN_DISCARDABLE) != 0 && section.rva < module->size &&
            section.virtual_size <= module->size - section.rva) {
            ks_guest_protect(guest, module->base + section.rva, section.virtual_size,
                             KS_RIGHTS_READ);
            instance->discarded = true;
        }
    }
}

bool ks_native_is_discarded(const struct kldr_world *world, uint64_t address)
{
    struct kldr_module_info module;
    struct kldr_section section;
    if (!ks_native_module_at(world, address, &module) || module.cookie == NULL ||
        !((const struct ks_instance *)module.cookie)->discarded) {
        return false;
    }
    uint64_t offset = address - module.base;
    for (unsigned i = 0; kldr_image_section(module.image, i, &section); i++) {
        if (offset >= section.rva && offset - section.rva < section.virtual_size) {
            return (section.characteristics & SCN_DISCARDABLE) != 0;
        }
    }
    return false;
}

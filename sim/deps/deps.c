// SPDX-License-Identifier: MIT
#include "deps/deps_parts.h"
#include "world/service.h"

#include <stdlib.h>

static void release_images(struct ks_deps *deps)
{
    for (struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        kldr_image_destroy((struct kldr_image *)(uintptr_t)image->image);
        free((void *)(uintptr_t)image->bytes);
    }
}

void ks_deps_destroy(struct ks_deps *deps)
{
    if (deps != NULL) {
        release_images(deps);
        ks_arena_fini(&deps->storage->arena);
        free(deps->storage);
        free(deps);
    }
}

static kldr_status build(struct ks_deps *deps)
{
    jmp_buf out_of_memory;
    deps->storage->arena.out_of_memory = &out_of_memory;
    if (setjmp(out_of_memory) != 0) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (!ks_deps_read_all(deps)) {
        return KLDR_ERROR_LIMIT;
    }
    ks_deps_find_ways(deps);
    ks_deps_judge(deps);
    ks_deps_list_exports(deps);
    ks_deps_list_missing(deps);
    ks_deps_find_cycles(deps);
    deps->storage->arena.out_of_memory = NULL;
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_deps_create(const struct ks_deps_request *request, struct ks_deps **out_deps)
{
    struct ks_deps *deps = calloc(1, sizeof(*deps));
    struct ks_deps_storage *storage = calloc(1, sizeof(*storage));
    if (deps == NULL || storage == NULL) {
        free(deps);
        free(storage);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    deps->storage = storage;
    storage->request = request;
    storage->end = &deps->images;
    ks_arena_init(&storage->arena, NULL, NULL);
    kldr_status status = build(deps);
    if (status != KLDR_STATUS_SUCCESS) {
        ks_deps_destroy(deps);
        return status;
    }
    *out_deps = deps;
    return KLDR_STATUS_SUCCESS;
}

bool ks_deps_comes_with_windows(const char *name)
{
    static const char *const names[] = {
        "acpi.sys",     "bootvid.dll",  "ci.dll",        "classpnp.sys", "clfs.sys",
        "cng.sys",      "dxgkrnl.sys",  "fltmgr.sys",    "fwpkclnt.sys", "hidclass.sys",
        "hidparse.sys", "kdcom.dll",    "ks.sys",        "ksecdd.sys",   "mcupdate.dll",
        "msrpc.sys",    "ndis.sys",     "netio.sys",     "pci.sys",      "portcls.sys",
        "pshed.dll",    "scsiport.sys", "storport.sys",  "tbs.sys",      "tdi.sys",
        "tm.sys",       "ucx01000.sys", "usbd.sys",      "usbport.sys",  "videoprt.sys",
        "watchdog.sys", "wdfldr.sys",   "werkernel.sys", "win32k.sys",   "wmilib.sys",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ks_same_name(names[i], name)) {
            return true;
        }
    }
    return false;
}

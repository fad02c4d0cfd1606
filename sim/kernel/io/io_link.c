// SPDX-License-Identifier: MIT
// Io: symbolic links to devices.

#include "kernel/nt_text.h"
#include "kernel/ob/ob.h"

// IoCreateSymbolicLink(SymbolicLinkName, DeviceName)
uint64_t ks_io_link_create(const struct ks_kernel_call *call)
{
    struct ks_object *link = NULL;
    char *name = ks_nt_text_of_string(call->world, call->arguments[0]);
    char *target = ks_nt_text_of_string(call->world, call->arguments[1]);
    struct ks_ob_lookup lookup = {.name = name,
                                  .attributes = OBJ_CASE_INSENSITIVE | OBJ_PERMANENT,
                                  .type = KS_OB_SYMBOLIC_LINK};
    NTSTATUS status = name != NULL && target != NULL
                          ? ks_ob_make_link(call->world, &lookup, target, call->caller, &link)
                          : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        ks_ob_dereference(call->world, link);
    }
    ks_nt_text_free(call->world, name);
    ks_nt_text_free(call->world, target);
    return (uint32_t)status;
}

uint64_t ks_io_link_delete(const struct ks_kernel_call *call)
{
    struct ks_object *link = NULL;
    char *name = ks_nt_text_of_string(call->world, call->arguments[0]);
    NTSTATUS status = name != NULL
                          ? ks_ob_look_up_path(call->world, name, KS_OB_SYMBOLIC_LINK, &link)
                          : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        ks_ob_make_temporary(call->world, link);
        ks_ob_dereference(call->world, link);
    }
    ks_nt_text_free(call->world, name);
    return (uint32_t)status;
}

// SPDX-License-Identifier: MIT
// The rule that win32k and other imports must not be mixed, and that user-mode DLLs are not
// imported (R4; knob gdi_checks).
#ifndef KL_IMPORT_RESOLVE_GDI_H
#define KL_IMPORT_RESOLVE_GDI_H

#include "context.h"

// What has been seen of one image's descriptors; zero at first.
struct kl_gdi_rule {
    bool saw_win32k, saw_other;
};

// False when the import must not stand beside the image's earlier ones, or is a user-mode DLL.
bool kl_gdi_rule_passes(const struct kl_context *context, struct kl_gdi_rule *rule,
                        const struct kldr_import_descriptor *descriptor);

#endif

// SPDX-License-Identifier: MIT

#include "import_resolve_gdi.h"

#include "import_resolve_count.h"

bool kl_gdi_rule_passes(const struct kl_context *context, struct kl_gdi_rule *rule,
                        const struct kldr_import_descriptor *descriptor)
{
    static const char *const win32k[] = {"win32k", NULL};
    static const char *const companions[] = {"dxapi", "coverage", "irt", NULL};
    static const char *const companions_x64[] = {"ntoskrnl", NULL};
    static const char *const user_mode[] = {"ntdll",  "winsrv", "advapi32", "kernel32",
                                            "user32", "gdi32",  NULL};
    if (kl_count_begins_with(descriptor, win32k)) {
        rule->saw_win32k = true;
    } else if (!kl_count_begins_with(descriptor, companions) &&
               !(context->machine == KLDR_MACHINE_X64 &&
                 kl_count_begins_with(descriptor, companions_x64))) {
        rule->saw_other = true;
    }
    return !(rule->saw_win32k && rule->saw_other) && !kl_count_begins_with(descriptor, user_mode);
}

// SPDX-License-Identifier: MIT
// After a load has failed: what else would have been missing (A22). Looking does not load: files
// are read and checked against each other, nothing is counted, called or told but import.missing
// events.
#ifndef KL_IMPORT_LOOK_H
#define KL_IMPORT_LOOK_H

#include "import_resolve.h"

struct kl_look;

// Looks at the descriptors of a loaded or loading module from number first on, and at all they lead
// to. With again set the first of them was tried by the load and failed there: only its exports are
// checked, if its file can be read, and a missing module is not told a second time.
void kl_look_at_imports(struct kl_context *context, struct kl_session *session,
                        const struct kl_module *importer, uint32_t first, bool again);

void kl_look_destroy(struct kl_context *context, struct kl_look *look);

#endif

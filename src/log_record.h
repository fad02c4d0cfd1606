// SPDX-License-Identifier: MIT
// The event-log records of failing loads (L19, L20; knob event_log).
#ifndef KL_LOG_RECORD_H
#define KL_LOG_RECORD_H

#include "import_resolve.h"

// One level of a load that failed after its file was opened.
struct kl_log_level {
    const char *image;    // the importer's path
    kldr_status original; // before laundering
    bool in_resolution;   // failed while its imports were resolved
    bool outermost;
};

// Writes the record that the policy wants for this level, if any.
void kl_log_record_failure(struct kl_context *context, const struct kl_session *session,
                           const struct kl_log_level *level);

#endif

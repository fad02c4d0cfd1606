// SPDX-License-Identifier: MIT
// V1 to V9: what must hold in a world at rest. A violation is a bug of kldr, never a finding about
// a driver.
#ifndef KS_CHECK_INVARIANTS_H
#define KS_CHECK_INVARIANTS_H

#include "world/event_log.h"
#include "world/world_object.h"

// Checks the module list and the recorded calls. False: why (size bytes) says which invariant is
// broken and where. A world that has stopped is not at rest: only the calls are checked then.
bool ks_invariants_hold(const struct kldr_world *world, const struct ks_event_log *log, char *why,
                        size_t size);

#endif

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

// What V6 compares: the modules that were listed before a load.
struct ks_snapshot {
    struct ks_snapshot_module {
        uint32_t id;
        int32_t load_count; // without the references that no list holds
        uint32_t import_count;
    } * modules;
    size_t count;
};

// Takes a snapshot. False when memory is out.
bool ks_snapshot_take(const struct kldr_world *world, struct ks_snapshot *out_snapshot);
void ks_snapshot_fini(const struct kldr_world *world, struct ks_snapshot *snapshot);

// V6: after a failed load in which no routine loaded or unloaded anything itself, the modules that
// were there are unchanged; only one that was resident with LoadCount 0 may have been asked again
// and have gone (U8). A module may have become inactive (A05).
bool ks_snapshot_unchanged(const struct kldr_world *world, const struct ks_snapshot *snapshot,
                           char *why, size_t size);

#endif

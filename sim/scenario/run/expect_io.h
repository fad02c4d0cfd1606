// SPDX-License-Identifier: MIT
// Expectations on requests and devices, for the files that judge a step.
#ifndef KS_SCENARIO_EXPECT_IO_H
#define KS_SCENARIO_EXPECT_IO_H

#include "scenario/run/expect_map.h"

// What an entry of a map shows, as a scalar, a list or a map in flow text.
struct ks_map_entry {
    const char *got;
    bool matched;
    bool not_writable; // what was seen cannot be written as this expectation
};

// information, bytes, irql.
void ks_expect_io(struct ks_judge *judge);

// Entries of device_stack, devices, pool and objects.
struct ks_map_entry ks_expect_stack(struct ks_judge *judge, const struct ks_pair *pair);
struct ks_map_entry ks_expect_devices(struct ks_judge *judge, const struct ks_pair *pair);
struct ks_map_entry ks_expect_pool(struct ks_judge *judge, const struct ks_pair *pair);
struct ks_map_entry ks_expect_objects(struct ks_judge *judge, const struct ks_pair *pair);

// What an entry that is a map of names to numbers wants.
const char *ks_expect_numbers_text(struct ks_judge *judge, const struct ks_pair *pair);

#endif

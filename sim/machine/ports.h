// SPDX-License-Identifier: MIT
// The simulated I/O ports. A port that nobody feeds answers reads with all ones, as an empty bus
// does. One that is fed for a width gives its values in order to reads of that width, the last one
// again and again. All writes are kept.
#ifndef KS_MACHINE_PORTS_H
#define KS_MACHINE_PORTS_H

#include <kldr/alloc.h>
#include <kldr/status.h>

#include <stdbool.h>
#include <stdint.h>

struct ks_port_write {
    uint16_t port;
    uint8_t width; // bytes: 1, 2, 4
    uint32_t value;
};

struct ks_port_feed; // of one port and width

struct ks_ports {
    const struct kldr_allocator *allocator;
    struct ks_port_feed *feeds; // by ascending port and width
    size_t feed_count;
    struct ks_port_write *writes; // in order
    size_t write_count, write_capacity;
};

#define KS_PORTS_WRITES_MOST (UINT32_C(1) << 20)

void ks_ports_init(struct ks_ports *ports, const struct kldr_allocator *allocator);
void ks_ports_fini(struct ks_ports *ports);

// What reads of that width give from now on: at least one value. KLDR_ERROR_OUT_OF_MEMORY leaves
// everything as it was.
kldr_status ks_ports_feed(struct ks_ports *ports, uint16_t port, unsigned width,
                          const uint32_t *values, size_t count);

uint32_t ks_ports_in(struct ks_ports *ports, uint16_t port, unsigned width);
// False: the write cannot be kept, for want of memory or because there are KS_PORTS_WRITES_MOST.
bool ks_ports_out(struct ks_ports *ports, uint16_t port, unsigned width, uint32_t value);

#endif

// SPDX-License-Identifier: MIT
// The simulated I/O ports. A port that nobody declared answers reads with all ones, as an empty bus
// does, and takes writes. A declared port is a register of a device: it gives its values in order,
// the last one again and again, whatever the width of the access; writes to it are kept.
#ifndef KS_MACHINE_PORTS_H
#define KS_MACHINE_PORTS_H

#include <kldr/alloc.h>
#include <kldr/status.h>

#include <stdbool.h>
#include <stdint.h>

struct ks_port_write {
    uint32_t value;
    uint8_t size; // bytes: 1, 2, 4
};

struct ks_port {
    uint16_t number;
    uint32_t *values; // to be read
    size_t value_count, next_value;
    struct ks_port_write *writes; // in order
    size_t write_count, write_capacity;
};

struct ks_ports {
    const struct kldr_allocator *allocator;
    struct ks_port *ports; // by ascending number
    size_t count;
};

void ks_ports_init(struct ks_ports *ports, const struct kldr_allocator *allocator);
void ks_ports_fini(struct ks_ports *ports);

// Declares a port, or gives a declared one other values to read; its writes are kept. Without
// values it reads as all ones. KLDR_ERROR_OUT_OF_MEMORY leaves everything as it was.
kldr_status ks_ports_declare(struct ks_ports *ports, uint16_t number, const uint32_t *values,
                             size_t count);
// NULL: not declared. Valid until the next call of ks_ports_declare.
const struct ks_port *ks_ports_find(const struct ks_ports *ports, uint16_t number);

// An access of size bytes: 1, 2 or 4.
uint32_t ks_ports_in(struct ks_ports *ports, uint16_t number, unsigned size);
// False: a write to a declared port could not be kept.
bool ks_ports_out(struct ks_ports *ports, uint16_t number, unsigned size, uint32_t value);

#endif

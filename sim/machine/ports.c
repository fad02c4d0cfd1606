// SPDX-License-Identifier: MIT
#include "machine/ports.h"

#include <string.h>

#define FIRST_WRITES 16u

void ks_ports_init(struct ks_ports *ports, const struct kldr_allocator *allocator)
{
    *ports = (struct ks_ports){.allocator = allocator};
}

void ks_ports_fini(struct ks_ports *ports)
{
    const struct kldr_allocator *allocator = ports->allocator;
    for (size_t i = 0; i < ports->count; i++) {
        allocator->release(allocator->user, ports->ports[i].values);
        allocator->release(allocator->user, ports->ports[i].writes);
    }
    allocator->release(allocator->user, ports->ports);
    *ports = (struct ks_ports){.allocator = allocator};
}

// Where a port is, or would be.
static size_t place_of(const struct ks_ports *ports, uint16_t number)
{
    size_t low = 0, high = ports->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ports->ports[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct ks_port *find(const struct ks_ports *ports, uint16_t number)
{
    size_t place = place_of(ports, number);
    return place < ports->count && ports->ports[place].number == number ? &ports->ports[place]
                                                                        : NULL;
}

const struct ks_port *ks_ports_find(const struct ks_ports *ports, uint16_t number)
{
    return find(ports, number);
}

static struct ks_port *add(struct ks_ports *ports, uint16_t number)
{
    const struct kldr_allocator *allocator = ports->allocator;
    size_t place = place_of(ports, number);
    struct ks_port *grown = allocator->reallocate(allocator->user, ports->ports,
                                                  (ports->count + 1) * sizeof *ports->ports);
    if (grown == NULL) {
        return NULL;
    }
    ports->ports = grown;
    memmove(&grown[place + 1], &grown[place], (ports->count - place) * sizeof *grown);
    grown[place] = (struct ks_port){.number = number};
    ports->count++;
    return &grown[place];
}

kldr_status ks_ports_declare(struct ks_ports *ports, uint16_t number, const uint32_t *values,
                             size_t count)
{
    const struct kldr_allocator *allocator = ports->allocator;
    uint32_t *copy = NULL;
    if (count > 0) {
        copy = allocator->allocate(allocator->user, count * sizeof *copy);
        if (copy == NULL) {
            return KLDR_ERROR_OUT_OF_MEMORY;
        }
        memcpy(copy, values, count * sizeof *copy);
    }
    struct ks_port *port = find(ports, number);
    if (port == NULL) {
        port = add(ports, number);
    }
    if (port == NULL) {
        allocator->release(allocator->user, copy);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    allocator->release(allocator->user, port->values);
    port->values = copy;
    port->value_count = count;
    port->next_value = 0;
    return KLDR_STATUS_SUCCESS;
}

static uint32_t mask_of(unsigned size)
{
    return size >= 4 ? UINT32_MAX : (UINT32_C(1) << (8 * size)) - 1;
}

uint32_t ks_ports_in(struct ks_ports *ports, uint16_t number, unsigned size)
{
    struct ks_port *port = find(ports, number);
    if (port == NULL || port->value_count == 0) {
        return mask_of(size);
    }
    uint32_t value = port->values[port->next_value];
    if (port->next_value + 1 < port->value_count) {
        port->next_value++;
    }
    return value & mask_of(size);
}

bool ks_ports_out(struct ks_ports *ports, uint16_t number, unsigned size, uint32_t value)
{
    const struct kldr_allocator *allocator = ports->allocator;
    struct ks_port *port = find(ports, number);
    if (port == NULL) {
        return true;
    }
    if (port->write_count == port->write_capacity) {
        size_t capacity = port->write_capacity != 0 ? 2 * port->write_capacity : FIRST_WRITES;
        struct ks_port_write *grown =
            allocator->reallocate(allocator->user, port->writes, capacity * sizeof *port->writes);
        if (grown == NULL) {
            return false;
        }
        port->writes = grown;
        port->write_capacity = capacity;
    }
    port->writes[port->write_count++] =
        (struct ks_port_write){value & mask_of(size), (uint8_t)size};
    return true;
}

// SPDX-License-Identifier: MIT
#include "machine/ports.h"

#include <string.h>

#define FIRST_WRITES 64u

struct ks_port_feed {
    uint32_t key;
    uint32_t *values;
    size_t count, next;
};

void ks_ports_init(struct ks_ports *ports, const struct kldr_allocator *allocator)
{
    *ports = (struct ks_ports){.allocator = allocator};
}

void ks_ports_fini(struct ks_ports *ports)
{
    const struct kldr_allocator *allocator = ports->allocator;
    for (size_t i = 0; i < ports->feed_count; i++) {
        allocator->release(allocator->user, ports->feeds[i].values);
    }
    allocator->release(allocator->user, ports->feeds);
    allocator->release(allocator->user, ports->writes);
    *ports = (struct ks_ports){.allocator = allocator};
}

static uint32_t key_of(uint16_t port, unsigned width)
{
    return (uint32_t)port << 8 | width;
}

// Where a feed is, or would be.
static size_t place_of(const struct ks_ports *ports, uint32_t key)
{
    size_t low = 0, high = ports->feed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ports->feeds[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct ks_port_feed *find(const struct ks_ports *ports, uint32_t key)
{
    size_t place = place_of(ports, key);
    return place < ports->feed_count && ports->feeds[place].key == key ? &ports->feeds[place]
                                                                       : NULL;
}

static struct ks_port_feed *add(struct ks_ports *ports, uint32_t key)
{
    const struct kldr_allocator *allocator = ports->allocator;
    size_t place = place_of(ports, key);
    struct ks_port_feed *grown = allocator->reallocate(allocator->user, ports->feeds,
                                                       (ports->feed_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    ports->feeds = grown;
    memmove(&grown[place + 1], &grown[place], (ports->feed_count - place) * sizeof *grown);
    grown[place] = (struct ks_port_feed){.key = key};
    ports->feed_count++;
    return &grown[place];
}

kldr_status ks_ports_feed(struct ks_ports *ports, uint16_t port, unsigned width,
                          const uint32_t *values, size_t count)
{
    const struct kldr_allocator *allocator = ports->allocator;
    uint32_t key = key_of(port, width);
    uint32_t *copy = allocator->allocate(allocator->user, count * sizeof *copy);
    if (copy == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    memcpy(copy, values, count * sizeof *copy);
    struct ks_port_feed *feed = find(ports, key);
    if (feed == NULL) {
        feed = add(ports, key);
    }
    if (feed == NULL) {
        allocator->release(allocator->user, copy);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    allocator->release(allocator->user, feed->values);
    *feed = (struct ks_port_feed){key, copy, count, 0};
    return KLDR_STATUS_SUCCESS;
}

static uint32_t mask_of(unsigned width)
{
    return width >= 4 ? UINT32_MAX : (UINT32_C(1) << (8 * width)) - 1;
}

uint32_t ks_ports_in(struct ks_ports *ports, uint16_t port, unsigned width)
{
    struct ks_port_feed *feed = find(ports, key_of(port, width));
    if (feed == NULL) {
        return mask_of(width);
    }
    uint32_t value = feed->values[feed->next];
    if (feed->next + 1 < feed->count) {
        feed->next++;
    }
    return value & mask_of(width);
}

bool ks_ports_out(struct ks_ports *ports, uint16_t port, unsigned width, uint32_t value)
{
    const struct kldr_allocator *allocator = ports->allocator;
    if (ports->write_count == KS_PORTS_WRITES_MOST) {
        return false;
    }
    if (ports->write_count == ports->write_capacity) {
        size_t capacity = ports->write_capacity != 0 ? 2 * ports->write_capacity : FIRST_WRITES;
        struct ks_port_write *grown =
            allocator->reallocate(allocator->user, ports->writes, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        ports->writes = grown;
        ports->write_capacity = capacity;
    }
    ports->writes[ports->write_count++] =
        (struct ks_port_write){port, (uint8_t)width, value & mask_of(width)};
    return true;
}

// SPDX-License-Identifier: MIT
// What steps change around the drivers: the clock, the ports, the registry.
#include "engine/native.h"
#include "kernel/cm/cm.h"
#include "kernel/io/io_services.h"
#include "kernel/ke/ke.h"
#include "world/world_object.h"

#include <string.h>

enum { REG_SZ = 1, REG_EXPAND_SZ = 2, REG_DWORD = 4 };

kldr_status ks_io_around_advance(struct kldr_world *world, uint64_t time, struct kldr_error *error)
{
    (void)error;
    return ks_ke_advance(world, time);
}

kldr_status ks_io_around_feed_port(struct kldr_world *world, const struct ks_io_port_feed *feed,
                                   struct kldr_error *error)
{
    (void)error;
    return ks_ports_feed(&world->native->computer.ports, feed->port, feed->width, feed->reads,
                         feed->read_count);
}

size_t ks_io_around_port_writes(struct kldr_world *world, const struct ks_port_write **out_writes)
{
    if (world->native == NULL) {
        return 0;
    }
    const struct ks_ports *ports = &world->native->computer.ports;
    *out_writes = ports->writes;
    return ports->write_count;
}

unsigned ks_io_around_irql(struct kldr_world *world)
{
    return ks_ke_irql(world);
}

// ---- the registry ----

#define SERVICES "MACHINE\\SYSTEM\\CurrentControlSet\\Services"

// The text of a value in plain letters; false when it has others, or is none.
static bool plain_text(const struct ks_io_value *value, char text[KLDR_PATH_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; i + 1 < value->size && length + 1 < KLDR_PATH_SIZE; i += 2) {
        if (value->data[i] == 0 || value->data[i] >= 0x80 || value->data[i + 1] != 0) {
            break;
        }
        text[length++] = (char)value->data[i];
    }
    text[length] = '\0';
    return (value->type == REG_SZ || value->type == REG_EXPAND_SZ) && length > 0;
}

// The service whose key it is; NULL: it is no service's own key.
static const char *service_of(const char *path)
{
    static const char prefix[] = SERVICES "\\";
    char head[sizeof prefix];
    size_t length = strlen(path);
    if (length < sizeof prefix) {
        return NULL;
    }
    memcpy(head, path, sizeof prefix - 1);
    head[sizeof prefix - 1] = '\0';
    const char *name = path + sizeof prefix - 1;
    return ks_same_name(head, prefix) && strchr(name, '\\') == NULL ? name : NULL;
}

// NtLoadDriver reads these values of a service (H2).
static kldr_status change_service(struct kldr_world *world, const char *service,
                                  const struct ks_io_value *value)
{
    const struct ks_service_key *key = ks_service_find(&world->services, service);
    struct kldr_service_config config = {.type = 1};
    char text[KLDR_PATH_SIZE];
    bool is_text = plain_text(value, text);
    if (key != NULL) {
        config = (struct kldr_service_config){key->image_path, key->type, key->type_absent,
                                              key->object_name};
    }
    if (ks_same_name(value->name, "ImagePath")) {
        config.image_path = is_text && !value->absent ? text : NULL;
    } else if (ks_same_name(value->name, "ObjectName")) {
        config.object_name = is_text && !value->absent ? text : NULL;
    } else if (ks_same_name(value->name, "Type")) {
        config.type_absent = value->absent;
        config.type = value->type == REG_DWORD && value->size == 4 ? value->data[0] : config.type;
    } else {
        return KLDR_STATUS_SUCCESS;
    }
    return kldr_world_set_service(world, service, &config);
}

static kldr_status remove(struct kldr_world *world, struct ks_cm_key *key, const char *name)
{
    if (name == NULL) {
        if (key->first != NULL) {
            return (kldr_status)0xC0000121u; // STATUS_CANNOT_DELETE
        }
        ks_cm_delete_key(world, key);
        return KLDR_STATUS_SUCCESS;
    }
    return ks_cm_delete_value(world, key, name) ? KLDR_STATUS_SUCCESS
                                                : KLDR_STATUS_OBJECT_NAME_NOT_FOUND;
}

static kldr_status change(struct kldr_world *world, struct ks_cm_key *root, const char *path,
                          const struct ks_io_value *value)
{
    struct ks_cm_key *key = ks_cm_walk(world, root, path, !value->absent);
    if (key == NULL) {
        return value->absent ? KLDR_STATUS_OBJECT_NAME_NOT_FOUND : KLDR_ERROR_OUT_OF_MEMORY;
    }
    if (value->absent) {
        return remove(world, key, value->name);
    }
    return value->name == NULL || ks_cm_set_value(world, key, value->name, value->type, value->data,
                                                  (uint32_t)value->size)
               ? KLDR_STATUS_SUCCESS
               : KLDR_ERROR_OUT_OF_MEMORY;
}

kldr_status ks_io_around_set_registry(struct kldr_world *world, const struct ks_io_value *value,
                                      struct kldr_error *error)
{
    struct ks_cm_key *root = ks_cm_root(world);
    const char *path = strchr(value->key + 1, '\\'); // behind \Registry
    (void)error;
    if (root == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    path = path != NULL ? path + 1 : "";
    // A service gets what it has by default before it is changed.
    struct ks_cm_key *services = ks_cm_walk(world, root, SERVICES, false);
    if (services != NULL && !ks_cm_add_services(world, services)) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_status status = change(world, root, path, value);
    const char *service = service_of(path);
    return status == KLDR_STATUS_SUCCESS && service != NULL && value->name != NULL
               ? change_service(world, service, value)
               : status;
}

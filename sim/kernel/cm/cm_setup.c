// SPDX-License-Identifier: MIT
// Cm: the keys that a system has before any driver runs, and those of the scenario's services (H2).

#include "kernel/cm/cm.h"

#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <stdio.h>

#define CONTROL_SET "MACHINE\\SYSTEM\\ControlSet001"

static const char *const keys[] = {
    CONTROL_SET "\\Control\\Class",
    CONTROL_SET "\\Control\\CrashControl",
    CONTROL_SET "\\Control\\Session Manager\\Memory Management",
    CONTROL_SET "\\Enum\\ROOT",
    CONTROL_SET "\\Hardware Profiles",
    CONTROL_SET "\\Services",
    "MACHINE\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0",
    "MACHINE\\HARDWARE\\DEVICEMAP",
    "MACHINE\\HARDWARE\\RESOURCEMAP",
    "MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
    "USER\\.DEFAULT",
};

static bool set_version(struct kldr_world *world, struct ks_cm_key *root)
{
    char build[16];
    uint64_t number = 0;
    struct ks_cm_key *key =
        ks_cm_walk(world, root, "MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", false);
    ks_function_variable(world, "NtBuildNumber", &number);
    snprintf(build, sizeof build, "%u", (unsigned)(number & 0xFFFF));
    return ks_cm_set_text(world, key, "CurrentBuildNumber", REG_SZ, build) &&
           ks_cm_set_text(world, key, "CurrentVersion", REG_SZ, "6.3") &&
           ks_cm_set_number(world, key, "CurrentMajorVersionNumber", 10) &&
           ks_cm_set_number(world, key, "CurrentMinorVersionNumber", 0) &&
           ks_cm_set_text(world, key, "SystemRoot", REG_SZ, "C:\\Windows");
}

bool ks_cm_set_up(struct kldr_world *world, struct ks_cm_key *root)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (ks_cm_walk(world, root, keys[i], true) == NULL) {
            return false;
        }
    }
    struct ks_cm_key *system = ks_cm_walk(world, root, "MACHINE\\SYSTEM", false);
    struct ks_cm_key *current = ks_cm_make_child(world, system, "CurrentControlSet", 17);
    if (current == NULL) {
        return false;
    }
    current->alias = ks_cm_walk(world, system, "ControlSet001", false);
    return set_version(world, root);
}

// ---- services ----

static bool fill_service(struct kldr_world *world, struct ks_cm_key *key,
                         const struct ks_service_key *service)
{
    char path[KLDR_PATH_SIZE];
    bool done =
        ks_cm_set_number(world, key, "Start", 3) && ks_cm_set_number(world, key, "ErrorControl", 1);
    if (service == NULL || !service->type_absent) {
        done = done && ks_cm_set_number(world, key, "Type", service != NULL ? service->type : 1);
    }
    if (service != NULL && service->image_path != NULL) {
        snprintf(path, sizeof path, "%s", service->image_path);
    } else {
        snprintf(path, sizeof path, "\\SystemRoot\\System32\\Drivers\\%s.SYS", key->name);
    }
    done = done && ks_cm_set_text(world, key, "ImagePath", REG_EXPAND_SZ, path);
    if (service != NULL && service->object_name != NULL) {
        done = done && ks_cm_set_text(world, key, "ObjectName", REG_SZ, service->object_name);
    }
    return done;
}

static bool add_service(struct kldr_world *world, struct ks_cm_key *services, const char *name)
{
    size_t length = 0;
    while (name[length] != '\0') {
        length++;
    }
    struct ks_cm_key *key = ks_cm_child(services, name, length);
    if (key != NULL && ks_cm_value(key, "ImagePath") != NULL) {
        return true;
    }
    key = ks_cm_make_child(world, services, name, length);
    return key != NULL && fill_service(world, key, ks_service_find(&world->services, name));
}

bool ks_cm_add_services(struct kldr_world *world, struct ks_cm_key *services)
{
    for (const struct ks_service_key *service = world->services.first; service != NULL;
         service = service->next) {
        if (!add_service(world, services, service->name)) {
            return false;
        }
    }
    for (const struct ks_driver *driver = world->drivers; driver != NULL; driver = driver->next) {
        if (!add_service(world, services, driver->service)) {
            return false;
        }
    }
    return true;
}

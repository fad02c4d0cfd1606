// SPDX-License-Identifier: MIT
// What a service script and code that only prints and returns cannot do is refused, with the place
// where it is written.

#include "probe/probe_parts.h"

#include "probe/probe.h"
#include "world/service.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

kldr_status ks_probe_refuse(struct ks_probe_maker *maker, const struct ks_place *place,
                            const char *format, ...)
{
    char text[KLDR_DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    kldr_error_set(maker->error, KLDR_ERROR_UNSUPPORTED, KLDR_ORIGIN_HOST, KLDR_STAGE_INPUT, "%s",
                   text);
    if (maker->error != NULL) {
        snprintf(maker->error->file, sizeof maker->error->file, "%.*s", KLDR_PATH_SIZE - 1,
                 maker->scenario->file->path);
        maker->error->line = place->line;
        maker->error->column = place->column;
    }
    return KLDR_ERROR_UNSUPPORTED;
}

// ---- names ----

// Letters, digits and a few signs that mean nothing to cmd.exe and sc.
static bool is_plain(const char *text, const char *more)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (!letter && !(*at >= '0' && *at <= '9') && strchr("._-", *at) == NULL &&
            strchr(more, *at) == NULL) {
            return false;
        }
    }
    return text[0] != '\0' && strstr(text, "..") == NULL;
}

// \SystemRoot\..., or \??\ and a drive.
static bool is_plain_path(const char *path)
{
    static const char root[] = "\\SystemRoot\\", device[] = "\\??\\";
    if (strncmp(path, device, sizeof device - 1) == 0) {
        path += sizeof device - 1;
        bool drive = ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) &&
                     path[1] == ':' && path[2] == '\\';
        return drive && is_plain(path + 2, "\\");
    }
    char head[sizeof root] = "";
    size_t length = strlen(path);
    memcpy(head, path, length < sizeof root - 1 ? length : sizeof root - 1);
    return ks_same_name(head, root) && is_plain(path, "\\");
}

// ---- images ----

static kldr_status check_entry(struct ks_probe_maker *maker, const char *routine,
                               const struct ks_routine_entry *entry)
{
    const char *what = entry->step_count > 0  ? "do"
                       : entry->has_raise     ? "raise"
                       : entry->queue != NULL ? "queue"
                       : entry->keep_argument ? "keep_argument"
                                              : NULL;
    return what == NULL
               ? KLDR_STATUS_SUCCESS
               : ks_probe_refuse(maker, &entry->place,
                                 "%s: `%s` cannot be written as code of a probe", routine, what);
}

static kldr_status check_routine(struct ks_probe_maker *maker, const char *name,
                                 const struct ks_routine *routine)
{
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (routine->across_loads) {
        return ks_probe_refuse(maker, &routine->place,
                               "%s: `across_loads` cannot be written as code of a probe: a new "
                               "instance starts counting anew",
                               name);
    }
    for (size_t i = 0; i < routine->entry_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = check_entry(maker, name, &routine->entries[i]);
    }
    return status;
}

static kldr_status check_routines(struct ks_probe_maker *maker, const struct ks_image *image)
{
    const struct {
        const char *name;
        const struct ks_routine *routine;
        bool given;
    } own[] = {{"DriverEntry", &image->driver_entry, true},
               {"DriverUnload", &image->driver_unload, true},
               {"DllInitialize", &image->dllinitialize, image->has_dllinitialize},
               {"DllUnload", &image->dllunload, image->has_dllunload}};
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof own / sizeof own[0] && status == KLDR_STATUS_SUCCESS; i++) {
        status = own[i].given ? check_routine(maker, own[i].name, own[i].routine) : status;
    }
    for (size_t i = 0; i < image->routine_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = check_routine(maker, image->routines[i].name, &image->routines[i].routine);
    }
    return status;
}

static kldr_status check_image(struct ks_probe_maker *maker, const struct ks_image *image)
{
    if (image->real) {
        return ks_probe_refuse(maker, &image->place,
                               "%s is a real image; a probe is made of declared ones", image->key);
    }
    if (!is_plain_path(image->path)) {
        return ks_probe_refuse(
            maker, &image->place,
            "%s: a probe takes paths below \\SystemRoot\\ or \\??\\X:\\ of plain "
            "letters, digits and . _ - only",
            image->path);
    }
    if (image->dispatch_count > 0 || image->device_count > 0 || image->flag_pnp ||
        image->flag_dependent) {
        return ks_probe_refuse(maker, &image->place,
                               "%s: `dispatch`, `devices`, `AddDevice` and `flags` cannot be "
                               "written as code of a probe",
                               image->key);
    }
    return check_routines(maker, image);
}

// ---- steps ----

static bool is_performable(enum ks_action action)
{
    switch (action) {
    case KS_ACTION_LOAD:
    case KS_ACTION_UNLOAD:
    case KS_ACTION_DELETE:
    case KS_ACTION_CREATE:
    case KS_ACTION_REPLACE:
    case KS_ACTION_CHECK:
    case KS_ACTION_SHUTDOWN:
        return true;
    default:
        return false;
    }
}

static kldr_status check_service(struct ks_probe_maker *maker, const struct ks_step *step)
{
    struct ks_probe_service service;
    const char *name = step->action == KS_ACTION_LOAD ? step->service : step->target;
    if (!is_plain(name, "")) {
        return ks_probe_refuse(maker, &step->action_place,
                               "service %s: a probe takes names of plain letters, digits and . _ - "
                               "only",
                               name);
    }
    if (step->action != KS_ACTION_LOAD) {
        return KLDR_STATUS_SUCCESS;
    }
    if (!ks_probe_service_of(maker, step, &service)) {
        return ks_probe_refuse(maker, &step->action_place,
                               "service %s has no Type; sc cannot make such a service", name);
    }
    return is_plain_path(service.path)
               ? KLDR_STATUS_SUCCESS
               : ks_probe_refuse(maker, &step->action_place,
                                 "service %s: the path %s cannot be given to sc", name,
                                 service.path);
}

static kldr_status check_step(struct ks_probe_maker *maker, const struct ks_step *step)
{
    if (step->only != NULL && maker->profile == NULL) {
        return ks_probe_refuse(maker, &step->place,
                               "this step is for some profiles only: say which one is meant with "
                               "--profile");
    }
    if (!ks_probe_has_step(maker, step)) {
        return KLDR_STATUS_SUCCESS;
    }
    if (!is_performable(step->action) || step->fault_count > 0) {
        return ks_probe_refuse(maker, &step->place, "a service script cannot do the step `%s`",
                               step->fault_count > 0 ? "fail" : ks_action_name(step->action));
    }
    if (step->disk_image != NULL) {
        return check_image(maker, step->disk_image);
    }
    if (step->action == KS_ACTION_DELETE && !is_plain_path(step->target)) {
        return ks_probe_refuse(maker, &step->action_place, "the path %s cannot be given to a probe",
                               step->target);
    }
    return step->action == KS_ACTION_LOAD || step->action == KS_ACTION_UNLOAD
               ? check_service(maker, step)
               : KLDR_STATUS_SUCCESS;
}

kldr_status ks_probe_check(struct ks_probe_maker *maker)
{
    const struct ks_scenario *scenario = maker->scenario;
    kldr_status status = KLDR_STATUS_SUCCESS;
    if (scenario->machine != KLDR_MACHINE_UNKNOWN && scenario->machine != KLDR_MACHINE_X64) {
        return ks_probe_refuse(maker, &scenario->place, "probes are made for x64 only");
    }
    if (scenario->blocked_count > 0) {
        return ks_probe_refuse(maker, &scenario->blocked[0].place,
                               "a probe cannot put images on the list of blocked drivers");
    }
    if (scenario->processor.place.end != 0) {
        return ks_probe_refuse(maker, &scenario->processor.place,
                               "a probe cannot change what a real processor tells");
    }
    if (scenario->file_count > 0) {
        return ks_probe_refuse(maker, &scenario->files[0].place,
                               "a probe puts images on a disk, no other files");
    }
    for (size_t i = 0; i < scenario->image_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = check_image(maker, &scenario->images[i]);
    }
    for (size_t i = 0; i < scenario->step_count && status == KLDR_STATUS_SUCCESS; i++) {
        status = check_step(maker, &scenario->steps[i]);
    }
    return status;
}

// SPDX-License-Identifier: MIT
// Dbg: what drivers print becomes one event a line.

#include "kernel/functions.h"

#include "engine/native.h"
#include "kernel/dbg_format.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <string.h>

#define TEXT_SIZE      513u    // the kernel cuts what is longer than 512
#define MOST_LINES     100000u // of one world
#define DPFLTR_INFO    3u
#define STATUS_SUCCESS 0u

static void print_line(const struct ks_kernel_call *call, uint32_t level, const char *line)
{
    struct kldr_world *world = call->world;
    struct kldr_module_info module;
    struct kldr_event event = {.kind = KLDR_EVENT_DEBUG_PRINT, .text = line, .value = level};
    event.has = KLDR_EVENT_HAS_VALUE;
    if (ks_native_module_at(world, call->caller, &module)) {
        event.module = module.base_name;
        event.module_id = module.id;
    }
    if (ks_nt(world)->printed++ >= MOST_LINES) {
        kldr_loader_stop(world->loader, KLDR_ERROR_LIMIT);
        return;
    }
    kldr_loader_emit(world->loader, &event);
}

static uint64_t print(const struct ks_kernel_call *call, uint32_t level, uint64_t format,
                      const uint64_t *arguments)
{
    char text[TEXT_SIZE];
    const struct ks_native *native = call->world->native;
    ks_dbg_format(native != NULL ? &native->guest : NULL, format, arguments, text, sizeof text);
    char *line = text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (end > line && end[-1] == '\r') {
            end[-1] = '\0';
        }
        print_line(call, level, line);
    }
    if (*line != '\0') {
        print_line(call, level, line);
    }
    return STATUS_SUCCESS;
}

uint64_t ks_dbg_print(const struct ks_kernel_call *call)
{
    return print(call, DPFLTR_INFO, call->arguments[0], call->arguments + 1);
}

uint64_t ks_dbg_print_ex(const struct ks_kernel_call *call)
{
    return print(call, (uint32_t)call->arguments[1], call->arguments[2], call->arguments + 3);
}

uint64_t ks_dbg_vprint_ex(const struct ks_kernel_call *call)
{
    return print(call, (uint32_t)call->arguments[1], call->arguments[2],
                 ks_guest_pointer(call->arguments[3]));
}

// SPDX-License-Identifier: MIT
// Dbg: what drivers print becomes one event a line.

#include "kernel/functions.h"

#include "engine/native.h"
#include "kernel/dbg/dbg_filter.h"
#include "kernel/dbg/dbg_text.h"
#include "kernel/nt.h"
#include "world/world_steps.h"

#include <string.h>

#define TEXT_SIZE      513u    // the kernel cuts what is longer than 512
#define MOST_LINES     100000u // of one world
#define DPFLTR_INFO    3u
#define DPFLTR_DEFAULT 101u
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

static uint64_t print(const struct ks_kernel_call *call, uint32_t component, uint32_t level,
                      uint64_t prefix, uint64_t format, const uint64_t *arguments)
{
    if (!ks_dbg_prints(call->world, component, level)) {
        return STATUS_SUCCESS;
    }
    const struct ks_native *native = call->world->native;
    const struct ks_guest *guest = native != NULL ? &native->guest : NULL;
    char text[TEXT_SIZE];
    size_t length = 0;
    while (prefix != 0 && length < TEXT_SIZE - 1 && ks_guest_number(prefix + length, 1) != 0) {
        text[length] = (char)ks_guest_number(prefix + length, 1);
        length++;
    }
    ks_dbg_text(&(struct ks_format){guest, format, false, arguments}, text + length,
                sizeof text - length);
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
    return print(call, DPFLTR_DEFAULT, DPFLTR_INFO, 0, call->arguments[0], call->arguments + 1);
}

uint64_t ks_dbg_print_ex(const struct ks_kernel_call *call)
{
    return print(call, (uint32_t)call->arguments[0], (uint32_t)call->arguments[1], 0,
                 call->arguments[2], call->arguments + 3);
}

uint64_t ks_dbg_vprint_ex(const struct ks_kernel_call *call)
{
    return print(call, (uint32_t)call->arguments[0], (uint32_t)call->arguments[1], 0,
                 call->arguments[2], ks_guest_pointer(call->arguments[3]));
}

// (prefix, component, level, format, va_list)
uint64_t ks_dbg_vprint_ex_with_prefix(const struct ks_kernel_call *call)
{
    return print(call, (uint32_t)call->arguments[1], (uint32_t)call->arguments[2],
                 call->arguments[0], call->arguments[3], ks_guest_pointer(call->arguments[4]));
}

// SPDX-License-Identifier: MIT
// Dbg: what drivers print becomes one event a line.

#include "kernel/functions.h"

#include "engine/native.h"
#include "kernel/dbg/dbg_filter.h"
#include "kernel/dbg/dbg_text.h"
#include "kernel/nt.h"
#include "kernel/registered.h"
#include "world/world_steps.h"

#include <kldr/ddk/ntdef.h>
#include <kldr/ddk/ntstatus.h>

#include <string.h>

#define TEXT_SIZE      513u    // the kernel cuts what is longer than 512
#define MOST_LINES     100000u // of one world
#define DPFLTR_INFO    3u
#define DPFLTR_DEFAULT 101u

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

// ---- routines that are told of messages ----

#define TAG_PRINT   0x74725044u // 'DPrt'
#define STRING_SIZE 16u         // STRING: Length 0, MaximumLength 2, Buffer 8

// Not of what they print themselves.
static void tell(const struct ks_kernel_call *call, uint32_t component, uint32_t level,
                 const char *text)
{
    struct kldr_world *world = call->world;
    struct ks_registration *next = NULL;
    size_t length = strlen(text);
    if (ks_nt(world)->telling ||
        ks_registered_next(world, KS_REGISTERED_DEBUG_PRINT, NULL) == NULL) {
        return;
    }
    uint64_t block = ks_nt_take(world, STRING_SIZE + length + 1, TAG_PRINT);
    if (block == 0) {
        return;
    }
    ks_guest_put_number(block, 2, length);
    ks_guest_put_number(block + 2, 2, length + 1);
    ks_guest_put_number(block + 8, 8, block + STRING_SIZE);
    memcpy(ks_guest_pointer(block + STRING_SIZE), text, length + 1);
    ks_nt(world)->telling = true;
    ks_registered_hold(world);
    while ((next = ks_registered_next(world, KS_REGISTERED_DEBUG_PRINT, next)) != NULL) {
        const uint64_t arguments[] = {block, component, level};
        if (!ks_nt_call(world, next->routine, arguments, 3, NULL)) {
            break;
        }
    }
    ks_registered_release(world);
    ks_nt(world)->telling = false;
    ks_nt_give(world, block);
}

// (routine, enable)
uint64_t ks_dbg_set_print_callback(const struct ks_kernel_call *call)
{
    struct ks_registration *found = NULL;
    do {
        found = ks_registered_next(call->world, KS_REGISTERED_DEBUG_PRINT, found);
    } while (found != NULL && found->routine != call->arguments[0]);
    if ((uint8_t)call->arguments[1] == 0) {
        if (found == NULL) {
            return KS_STATUS(STATUS_NOT_FOUND);
        }
        ks_registered_drop(call->world, found);
        return KS_STATUS(STATUS_SUCCESS);
    }
    if (found != NULL) {
        return KS_STATUS(STATUS_OBJECT_NAME_COLLISION);
    }
    found = ks_registered_add(call, KS_REGISTERED_DEBUG_PRINT, call->arguments[0], 0);
    return KS_STATUS(found != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY);
}

// ---- printing ----

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
    tell(call, component, level, text);
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

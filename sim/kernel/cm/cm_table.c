// SPDX-License-Identifier: MIT
// Rtl: RtlQueryRegistryValues, a table of what is wanted. Each value goes to a routine of the
// driver, as a copy in pool that is gone afterwards, or straight to where the entry says.

#include "kernel/cm/cm_rtl.h"

#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

#define TAG_QUERY 0x71655152u // 'RQeq'
#define TAG_VALUE 0x76655152u // 'RQev', of strings that the driver frees
#define TYPE_SIZE 8u          // size and type before data that is delivered straight

struct query {
    const struct ks_kernel_call *call;
    struct kldr_world *world;
    struct ks_cm_key *top, *key;
    RTL_QUERY_REGISTRY_TABLE entry;
};

// One value, of kldr's own memory.
struct data {
    uint32_t type, size;
    const uint8_t *bytes;
};

static bool is_text(uint32_t type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

// ---- to a routine ----

static NTSTATUS call_routine(struct query *query, const char *name, const struct data *data)
{
    struct kldr_world *world = query->world;
    size_t units = name != NULL ? ks_nt_text_units(name) : 0;
    uint64_t name_at = name != NULL ? ks_nt_take(world, 2 * units + 2, TAG_QUERY) : 0;
    uint64_t data_at =
        data->bytes != NULL ? ks_nt_take(world, (uint64_t)data->size + 1, TAG_QUERY) : 0;
    uint64_t result = KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    if ((name == NULL || name_at != 0) && (data->bytes == NULL || data_at != 0)) {
        if (name != NULL) {
            ks_nt_text_put(name, name_at, units);
        }
        if (data->bytes != NULL) {
            memcpy(ks_guest_pointer(data_at), data->bytes, data->size);
        }
        const uint64_t arguments[] = {name_at,
                                      data->type,
                                      data_at,
                                      data->size,
                                      query->call->arguments[3],
                                      (uint64_t)(uintptr_t)query->entry.EntryContext};
        ks_nt_call(world, (uint64_t)(uintptr_t)query->entry.QueryRoutine, arguments, 6, &result);
    }
    ks_nt_give(world, name_at);
    ks_nt_give(world, data_at);
    return (NTSTATUS)(uint32_t)result;
}

// ---- straight ----

static NTSTATUS deliver_text(struct query *query, const struct data *data)
{
    UNICODE_STRING *to = (UNICODE_STRING *)query->entry.EntryContext;
    uint32_t size = data->size & ~1u;
    if (size > 0xFFFE) {
        return STATUS_BUFFER_OVERFLOW;
    }
    if (to->Buffer == NULL) {
        WCHAR *buffer = ks_guest_pointer(ks_ex_take(query->call, size, TAG_VALUE));
        if (buffer == NULL) {
            return STATUS_NO_MEMORY;
        }
        to->Buffer = buffer;
        to->MaximumLength = (USHORT)size;
    } else if (to->MaximumLength < size) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    memcpy(to->Buffer, data->bytes, size);
    bool ended = size >= 2 && to->Buffer[size / 2 - 1] == 0;
    to->Length = (USHORT)(ended ? size - 2 : size);
    return STATUS_SUCCESS;
}

static NTSTATUS deliver(struct query *query, const struct data *data)
{
    uint32_t flags = query->entry.Flags, wanted = query->entry.DefaultType >> 24;
    uint64_t to = (uint64_t)(uintptr_t)query->entry.EntryContext;
    if ((flags & RTL_QUERY_REGISTRY_TYPECHECK) != 0 && wanted != data->type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (is_text(data->type)) {
        return deliver_text(query, data);
    }
    if (data->size <= sizeof(ULONG)) {
        memcpy(ks_guest_pointer(to), data->bytes, data->size);
        return STATUS_SUCCESS;
    }
    int32_t room = (int32_t)(uint32_t)ks_guest_number(to, 4);
    if (room < 0) {
        if ((uint32_t)-room < data->size) {
            return STATUS_BUFFER_TOO_SMALL;
        }
        memcpy(ks_guest_pointer(to), data->bytes, data->size);
        return STATUS_SUCCESS;
    }
    if ((uint32_t)room < data->size + TYPE_SIZE) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    ks_guest_put_number(to, 4, data->size);
    ks_guest_put_number(to + 4, 4, data->type);
    memcpy(ks_guest_pointer(to + TYPE_SIZE), data->bytes, data->size);
    return STATUS_SUCCESS;
}

// ---- expansion ----

static NTSTATUS hand_over(struct query *query, const char *name, const struct data *data)
{
    return (query->entry.Flags & RTL_QUERY_REGISTRY_DIRECT) != 0 ? deliver(query, data)
                                                                 : call_routine(query, name, data);
}

// Each text of a REG_MULTI_SZ, as REG_SZ.
static NTSTATUS hand_over_each(struct query *query, const char *name, const struct data *data)
{
    NTSTATUS status = STATUS_SUCCESS;
    for (uint32_t at = 0; at + 1 < data->size && NT_SUCCESS(status);) {
        uint32_t end = at;
        while (end + 1 < data->size && (data->bytes[end] != 0 || data->bytes[end + 1] != 0)) {
            end += 2;
        }
        if (end == at) {
            break;
        }
        struct data text = {REG_SZ, end - at + (end + 1 < data->size ? 2u : 0u), data->bytes + at};
        status = hand_over(query, name, &text);
        at = end + 2;
    }
    return status;
}

// The text with the variables that kernel code can count on.
static NTSTATUS hand_over_expanded(struct query *query, const char *name, const struct data *data)
{
    static const char variable[] = "%SystemRoot%", value[] = "C:\\Windows";
    struct kldr_world *world = query->world;
    uint32_t units = data->size / 2, length = sizeof variable - 1, count = 0;
    char *text = ks_nt_text_of_units(world, (uint64_t)(uintptr_t)data->bytes, units);
    uint8_t *bytes = world->allocator.allocate(world->allocator.user, (size_t)data->size + 64);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (text != NULL && bytes != NULL) {
        bool found = strlen(text) >= length && ks_nt_text_same_part(variable, text, length, true);
        for (uint32_t i = 0; found && value[i] != '\0'; i++, count += 2) {
            bytes[count] = (uint8_t)value[i];
            bytes[count + 1] = 0;
        }
        uint32_t skipped = found ? 2 * length : 0;
        memcpy(bytes + count, data->bytes + skipped, data->size - skipped);
        struct data expanded = {REG_SZ, count + data->size - skipped, bytes};
        status = hand_over(query, name, &expanded);
    }
    ks_nt_text_free(world, text);
    world->allocator.release(world->allocator.user, bytes);
    return status;
}

static NTSTATUS hand_over_value(struct query *query, const char *name, const struct data *data)
{
    bool expand = (query->entry.Flags & RTL_QUERY_REGISTRY_NOEXPAND) == 0;
    bool direct = (query->entry.Flags & RTL_QUERY_REGISTRY_DIRECT) != 0;
    if (expand && data->type == REG_EXPAND_SZ) {
        return hand_over_expanded(query, name, data);
    }
    if (expand && !direct && data->type == REG_MULTI_SZ) {
        return hand_over_each(query, name, data);
    }
    return hand_over(query, name, data);
}

// ---- entries ----

// The driver's routine may change the registry: the value is copied before.
static NTSTATUS hand_over_copy(struct query *query, const struct ks_cm_value *value)
{
    struct kldr_world *world = query->world;
    char *name = ks_nt_text_copy(world, value->name);
    uint8_t *bytes = world->allocator.allocate(world->allocator.user, (size_t)value->size + 1);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (name != NULL && bytes != NULL) {
        memcpy(bytes, value->data, value->size);
        struct data data = {value->type, value->size, bytes};
        status = hand_over_value(query, name, &data);
    }
    if (NT_SUCCESS(status) && (query->entry.Flags & RTL_QUERY_REGISTRY_DELETE) != 0 &&
        !query->key->deleted) {
        ks_cm_delete_value(world, query->key, name);
    }
    ks_nt_text_free(world, name);
    world->allocator.release(world->allocator.user, bytes);
    return status;
}

static NTSTATUS hand_over_default(struct query *query, const char *name)
{
    uint32_t type = query->entry.DefaultType & 0xFFFFFF, size = query->entry.DefaultLength;
    const uint8_t *bytes = (const uint8_t *)query->entry.DefaultData;
    if ((query->entry.Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (type == REG_NONE || bytes == NULL) {
        return STATUS_SUCCESS;
    }
    while (is_text(type) && query->entry.DefaultLength == 0 &&
           (size == 0 || bytes[size - 2] != 0 || bytes[size - 1] != 0)) {
        size += 2;
    }
    struct data data = {type, size, bytes};
    return hand_over_value(query, name, &data);
}

static NTSTATUS answer_named(struct query *query)
{
    char *name = ks_cm_text_of_driver(query->world, (uint64_t)(uintptr_t)query->entry.Name);
    if (name == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    const struct ks_cm_value *value = query->key != NULL ? ks_cm_value(query->key, name) : NULL;
    NTSTATUS status = value != NULL ? hand_over_copy(query, value) : hand_over_default(query, name);
    ks_nt_text_free(query->world, name);
    return status;
}

static NTSTATUS answer_all(struct query *query)
{
    const struct ks_cm_value *value;
    NTSTATUS status = STATUS_SUCCESS;
    uint32_t index = 0;
    while (NT_SUCCESS(status) && query->key != NULL && !query->key->deleted &&
           (value = ks_cm_value_at(query->key, index)) != NULL) {
        status = hand_over_copy(query, value);
        index += (query->entry.Flags & RTL_QUERY_REGISTRY_DELETE) == 0;
    }
    bool required = (query->entry.Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0;
    return required && index == 0 && NT_SUCCESS(status) ? STATUS_OBJECT_NAME_NOT_FOUND : status;
}

static NTSTATUS enter_subkey(struct query *query)
{
    char *name = ks_cm_text_of_driver(query->world, (uint64_t)(uintptr_t)query->entry.Name);
    if (name == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    query->key = ks_cm_walk(query->world, query->top, name, false);
    ks_nt_text_free(query->world, name);
    if (query->key == NULL) {
        return (query->entry.Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0
                   ? STATUS_OBJECT_NAME_NOT_FOUND
                   : STATUS_SUCCESS;
    }
    return query->entry.QueryRoutine != NULL ? answer_all(query) : STATUS_SUCCESS;
}

static NTSTATUS answer(struct query *query)
{
    uint32_t flags = query->entry.Flags;
    bool direct = (flags & RTL_QUERY_REGISTRY_DIRECT) != 0;
    if (direct && (query->entry.Name == NULL || query->entry.QueryRoutine != NULL ||
                   (flags & RTL_QUERY_REGISTRY_SUBKEY) != 0)) {
        return STATUS_INVALID_PARAMETER;
    }
    if ((flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY)) != 0) {
        query->key = query->top;
    }
    if ((flags & RTL_QUERY_REGISTRY_SUBKEY) != 0) {
        return query->entry.Name != NULL ? enter_subkey(query) : STATUS_INVALID_PARAMETER;
    }
    if ((flags & RTL_QUERY_REGISTRY_NOVALUE) != 0) {
        const struct data none = {REG_NONE, 0, NULL};
        return call_routine(query, NULL, &none);
    }
    return query->entry.Name != NULL ? answer_named(query) : answer_all(query);
}

// (relative to, path, table, context, environment)
uint64_t ks_rtl_query_registry_values(const struct ks_kernel_call *call)
{
    struct query query = {.call = call, .world = call->world};
    const RTL_QUERY_REGISTRY_TABLE *table = ks_guest_pointer(call->arguments[2]);
    uint32_t relative_to = (uint32_t)call->arguments[0];
    NTSTATUS status =
        ks_cm_find_relative(call->world, relative_to, call->arguments[1], false, &query.top);
    if (!NT_SUCCESS(status)) {
        bool optional = (relative_to & RTL_REGISTRY_OPTIONAL) != 0;
        return KS_STATUS(optional && status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_SUCCESS
                                                                            : status);
    }
    query.key = query.top;
    query.top->references++; // the driver's routines may delete it
    for (;; table++) {
        query.entry = *table;
        if (query.entry.QueryRoutine == NULL &&
            (query.entry.Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT)) == 0) {
            break;
        }
        status = answer(&query);
        if (!NT_SUCCESS(status)) {
            break;
        }
    }
    ks_cm_release(call->world, query.top);
    return KS_STATUS(status);
}

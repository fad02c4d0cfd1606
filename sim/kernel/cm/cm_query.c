// SPDX-License-Identifier: MIT
// Zw: what can be learnt of keys and values. An answer has a fixed part, which must fit, and texts
// and data behind it, which are cut (STATUS_BUFFER_OVERFLOW); the length of the whole is told.

#include "kernel/cm/cm_operation.h"

#include "kernel/cm/cm.h"
#include "kernel/nt_text.h"
#include "world/world_object.h"

#include <kldr/ddk/wdm.h>

#include <string.h>

// What an answer is written to.
struct answer {
    uint64_t buffer;
    uint32_t room;
    uint32_t fixed; // bytes that must fit
    uint32_t total; // so far
    uint8_t head[64];
};

static void put(struct answer *answer, uint32_t offset, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        answer->head[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

static struct answer begin(uint64_t buffer, uint64_t room)
{
    return (struct answer){.buffer = buffer, .room = (uint32_t)room};
}

static void write_byte(const struct answer *answer, uint32_t offset, uint8_t byte)
{
    if (offset < answer->room) {
        ks_guest_put_number(answer->buffer + offset, 1, byte);
    }
}

static void write_bytes(struct answer *answer, uint32_t offset, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; answer->room >= answer->fixed && i < size; i++) {
        write_byte(answer, offset + i, bytes[i]);
    }
    answer->total = offset + size > answer->total ? offset + size : answer->total;
}

// UTF-16 at an offset. False: no memory.
static bool write_text(struct kldr_world *world, struct answer *answer, uint32_t offset,
                       const char *text)
{
    size_t units = ks_nt_text_units(text);
    uint8_t *bytes = world->allocator.allocate(world->allocator.user, 2 * units + 2);
    if (bytes == NULL) {
        return false;
    }
    ks_nt_text_put(text, (uint64_t)(uintptr_t)bytes, units);
    write_bytes(answer, offset, bytes, (uint32_t)(2 * units));
    world->allocator.release(world->allocator.user, bytes);
    return true;
}

// Writes the fixed part and the length.
static NTSTATUS end(const struct answer *answer, uint64_t length)
{
    for (uint32_t i = 0; answer->room >= answer->fixed && i < answer->fixed; i++) {
        write_byte(answer, i, answer->head[i]);
    }
    ks_guest_put_number(length, 4, answer->total);
    return answer->room < answer->fixed   ? STATUS_BUFFER_TOO_SMALL
           : answer->room < answer->total ? STATUS_BUFFER_OVERFLOW
                                          : STATUS_SUCCESS;
}

static uint32_t text_bytes(const char *text)
{
    return text != NULL ? (uint32_t)(2 * ks_nt_text_units(text)) : 0;
}

// ---- values ----

static NTSTATUS tell_value(struct kldr_world *world, const struct ks_cm_value *value,
                           uint32_t information, struct answer answer, uint64_t length)
{
    uint32_t name = text_bytes(value->name);
    bool done = true;
    if (information == KeyValuePartialInformation) {
        answer.fixed = answer.total = 12;
        put(&answer, 4, 4, value->type);
        put(&answer, 8, 4, value->size);
        write_bytes(&answer, 12, value->data, value->size);
    } else if (information == KeyValuePartialInformationAlign64) {
        answer.fixed = answer.total = 8;
        put(&answer, 0, 4, value->type);
        put(&answer, 4, 4, value->size);
        write_bytes(&answer, 8, value->data, value->size);
    } else if (information == KeyValueBasicInformation) {
        answer.fixed = answer.total = 12;
        put(&answer, 4, 4, value->type);
        put(&answer, 8, 4, name);
        done = write_text(world, &answer, 12, value->name);
    } else {
        uint32_t offset = (20 + name + 7) & ~7u;
        answer.fixed = answer.total = 20;
        put(&answer, 4, 4, value->type);
        put(&answer, 8, 4, offset);
        put(&answer, 12, 4, value->size);
        put(&answer, 16, 4, name);
        done = write_text(world, &answer, 20, value->name);
        write_bytes(&answer, offset, value->data, value->size);
    }
    return done ? end(&answer, length) : STATUS_INSUFFICIENT_RESOURCES;
}

static bool is_value_class(uint32_t information)
{
    return information == KeyValueBasicInformation || information == KeyValueFullInformation ||
           information == KeyValuePartialInformation ||
           information == KeyValueFullInformationAlign64 ||
           information == KeyValuePartialInformationAlign64;
}

// (handle, name, class, buffer, room, length)
uint64_t ks_zw_query_value_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    uint32_t information = (uint32_t)call->arguments[2];
    ks_ob_probe(call->arguments[5], 4);
    ks_ob_probe(call->arguments[3], (uint32_t)call->arguments[4]);
    if (!is_value_class(information)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    char *name = ks_nt_text_of_string(call->world, call->arguments[1]);
    if (name == NULL) {
        return KS_STATUS(STATUS_INSUFFICIENT_RESOURCES);
    }
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        const struct ks_cm_value *value = ks_cm_value(key, name);
        status = value == NULL ? STATUS_OBJECT_NAME_NOT_FOUND
                               : tell_value(call->world, value, information,
                                            begin(call->arguments[3], call->arguments[4]),
                                            call->arguments[5]);
        ks_ob_dereference(call->world, object);
    }
    ks_nt_text_free(call->world, name);
    return KS_STATUS(status);
}

// (handle, index, class, buffer, room, length)
uint64_t ks_zw_enumerate_value_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    uint32_t information = (uint32_t)call->arguments[2];
    ks_ob_probe(call->arguments[5], 4);
    ks_ob_probe(call->arguments[3], (uint32_t)call->arguments[4]);
    if (!is_value_class(information)) {
        return KS_STATUS(STATUS_INVALID_PARAMETER);
    }
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        const struct ks_cm_value *value = ks_cm_value_at(key, (uint32_t)call->arguments[1]);
        status = value == NULL ? STATUS_NO_MORE_ENTRIES
                               : tell_value(call->world, value, information,
                                            begin(call->arguments[3], call->arguments[4]),
                                            call->arguments[5]);
        ks_ob_dereference(call->world, object);
    }
    return KS_STATUS(status);
}

// ---- keys ----

struct sums {
    uint32_t keys, longest_key, longest_class, values, longest_value, largest_data;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static struct sums sum_up(const struct ks_cm_key *key)
{
    struct sums sums = {0};
    for (const struct ks_cm_key *child = key->first; child != NULL; child = child->sibling) {
        sums.keys++;
        sums.longest_key = larger(sums.longest_key, text_bytes(child->name));
        sums.longest_class = larger(sums.longest_class, text_bytes(child->class_name));
    }
    for (const struct ks_cm_value *value = key->values; value != NULL; value = value->next) {
        sums.values++;
        sums.longest_value = larger(sums.longest_value, text_bytes(value->name));
        sums.largest_data = larger(sums.largest_data, value->size);
    }
    return sums;
}

static void put_sums(struct answer *answer, uint32_t offset, const struct sums *sums, bool full)
{
    const uint32_t all[] = {sums->keys,   sums->longest_key,   sums->longest_class,
                            sums->values, sums->longest_value, sums->largest_data};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (full || i != 2) {
            put(answer, offset, 4, all[i]);
            offset += 4;
        }
    }
}

static bool tell_full(struct kldr_world *world, const struct ks_cm_key *key, struct answer *answer)
{
    const struct sums sums = sum_up(key);
    answer->fixed = answer->total = 44;
    put(answer, 12, 4, key->class_name != NULL ? 44 : UINT32_MAX);
    put(answer, 16, 4, text_bytes(key->class_name));
    put_sums(answer, 20, &sums, true);
    return key->class_name == NULL || write_text(world, answer, 44, key->class_name);
}

static bool tell_node(struct kldr_world *world, const struct ks_cm_key *key, struct answer *answer)
{
    uint32_t name = text_bytes(key->name);
    answer->fixed = answer->total = 24;
    put(answer, 12, 4, key->class_name != NULL ? 24 + name : UINT32_MAX);
    put(answer, 16, 4, text_bytes(key->class_name));
    put(answer, 20, 4, name);
    return write_text(world, answer, 24, key->name) &&
           (key->class_name == NULL || write_text(world, answer, 24 + name, key->class_name));
}

static bool tell_name(struct kldr_world *world, const struct ks_cm_key *key, struct answer *answer)
{
    char *path = ks_cm_path(world, key);
    answer->fixed = answer->total = 4;
    put(answer, 0, 4, text_bytes(path));
    bool done = path != NULL && write_text(world, answer, 4, path);
    ks_nt_text_free(world, path);
    return done;
}

static NTSTATUS tell_key(struct kldr_world *world, const struct ks_cm_key *key,
                         uint32_t information, struct answer answer, uint64_t length)
{
    const struct sums sums = sum_up(key);
    bool done = true;
    put(&answer, 0, 8, key->written);
    switch (information) {
    case KeyBasicInformation:
        answer.fixed = answer.total = 16;
        put(&answer, 12, 4, text_bytes(key->name));
        done = write_text(world, &answer, 16, key->name);
        break;
    case KeyNodeInformation:
        done = tell_node(world, key, &answer);
        break;
    case KeyFullInformation:
        done = tell_full(world, key, &answer);
        break;
    case KeyNameInformation:
        memset(answer.head, 0, sizeof answer.head);
        done = tell_name(world, key, &answer);
        break;
    case KeyCachedInformation:
        answer.fixed = answer.total = 40;
        put_sums(&answer, 12, &sums, false);
        put(&answer, 32, 4, text_bytes(key->name));
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    return done ? end(&answer, length) : STATUS_INSUFFICIENT_RESOURCES;
}

// (handle, class, buffer, room, length)
uint64_t ks_zw_query_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    ks_ob_probe(call->arguments[4], 4);
    ks_ob_probe(call->arguments[2], (uint32_t)call->arguments[3]);
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (NT_SUCCESS(status)) {
        status = tell_key(call->world, key, (uint32_t)call->arguments[1],
                          begin(call->arguments[2], call->arguments[3]), call->arguments[4]);
        ks_ob_dereference(call->world, object);
    }
    return KS_STATUS(status);
}

// (handle, index, class, buffer, room, length)
uint64_t ks_zw_enumerate_key(const struct ks_kernel_call *call)
{
    struct ks_object *object;
    struct ks_cm_key *key;
    uint32_t information = (uint32_t)call->arguments[2];
    ks_ob_probe(call->arguments[5], 4);
    ks_ob_probe(call->arguments[3], (uint32_t)call->arguments[4]);
    NTSTATUS status = ks_cm_of_handle(call->world, call->arguments[0], &object, &key);
    if (!NT_SUCCESS(status)) {
        return KS_STATUS(status);
    }
    const struct ks_cm_key *child = ks_cm_subkey_at(key, (uint32_t)call->arguments[1]);
    if (information > KeyFullInformation) {
        status = STATUS_INVALID_PARAMETER;
    } else if (child == NULL) {
        status = STATUS_NO_MORE_ENTRIES;
    } else {
        status = tell_key(call->world, child, information,
                          begin(call->arguments[3], call->arguments[4]), call->arguments[5]);
    }
    ks_ob_dereference(call->world, object);
    return KS_STATUS(status);
}

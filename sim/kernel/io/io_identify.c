// SPDX-License-Identifier: MIT
// What a device says of itself when a driver has reported it for the first time.

#include "kernel/io/io_own.h"
#include "kernel/io/io_pnp.h"
#include "kernel/nt_text.h"

#include "engine/native.h"
#include "world/world_object.h"

#include <stdio.h>
#include <string.h>

#define TAG_CAPABILITIES 0x7063706Eu // 'npcp'
#define LONGEST_ID       200u        // MAX_DEVICE_ID_LEN
#define LONGEST_TEXT     1024u
#define UNKNOWN          0xFFFFFFFFu

// What 0xCA tells of an ID, by BUS_QUERY_ID_TYPE.
static const uint64_t id_numbers[] = {1, 3, 4, 2};

// ---- a question ----

struct answer {
    bool given;           // the stack agreed
    uint64_t information; // IoStatus.Information
};

// Sends it; the IRP is freed.
static kldr_status ask(struct ks_io_own *own, struct answer *out_answer)
{
    *out_answer = (struct answer){0};
    kldr_status status = ks_io_own_send(own);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ks_io_own_wait(own);
    }
    if (status == KLDR_STATUS_SUCCESS && own->done && NT_SUCCESS(own->status)) {
        *out_answer = (struct answer){true, own->information};
    }
    ks_io_own_end(own);
    return status;
}

static struct ks_io_own *question(struct kldr_world *world, const struct ks_io_node *node,
                                  uint8_t minor)
{
    return ks_io_own_make(world, node->pdo, IRP_MJ_PNP, minor);
}

static bool read_unit(const struct kldr_world *world, uint64_t at, uint16_t *out_unit)
{
    if (world->native != NULL) {
        return ks_native_read(world, at, out_unit, sizeof *out_unit);
    }
    *out_unit = ks_guest_u16(at);
    return true;
}

// ---- IDs ----

static bool is_allowed(uint16_t unit)
{
    return unit >= 0x20 && unit <= 0x7F && unit != ',';
}

// Reads one ID that U+0000 ends. *out_length: 0xFFFF when it breaks a rule.
static size_t read_id(const struct kldr_world *world, uint64_t at, char text[LONGEST_ID])
{
    uint16_t unit = 0;
    for (size_t length = 0; length < LONGEST_ID; length++) {
        if (!read_unit(world, at + 2 * length, &unit) || (unit != 0 && !is_allowed(unit))) {
            return LONGEST_ID;
        }
        text[length] = (char)unit;
        if (unit == 0) {
            return length;
        }
    }
    return LONGEST_ID;
}

// Reads one ID, or a list of them that an empty one ends. False: it breaks a rule.
static bool read_ids(struct kldr_world *world, uint64_t at, bool list, struct ks_io_ids *ids)
{
    char text[LONGEST_ID];
    for (unsigned count = 0; count < KS_IO_PNP_IDS; count++) {
        size_t length = read_id(world, at, text);
        if (length == LONGEST_ID) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        ks_io_ids_add(world, ids, text);
        if (!list) {
            return true;
        }
        at += 2 * (length + 1);
    }
    return true;
}

static kldr_status ask_ids(struct kldr_world *world, struct ks_io_node *node,
                           BUS_QUERY_ID_TYPE type, struct ks_io_ids *ids)
{
    struct ks_io_own *own = question(world, node, IRP_MN_QUERY_ID);
    struct answer answer;
    if (own == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    own->location->Parameters.QueryId.IdType = type;
    kldr_status status = ask(own, &answer);
    if (status != KLDR_STATUS_SUCCESS || !answer.given || answer.information == 0) {
        return status;
    }
    bool list = type == BusQueryHardwareIDs || type == BusQueryCompatibleIDs;
    if (!read_ids(world, answer.information, list, ids)) {
        return ks_io_enumerate_stop(world, node->pdo, 3, node->pdo->object->body,
                                    answer.information, id_numbers[type],
                                    "reported an ID that has characters which are not allowed, is "
                                    "too long, or does not end");
    }
    ks_nt_give(world, answer.information);
    return status;
}

// ---- other things ----

static kldr_status ask_capabilities(struct kldr_world *world, const struct ks_io_node *node,
                                    bool *out_raw)
{
    uint64_t address = ks_nt_take(world, sizeof(DEVICE_CAPABILITIES), TAG_CAPABILITIES);
    struct ks_io_own *own = address != 0 ? question(world, node, IRP_MN_QUERY_CAPABILITIES) : NULL;
    kldr_status status = KLDR_ERROR_OUT_OF_MEMORY;
    if (own != NULL) {
        struct answer answer;
        DEVICE_CAPABILITIES *capabilities = ks_guest_pointer(address);
        memset(capabilities, 0, sizeof *capabilities);
        capabilities->Size = sizeof *capabilities;
        capabilities->Version = 1;
        capabilities->Address = capabilities->UINumber = UNKNOWN;
        own->location->Parameters.DeviceCapabilities.Capabilities = capabilities;
        status = ask(own, &answer);
        *out_raw = answer.given && capabilities->RawDeviceOK;
    }
    if (address != 0) {
        ks_nt_give(world, address);
    }
    return status;
}

// The length of a text for people; LONGEST_TEXT: it does not end.
static size_t text_length(const struct kldr_world *world, uint64_t at)
{
    uint16_t unit = 1;
    size_t length = 0;
    while (length < LONGEST_TEXT && read_unit(world, at + 2 * length, &unit) && unit != 0) {
        length++;
    }
    return unit == 0 ? length : LONGEST_TEXT;
}

static kldr_status ask_text(struct kldr_world *world, const struct ks_io_node *node,
                            DEVICE_TEXT_TYPE type, char **out_text)
{
    struct ks_io_own *own = question(world, node, IRP_MN_QUERY_DEVICE_TEXT);
    struct answer answer;
    if (own == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    own->location->Parameters.QueryDeviceText.DeviceTextType = type;
    own->location->Parameters.QueryDeviceText.LocaleId = 0x409;
    kldr_status status = ask(own, &answer);
    if (status == KLDR_STATUS_SUCCESS && answer.given && answer.information != 0) {
        size_t length = text_length(world, answer.information);
        *out_text =
            length != LONGEST_TEXT ? ks_nt_text_of_units(world, answer.information, length) : NULL;
        ks_nt_give(world, answer.information);
    }
    return status;
}

// What the device uses already is what it is started with.
static kldr_status ask_resources(struct kldr_world *world, struct ks_io_node *node)
{
    struct ks_io_own *own = question(world, node, IRP_MN_QUERY_RESOURCES);
    struct answer answer;
    if (own == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    kldr_status status = ask(own, &answer);
    node->resources = answer.given ? answer.information : 0;
    return status;
}

// ---- all of it ----

static kldr_status name_it(struct kldr_world *world, struct ks_io_node *node,
                           const struct ks_io_ids *device, const struct ks_io_ids *instance)
{
    char text[2 * LONGEST_ID + 16], number[16];
    snprintf(number, sizeof number, "%04u", (unsigned)node->instance);
    snprintf(text, sizeof text, "%s\\%s", device->texts[0],
             instance->count != 0 ? instance->texts[0] : number);
    const struct ks_io_node *same = ks_io_pnp_find(world, text);
    if (same != NULL && same->parent == node->parent) {
        return ks_io_enumerate_stop(world, node->pdo, 1, node->pdo->object->body,
                                    same->pdo->object->body, 0,
                                    "reported two devices with the same device and instance ID");
    }
    if (same != NULL) {
        snprintf(text, sizeof text, "%s\\%s&%s", device->texts[0],
                 instance->count != 0 ? instance->texts[0] : "", number);
    }
    node->name = ks_nt_text_copy(world, text);
    return node->name != NULL ? KLDR_STATUS_SUCCESS : KLDR_ERROR_OUT_OF_MEMORY;
}

static void free_ids(struct kldr_world *world, const struct ks_io_ids *ids)
{
    for (unsigned i = 0; i < ids->count; i++) {
        ks_nt_text_free(world, ids->texts[i]);
    }
}

static kldr_status ask_names(struct kldr_world *world, struct ks_io_node *node)
{
    struct ks_io_ids device = {0}, instance = {0};
    kldr_status status = ask_ids(world, node, BusQueryDeviceID, &device);
    if (status == KLDR_STATUS_SUCCESS && device.count != 0) {
        status = ask_ids(world, node, BusQueryInstanceID, &instance);
        if (status == KLDR_STATUS_SUCCESS) {
            status = name_it(world, node, &device, &instance);
        }
    }
    free_ids(world, &device);
    free_ids(world, &instance);
    return status;
}

kldr_status ks_io_identify(struct kldr_world *world, struct ks_io_node *node, bool *out_raw)
{
    *out_raw = false;
    kldr_status status = ask_names(world, node);
    if (status != KLDR_STATUS_SUCCESS || node->name == NULL) {
        return status;
    }
    status = ask_capabilities(world, node, out_raw);
    if (status == KLDR_STATUS_SUCCESS) {
        status = ask_text(world, node, DeviceTextDescription, &node->description);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = ask_text(world, node, DeviceTextLocationInformation, &node->location);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = ask_ids(world, node, BusQueryHardwareIDs, &node->hardware_ids);
    }
    if (status == KLDR_STATUS_SUCCESS) {
        status = ask_ids(world, node, BusQueryCompatibleIDs, &node->compatible_ids);
    }
    return status == KLDR_STATUS_SUCCESS ? ask_resources(world, node) : status;
}

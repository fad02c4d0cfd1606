// SPDX-License-Identifier: MIT
// The types of objects. A component that keeps more than a body in its objects says here what
// happens to it.

#include "kernel/cm/cm.h"
#include "kernel/ex/ex_callback.h"
#include "kernel/io/io_driver.h"
#include "kernel/io/io_file.h"
#include "kernel/mm/mm_section.h"
#include "kernel/ob/ob_state.h"

#include <string.h>

static const struct ks_ob_type_info types[KS_OB_TYPES] = {
    [KS_OB_ANY] = {.name = ""},
    [KS_OB_TYPE] = {.name = "Type", .tag = 0x546A624Fu},
    [KS_OB_DIRECTORY] = {.name = "Directory", .tag = 0x65726944u},
    [KS_OB_SYMBOLIC_LINK] = {.name = "SymbolicLink", .tag = 0x626D7953u},
    [KS_OB_CALLBACK] = {.name = "Callback", .tag = 0x6C6C6143u, .end = ks_ex_end_callback},
    [KS_OB_CONTROLLER] = {.name = "Controller", .tag = 0x746E6F43u},
    [KS_OB_DEVICE] = {.name = "Device",
                      .variable = "IoDeviceObjectType",
                      .tag = 0x69766544u,
                      .end = ks_io_device_end,
                      .parse = ks_io_file_parse},
    [KS_OB_DRIVER] = {.name = "Driver",
                      .variable = "IoDriverObjectType",
                      .tag = 0x76697244u,
                      .end = ks_io_driver_end},
    [KS_OB_EVENT] = {.name = "Event", .variable = "ExEventObjectType", .tag = 0x6E657645u},
    [KS_OB_FILE] = {.name = "File",
                    .variable = "IoFileObjectType",
                    .tag = 0x656C6946u,
                    .wait_offset = offsetof(FILE_OBJECT, Event),
                    .close = ks_io_file_close,
                    .end = ks_io_file_end,
                    .parse = ks_io_file_parse},
    [KS_OB_KEY] = {.name = "Key",
                   .variable = "CmKeyObjectType",
                   .tag = 0x2079654Bu,
                   .end = ks_cm_end,
                   .parse = ks_cm_parse},
    [KS_OB_MUTANT] = {.name = "Mutant", .tag = 0x6174754Du},
    [KS_OB_PROCESS] = {.name = "Process", .variable = "PsProcessType", .tag = 0x636F7250u},
    [KS_OB_SECTION] = {.name = "Section",
                       .variable = "MmSectionObjectType",
                       .tag = 0x74636553u,
                       .end = ks_mm_section_end},
    [KS_OB_SEMAPHORE] = {.name = "Semaphore",
                         .variable = "ExSemaphoreObjectType",
                         .tag = 0x616D6553u},
    [KS_OB_THREAD] = {.name = "Thread", .variable = "PsThreadType", .tag = 0x65726854u},
    [KS_OB_TIMER] = {.name = "Timer", .variable = "ExTimerObjectType", .tag = 0x656D6954u},
    [KS_OB_TOKEN] = {.name = "Token", .variable = "SeTokenObjectType", .tag = 0x656B6F54u},
};

const struct ks_ob_type_info *ks_ob_type_info(enum ks_ob_type type)
{
    return &types[type];
}

uint64_t ks_ob_type_body(struct kldr_world *world, enum ks_ob_type type)
{
    struct ks_ob_state *state = ks_ob_state(world);
    return state != NULL && state->types[type] != NULL ? state->types[type]->body : 0;
}

bool ks_ob_type_find(struct kldr_world *world, uint64_t body, enum ks_ob_type *out_type)
{
    struct ks_ob_state *state = ks_ob_state(world);
    if (body == 0) {
        *out_type = KS_OB_ANY;
        return true;
    }
    for (unsigned i = KS_OB_ANY + 1; state != NULL && i < KS_OB_TYPES; i++) {
        if (state->types[i] != NULL && state->types[i]->body == body) {
            *out_type = (enum ks_ob_type)i;
            return true;
        }
    }
    return false;
}

uint64_t ks_ob_type_variable(struct kldr_world *world, const char *name)
{
    unsigned type = KS_OB_ANY;
    for (unsigned i = KS_OB_ANY + 1; i < KS_OB_TYPES; i++) {
        const char *variable = types[i].variable;
        type = variable != NULL && strcmp(variable, name) == 0 ? i : type;
    }
    return ks_ob_type_body(world, (enum ks_ob_type)type);
}

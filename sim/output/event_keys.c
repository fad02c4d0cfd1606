// SPDX-License-Identifier: MIT
#include "output/event_keys.h"

#include <string.h>

#define LIST static const struct ks_event_key
#define END                                                                                        \
    {                                                                                              \
        NULL, KS_FIELD_MODULE, false                                                               \
    }

LIST step_begin[] = {{"action", KS_FIELD_TEXT, true}, {"target", KS_FIELD_TARGET, false}, END};
LIST step_end[] = {{"action", KS_FIELD_TEXT, true},
                   {"target", KS_FIELD_TARGET, false},
                   {"status", KS_FIELD_STATUS, false},
                   END};
LIST image_open[] = {{"path", KS_FIELD_PATH, true}, {"status", KS_FIELD_STATUS, true}, END};
LIST image_mapped[] = {{"module", KS_FIELD_MODULE, true},
                       {"base", KS_FIELD_ADDRESS, true},
                       {"size", KS_FIELD_SIZE, false},
                       {"relocated", KS_FIELD_FLAG, false},
                       END};
LIST module_only[] = {{"module", KS_FIELD_MODULE, true}, END};
LIST image_unmapped[] = {{"module", KS_FIELD_MODULE, false}, {"ring", KS_FIELD_FLAG, false}, END};
LIST image_already_loaded[] = {
    {"module", KS_FIELD_MODULE, true}, {"status", KS_FIELD_STATUS, true}, END};
LIST image_resident[] = {{"module", KS_FIELD_MODULE, true},
                         {"reason", KS_FIELD_REASON, true},
                         {"count", KS_FIELD_COUNT, false},
                         END};
LIST image_warning[] = {{"module", KS_FIELD_MODULE, true},
                        {"reason", KS_FIELD_REASON, true},
                        {"text", KS_FIELD_TEXT, false},
                        END};
LIST import_begin[] = {
    {"importer", KS_FIELD_IMPORTER, true}, {"module", KS_FIELD_MODULE, true}, END};
LIST import_end[] = {{"importer", KS_FIELD_IMPORTER, true}, {"module", KS_FIELD_MODULE, true},
                     {"how", KS_FIELD_REASON, true},        {"bound", KS_FIELD_NUMBER, false},
                     {"status", KS_FIELD_STATUS, false},    END};
LIST import_bound[] = {{"importer", KS_FIELD_IMPORTER, true}, {"module", KS_FIELD_MODULE, true},
                       {"export", KS_FIELD_SYMBOL, false},    {"ordinal", KS_FIELD_ORDINAL, false},
                       {"via", KS_FIELD_REASON, true},        {"target", KS_FIELD_TARGET, false},
                       {"address", KS_FIELD_ADDRESS, false},  END};
LIST import_missing[] = {
    {"importer", KS_FIELD_IMPORTER, true}, {"module", KS_FIELD_MODULE, true},
    {"export", KS_FIELD_SYMBOL, false},    {"ordinal", KS_FIELD_ORDINAL, false},
    {"status", KS_FIELD_STATUS, true},     END};
LIST reference[] = {{"module", KS_FIELD_MODULE, true},
                    {"holder", KS_FIELD_HOLDER, false},
                    {"count", KS_FIELD_COUNT, false},
                    {"reason", KS_FIELD_REASON, false},
                    END};
LIST call_begin[] = {{"module", KS_FIELD_MODULE, true},
                     {"routine", KS_FIELD_SYMBOL, true},
                     {"argument", KS_FIELD_ARGUMENT, false},
                     END};
LIST call_end[] = {{"module", KS_FIELD_MODULE, true},      {"routine", KS_FIELD_SYMBOL, true},
                   {"argument", KS_FIELD_ARGUMENT, false}, {"status", KS_FIELD_STATUS, false},
                   {"result", KS_FIELD_RESULT, false},     END};
LIST driver[] = {{"service", KS_FIELD_SERVICE, true}, {"module", KS_FIELD_MODULE, false}, END};
LIST debug_print[] = {{"module", KS_FIELD_MODULE, false},
                      {"level", KS_FIELD_NUMBER, false},
                      {"text", KS_FIELD_TEXT, true},
                      END};
LIST log_record[] = {{"image", KS_FIELD_PATH, true},
                     {"missing_module", KS_FIELD_MISSING_MODULE, false},
                     {"missing_procedure", KS_FIELD_SYMBOL, false},
                     {"value", KS_FIELD_NUMBER, false},
                     END};
LIST note[] = {{"module", KS_FIELD_MODULE, false},
               {"kind", KS_FIELD_REASON, false},
               {"text", KS_FIELD_TEXT, true},
               END};
LIST finding[] = {{"kind", KS_FIELD_REASON, true},      {"module", KS_FIELD_MODULE, false},
                  {"target", KS_FIELD_TARGET, false},   {"export", KS_FIELD_SYMBOL, false},
                  {"ordinal", KS_FIELD_ORDINAL, false}, {"reason", KS_FIELD_WHY, false},
                  {"detail", KS_FIELD_DETAIL, false},   {"tag", KS_FIELD_TAG, false},
                  {"bytes", KS_FIELD_NUMBER, false},    {"count", KS_FIELD_COUNT, false},
                  {"places", KS_FIELD_STACK, false},    END};
LIST bugcheck[] = {{"code", KS_FIELD_CODE, true},      {"parameters", KS_FIELD_PARAMETERS, true},
                   {"module", KS_FIELD_MODULE, false}, {"offset", KS_FIELD_OFFSET, false},
                   {"text", KS_FIELD_TEXT, false},     {"registers", KS_FIELD_REGISTERS, false},
                   {"stack", KS_FIELD_STACK, false},   END};

static const struct ks_event_key *const keys_of[KLDR_EVENT_KIND_COUNT] = {
    [KLDR_EVENT_STEP_BEGIN] = step_begin,
    [KLDR_EVENT_STEP_END] = step_end,
    [KLDR_EVENT_IMAGE_OPEN] = image_open,
    [KLDR_EVENT_IMAGE_MAPPED] = image_mapped,
    [KLDR_EVENT_IMAGE_LISTED] = module_only,
    [KLDR_EVENT_IMAGE_UNLISTED] = module_only,
    [KLDR_EVENT_IMAGE_NOTIFY] = module_only,
    [KLDR_EVENT_IMAGE_UNMAPPED] = image_unmapped,
    [KLDR_EVENT_IMAGE_ALREADY_LOADED] = image_already_loaded,
    [KLDR_EVENT_IMAGE_RESIDENT] = image_resident,
    [KLDR_EVENT_IMAGE_WARNING] = image_warning,
    [KLDR_EVENT_IMPORT_BEGIN] = import_begin,
    [KLDR_EVENT_IMPORT_END] = import_end,
    [KLDR_EVENT_IMPORT_BOUND] = import_bound,
    [KLDR_EVENT_IMPORT_UNBOUND] = import_begin,
    [KLDR_EVENT_IMPORT_MISSING] = import_missing,
    [KLDR_EVENT_REF_ADD] = reference,
    [KLDR_EVENT_REF_DROP] = reference,
    [KLDR_EVENT_REF_SKIP] = reference,
    [KLDR_EVENT_CALL_BEGIN] = call_begin,
    [KLDR_EVENT_CALL_END] = call_end,
    [KLDR_EVENT_DRIVER_CREATED] = driver,
    [KLDR_EVENT_DRIVER_DELETED] = driver,
    [KLDR_EVENT_DRIVER_UNLOAD_PENDING] = driver,
    [KLDR_EVENT_DRIVER_RESURRECTED] = driver,
    [KLDR_EVENT_DEBUG_PRINT] = debug_print,
    [KLDR_EVENT_LOG_RECORD] = log_record,
    [KLDR_EVENT_NOTE] = note,
    [KLDR_EVENT_FINDING] = finding,
    [KLDR_EVENT_BUGCHECK] = bugcheck,
};

const struct ks_event_key *ks_event_keys(enum kldr_event_kind kind)
{
    return keys_of[kind];
}

static bool is_uncounted(const struct kldr_event *event)
{
    return event->reason != NULL && strcmp(event->reason, "uncounted-reference") == 0;
}

const char *ks_event_text(const struct kldr_event *event, enum ks_event_field field)
{
    switch (field) {
    case KS_FIELD_MODULE:
        return event->module;
    case KS_FIELD_IMPORTER:
        return event->importer;
    case KS_FIELD_HOLDER:
        return event->holder;
    case KS_FIELD_PATH:
        return event->path;
    case KS_FIELD_SYMBOL:
        return event->symbol;
    case KS_FIELD_TARGET:
        return event->target;
    case KS_FIELD_REASON:
        return event->reason;
    case KS_FIELD_ARGUMENT:
    case KS_FIELD_TAG:
        return event->argument;
    case KS_FIELD_SERVICE:
        return event->service;
    case KS_FIELD_MISSING_MODULE:
        return event->missing_module;
    case KS_FIELD_TEXT:
        return event->text;
    case KS_FIELD_DETAIL:
        return is_uncounted(event) ? NULL : event->detail;
    case KS_FIELD_WHY:
        return is_uncounted(event) ? event->detail : NULL;
    case KS_FIELD_FACT:
        return event->fact;
    default:
        return NULL;
    }
}

bool ks_event_has(const struct kldr_event *event, enum ks_event_field field)
{
    switch (field) {
    case KS_FIELD_STATUS:
        return (event->has & KLDR_EVENT_HAS_STATUS) != 0;
    case KS_FIELD_COUNT:
        return (event->has & (KLDR_EVENT_HAS_COUNT | KLDR_EVENT_COUNT_INACTIVE)) != 0;
    case KS_FIELD_ORDINAL:
        return (event->has & KLDR_EVENT_HAS_ORDINAL) != 0;
    case KS_FIELD_SIZE:
        return event->size != 0;
    case KS_FIELD_FLAG:
        return (event->has & KLDR_EVENT_HAS_FLAG) != 0;
    case KS_FIELD_NUMBER:
    case KS_FIELD_RESULT:
        return (event->has & KLDR_EVENT_HAS_VALUE) != 0;
    case KS_FIELD_ADDRESS:
        return (event->has & KLDR_EVENT_HAS_ADDRESS) != 0;
    case KS_FIELD_OFFSET:
        return (event->has & KLDR_EVENT_HAS_OFFSET) != 0;
    case KS_FIELD_CODE:
    case KS_FIELD_PARAMETERS:
        return true;
    case KS_FIELD_REGISTERS:
        return event->registers != NULL;
    case KS_FIELD_STACK:
        return event->stack != NULL;
    default:
        return ks_event_text(event, field) != NULL;
    }
}

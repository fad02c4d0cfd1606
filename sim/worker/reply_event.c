// SPDX-License-Identifier: MIT
// Events, which are most of a reply.
#include "output/event_keys.h"
#include "worker/reply.h"

// Every member of an event travels.
_Static_assert(sizeof(void *) != 8 || sizeof(struct kldr_event) == 232,
               "a new member of struct kldr_event has to be written and read here");

#define EVENT_TEXTS 15

static void texts_of(struct kldr_event *event, const char **out_texts[EVENT_TEXTS])
{
    const char **const texts[EVENT_TEXTS] = {
        &event->module,  &event->importer,       &event->holder, &event->path,
        &event->symbol,  &event->target,         &event->reason, &event->argument,
        &event->service, &event->missing_module, &event->text,   &event->detail,
        &event->fact,    &event->registers,      &event->stack,
    };
    for (size_t i = 0; i < EVENT_TEXTS; i++) {
        out_texts[i] = texts[i];
    }
}

void ks_worker_event_write(struct ks_wire_writer *writer, const struct kldr_event *event)
{
    struct kldr_event copy = *event;
    const char **texts[EVENT_TEXTS];
    uint32_t given = 0;
    texts_of(&copy, texts);
    for (size_t i = 0; i < EVENT_TEXTS; i++) {
        given |= *texts[i] != NULL ? UINT32_C(1) << i : 0;
    }
    ks_wire_put32(writer, (uint32_t)event->kind);
    ks_wire_put32(writer, event->has);
    ks_wire_put64(writer, event->seq);
    ks_wire_put32(writer, event->depth);
    ks_wire_put32(writer, event->step);
    ks_wire_put32(writer, event->module_id);
    ks_wire_put32(writer, event->importer_id);
    ks_wire_put32(writer, event->target_id);
    ks_wire_put32(writer, event->status);
    ks_wire_put32(writer, (uint32_t)event->count);
    ks_wire_put32(writer, event->ordinal);
    ks_wire_put32(writer, event->size);
    ks_wire_put32(writer, event->offset);
    ks_wire_put_flag(writer, event->flag);
    ks_wire_put64(writer, event->value);
    ks_wire_put64(writer, event->address);
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        ks_wire_put64(writer, event->parameters[i]);
    }
    ks_wire_put32(writer, given);
    for (size_t i = 0; i < EVENT_TEXTS; i++) {
        if (*texts[i] != NULL) {
            ks_wire_put_text(writer, *texts[i]);
        }
    }
}

static void get_texts(struct ks_wire_reader *reader, struct kldr_event *event)
{
    const char **texts[EVENT_TEXTS];
    uint32_t given = ks_wire_get_most(reader, (UINT32_C(1) << EVENT_TEXTS) - 1);
    texts_of(event, texts);
    for (size_t i = 0; i < EVENT_TEXTS; i++) {
        if ((given >> i & 1) != 0) {
            *texts[i] = ks_wire_get_some_text(reader);
        }
    }
}

// Reports write it as it is.
static bool is_plain(const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') {
            return false;
        }
    }
    return true;
}

// Reports take it for granted that an event has the texts that all of its kind have.
static bool is_complete(const struct kldr_event *event)
{
    for (const struct ks_event_key *key = ks_event_keys(event->kind); key->key != NULL; key++) {
        bool is_text = key->field <= KS_FIELD_FACT;
        if (key->always && is_text && ks_event_text(event, key->field) == NULL) {
            return false;
        }
    }
    return true;
}

bool ks_worker_event_read(struct ks_wire_reader *reader, uint32_t depth_most,
                          struct kldr_event *out_event)
{
    struct kldr_event event = {0};
    event.kind = (enum kldr_event_kind)ks_wire_get_most(reader, KLDR_EVENT_KIND_COUNT - 1);
    event.has = ks_wire_get32(reader);
    event.seq = ks_wire_get64(reader);
    event.depth = ks_wire_get_most(reader, depth_most);
    event.step = ks_wire_get32(reader);
    event.module_id = ks_wire_get32(reader);
    event.importer_id = ks_wire_get32(reader);
    event.target_id = ks_wire_get32(reader);
    event.status = ks_wire_get32(reader);
    event.count = (int32_t)ks_wire_get32(reader);
    event.ordinal = ks_wire_get32(reader);
    event.size = ks_wire_get32(reader);
    event.offset = ks_wire_get32(reader);
    event.flag = ks_wire_get_flag(reader);
    event.value = ks_wire_get64(reader);
    event.address = ks_wire_get64(reader);
    for (size_t i = 0; i < KLDR_EVENT_PARAMETERS; i++) {
        event.parameters[i] = ks_wire_get64(reader);
    }
    get_texts(reader, &event);
    if (reader->bad || !is_complete(&event) || !is_plain(event.registers)) {
        return false;
    }
    *out_event = event;
    return true;
}

// SPDX-License-Identifier: MIT

#include "scenario/run/flow_text.h"

#include <stdio.h>
#include <string.h>

void ks_flow_init(struct ks_flow *flow, struct ks_runner *runner)
{
    static char empty[1];
    *flow = (struct ks_flow){.runner = runner, .text = empty};
}

static void add(struct ks_flow *flow, const char *text, size_t length)
{
    if (flow->length + length + 1 > flow->capacity) {
        size_t capacity = (flow->length + length + 1) * 2;
        char *grown = ks_arena_take(&flow->runner->arena, capacity, 1);
        if (grown == NULL) {
            flow->runner->out_of_memory = true;
            return;
        }
        memcpy(grown, flow->text, flow->length);
        flow->text = grown;
        flow->capacity = capacity;
    }
    memcpy(flow->text + flow->length, text, length);
    flow->length += length;
    flow->text[flow->length] = '\0';
}

void ks_flow_raw(struct ks_flow *flow, const char *text)
{
    add(flow, text, strlen(text));
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

// Plain scalars of a flow collection: nothing that YAML would take for something else.
static bool is_plain(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && strpbrk(text, ",[]{}'\"`:?") == NULL && strstr(text, " #") == NULL &&
           strchr("#&*!|>%@?-: ", text[0]) == NULL && text[length - 1] != ':' &&
           text[length - 1] != ' ';
}

static void add_single_quoted(struct ks_flow *flow, const char *text)
{
    add(flow, "'", 1);
    for (; *text != '\0'; text++) {
        add(flow, text, 1);
        if (*text == '\'') {
            add(flow, "'", 1);
        }
    }
    add(flow, "'", 1);
}

static void add_double_quoted(struct ks_flow *flow, const char *text)
{
    add(flow, "\"", 1);
    for (; *text != '\0'; text++) {
        char escape[8];
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            snprintf(escape, sizeof escape, "\\x%02x", (unsigned)(unsigned char)*text);
            add(flow, escape, strlen(escape));
        } else {
            add(flow, "\\", *text == '"' || *text == '\\' ? 1 : 0);
            add(flow, text, 1);
        }
    }
    add(flow, "\"", 1);
}

void ks_flow_scalar(struct ks_flow *flow, const char *text)
{
    if (has_control(text)) {
        add_double_quoted(flow, text);
    } else if (is_plain(text)) {
        ks_flow_raw(flow, text);
    } else {
        add_single_quoted(flow, text);
    }
}

void ks_flow_number(struct ks_flow *flow, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, number < 0x10000 ? "%llu" : "0x%llX", (unsigned long long)number);
    ks_flow_raw(flow, text);
}

static void add_record(struct ks_flow *flow, const struct ks_seen_item *item)
{
    ks_flow_raw(flow, "{");
    for (size_t i = 0; i < item->field_count; i++) {
        ks_flow_raw(flow, i > 0 ? ", " : "");
        ks_flow_raw(flow, item->fields[i].name);
        ks_flow_raw(flow, ": ");
        if (item->fields[i].text != NULL) {
            ks_flow_scalar(flow, item->fields[i].text);
        } else {
            ks_flow_number(flow, item->fields[i].number);
        }
    }
    ks_flow_raw(flow, "}");
}

const char *ks_flow_seen(struct ks_runner *runner, const struct ks_seen *seen)
{
    struct ks_flow flow;
    ks_flow_init(&flow, runner);
    ks_flow_raw(&flow, "[");
    for (size_t i = 0; i < seen->count; i++) {
        ks_flow_raw(&flow, i > 0 ? ", " : "");
        if (seen->items[i].text != NULL) {
            ks_flow_scalar(&flow, seen->items[i].text);
        } else {
            add_record(&flow, &seen->items[i]);
        }
    }
    ks_flow_raw(&flow, "]");
    return flow.text;
}

static void add_pair(struct ks_flow *flow, const struct ks_pair *pair)
{
    ks_flow_raw(flow, pair->name);
    ks_flow_raw(flow, ": ");
    if (!pair->is_list) {
        ks_flow_scalar(flow, pair->text);
        return;
    }
    ks_flow_raw(flow, "[");
    for (size_t i = 0; i < pair->list_count; i++) {
        ks_flow_raw(flow, i > 0 ? ", " : "");
        ks_flow_scalar(flow, pair->list[i]);
    }
    ks_flow_raw(flow, "]");
}

static void add_wanted_item(struct ks_flow *flow, const struct ks_item *item)
{
    if (item->text != NULL) {
        ks_flow_scalar(flow, item->text);
        return;
    }
    ks_flow_raw(flow, "{");
    for (size_t i = 0; i < item->field_count; i++) {
        ks_flow_raw(flow, i > 0 ? ", " : "");
        add_pair(flow, &item->fields[i]);
    }
    ks_flow_raw(flow, "}");
}

const char *ks_flow_list(struct ks_runner *runner, const struct ks_list *list)
{
    static const char *const wrappers[] = {[KS_LIST_EXACT] = "",
                                           [KS_LIST_CONTAINS] = "contains",
                                           [KS_LIST_ORDERED] = "ordered",
                                           [KS_LIST_NONE_OF] = "none_of"};
    struct ks_flow flow;
    const char *wrapper = wrappers[list->mode];
    ks_flow_init(&flow, runner);
    if (wrapper[0] != '\0') {
        ks_flow_raw(&flow, "{");
        ks_flow_raw(&flow, wrapper);
        ks_flow_raw(&flow, ": ");
    }
    ks_flow_raw(&flow, "[");
    for (size_t i = 0; i < list->item_count; i++) {
        ks_flow_raw(&flow, i > 0 ? ", " : "");
        add_wanted_item(&flow, &list->items[i]);
    }
    ks_flow_raw(&flow, wrapper[0] != '\0' ? "]}" : "]");
    return flow.text;
}

const char *ks_flow_text(struct ks_runner *runner, const char *text)
{
    struct ks_flow flow;
    ks_flow_init(&flow, runner);
    ks_flow_scalar(&flow, text);
    return flow.text;
}

const char *ks_flow_status(struct ks_runner *runner, kldr_status status)
{
    const char *name = kldr_status_name(status);
    return name != NULL ? ks_run_text(runner, "%s", name)
                        : ks_run_text(runner, "0x%08X", (unsigned)status);
}

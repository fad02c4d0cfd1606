// SPDX-License-Identifier: MIT
// libyaml's events put together. Nothing recurses, so depth costs nothing but the limit below.
#include "scenario/parse/diagnose.h"
#include "scenario/parse/yaml_error.h"

#include <string.h>
#include <yaml.h>

// Far more than any scenario needs, and few enough to recurse over.
#define DEPTH_MAX 100
#define NODES_MAX 500000

struct reader {
    struct ks_parse *parse;
    struct ks_document **link; // where the next document goes
    struct ks_document *document;
    struct ks_node *current; // the open collection; NULL: the document itself
    size_t depth, nodes;
};

static struct ks_place event_place(struct reader *reader, const yaml_event_t *event)
{
    struct ks_source *source = &reader->parse->source;
    const yaml_mark_t *mark = &event->start_mark;
    struct ks_place place = ks_source_place(source, mark->index, mark->line, mark->column);
    place.end = ks_source_offset(source, event->end_mark.index);
    return place;
}

static struct ks_node *make_node(struct reader *reader, enum ks_node_kind kind,
                                 const yaml_event_t *event)
{
    struct ks_node *node = ks_arena_take(reader->parse->arena, 1, sizeof *node);
    node->kind = kind;
    node->key_index = -1;
    node->place = event_place(reader, event);
    reader->nodes++;
    return node;
}

static void append(struct ks_node *parent, struct ks_node *child)
{
    child->parent = parent;
    if (parent->last == NULL) {
        parent->first = child;
    } else {
        parent->last->next = child;
    }
    parent->last = child;
    parent->count++;
    parent->place.end = child->place.end;
}

static void check_key(struct ks_parse *parse, struct ks_node *key)
{
    if (key->kind != KS_NODE_SCALAR) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, key, NULL, "a key must be a text, not a %s",
                    key->kind == KS_NODE_LIST ? "list" : "map");
    } else if (key->plain && strcmp(key->text, "<<") == 0) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, key, "write '<<' in quotes if it is a name",
                    "merge keys are not used in scenarios");
    } else if (key->plain && key->length == 0) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, key, NULL, "a key is missing in front of the `:`");
    }
}

// Puts a node where the events have it: the root, an item, a key or a value.
static void attach(struct reader *reader, struct ks_node *node)
{
    struct ks_node *parent = reader->current;
    if (parent == NULL) {
        reader->document->root = node;
    } else if (parent->kind == KS_NODE_LIST) {
        append(parent, node);
    } else if (parent->pending_key == NULL) {
        parent->pending_key = node;
        node->is_key = true;
        node->parent = parent; // until its value is there
    } else {
        node->key = parent->pending_key;
        parent->pending_key = NULL;
        append(parent, node);
        node->key->parent = node;
        check_key(reader->parse, node->key);
    }
}

static void check_properties(struct reader *reader, struct ks_node *node, const char *anchor,
                             const char *tag)
{
    struct ks_parse *parse = reader->parse;
    if (anchor != NULL) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, node, "write it in quotes if the `&` is part of it",
                    "anchors (`&%.60s`) are not used in scenarios", anchor);
    }
    if (tag != NULL) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, node, "write it in quotes if the `!` is part of it",
                    "tags (`%.60s`) are not used in scenarios", tag);
    }
}

static void on_alias(struct reader *reader, const yaml_event_t *event)
{
    struct ks_node *node = make_node(reader, KS_NODE_SCALAR, event);
    const char *name = (const char *)event->data.alias.anchor;
    node->text = "";
    attach(reader, node);
    size_t length = node->place.end - node->place.begin;
    ks_diagnose(
        reader->parse, KS_DIAGNOSTIC_YAML, node,
        ks_diagnose_quoted(reader->parse, reader->parse->source.text + node->place.begin, length),
        "aliases (`*%.60s`) are not used in scenarios", name);
}

static void check_cut(struct ks_parse *parse, struct ks_node *node)
{
    size_t cut = ks_source_cut(&parse->source, node->place.end);
    if (cut != 0) {
        ks_yaml_error_cut(parse, node, cut);
    }
}

static void on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct ks_parse *parse = reader->parse;
    struct ks_node *node = make_node(reader, KS_NODE_SCALAR, event);
    node->text = ks_arena_copy(parse->arena, (const char *)event->data.scalar.value,
                               event->data.scalar.length);
    node->length = event->data.scalar.length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    attach(reader, node);
    check_properties(reader, node, (const char *)event->data.scalar.anchor,
                     (const char *)event->data.scalar.tag);
    if (strlen(node->text) != node->length) {
        ks_diagnose(parse, KS_DIAGNOSTIC_YAML, node, NULL, "a text cannot contain a NUL character");
    }
    if (node->plain && node->length > 0) {
        check_cut(parse, node);
    }
}

static void on_start(struct reader *reader, const yaml_event_t *event, enum ks_node_kind kind,
                     const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct ks_node *node = make_node(reader, kind, event);
    attach(reader, node);
    check_properties(reader, node, (const char *)anchor, (const char *)tag);
    node->open = true;
    reader->current = node;
    reader->depth++;
}

// In flow style the end is behind the bracket; a block ends with its last child, whatever libyaml
// says.
static void on_end(struct reader *reader, const yaml_event_t *event)
{
    struct ks_node *node = reader->current;
    const struct ks_source *source = &reader->parse->source;
    char first = node->place.begin < source->size ? source->text[node->place.begin] : '\0';
    if (event->end_mark.index > event->start_mark.index && (first == '[' || first == '{')) {
        node->place.end = ks_source_offset(&reader->parse->source, event->end_mark.index);
    }
    node->open = false;
    struct ks_node *parent = node->parent;
    reader->current = parent;
    reader->depth--;
    if (parent != NULL && parent->last == node) {
        parent->place.end = node->place.end;
    }
}

static void on_document(struct reader *reader, const yaml_event_t *event)
{
    struct ks_document *document = ks_arena_take(reader->parse->arena, 1, sizeof *document);
    document->place = event_place(reader, event);
    reader->document = document;
    reader->current = NULL;
    reader->depth = 0;
    reader->parse->root = NULL;
}

static void on_document_end(struct reader *reader)
{
    *reader->link = reader->document;
    reader->link = &reader->document->next;
}

static void on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        on_document(reader, event);
        break;
    case YAML_DOCUMENT_END_EVENT:
        on_document_end(reader);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(reader, event);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(reader, event, KS_NODE_LIST, event->data.sequence_start.anchor,
                 event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(reader, event, KS_NODE_MAP, event->data.mapping_start.anchor,
                 event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(reader, event);
        break;
    default:
        break;
    }
}

static bool within_limits(struct reader *reader, const yaml_event_t *event)
{
    if (reader->depth <= DEPTH_MAX && reader->nodes <= NODES_MAX) {
        return true;
    }
    ks_diagnose_file(reader->parse, KS_DIAGNOSTIC_YAML, event_place(reader, event), NULL,
                     reader->depth > DEPTH_MAX ? "values are nested more than %d deep"
                                               : "the file has more than %d values",
                     reader->depth > DEPTH_MAX ? DEPTH_MAX : NODES_MAX);
    return false;
}

static kldr_status read_events(struct reader *reader, yaml_parser_t *parser, yaml_event_t *event)
{
    for (;;) {
        if (yaml_parser_parse(parser, event) == 0) {
            if (parser->error == YAML_MEMORY_ERROR) {
                return KLDR_ERROR_OUT_OF_MEMORY;
            }
            ks_yaml_error_report(reader->parse, parser);
            return KLDR_STATUS_SUCCESS;
        }
        yaml_event_type_t type = event->type;
        on_event(reader, event);
        bool more = type != YAML_STREAM_END_EVENT && !reader->parse->truncated &&
                    within_limits(reader, event);
        yaml_event_delete(event);
        if (!more) {
            return KLDR_STATUS_SUCCESS;
        }
    }
}

struct session {
    struct reader reader;
    yaml_parser_t parser;
    yaml_event_t event;
    jmp_buf out_of_memory;
};

// libyaml's memory is not in the arena, so an arena that is out of memory stops here on its way up.
static kldr_status read_guarded(struct session *session)
{
    if (setjmp(session->out_of_memory) != 0) {
        yaml_event_delete(&session->event);
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    return read_events(&session->reader, &session->parser, &session->event);
}

kldr_status ks_yaml_tree_read(struct ks_parse *parse, struct ks_document **out_documents)
{
    struct ks_document *documents = NULL;
    struct session session = {.reader = {.parse = parse, .link = &documents}};
    if (yaml_parser_initialize(&session.parser) == 0) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    const struct ks_source *source = &parse->source;
    yaml_parser_set_encoding(&session.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&session.parser,
                                 (const unsigned char *)source->text + source->start,
                                 source->size - source->start);
    jmp_buf *outer = parse->arena->out_of_memory;
    parse->arena->out_of_memory = &session.out_of_memory;
    kldr_status status = read_guarded(&session);
    parse->arena->out_of_memory = outer;
    yaml_parser_delete(&session.parser);
    if (status == KLDR_STATUS_SUCCESS) {
        *out_documents = documents;
    }
    return status;
}

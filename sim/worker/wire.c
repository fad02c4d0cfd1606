// SPDX-License-Identifier: MIT
#include "worker/wire.h"

#include <stdlib.h>
#include <string.h>

// ---- writing ----

void ks_wire_writer_fini(struct ks_wire_writer *writer)
{
    free(writer->bytes);
    memset(writer, 0, sizeof *writer);
}

static uint8_t *make_room(struct ks_wire_writer *writer, size_t size)
{
    size_t capacity = writer->capacity == 0 ? 4096 : writer->capacity;
    while (capacity - writer->size < size && capacity <= SIZE_MAX / 2) {
        capacity *= 2;
    }
    if (capacity != writer->capacity) {
        uint8_t *grown = capacity - writer->size < size ? NULL : realloc(writer->bytes, capacity);
        if (grown == NULL) {
            writer->out_of_memory = true;
            return NULL;
        }
        writer->bytes = grown;
        writer->capacity = capacity;
    }
    uint8_t *room = writer->bytes + writer->size;
    writer->size += size;
    return room;
}

static void put(struct ks_wire_writer *writer, uint64_t value, size_t size)
{
    uint8_t *room = make_room(writer, size);
    for (size_t i = 0; room != NULL && i < size; i++) {
        room[i] = (uint8_t)(value >> (8 * i));
    }
}

void ks_wire_put8(struct ks_wire_writer *writer, uint8_t value)
{
    put(writer, value, 1);
}

void ks_wire_put32(struct ks_wire_writer *writer, uint32_t value)
{
    put(writer, value, 4);
}

void ks_wire_put64(struct ks_wire_writer *writer, uint64_t value)
{
    put(writer, value, 8);
}

void ks_wire_put_flag(struct ks_wire_writer *writer, bool value)
{
    put(writer, value, 1);
}

void ks_wire_put_bytes(struct ks_wire_writer *writer, const void *bytes, size_t size)
{
    uint8_t *room = size > 0 ? make_room(writer, size) : NULL;
    if (room != NULL) {
        memcpy(room, bytes, size);
    }
}

void ks_wire_put_text(struct ks_wire_writer *writer, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    if (length >= UINT32_MAX) {
        writer->out_of_memory = true;
        return;
    }
    ks_wire_put32(writer, text != NULL ? (uint32_t)length + 1 : 0);
    ks_wire_put_bytes(writer, text, text != NULL ? length + 1 : 0);
}

// ---- reading ----

void ks_wire_reader_init(struct ks_wire_reader *reader, const void *bytes, size_t size)
{
    reader->at = bytes;
    reader->end = reader->at + size;
    reader->bad = false;
}

const uint8_t *ks_wire_get_bytes(struct ks_wire_reader *reader, uint64_t size)
{
    if (reader->bad || size > (uint64_t)(reader->end - reader->at)) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += size;
    return bytes;
}

static uint64_t get(struct ks_wire_reader *reader, size_t size)
{
    const uint8_t *bytes = ks_wire_get_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

uint8_t ks_wire_get8(struct ks_wire_reader *reader)
{
    return (uint8_t)get(reader, 1);
}

uint32_t ks_wire_get32(struct ks_wire_reader *reader)
{
    return (uint32_t)get(reader, 4);
}

uint64_t ks_wire_get64(struct ks_wire_reader *reader)
{
    return get(reader, 8);
}

static uint32_t check_most(struct ks_wire_reader *reader, uint32_t value, uint32_t most)
{
    if (value > most) {
        reader->bad = true;
        return 0;
    }
    return value;
}

bool ks_wire_get_flag(struct ks_wire_reader *reader)
{
    return check_most(reader, ks_wire_get8(reader), 1) != 0;
}

uint32_t ks_wire_get_most(struct ks_wire_reader *reader, uint32_t most)
{
    return check_most(reader, ks_wire_get32(reader), most);
}

size_t ks_wire_get_count(struct ks_wire_reader *reader, size_t least)
{
    uint64_t count = ks_wire_get64(reader);
    if (count > (uint64_t)(reader->end - reader->at) / least) {
        reader->bad = true;
    }
    return reader->bad ? 0 : (size_t)count;
}

const char *ks_wire_get_text(struct ks_wire_reader *reader)
{
    uint32_t size = ks_wire_get32(reader);
    const uint8_t *text = size > 0 ? ks_wire_get_bytes(reader, size) : NULL;
    if (text != NULL && memchr(text, 0, size) != text + size - 1) {
        reader->bad = true;
        return NULL;
    }
    return (const char *)text;
}

const char *ks_wire_get_some_text(struct ks_wire_reader *reader)
{
    const char *text = ks_wire_get_text(reader);
    return text != NULL ? text : "";
}

bool ks_wire_at_end(const struct ks_wire_reader *reader)
{
    return !reader->bad && reader->at == reader->end;
}

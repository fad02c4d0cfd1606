// SPDX-License-Identifier: MIT
#include "worker/reply.h"

#include <stdlib.h>
#include <string.h>

#define SITE_LEAST 48 // bytes of a site on the wire

void ks_worker_sites_write(struct ks_wire_writer *writer, const struct ks_result *result)
{
    ks_wire_put64(writer, result->operations);
    ks_wire_put64(writer, result->fault_site_count);
    for (size_t i = 0; i < result->fault_site_count; i++) {
        const struct ks_fault_site *site = &result->fault_sites[i];
        ks_wire_put64(writer, site->number);
        ks_wire_put32(writer, site->operation);
        ks_wire_put32(writer, site->step);
        ks_wire_put32(writer, site->in_step);
        ks_wire_put_text(writer, site->module);
        ks_wire_put32(writer, site->offset);
        ks_wire_put64(writer, site->stack);
        ks_wire_put_text(writer, site->source.function);
        ks_wire_put_text(writer, site->source.file);
        ks_wire_put32(writer, site->source.line);
    }
}

static void read_name(struct ks_wire_reader *reader, char *to, size_t size)
{
    const char *name = ks_wire_get_some_text(reader);
    size_t length = strlen(name);
    reader->bad = reader->bad || length >= size;
    if (!reader->bad) {
        memcpy(to, name, length + 1);
    }
}

static void read_site(struct ks_wire_reader *reader, struct ks_fault_site *site)
{
    site->number = ks_wire_get64(reader);
    site->operation = ks_wire_get32(reader);
    reader->bad = reader->bad || ks_fallible_at(site->operation) == NULL;
    site->step = ks_wire_get32(reader);
    site->in_step = ks_wire_get32(reader);
    read_name(reader, site->module, sizeof site->module);
    site->offset = ks_wire_get32(reader);
    site->stack = ks_wire_get64(reader);
    read_name(reader, site->source.function, sizeof site->source.function);
    read_name(reader, site->source.file, sizeof site->source.file);
    site->source.line = ks_wire_get32(reader);
}

enum ks_reply_read ks_worker_sites_read(struct ks_wire_reader *reader,
                                        struct ks_worker_reply *reply)
{
    reply->result.operations = ks_wire_get64(reader);
    size_t count = ks_wire_get_count(reader, SITE_LEAST);
    if (count > KS_FAULT_SITES_MOST) {
        return KS_REPLY_MALFORMED;
    }
    reply->sites = calloc(count + 1, sizeof *reply->sites);
    if (reply->sites == NULL) {
        return KS_REPLY_NO_MEMORY;
    }
    for (size_t i = 0; i < count && !reader->bad; i++) {
        read_site(reader, &reply->sites[i]);
    }
    reply->result.fault_sites = reply->sites;
    reply->result.fault_site_count = count;
    return KS_REPLY_READ;
}

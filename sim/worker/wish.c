// SPDX-License-Identifier: MIT
#include "worker/wish.h"

void ks_worker_wish_write(struct ks_wire_writer *writer, const struct ks_symbols_wish *wish)
{
    ks_wire_put_text(writer, wish->path);
    ks_wire_put_text(writer, wish->name);
    ks_wire_put32(writer, wish->number);
}

bool ks_worker_wish_read(const void *bytes, size_t size, struct ks_symbols_wish *out_wish)
{
    struct ks_wire_reader reader;
    ks_wire_reader_init(&reader, bytes, size);
    out_wish->path = ks_wire_get_some_text(&reader);
    out_wish->name = ks_wire_get_some_text(&reader);
    out_wish->number = ks_wire_get32(&reader);
    return ks_wire_at_end(&reader);
}

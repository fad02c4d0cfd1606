// SPDX-License-Identifier: MIT
#include "symbols/pdb_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    INFO_STREAM = 1,
    DBI_STREAM = 3,
    DBI_HEADER = 64,
    NO_STREAM = 0xffff,
    NAMES_SIGNATURE = (int)0xeffeeffe,
    CONTRIBUTIONS_1 = (int)0xf12eba2d,
    CONTRIBUTIONS_2 = (int)0xf13151e4,
};

// One question takes one module, and the next is often about the same.
struct ks_pdb {
    struct ks_msf msf;
    struct ks_codeview_build build;
    struct ks_cursor_part dbi;
    struct ks_cursor_part modules, contributions; // in dbi
    struct ks_cursor_part names;                  // a copy; may be empty
    uint32_t symbols_stream;
    struct ks_cursor_part symbols; // a copy, once it was needed
    struct ks_pdb_module module;   // the last one
    uint32_t module_number;
};

// ---- opening ----

// The number of the stream with a name, from the table behind the head of the info stream: a string
// table, then pairs of a name's offset and a stream.
static uint32_t named_stream(const struct ks_cursor_part *info, const char *wanted)
{
    struct ks_cursor cursor = ks_cursor_from(info, 28);
    uint64_t size = ks_cursor_number(&cursor, 4);
    struct ks_cursor text = ks_cursor_take(&cursor, size);
    const struct ks_cursor_part strings = {text.at, text.failed ? 0 : (size_t)size};
    uint64_t pairs = ks_cursor_number(&cursor, 4);
    ks_cursor_skip(&cursor, 4);
    ks_cursor_skip(&cursor, ks_cursor_number(&cursor, 4) * 4); // which places are in use
    ks_cursor_skip(&cursor, ks_cursor_number(&cursor, 4) * 4); // and which were
    for (uint64_t i = 0; i < pairs && ks_cursor_has(&cursor, 8); i++) {
        const char *name = ks_cursor_string_at(&strings, ks_cursor_number(&cursor, 4));
        uint32_t stream = (uint32_t)ks_cursor_number(&cursor, 4);
        if (name != NULL && strcmp(name, wanted) == 0) {
            return stream;
        }
    }
    return NO_STREAM;
}

// The table of file names. A PDB without one has no lines.
static enum ks_msf_read read_names(struct ks_pdb *pdb, const struct ks_cursor_part *info)
{
    uint32_t stream = named_stream(info, "/names");
    if (stream == NO_STREAM) {
        return KS_MSF_READ;
    }
    enum ks_msf_read read = ks_msf_stream(&pdb->msf, stream, &pdb->names);
    struct ks_cursor head = ks_cursor_from(&pdb->names, 0);
    if (read == KS_MSF_READ && ks_cursor_number(&head, 4) != (uint32_t)NAMES_SIGNATURE) {
        return KS_MSF_MALFORMED;
    }
    return read;
}

static enum ks_msf_read read_info(struct ks_pdb *pdb)
{
    struct ks_cursor_part info = {NULL, 0};
    enum ks_msf_read read = ks_msf_stream(&pdb->msf, INFO_STREAM, &info);
    struct ks_cursor guid = ks_cursor_from(&info, 12); // behind version, signature, age
    if (read == KS_MSF_READ && !ks_cursor_has(&guid, sizeof pdb->build.guid)) {
        read = KS_MSF_MALFORMED;
    }
    if (read == KS_MSF_READ) {
        memcpy(pdb->build.guid, guid.at, sizeof pdb->build.guid);
        read = read_names(pdb, &info);
    }
    ks_msf_free_part(&info);
    return read;
}

static enum ks_msf_read read_dbi(struct ks_pdb *pdb)
{
    enum ks_msf_read read = ks_msf_stream(&pdb->msf, DBI_STREAM, &pdb->dbi);
    struct ks_cursor head = ks_cursor_from(&pdb->dbi, 0);
    if (read != KS_MSF_READ) {
        return read;
    }
    ks_cursor_skip(&head, 8); // signature, version
    pdb->build.age = (uint32_t)ks_cursor_number(&head, 4);
    ks_cursor_skip(&head, 8); // streams of globals and of publics, builds
    pdb->symbols_stream = (uint32_t)ks_cursor_number(&head, 2);
    ks_cursor_skip(&head, 2);
    uint64_t modules = ks_cursor_number(&head, 4), contributions = ks_cursor_number(&head, 4);
    struct ks_cursor parts = ks_cursor_from(&pdb->dbi, DBI_HEADER);
    struct ks_cursor first = ks_cursor_take(&parts, modules);
    struct ks_cursor second = ks_cursor_take(&parts, contributions);
    if (head.failed || parts.failed) {
        return KS_MSF_MALFORMED;
    }
    pdb->modules = (struct ks_cursor_part){first.at, (size_t)modules};
    pdb->contributions = (struct ks_cursor_part){second.at, (size_t)contributions};
    return KS_MSF_READ;
}

enum ks_msf_read ks_pdb_open(const uint8_t *bytes, size_t size, struct ks_pdb **out_pdb)
{
    struct ks_pdb *pdb = calloc(1, sizeof *pdb);
    *out_pdb = NULL;
    if (pdb == NULL) {
        return KS_MSF_NO_MEMORY;
    }
    enum ks_msf_read read = ks_msf_open(bytes, size, &pdb->msf);
    read = read == KS_MSF_READ ? read_info(pdb) : read;
    read = read == KS_MSF_READ ? read_dbi(pdb) : read;
    if (read != KS_MSF_READ) {
        ks_pdb_close(pdb);
        return read;
    }
    *out_pdb = pdb;
    return read;
}

void ks_pdb_close(struct ks_pdb *pdb)
{
    if (pdb != NULL) {
        ks_msf_free_part(&pdb->module.stream);
        ks_msf_free_part(&pdb->symbols);
        ks_msf_free_part(&pdb->names);
        ks_msf_free_part(&pdb->dbi);
        ks_msf_close(&pdb->msf);
        free(pdb);
    }
}

const struct ks_codeview_build *ks_pdb_build(const struct ks_pdb *pdb)
{
    return &pdb->build;
}

// ---- modules ----

// Which module put code at a place. False: none is known.
static bool find_contribution(const struct ks_pdb *pdb, struct ks_pdb_place place,
                              uint32_t *out_module)
{
    struct ks_cursor cursor = ks_cursor_from(&pdb->contributions, 0);
    uint32_t version = (uint32_t)ks_cursor_number(&cursor, 4);
    uint64_t size = version == (uint32_t)CONTRIBUTIONS_2 ? 32 : 28;
    if (version != (uint32_t)CONTRIBUTIONS_1 && version != (uint32_t)CONTRIBUTIONS_2) {
        return false;
    }
    while (ks_cursor_has(&cursor, size)) {
        struct ks_cursor entry = ks_cursor_take(&cursor, size);
        unsigned section = (unsigned)ks_cursor_number(&entry, 2);
        ks_cursor_skip(&entry, 2);
        uint32_t offset = (uint32_t)ks_cursor_number(&entry, 4);
        uint32_t length = (uint32_t)ks_cursor_number(&entry, 4);
        ks_cursor_skip(&entry, 4);
        if (section == place.section && offset <= place.offset && place.offset - offset < length) {
            *out_module = (uint32_t)ks_cursor_number(&entry, 2);
            return true;
        }
    }
    return false;
}

// Entry number of the list of modules: where its stream is and how it is divided.
static bool find_module(const struct ks_pdb *pdb, uint32_t number, uint32_t *out_stream,
                        struct ks_pdb_module *out_module)
{
    struct ks_cursor cursor = ks_cursor_from(&pdb->modules, 0);
    for (uint32_t i = 0; !cursor.failed; i++) {
        ks_cursor_skip(&cursor, 34); // its first contribution, flags
        *out_stream = (uint32_t)ks_cursor_number(&cursor, 2);
        uint32_t symbols = (uint32_t)ks_cursor_number(&cursor, 4);
        uint32_t old_lines = (uint32_t)ks_cursor_number(&cursor, 4);
        uint32_t lines = (uint32_t)ks_cursor_number(&cursor, 4);
        if (i == number) {
            *out_module = (struct ks_pdb_module){
                .symbols_size = symbols, .lines_offset = symbols + old_lines, .lines_size = lines};
            return !cursor.failed && *out_stream != NO_STREAM;
        }
        ks_cursor_skip(&cursor, 16);
        ks_cursor_string(&cursor);
        ks_cursor_string(&cursor);
        ks_cursor_skip(&cursor, (4 - (size_t)(cursor.at - pdb->modules.bytes) % 4) % 4);
    }
    return false;
}

static bool load_module(struct ks_pdb *pdb, uint32_t number)
{
    struct ks_pdb_module module;
    uint32_t stream;
    if (pdb->module.stream.bytes != NULL && pdb->module_number == number) {
        return true;
    }
    ks_msf_free_part(&pdb->module.stream);
    if (!find_module(pdb, number, &stream, &module) ||
        ks_msf_stream(&pdb->msf, stream, &module.stream) != KS_MSF_READ) {
        return false;
    }
    pdb->module = module;
    pdb->module_number = number;
    if (module.symbols_size > module.stream.size) {
        ks_msf_free_part(&pdb->module.stream);
        return false;
    }
    return true;
}

// ---- questions ----

static void find_in_module(struct ks_pdb *pdb, struct ks_pdb_place place, struct ks_source *source)
{
    uint32_t number, name;
    struct ks_pdb_procedure procedure;
    struct ks_pdb_row row;
    if (!find_contribution(pdb, place, &number) || !load_module(pdb, number)) {
        return;
    }
    bool inside = ks_pdb_find_procedure(&pdb->module, place, &procedure);
    source->function = inside ? procedure.name : NULL;
    if (((inside && ks_pdb_find_inlined(&pdb->module, &procedure, place, &row)) ||
         ks_pdb_find_row(&pdb->module, place, &row)) &&
        row.line != 0 && ks_pdb_file_name(&pdb->module, row.file, &name)) {
        const uint32_t head = 12; // signature, version, size
        source->file = ks_cursor_base_name(ks_cursor_string_at(&pdb->names, (uint64_t)head + name));
        source->line = source->file != NULL ? row.line : 0;
    }
}

static void find_public(struct ks_pdb *pdb, struct ks_pdb_place place, struct ks_source *source)
{
    uint32_t begin = 0;
    if (pdb->symbols.bytes == NULL && pdb->symbols_stream != NO_STREAM) {
        ks_msf_stream(&pdb->msf, pdb->symbols_stream, &pdb->symbols);
    }
    source->function = ks_pdb_public(&pdb->symbols, place, &begin);
    source->is_nearest = source->function != NULL;
    source->behind = place.offset - begin;
}

bool ks_pdb_find(struct ks_pdb *pdb, unsigned section, uint32_t offset,
                 struct ks_source *out_source)
{
    const struct ks_pdb_place place = {section, offset};
    struct ks_source source = {.function = NULL};
    find_in_module(pdb, place, &source);
    if (source.function == NULL && source.line == 0) {
        find_public(pdb, place, &source);
    }
    *out_source = source;
    return source.function != NULL || source.line != 0;
}

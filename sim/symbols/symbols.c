// SPDX-License-Identifier: MIT
#include "symbols/symbols.h"

#include "symbols/dwarf.h"
#include "symbols/pdb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME      260u
#define COMPLAINT_SIZE 480u
#define TRIED_MOST     64u // PDBs of one name

struct ks_symbols {
    const uint8_t *bytes;
    size_t size;
    struct kldr_image *image;       // in file layout; NULL: the bytes are no image
    uint8_t *pdb_bytes;             // with pdb
    struct ks_pdb *pdb;             // NULL: none belongs to the image
    char complaint[COMPLAINT_SIZE]; // "": none
};

// ---- the PDB ----

static void complain(struct ks_symbols *symbols, const char *name, enum ks_msf_read read,
                     const struct ks_codeview *codeview, const struct ks_pdb *pdb)
{
    char wanted[KS_CODEVIEW_GUID_TEXT], got[KS_CODEVIEW_GUID_TEXT];
    char *at = symbols->complaint;
    if (*at != '\0') { // the first one stays
        return;
    }
    if (read == KS_MSF_READ) {
        ks_codeview_format_guid(codeview->build.guid, wanted);
        ks_codeview_format_guid(ks_pdb_build(pdb)->guid, got);
        snprintf(at, COMPLAINT_SIZE,
                 "%.200s is of another build: the image wants %s, age %" PRIu32
                 ", and the file is %s, age %" PRIu32,
                 name, wanted, codeview->build.age, got, ks_pdb_build(pdb)->age);
    } else {
        snprintf(at, COMPLAINT_SIZE, "%.200s: %s", name,
                 read == KS_MSF_NO_MEMORY ? "not enough memory to read it"
                                          : "no PDB that kldr can read (MSF 7.00)");
    }
}

// Takes the bytes over. True when they are the image's PDB.
static bool try_pdb(struct ks_symbols *symbols, const struct ks_codeview *codeview,
                    const char *name, uint8_t *bytes, size_t size)
{
    struct ks_pdb *pdb;
    enum ks_msf_read read = ks_pdb_open(bytes, size, &pdb);
    if (read == KS_MSF_READ &&
        memcmp(ks_pdb_build(pdb)->guid, codeview->build.guid, sizeof codeview->build.guid) == 0 &&
        ks_pdb_build(pdb)->age == codeview->build.age) {
        symbols->pdb = pdb;
        symbols->pdb_bytes = bytes;
        symbols->complaint[0] = '\0';
        return true;
    }
    complain(symbols, name, read, codeview, pdb);
    ks_pdb_close(pdb);
    free(bytes);
    return false;
}

static bool try_name(struct ks_symbols *symbols, const struct ks_codeview *codeview,
                     const char *name, ks_symbols_read *read, void *user)
{
    uint8_t *bytes;
    size_t size;
    bool found = false;
    for (unsigned i = 0; !found && i < TRIED_MOST && read(user, name, i, &bytes, &size); i++) {
        found = try_pdb(symbols, codeview, name, bytes, size);
    }
    return found;
}

// First the PDB named like the image, then the one that the linker recorded.
static void find_pdb(struct ks_symbols *symbols, const char *image_name, ks_symbols_read *read,
                     void *user)
{
    struct ks_codeview codeview;
    char name[FILE_NAME];
    const char *dot = strrchr(image_name, '.');
    size_t stem = dot != NULL ? (size_t)(dot - image_name) : strlen(image_name);
    if (symbols->image == NULL || !ks_codeview_find(symbols->image, &codeview)) {
        return;
    }
    int length =
        snprintf(name, sizeof name, "%.*s.pdb", (int)(stem < 250 ? stem : 250), image_name);
    if (length > 0 && try_name(symbols, &codeview, name, read, user)) {
        return;
    }
    const char *recorded = ks_cursor_base_name(codeview.path);
    if (recorded != NULL && strcmp(recorded, name) != 0) {
        try_name(symbols, &codeview, recorded, read, user);
    }
}

// ---- of one image ----

struct ks_symbols *ks_symbols_open(const void *bytes, size_t size, const char *name,
                                   ks_symbols_read *read, void *user)
{
    struct ks_symbols *symbols = calloc(1, sizeof *symbols);
    if (symbols == NULL) {
        return NULL;
    }
    symbols->bytes = bytes;
    symbols->size = size;
    kldr_image_create(NULL, bytes, size, NULL, &symbols->image, NULL);
    if (read != NULL) {
        find_pdb(symbols, name, read, user);
    }
    return symbols;
}

void ks_symbols_close(struct ks_symbols *symbols)
{
    if (symbols != NULL) {
        ks_pdb_close(symbols->pdb);
        free(symbols->pdb_bytes);
        kldr_image_destroy(symbols->image);
        free(symbols);
    }
}

bool ks_symbols_find(struct ks_symbols *symbols, uint32_t rva, struct ks_source *out_source)
{
    unsigned section;
    uint32_t offset;
    return ks_dwarf_find(symbols->bytes, symbols->size, rva, out_source) ||
           (symbols->pdb != NULL && ks_codeview_place(symbols->image, rva, &section, &offset) &&
            ks_pdb_find(symbols->pdb, section, offset, out_source));
}

const char *ks_symbols_complaint(const struct ks_symbols *symbols)
{
    return symbols->complaint[0] != '\0' ? symbols->complaint : NULL;
}

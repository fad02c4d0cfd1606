// SPDX-License-Identifier: MIT
// An image for people. What the loader makes of a thing is said beside it, with the fact.
#include "cli/inspect.h"

#include "symbols/codeview.h"

#include <string.h>

static void write_label(struct ks_text_buffer *out, const char *label)
{
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_text(out, label);
    ks_text_buffer_repeat(out, ' ', 14 - strlen(label));
}

static void write_count(struct ks_text_buffer *out, uint64_t count, const char *noun)
{
    ks_text_buffer_unsigned(out, count);
    ks_text_buffer_char(out, ' ');
    ks_text_buffer_text(out, noun);
    ks_text_buffer_text(out, count == 1 ? "" : "s");
}

static void write_flags(struct ks_text_buffer *out, uint32_t flags,
                        const struct ks_flag_name *names, const char *none)
{
    bool any = false;
    for (; names->name != NULL; names++) {
        if ((flags & names->flag) != 0) {
            ks_text_buffer_text(out, any ? " " : "");
            ks_text_buffer_text(out, names->name);
            any = true;
        }
    }
    ks_text_buffer_text(out, any ? "" : none);
}

// ---- headers ----

static void write_version(struct ks_text_buffer *out, const char *label, unsigned major,
                          unsigned minor)
{
    ks_text_buffer_text(out, label);
    ks_text_buffer_unsigned(out, major);
    ks_text_buffer_char(out, '.');
    ks_text_buffer_unsigned(out, minor);
}

static void write_headers(struct ks_text_buffer *out, const struct ks_image_file *file)
{
    const struct kldr_image_info *info = kldr_image_info(file->image);
    const char *subsystem = ks_inspect_subsystem(info->subsystem);
    write_label(out, "file");
    write_count(out, file->size, "byte");
    ks_text_buffer_text(out, ", ");
    ks_text_buffer_text(out, kldr_machine_name(info->machine));
    ks_text_buffer_text(out, info->pe32_plus ? ", PE32+\n" : ", PE32\n");
    write_label(out, "subsystem");
    if (subsystem != NULL) {
        ks_text_buffer_text(out, subsystem);
    } else {
        ks_text_buffer_unsigned(out, info->subsystem);
    }
    write_version(out, " ", info->subsystem_major, info->subsystem_minor);
    write_version(out, ", system ", info->os_major, info->os_minor);
    write_version(out, ", image ", info->image_major, info->image_minor);
    write_version(out, ", linker ", info->linker_major, info->linker_minor);
    ks_text_buffer_char(out, '\n');
    write_label(out, "flags");
    write_flags(out, info->characteristics, ks_inspect_characteristics, "none");
    ks_text_buffer_text(out, "; ");
    write_flags(out, info->dll_characteristics, ks_inspect_dll_characteristics, "none");
    ks_text_buffer_char(out, '\n');
    write_label(out, "timestamp");
    ks_text_buffer_hex(out, info->timestamp, 8);
    ks_text_buffer_char(out, '\n');
    write_label(out, "placement");
    ks_text_buffer_text(out, "base ");
    ks_text_buffer_address(out, info->image_base);
    ks_text_buffer_text(out, ", size ");
    ks_text_buffer_address(out, info->size_of_image);
    ks_text_buffer_text(out, ", aligned to ");
    ks_text_buffer_address(out, info->section_alignment);
    ks_text_buffer_text(out, ", in the file to ");
    ks_text_buffer_address(out, info->file_alignment);
    ks_text_buffer_char(out, '\n');
}

static void write_checksum(struct ks_text_buffer *out, const struct ks_image_file *file)
{
    uint32_t stored = 0, computed = 0;
    write_label(out, "checksum");
    if (!kldr_image_checksum(file->bytes, file->size, &stored, &computed) || stored == 0) {
        ks_text_buffer_text(out, "none (0 is never wrong, L9)\n");
        return;
    }
    ks_text_buffer_hex(out, stored, 8);
    if (stored == computed) {
        ks_text_buffer_text(out, ", right\n");
        return;
    }
    ks_text_buffer_text(out, ", wrong: computed is ");
    ks_text_buffer_hex(out, computed, 8);
    ks_text_buffer_text(out, " (L9)\n");
}

static void write_relocations(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct kldr_reloc_summary summary;
    kldr_image_reloc_summary(image, &summary);
    write_label(out, "relocations");
    if (summary.stripped) {
        ks_text_buffer_text(out, "stripped: loads at its base only (L12)\n");
    } else if (!summary.present) {
        ks_text_buffer_text(out, "none\n");
    } else {
        write_count(out, summary.blocks, "block");
        ks_text_buffer_text(out, ": ");
        ks_text_buffer_unsigned(out, summary.dir64);
        ks_text_buffer_text(out, " DIR64, ");
        ks_text_buffer_unsigned(out, summary.highlow);
        ks_text_buffer_text(out, " HIGHLOW");
        ks_text_buffer_text(out, summary.other > 0 ? ", others that the loader refuses" : "");
        ks_text_buffer_text(out, summary.malformed ? "; malformed (L12)\n" : "\n");
    }
}

static void write_load_config(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct kldr_load_config config;
    write_label(out, "load config");
    if (!kldr_image_load_config(image, &config)) {
        ks_text_buffer_text(out, "none\n");
        return;
    }
    write_count(out, config.size, "byte");
    if (config.security_cookie != 0) {
        ks_text_buffer_text(out, ", cookie at ");
        ks_text_buffer_address(out, config.security_cookie);
    }
    if (config.guard_check != 0 || config.guard_dispatch != 0) {
        ks_text_buffer_text(out, ", control flow guard with ");
        write_count(out, config.guard_count, "function");
    }
    ks_text_buffer_char(out, '\n');
}

static void write_codeview(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct ks_codeview codeview;
    char guid[KS_CODEVIEW_GUID_TEXT];
    write_label(out, "CodeView");
    if (!ks_codeview_find(image, &codeview)) {
        ks_text_buffer_text(out, "none\n");
        return;
    }
    ks_codeview_format_guid(codeview.build.guid, guid);
    ks_text_buffer_text(out, "PDB ");
    ks_text_buffer_visible(out, codeview.path[0] == '\0' ? "(no name)" : codeview.path);
    ks_text_buffer_text(out, ", build ");
    ks_text_buffer_text(out, guid);
    ks_text_buffer_text(out, ", age ");
    ks_text_buffer_unsigned(out, codeview.build.age);
    ks_text_buffer_char(out, '\n');
}

static void write_sections(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct kldr_section section;
    ks_text_buffer_text(out, "  sections\n");
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        ks_text_buffer_text(out, "    ");
        ks_text_buffer_visible(out, section.name);
        size_t width = 4 + strlen(section.name);
        ks_text_buffer_repeat(out, ' ', width < 14 ? 14 - width : 1);
        ks_text_buffer_hex(out, section.rva, 8);
        ks_text_buffer_text(out, "  size ");
        ks_text_buffer_hex(out, section.virtual_size, 8);
        ks_text_buffer_text(out, "  in file ");
        ks_text_buffer_hex(out, section.raw_size, 8);
        ks_text_buffer_text(out, "  ");
        write_flags(out, section.characteristics, ks_inspect_section_flags, "no rights");
        ks_text_buffer_char(out, '\n');
    }
}

// ---- routines ----

static void write_routine(struct ks_text_buffer *out, const struct kldr_image *image,
                          const char *name)
{
    struct ks_image_routine routine;
    ks_image_routine_find(image, name, &routine);
    ks_text_buffer_text(out, "    ");
    ks_text_buffer_text(out, name);
    ks_text_buffer_repeat(out, ' ', 15 - strlen(name));
    switch (routine.form) {
    case KS_ROUTINE_ABSENT:
        ks_text_buffer_text(out, "absent");
        break;
    case KS_ROUTINE_PRESENT:
        ks_text_buffer_text(out, "exported, at ");
        ks_text_buffer_hex(out, routine.export.rva, 8);
        break;
    case KS_ROUTINE_FORWARDED:
        ks_text_buffer_text(out, "forwarded to ");
        ks_text_buffer_visible(out, routine.export.forwarder);
        ks_text_buffer_text(out, ", which counts as absent (N2)");
        break;
    case KS_ROUTINE_UNFOUND:
        ks_text_buffer_text(out, "exported, but not found: the names are not sorted (S3)");
        break;
    case KS_ROUTINE_DECORATED:
        ks_text_buffer_text(out, "exported as ");
        ks_text_buffer_visible(out, routine.export.name);
        ks_text_buffer_text(out, " only, which counts as absent (N2, P3)");
        break;
    }
    ks_text_buffer_char(out, '\n');
}

static void write_routines(struct ks_text_buffer *out, const struct kldr_image *image)
{
    uint32_t entry = kldr_image_info(image)->entry_rva;
    ks_text_buffer_text(out, "  lifecycle routines\n    entry point    ");
    if (entry == 0) {
        ks_text_buffer_text(out, "none; not needed for imports, but started as a driver it has no "
                                 "DriverEntry (H17)\n");
    } else {
        ks_text_buffer_hex(out, entry, 8);
        ks_text_buffer_text(out,
                            "; called when it is started as a driver, never for imports (N14)\n");
    }
    write_routine(out, image, "DllInitialize");
    write_routine(out, image, "DllUnload");
}

// ---- imports and exports ----

static void write_thunks(struct ks_text_buffer *out, const struct kldr_image *image,
                         const struct kldr_import_descriptor *descriptor)
{
    struct kldr_import_thunk thunk;
    kldr_status status = KLDR_STATUS_SUCCESS;
    for (uint32_t i = 0;
         (status = kldr_image_thunk(image, descriptor, i, &thunk, NULL)) == KLDR_STATUS_SUCCESS;
         i++) {
        ks_text_buffer_text(out, "      ");
        if (thunk.name == NULL) {
            ks_text_buffer_char(out, '#');
            ks_text_buffer_unsigned(out, thunk.ordinal);
        } else {
            ks_text_buffer_visible(out, thunk.name);
            ks_text_buffer_text(out, "  hint ");
            ks_text_buffer_unsigned(out, thunk.hint);
        }
        ks_text_buffer_char(out, '\n');
    }
    if (status != KLDR_ERROR_END) {
        ks_text_buffer_text(out, "      the rest is malformed\n");
    }
}

static void write_imports(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct kldr_import_descriptor descriptor;
    kldr_status status = KLDR_STATUS_SUCCESS;
    bool ended = false;
    uint32_t descriptor_count = 0;
    ks_text_buffer_text(out, "  imports\n");
    while ((status = kldr_image_import(image, descriptor_count, &descriptor, NULL)) ==
           KLDR_STATUS_SUCCESS) {
        descriptor_count++;
        ended = ended || descriptor.lookup_table == 0;
        ks_text_buffer_text(out, "    ");
        ks_text_buffer_visible(out, descriptor.module);
        ks_text_buffer_text(out, ended ? "  never resolved: the walk ends at a descriptor without "
                                         "lookup table (R2)\n"
                                       : "\n");
        if (!ended) {
            write_thunks(out, image, &descriptor);
        }
    }
    if (status != KLDR_ERROR_END) {
        ks_text_buffer_text(out, "    the rest is malformed\n");
    } else if (descriptor_count == 0) {
        ks_text_buffer_text(out, "    none\n");
    }
}

static void write_export(struct ks_text_buffer *out, const struct kldr_export *export)
{
    ks_text_buffer_text(out, "    #");
    ks_text_buffer_unsigned(out, export->ordinal);
    ks_text_buffer_text(out, "  ");
    ks_text_buffer_visible(out, export->name == NULL ? "(no name)" : export->name);
    if (export->forwarder != NULL) {
        ks_text_buffer_text(out, " = ");
        ks_text_buffer_visible(out, export->forwarder);
    } else {
        ks_text_buffer_text(out, "  ");
        ks_text_buffer_hex(out, export->rva, 8);
    }
    ks_text_buffer_char(out, '\n');
}

static void write_exports(struct ks_text_buffer *out, const struct kldr_image *image)
{
    struct kldr_export_info info;
    struct kldr_export export;
    if (!kldr_image_exports(image, &info)) {
        ks_text_buffer_text(out, "  exports\n    no export directory\n");
        return;
    }
    ks_text_buffer_text(out, "  exports of ");
    ks_text_buffer_visible(out, info.dll_name[0] == '\0' ? "(no name)" : info.dll_name);
    ks_text_buffer_text(out, kldr_image_exports_malformed(image) ? ": malformed\n" : "\n");
    for (uint32_t i = 0; kldr_image_export_at(image, i, &export); i++) {
        if (export.rva != 0 || export.name != NULL) {
            write_export(out, &export);
        }
    }
}

void ks_inspect_text(struct ks_text_buffer *out, const struct ks_image_file *file)
{
    ks_text_buffer_visible(out, file->path);
    ks_text_buffer_char(out, '\n');
    write_headers(out, file);
    write_checksum(out, file);
    write_relocations(out, file->image);
    write_load_config(out, file->image);
    write_codeview(out, file->image);
    write_routines(out, file->image);
    write_sections(out, file->image);
    write_imports(out, file->image);
    write_exports(out, file->image);
}

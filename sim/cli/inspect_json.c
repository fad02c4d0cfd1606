// SPDX-License-Identifier: MIT
// An image for programs. Holes of the export table are left out, as in the text.
#include "cli/inspect.h"

#include "symbols/codeview.h"

static void write_flags(struct ks_json *json, const char *key, uint32_t flags,
                        const struct ks_flag_name *names)
{
    ks_json_key(json, key);
    ks_json_begin_array(json);
    for (; names->name != NULL; names++) {
        if ((flags & names->flag) != 0) {
            ks_json_text(json, names->name);
        }
    }
    ks_json_end_array(json);
}

static void write_address(struct ks_json *json, const char *key, uint64_t address)
{
    ks_json_key(json, key);
    ks_json_address(json, address);
}

static void write_headers(struct ks_json *json, const struct ks_image_file *file)
{
    const struct kldr_image_info *info = kldr_image_info(file->image);
    ks_json_key_text(json, "machine", kldr_machine_name(info->machine));
    ks_json_key_bool(json, "pe32_plus", info->pe32_plus);
    ks_json_key_unsigned(json, "subsystem", info->subsystem);
    write_flags(json, "characteristics", info->characteristics, ks_inspect_characteristics);
    write_flags(json, "dll_characteristics", info->dll_characteristics,
                ks_inspect_dll_characteristics);
    ks_json_key_unsigned(json, "timestamp", info->timestamp);
    write_address(json, "image_base", info->image_base);
    ks_json_key_unsigned(json, "size_of_image", info->size_of_image);
    ks_json_key_unsigned(json, "section_alignment", info->section_alignment);
    ks_json_key_unsigned(json, "file_alignment", info->file_alignment);
    ks_json_key_unsigned(json, "entry_point", info->entry_rva);
}

static void write_checksum(struct ks_json *json, const struct ks_image_file *file)
{
    uint32_t stored = 0, computed = 0;
    bool known = kldr_image_checksum(file->bytes, file->size, &stored, &computed);
    const char *state = !known || stored == 0 ? "none" : stored == computed ? "right" : "wrong";
    ks_json_key(json, "checksum");
    ks_json_begin_object(json);
    ks_json_key_text(json, "state", state);
    ks_json_key_hex(json, "stored", stored, 8);
    ks_json_key_hex(json, "computed", computed, 8);
    ks_json_end_object(json);
}

static void write_relocations(struct ks_json *json, const struct kldr_image *image)
{
    struct kldr_reloc_summary summary;
    kldr_image_reloc_summary(image, &summary);
    ks_json_key(json, "relocations");
    ks_json_begin_object(json);
    ks_json_key_bool(json, "present", summary.present);
    ks_json_key_bool(json, "stripped", summary.stripped);
    ks_json_key_bool(json, "malformed", summary.malformed);
    ks_json_key_unsigned(json, "blocks", summary.blocks);
    ks_json_key_unsigned(json, "highlow", summary.highlow);
    ks_json_key_unsigned(json, "dir64", summary.dir64);
    ks_json_key_unsigned(json, "other", summary.other);
    ks_json_end_object(json);
}

static void write_load_config(struct ks_json *json, const struct kldr_image *image)
{
    struct kldr_load_config config;
    if (!kldr_image_load_config(image, &config)) {
        return;
    }
    ks_json_key(json, "load_config");
    ks_json_begin_object(json);
    ks_json_key_unsigned(json, "size", config.size);
    write_address(json, "security_cookie", config.security_cookie);
    write_address(json, "guard_check", config.guard_check);
    write_address(json, "guard_dispatch", config.guard_dispatch);
    ks_json_key_unsigned(json, "guard_count", config.guard_count);
    ks_json_key_hex(json, "guard_flags", config.guard_flags, 8);
    ks_json_end_object(json);
}

static void write_codeview(struct ks_json *json, const struct kldr_image *image)
{
    struct ks_codeview codeview;
    char guid[KS_CODEVIEW_GUID_TEXT];
    if (!ks_codeview_find(image, &codeview)) {
        return;
    }
    ks_codeview_format_guid(codeview.build.guid, guid);
    ks_json_key(json, "codeview");
    ks_json_begin_object(json);
    ks_json_key_text(json, "pdb", codeview.path);
    ks_json_key_text(json, "guid", guid);
    ks_json_key_unsigned(json, "age", codeview.build.age);
    ks_json_end_object(json);
}

static void write_routine(struct ks_json *json, const struct kldr_image *image, const char *name)
{
    struct ks_image_routine routine;
    ks_image_routine_find(image, name, &routine);
    ks_json_key(json, name);
    ks_json_begin_object(json);
    ks_json_key_text(json, "form", ks_inspect_routine_form(routine.form));
    if (routine.form != KS_ROUTINE_ABSENT) {
        ks_json_key_text(json, "name", routine.export.name);
        ks_json_key_unsigned(json, "rva", routine.export.rva);
    }
    if (routine.form == KS_ROUTINE_FORWARDED) {
        ks_json_key_text(json, "forwarder", routine.export.forwarder);
    }
    ks_json_end_object(json);
}

static void write_sections(struct ks_json *json, const struct kldr_image *image)
{
    struct kldr_section section;
    ks_json_key(json, "sections");
    ks_json_begin_array(json);
    for (unsigned i = 0; kldr_image_section(image, i, &section); i++) {
        ks_json_begin_object(json);
        ks_json_key_text(json, "name", section.name);
        ks_json_key_unsigned(json, "rva", section.rva);
        ks_json_key_unsigned(json, "size", section.virtual_size);
        ks_json_key_unsigned(json, "raw_offset", section.raw_offset);
        ks_json_key_unsigned(json, "raw_size", section.raw_size);
        write_flags(json, "flags", section.characteristics, ks_inspect_section_flags);
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
}

static void write_functions(struct ks_json *json, const struct kldr_image *image,
                            const struct kldr_import_descriptor *descriptor)
{
    struct kldr_import_thunk thunk;
    kldr_status status = KLDR_STATUS_SUCCESS;
    ks_json_key(json, "functions");
    ks_json_begin_array(json);
    for (uint32_t i = 0;
         (status = kldr_image_thunk(image, descriptor, i, &thunk, NULL)) == KLDR_STATUS_SUCCESS;
         i++) {
        ks_json_begin_object(json);
        if (thunk.name == NULL) {
            ks_json_key_unsigned(json, "ordinal", thunk.ordinal);
        } else {
            ks_json_key_text(json, "name", thunk.name);
            ks_json_key_unsigned(json, "hint", thunk.hint);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
    if (status != KLDR_ERROR_END) {
        ks_json_key_bool(json, "malformed", true);
    }
}

static void write_imports(struct ks_json *json, const struct kldr_image *image)
{
    struct kldr_import_descriptor descriptor;
    kldr_status status = KLDR_STATUS_SUCCESS;
    bool ended = false;
    ks_json_key(json, "imports");
    ks_json_begin_array(json);
    for (uint32_t i = 0;
         (status = kldr_image_import(image, i, &descriptor, NULL)) == KLDR_STATUS_SUCCESS; i++) {
        ended = ended || descriptor.lookup_table == 0;
        ks_json_begin_object(json);
        ks_json_key_text(json, "module", descriptor.module);
        ks_json_key_bool(json, "resolved", !ended);
        if (!ended) {
            write_functions(json, image, &descriptor);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
    ks_json_key_bool(json, "imports_malformed", status != KLDR_ERROR_END);
}

static void write_exports(struct ks_json *json, const struct kldr_image *image)
{
    struct kldr_export_info info;
    struct kldr_export export;
    if (!kldr_image_exports(image, &info)) {
        return;
    }
    ks_json_key(json, "exports");
    ks_json_begin_object(json);
    ks_json_key_text(json, "name", info.dll_name);
    ks_json_key_unsigned(json, "ordinal_base", info.ordinal_base);
    ks_json_key_bool(json, "malformed", kldr_image_exports_malformed(image));
    ks_json_key(json, "functions");
    ks_json_begin_array(json);
    for (uint32_t i = 0; kldr_image_export_at(image, i, &export); i++) {
        if (export.rva == 0 && export.name == NULL) {
            continue;
        }
        ks_json_begin_object(json);
        ks_json_key_unsigned(json, "ordinal", export.ordinal);
        ks_json_key_text(json, "name", export.name);
        ks_json_key_unsigned(json, "rva", export.rva);
        if (export.forwarder != NULL) {
            ks_json_key_text(json, "forwarder", export.forwarder);
        }
        ks_json_end_object(json);
    }
    ks_json_end_array(json);
    ks_json_end_object(json);
}

void ks_inspect_json(struct ks_json *json, const struct ks_image_file *file)
{
    ks_json_begin_object(json);
    ks_json_key_text(json, "file", file->path);
    ks_json_key_unsigned(json, "size", file->size);
    write_headers(json, file);
    write_checksum(json, file);
    write_relocations(json, file->image);
    write_load_config(json, file->image);
    write_codeview(json, file->image);
    ks_json_key(json, "routines");
    ks_json_begin_object(json);
    write_routine(json, file->image, "DllInitialize");
    write_routine(json, file->image, "DllUnload");
    ks_json_end_object(json);
    write_sections(json, file->image);
    write_imports(json, file->image);
    write_exports(json, file->image);
    ks_json_end_object(json);
}

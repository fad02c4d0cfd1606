// SPDX-License-Identifier: MIT
// Validation of DOS, file and optional headers and of the section table: everything later code
// trusts.
//
// The order of the checks is the order in which Windows finds the faults: the image check first
// (L9), then section creation (L10). Accepted on purpose, because real linkers write it: fewer than
// 16 directories, section alignments below a page or below the file alignment (lld's /align:0x80),
// gaps between sections, e_lfanew inside the DOS header, any subsystem. Refused although the
// numbers would fit: no section at all (such an image has no code), overlapping or unsorted
// sections, an entry point outside the image.
#include "image.h"

#include "bytes.h"
#include "pe_format.h"

#include <string.h>

// The file and what was found of it so far.
struct reader {
    const uint8_t *bytes;
    size_t size;
    uint32_t file_header;     // offset of IMAGE_FILE_HEADER
    uint32_t optional_header; // offset of IMAGE_OPTIONAL_HEADER
    uint32_t optional_size;   // SizeOfOptionalHeader
    uint32_t section_table;   // offset
    uint32_t max_size_of_image;
    struct kldr_image_info info;
    struct kldr_error *error;
};

#define MALFORMED(reader, ...)                                                                     \
    kl_image_fail((reader)->error, KLDR_STATUS_INVALID_IMAGE_FORMAT, KLDR_STAGE_MAP, 0, __VA_ARGS__)

uint32_t kl_image_find_nt_headers(const uint8_t *bytes, size_t size)
{
    if (size < PE_DOS_SIZE || kl_bytes_u16(bytes) != PE_DOS_SIGNATURE)
        return 0;
    uint32_t offset = kl_bytes_u32(bytes + PE_DOS_E_LFANEW);
    if (!kl_bytes_fits(size, offset, 4) || kl_bytes_u32(bytes + offset) != PE_NT_SIGNATURE)
        return 0;
    return offset;
}

static kldr_status check_signatures(struct reader *reader)
{
    if (reader->size < 2 || kl_bytes_u16(reader->bytes) != PE_DOS_SIGNATURE)
        return kl_image_fail(reader->error, KLDR_STATUS_INVALID_IMAGE_NOT_MZ, KLDR_STAGE_MAP, 0,
                             "the file does not begin with \"MZ\"");
    uint32_t nt = kl_image_find_nt_headers(reader->bytes, reader->size);
    if (nt == 0)
        return kl_image_fail(
            reader->error, KLDR_STATUS_IMAGE_CHECKSUM_MISMATCH, KLDR_STAGE_CHECK, 0,
            "there are no NT headers: the offset at 0x3C does not lead to \"PE\\0\\0\"");
    if (!kl_bytes_fits(reader->size, nt, PE_NT_OPTIONAL))
        return MALFORMED(reader, "the file ends inside the file header");
    reader->file_header = nt + PE_NT_FILE;
    reader->optional_header = nt + PE_NT_OPTIONAL;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_machine(struct reader *reader, enum kldr_machine wanted)
{
    uint16_t machine = kl_bytes_u16(reader->bytes + reader->file_header + PE_FILE_MACHINE);
    const char *name = kldr_machine_name((enum kldr_machine)machine);

    if (name == NULL || (wanted != KLDR_MACHINE_UNKNOWN && machine != (uint16_t)wanted))
        return kl_image_fail(reader->error, KLDR_STATUS_INVALID_IMAGE_PROTECT, KLDR_STAGE_CHECK, 0,
                             "the image is for machine 0x%04X (%s), expected %s", (unsigned)machine,
                             name == NULL ? "unknown" : name,
                             wanted == KLDR_MACHINE_UNKNOWN ? "x86, x64 or arm64"
                                                            : kldr_machine_name(wanted));
    reader->info.machine = (enum kldr_machine)machine;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_magic(struct reader *reader)
{
    reader->optional_size =
        kl_bytes_u16(reader->bytes + reader->file_header + PE_FILE_SIZE_OF_OPTIONAL_HEADER);
    if (reader->optional_size < 2 || !kl_bytes_fits(reader->size, reader->optional_header, 2))
        return MALFORMED(reader, "there is no optional header");
    uint16_t magic = kl_bytes_u16(reader->bytes + reader->optional_header + PE_OPTIONAL_MAGIC);
    uint16_t expected =
        reader->info.machine == KLDR_MACHINE_X86 ? PE_MAGIC_PE32 : PE_MAGIC_PE32_PLUS;
    if (magic != expected)
        return kl_image_fail(reader->error, KLDR_STATUS_INVALID_IMAGE_PROTECT, KLDR_STAGE_CHECK, 0,
                             "the optional header's magic is 0x%04X, %s needs 0x%04X",
                             (unsigned)magic, kldr_machine_name(reader->info.machine),
                             (unsigned)expected);
    reader->info.pe32_plus = magic == PE_MAGIC_PE32_PLUS;
    if (!kl_bytes_fits(reader->size, reader->optional_header, reader->optional_size))
        return MALFORMED(reader, "the file ends inside the optional header");
    return KLDR_STATUS_SUCCESS;
}

static void read_file_header(struct reader *reader)
{
    const uint8_t *file = reader->bytes + reader->file_header;
    reader->info.section_count = kl_bytes_u16(file + PE_FILE_NUMBER_OF_SECTIONS);
    reader->info.timestamp = kl_bytes_u32(file + PE_FILE_TIME_DATE_STAMP);
    reader->info.characteristics = kl_bytes_u16(file + PE_FILE_CHARACTERISTICS);
    reader->section_table = reader->optional_header + reader->optional_size;
}

static void read_optional_header(struct reader *reader)
{
    const uint8_t *optional = reader->bytes + reader->optional_header;
    struct kldr_image_info *info = &reader->info;

    info->linker_major = optional[PE_OPTIONAL_MAJOR_LINKER];
    info->linker_minor = optional[PE_OPTIONAL_MINOR_LINKER];
    info->entry_rva = kl_bytes_u32(optional + PE_OPTIONAL_ENTRY_POINT);
    info->image_base = info->pe32_plus ? kl_bytes_u64(optional + PE_OPTIONAL_IMAGE_BASE64)
                                       : kl_bytes_u32(optional + PE_OPTIONAL_IMAGE_BASE32);
    info->section_alignment = kl_bytes_u32(optional + PE_OPTIONAL_SECTION_ALIGNMENT);
    info->file_alignment = kl_bytes_u32(optional + PE_OPTIONAL_FILE_ALIGNMENT);
    info->os_major = kl_bytes_u16(optional + PE_OPTIONAL_MAJOR_OS);
    info->os_minor = kl_bytes_u16(optional + PE_OPTIONAL_MINOR_OS);
    info->image_major = kl_bytes_u16(optional + PE_OPTIONAL_MAJOR_IMAGE);
    info->image_minor = kl_bytes_u16(optional + PE_OPTIONAL_MINOR_IMAGE);
    info->subsystem_major = kl_bytes_u16(optional + PE_OPTIONAL_MAJOR_SUBSYSTEM);
    info->subsystem_minor = kl_bytes_u16(optional + PE_OPTIONAL_MINOR_SUBSYSTEM);
    info->size_of_image = kl_bytes_u32(optional + PE_OPTIONAL_SIZE_OF_IMAGE);
    info->size_of_headers = kl_bytes_u32(optional + PE_OPTIONAL_SIZE_OF_HEADERS);
    info->checksum = kl_bytes_u32(optional + PE_OPTIONAL_CHECKSUM);
    info->subsystem = kl_bytes_u16(optional + PE_OPTIONAL_SUBSYSTEM);
    info->dll_characteristics = kl_bytes_u16(optional + PE_OPTIONAL_DLL_CHARACTERISTICS);
}

// Reads as many directories as the image says it has; those beyond stay absent.
static kldr_status read_directories(struct reader *reader)
{
    const uint8_t *optional = reader->bytes + reader->optional_header;
    uint32_t start = reader->info.pe32_plus ? PE_OPTIONAL64_DIRECTORIES : PE_OPTIONAL32_DIRECTORIES;
    uint32_t count_at =
        reader->info.pe32_plus ? PE_OPTIONAL64_DIRECTORY_COUNT : PE_OPTIONAL32_DIRECTORY_COUNT;

    if (reader->optional_size < start)
        return MALFORMED(reader, "SizeOfOptionalHeader is %u, at least %u are needed",
                         (unsigned)reader->optional_size, (unsigned)start);
    uint32_t count = kl_bytes_u32(optional + count_at);
    if (count > KLDR_DIRECTORY_COUNT)
        count = KLDR_DIRECTORY_COUNT;
    if (reader->optional_size - start < count * PE_DIRECTORY_SIZE)
        return MALFORMED(reader, "SizeOfOptionalHeader is %u, too small for %u directories",
                         (unsigned)reader->optional_size, (unsigned)count);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *directory = optional + start + (size_t)i * PE_DIRECTORY_SIZE;
        reader->info.directory[i].rva = kl_bytes_u32(directory);
        reader->info.directory[i].size = kl_bytes_u32(directory + 4);
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_alignments(struct reader *reader)
{
    const struct kldr_image_info *info = &reader->info;

    if (!kl_bytes_is_power_of_two(info->section_alignment) ||
        !kl_bytes_is_power_of_two(info->file_alignment))
        return MALFORMED(reader, "alignments must be powers of two: section 0x%lX, file 0x%lX",
                         (unsigned long)info->section_alignment,
                         (unsigned long)info->file_alignment);
    if (info->image_base % PE_IMAGE_BASE_MULTIPLE != 0)
        return MALFORMED(reader, "the image base 0x%llX is not a multiple of 64 KiB",
                         (unsigned long long)info->image_base);
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_sizes(struct reader *reader)
{
    struct kldr_image_info *info = &reader->info;
    uint64_t size = kl_bytes_align_up(info->size_of_image, info->section_alignment);
    uint64_t table_end = reader->section_table + (uint64_t)info->section_count * PE_SECTION_SIZE;
    uint64_t last_base = info->pe32_plus ? UINT64_MAX : UINT32_MAX;

    if (size == 0)
        return MALFORMED(reader, "SizeOfImage is 0");
    if (size > reader->max_size_of_image)
        return kl_image_fail(reader->error, KLDR_ERROR_LIMIT, KLDR_STAGE_MAP, 0,
                             "SizeOfImage is 0x%llX, the limit is 0x%lX", (unsigned long long)size,
                             (unsigned long)reader->max_size_of_image);
    info->size_of_image = (uint32_t)size;
    if (info->image_base > last_base - (size - 1))
        return MALFORMED(reader, "the image base 0x%llX leaves no room for the image",
                         (unsigned long long)info->image_base);
    if (info->size_of_headers > reader->size || info->size_of_headers > size)
        return MALFORMED(reader, "SizeOfHeaders is 0x%lX, larger than the file or the image",
                         (unsigned long)info->size_of_headers);
    if (table_end > info->size_of_headers)
        return MALFORMED(reader, "the section table ends at 0x%llX, beyond SizeOfHeaders 0x%lX",
                         (unsigned long long)table_end, (unsigned long)info->size_of_headers);
    if (info->entry_rva >= size)
        return MALFORMED(reader, "the entry point 0x%lX lies outside the image",
                         (unsigned long)info->entry_rva);
    return KLDR_STATUS_SUCCESS;
}

// Checks one section against the file, the image, and *end, the end of what lies before it; then
// moves *end.
static kldr_status check_section(struct reader *reader, const uint8_t *row, uint64_t *end)
{
    struct kldr_section section;
    uint32_t raw_size = kl_bytes_u32(row + PE_SECTION_RAW_SIZE);

    kl_image_decode_section(row, reader->info.section_alignment, &section);
    if (section.rva % reader->info.section_alignment != 0)
        return MALFORMED(reader, "section \"%s\" at 0x%lX is not aligned to 0x%lX", section.name,
                         (unsigned long)section.rva, (unsigned long)reader->info.section_alignment);
    if (section.virtual_size == 0)
        return MALFORMED(reader, "section \"%s\" is empty", section.name);
    if (section.rva < *end)
        return MALFORMED(reader,
                         "section \"%s\" at 0x%lX begins before 0x%llX, where its predecessor ends",
                         section.name, (unsigned long)section.rva, (unsigned long long)*end);
    if (!kl_bytes_fits(reader->info.size_of_image, section.rva, section.virtual_size))
        return MALFORMED(reader, "section \"%s\" ends at 0x%llX, beyond SizeOfImage 0x%lX",
                         section.name, (unsigned long long)section.rva + section.virtual_size,
                         (unsigned long)reader->info.size_of_image);
    if (section.raw_size != 0 && !kl_bytes_fits(reader->size, section.raw_offset, raw_size))
        return MALFORMED(reader,
                         "section \"%s\" has raw data up to 0x%llX, the file ends at 0x%llX",
                         section.name, (unsigned long long)section.raw_offset + raw_size,
                         (unsigned long long)reader->size);
    *end = (uint64_t)section.rva + section.virtual_size;
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_sections(struct reader *reader)
{
    uint64_t end = reader->info.size_of_headers;
    const uint8_t *row = reader->bytes + reader->section_table;

    for (unsigned i = 0; i < reader->info.section_count; i++, row += PE_SECTION_SIZE) {
        kldr_status status = check_section(reader, row, &end);
        if (status != KLDR_STATUS_SUCCESS)
            return status;
    }
    return KLDR_STATUS_SUCCESS;
}

static kldr_status check_file_header(struct reader *reader)
{
    if ((reader->info.characteristics & PE_FILE_EXECUTABLE_IMAGE) == 0)
        return MALFORMED(reader, "characteristics 0x%04X: the image is not marked executable",
                         (unsigned)reader->info.characteristics);
    if (reader->info.section_count == 0 || reader->info.section_count > PE_MAX_SECTIONS)
        return MALFORMED(reader, "the image has %u sections, expected 1 to %u",
                         (unsigned)reader->info.section_count, (unsigned)PE_MAX_SECTIONS);
    return KLDR_STATUS_SUCCESS;
}

// The part that section creation checks (L10).
static kldr_status check_layout(struct reader *reader)
{
    static kldr_status (*const checks[])(struct reader *) = {check_file_header, check_alignments,
                                                             check_sizes, check_sections};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        kldr_status status = checks[i](reader);
        if (status != KLDR_STATUS_SUCCESS)
            return status;
    }
    return KLDR_STATUS_SUCCESS;
}

kldr_status kl_image_check_headers(const uint8_t *bytes, size_t size,
                                   const struct kldr_image_options *options,
                                   struct kldr_image_info *out_info, uint32_t *out_section_table,
                                   struct kldr_error *error)
{
    struct reader reader = {.bytes = bytes, .size = size, .error = error};

    reader.max_size_of_image = options != NULL && options->max_size_of_image != 0
                                   ? options->max_size_of_image
                                   : KL_IMAGE_DEFAULT_MAX_SIZE;
    kldr_status status = check_signatures(&reader);
    if (status == KLDR_STATUS_SUCCESS)
        status = check_machine(&reader, options == NULL ? KLDR_MACHINE_UNKNOWN : options->machine);
    if (status == KLDR_STATUS_SUCCESS)
        status = check_magic(&reader);
    if (status != KLDR_STATUS_SUCCESS)
        return status;
    status = read_directories(&reader);
    if (status != KLDR_STATUS_SUCCESS)
        return status;
    read_file_header(&reader);
    read_optional_header(&reader);
    status = check_layout(&reader);
    if (status != KLDR_STATUS_SUCCESS)
        return status;
    *out_info = reader.info;
    *out_section_table = reader.section_table;
    return KLDR_STATUS_SUCCESS;
}

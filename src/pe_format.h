// SPDX-License-Identifier: MIT
// Offsets and constants of the PE format, as published in Microsoft's "PE Format" specification.
// Offsets count from the beginning of the structure they are named after; nothing here is a C
// struct, because the bytes are unaligned and little-endian.
#ifndef KL_PE_FORMAT_H
#define KL_PE_FORMAT_H

// IMAGE_DOS_HEADER
#define PE_DOS_SIGNATURE 0x5a4du // "MZ"
#define PE_DOS_SIZE      0x40u
#define PE_DOS_E_LFANEW  0x3cu

// IMAGE_NT_HEADERS: signature, file header, optional header
#define PE_NT_SIGNATURE 0x00004550u // "PE\0\0"
#define PE_NT_FILE      4u
#define PE_NT_OPTIONAL  24u

// IMAGE_FILE_HEADER
#define PE_FILE_SIZE                    20u
#define PE_FILE_MACHINE                 0u
#define PE_FILE_NUMBER_OF_SECTIONS      2u
#define PE_FILE_TIME_DATE_STAMP         4u
#define PE_FILE_SIZE_OF_OPTIONAL_HEADER 16u
#define PE_FILE_CHARACTERISTICS         18u

#define PE_FILE_RELOCS_STRIPPED  0x0001u
#define PE_FILE_EXECUTABLE_IMAGE 0x0002u

// "The Windows loader limits the number of sections to 96."
#define PE_MAX_SECTIONS 96u

// IMAGE_OPTIONAL_HEADER; from SectionAlignment to DllCharacteristics both kinds agree.
#define PE_MAGIC_PE32      0x010bu
#define PE_MAGIC_PE32_PLUS 0x020bu

#define PE_OPTIONAL_MAGIC               0u
#define PE_OPTIONAL_MAJOR_LINKER        2u
#define PE_OPTIONAL_MINOR_LINKER        3u
#define PE_OPTIONAL_ENTRY_POINT         16u
#define PE_OPTIONAL_IMAGE_BASE64        24u
#define PE_OPTIONAL_IMAGE_BASE32        28u
#define PE_OPTIONAL_SECTION_ALIGNMENT   32u
#define PE_OPTIONAL_FILE_ALIGNMENT      36u
#define PE_OPTIONAL_MAJOR_OS            40u
#define PE_OPTIONAL_MINOR_OS            42u
#define PE_OPTIONAL_MAJOR_IMAGE         44u
#define PE_OPTIONAL_MINOR_IMAGE         46u
#define PE_OPTIONAL_MAJOR_SUBSYSTEM     48u
#define PE_OPTIONAL_MINOR_SUBSYSTEM     50u
#define PE_OPTIONAL_SIZE_OF_IMAGE       56u
#define PE_OPTIONAL_SIZE_OF_HEADERS     60u
#define PE_OPTIONAL_CHECKSUM            64u
#define PE_OPTIONAL_SUBSYSTEM           68u
#define PE_OPTIONAL_DLL_CHARACTERISTICS 70u
#define PE_OPTIONAL32_DIRECTORY_COUNT   92u
#define PE_OPTIONAL32_DIRECTORIES       96u
#define PE_OPTIONAL64_DIRECTORY_COUNT   108u
#define PE_OPTIONAL64_DIRECTORIES       112u

#define PE_DIRECTORY_SIZE      8u
#define PE_IMAGE_BASE_MULTIPLE 0x10000u

// IMAGE_SECTION_HEADER
#define PE_SECTION_SIZE            40u
#define PE_SECTION_NAME_SIZE       8u
#define PE_SECTION_VIRTUAL_SIZE    8u
#define PE_SECTION_VIRTUAL_ADDRESS 12u
#define PE_SECTION_RAW_SIZE        16u
#define PE_SECTION_RAW_POINTER     20u
#define PE_SECTION_CHARACTERISTICS 36u

// IMAGE_EXPORT_DIRECTORY
#define PE_EXPORT_SIZE           40u
#define PE_EXPORT_NAME           12u
#define PE_EXPORT_BASE           16u
#define PE_EXPORT_FUNCTION_COUNT 20u
#define PE_EXPORT_NAME_COUNT     24u
#define PE_EXPORT_FUNCTIONS      28u
#define PE_EXPORT_NAMES          32u
#define PE_EXPORT_ORDINALS       36u

// IMAGE_IMPORT_DESCRIPTOR
#define PE_IMPORT_SIZE         20u
#define PE_IMPORT_LOOKUP_TABLE 0u // OriginalFirstThunk
#define PE_IMPORT_TIMESTAMP    4u
#define PE_IMPORT_NAME         12u
#define PE_IMPORT_ADDRESSES    16u // FirstThunk

// Thunks: the top bit says "by ordinal"; else the RVA of a hint and a name.
#define PE_THUNK_ORDINAL32 0x80000000u
#define PE_THUNK_ORDINAL64 0x8000000000000000u
#define PE_THUNK_HINT_SIZE 2u

// IMAGE_BASE_RELOCATION
#define PE_RELOC_HEADER_SIZE   8u
#define PE_RELOC_BLOCK_SIZE    4u
#define PE_RELOC_TYPE_ABSOLUTE 0u
#define PE_RELOC_TYPE_HIGHLOW  3u
#define PE_RELOC_TYPE_DIR64    10u

#endif

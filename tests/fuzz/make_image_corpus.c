// SPDX-License-Identifier: MIT
// Writes the seeds of fuzz_image, tests/fuzz/corpus/image, with the image builder:
//
//     make_image_corpus FOLDER
//
// One image for each shape that the reader treats differently. The seeds are in the tree; this is
// for making them again when the builder has learned something. The seeds sample-*.sys are not made
// here: they are the bytes of tests/support/pe_sample.c, which have what the builder does not
// write.
#include <kldr/image_builder.h>

#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const struct kldr_build_export exports[] = {
    {.name = "DllInitialize"},
    {.name = "DllUnload"},
    {.name = "PortRegister"},
    {.name = "PortUnregister", .ordinal = 9},
    {.name = "PortByOrdinal", .ordinal = 7, .noname = true},
    {.name = "PortData", .data = true, .data_value = 42},
    {.name = "PortStatus", .forwarder = "other.RealStatus"},
    {.name = "PortHole", .hole = true},
};

static const struct kldr_build_function kernel_functions[] = {
    {.name = "DbgPrint", .hint = 3},
    {.name = "ExAllocatePoolWithTag", .hint = 0xffff},
    {.ordinal = 77},
};

static const struct kldr_build_function port_functions[] = {{.name = "PortRegister"},
                                                            {.ordinal = 7}};

static const struct kldr_build_import imports[] = {
    {.module = "ntoskrnl.exe",
     .functions = kernel_functions,
     .function_count = COUNT_OF(kernel_functions)},
    {.module = "port.sys", .functions = port_functions, .function_count = COUNT_OF(port_functions)},
    {.module = "port.sys", .functions = port_functions, .function_count = 1},
    {.module = "old.sys",
     .functions = port_functions,
     .function_count = 1,
     .no_lookup_table = true},
};

#define EXPORTS .exports = exports, .export_count = COUNT_OF(exports)
#define IMPORTS .imports = imports, .import_count = COUNT_OF(imports)

static const struct kldr_build_description seeds[] = {
    {.name = "x64.sys", EXPORTS, IMPORTS, .entry_point = true},
    {.name = "x86.sys", .machine = KLDR_MACHINE_X86, EXPORTS, IMPORTS, .entry_point = true},
    {.name = "arm64.sys", .machine = KLDR_MACHINE_ARM64, EXPORTS, IMPORTS},
    {.name = "unsorted.sys", EXPORTS, .unsorted_names = true, .ordinal_base = 5},
    {.name = "importer.sys", IMPORTS, .no_export_directory = true, .entry_point = true},
    {.name = "core.sys", EXPORTS, .mapped_layout = true},
    {.name = "stripped.sys", EXPORTS, .broken = KLDR_BROKEN_RELOCATIONS_STRIPPED},
    {.name = "relocations.sys", EXPORTS, .broken = KLDR_BROKEN_RELOCATIONS_MALFORMED},
    {.name = "truncated.sys", EXPORTS, .broken = KLDR_BROKEN_TRUNCATED},
    {.name = "empty.sys", .no_export_directory = true},
};

static int write_file(const char *folder, const char *name, const uint8_t *bytes, size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    int good = file != NULL && fwrite(bytes, 1, size, file) == size;
    if (file != NULL && fclose(file) != 0)
        good = 0;
    if (!good)
        perror(path);
    return good;
}

static int write_seed(const char *folder, const struct kldr_build_description *seed)
{
    struct kldr_built_image built;
    struct kldr_error error = {0};

    if (kldr_image_build(NULL, seed, &built, &error) != KLDR_STATUS_SUCCESS) {
        fprintf(stderr, "%s: %s\n", seed->name, error.detail);
        return 0;
    }
    int good = write_file(folder, seed->name, built.bytes, built.size);
    kldr_built_image_free(NULL, &built);
    return good;
}

int main(int argc, char **argv)
{
    int good = argc == 2;
    if (!good)
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    for (size_t i = 0; good && i < COUNT_OF(seeds); i++)
        good = write_seed(argv[1], &seeds[i]);
    return good ? 0 : 1;
}

// SPDX-License-Identifier: MIT
// All arrays of the description lie in one block, sized before it is filled.

#include "scenario/run/declared.h"

#include <string.h>

static const char drivers_folder[] = "\\SystemRoot\\System32\\drivers\\";

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t i = 0;
    while (i < a_length && i < b_length && fold(a[i]) == fold(b[i])) {
        i++;
    }
    return i == a_length && i == b_length;
}

const struct ks_image *ks_declared_find(const struct ks_scenario *scenario, const char *path,
                                        size_t length)
{
    for (size_t i = 0; i < scenario->image_count; i++) {
        const char *other = scenario->images[i].path;
        if (same_text(path, length, other, strlen(other))) {
            return &scenario->images[i];
        }
    }
    return NULL;
}

// ---- exports ----

// A routine that is exported though the list of exports does not name it: DllInitialize, DllUnload.
struct extra {
    const char *name; // NULL: not needed
    const char *forwarder;
};

static bool is_listed(const struct ks_image *image, const char *name)
{
    for (size_t i = 0; i < image->export_count; i++) {
        if (strcmp(image->exports[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static struct extra extra_of(const struct ks_image *image, bool given,
                             const struct ks_routine *routine, const char *name)
{
    const char *exported = routine->export_as != NULL ? routine->export_as : name;
    if (!given || routine->absent || is_listed(image, exported)) {
        return (struct extra){0};
    }
    return (struct extra){exported, routine->forward};
}

// The routine's `forward` also holds when the exports list gives the routine its ordinal (A53).
static const char *forwarder_of(const struct ks_image *image, const struct ks_export *export)
{
    if (export->forwarder != NULL) {
        return export->forwarder;
    }
    if (image->has_dllinitialize && strcmp(export->name, "DllInitialize") == 0) {
        return image->dllinitialize.forward;
    }
    return image->has_dllunload && strcmp(export->name, "DllUnload") == 0 ? image->dllunload.forward
                                                                          : NULL;
}

static uint64_t data_value(const struct ks_image *image, const char *name)
{
    for (size_t i = 0; i < image->data_count; i++) {
        if (strcmp(image->data[i].name, name) == 0) {
            return image->data[i].value;
        }
    }
    return 0;
}

static size_t fill_exports(const struct ks_image *image, struct kldr_build_export *exports)
{
    const struct extra extras[] = {
        extra_of(image, image->has_dllinitialize, &image->dllinitialize, "DllInitialize"),
        extra_of(image, image->has_dllunload, &image->dllunload, "DllUnload")};
    size_t count = 0;
    for (size_t i = 0; i < image->export_count; i++) {
        const struct ks_export *export = &image->exports[i];
        exports[count++] = (struct kldr_build_export){
            .name = export->name,
            .ordinal = export->ordinal,
            .noname = export->noname,
            .data = export->data,
            .private_ = export->private_,
            .data_value = export->data ? data_value(image, export->name) : 0,
            .forwarder = forwarder_of(image, export),
        };
    }
    for (size_t i = 0; i < 2; i++) {
        if (extras[i].name != NULL) {
            exports[count++] = (struct kldr_build_export){.name = extras[i].name,
                                                          .forwarder = extras[i].forwarder};
        }
    }
    return count;
}

// ---- hints ----

// The index of a name in the image's name table, 0 when it has none.
static uint32_t name_index(const struct ks_image *image, const char *name)
{
    const struct extra extras[] = {
        extra_of(image, image->has_dllinitialize, &image->dllinitialize, "DllInitialize"),
        extra_of(image, image->has_dllunload, &image->dllunload, "DllUnload")};
    uint32_t before = 0;
    bool found = false;
    for (size_t i = 0; i < image->export_count + 2; i++) {
        bool extra = i >= image->export_count;
        const char *other = extra ? extras[i - image->export_count].name : image->exports[i].name;
        if (other == NULL || (!extra && image->exports[i].noname)) {
            continue;
        }
        int order = strcmp(other, name);
        found = found || order == 0;
        before += image->unsorted_names ? !found : order < 0;
    }
    return found ? before : 0;
}

static const struct ks_image *declared_exporter(const struct ks_scenario *scenario,
                                                const struct ks_image *importer, const char *module)
{
    char path[KLDR_PATH_SIZE];
    size_t module_length = strlen(module);
    const char *base = strrchr(importer->path, '\\');
    size_t folder = base != NULL ? (size_t)(base - importer->path) + 1 : 0;
    const struct ks_image *found = NULL;
    if (folder + module_length < sizeof path) {
        memcpy(path, importer->path, folder);
        memcpy(path + folder, module, module_length);
        found = ks_declared_find(scenario, path, folder + module_length);
    }
    if (found == NULL && sizeof drivers_folder + module_length < sizeof path) {
        memcpy(path, drivers_folder, sizeof drivers_folder - 1);
        memcpy(path + sizeof drivers_folder - 1, module, module_length);
        found = ks_declared_find(scenario, path, sizeof drivers_folder - 1 + module_length);
    }
    return found != NULL && !found->real ? found : NULL;
}

// ---- imports ----

static void fill_functions(const struct ks_import *import, const struct ks_image *exporter,
                           struct kldr_build_function *functions)
{
    for (size_t i = 0; i < import->function_count; i++) {
        const struct ks_function *function = &import->functions[i];
        functions[i] =
            (struct kldr_build_function){.name = function->name, .ordinal = function->ordinal};
        if (function->has_hint) {
            functions[i].hint = function->hint;
        } else if (function->name != NULL && exporter != NULL) {
            functions[i].hint = name_index(exporter, function->name);
        }
    }
}

static void fill_imports(const struct ks_scenario *scenario, const struct ks_image *image,
                         struct kldr_build_import *imports, struct kldr_build_function *functions)
{
    for (size_t i = 0; i < image->import_count; i++) {
        const struct ks_import *import = &image->imports[i];
        fill_functions(import, declared_exporter(scenario, image, import->module), functions);
        imports[i] = (struct kldr_build_import){import->module, functions, import->function_count,
                                                import->no_lookup_table};
        functions += import->function_count;
    }
}

// ---- unexported routines ----

static size_t fill_routines(const struct ks_image *image, const char **routines)
{
    size_t count = 0;
    for (size_t i = 0; i < image->routine_count; i++) {
        const char *name = image->routines[i].name;
        if (!is_listed(image, name) && strcmp(name, "DriverUnload") != 0 &&
            strcmp(name, "AddDevice") != 0) {
            routines[count++] = name;
        }
    }
    if (!image->driver_unload.absent && !is_listed(image, "DriverUnload")) {
        routines[count++] = "DriverUnload";
    }
    if (!image->add_device.absent && !is_listed(image, "AddDevice")) {
        routines[count++] = "AddDevice";
    }
    return count;
}

static size_t count_functions(const struct ks_image *image)
{
    size_t count = 0;
    for (size_t i = 0; i < image->import_count; i++) {
        count += image->imports[i].function_count;
    }
    return count;
}

// Where the arrays of the description begin in the block.
struct description_arrays {
    struct kldr_build_export *exports;
    struct kldr_build_import *imports;
    struct kldr_build_function *functions;
    const char **routines;
};

static void *allocate_arrays(const struct kldr_allocator *allocator, const struct ks_image *image,
                             struct description_arrays *arrays)
{
    size_t exports = (image->export_count + 2) * sizeof *arrays->exports;
    size_t imports = image->import_count * sizeof *arrays->imports;
    size_t functions = count_functions(image) * sizeof *arrays->functions;
    size_t routines = (image->routine_count + 2) * sizeof *arrays->routines;
    char *block = allocator->allocate(allocator->user, exports + imports + functions + routines);
    if (block != NULL) {
        arrays->exports = (void *)block;
        arrays->imports = (void *)(block + exports);
        arrays->functions = (void *)(block + exports + imports);
        arrays->routines = (void *)(block + exports + imports + functions);
    }
    return block;
}

kldr_status ks_declared_describe(const struct kldr_allocator *allocator,
                                 const struct ks_scenario *scenario, const struct ks_image *image,
                                 enum kldr_machine machine, struct ks_declared *out)
{
    struct description_arrays arrays;
    void *block = allocate_arrays(allocator, image, &arrays);
    if (block == NULL) {
        return KLDR_ERROR_OUT_OF_MEMORY;
    }
    out->block = block;
    out->description = (struct kldr_build_description){
        .name = image->base_name,
        .machine = image->machine != KLDR_MACHINE_UNKNOWN ? image->machine : machine,
        .base = image->base,
        .exports = arrays.exports,
        .export_count = fill_exports(image, arrays.exports),
        .ordinal_base = image->ordinal_base,
        .unsorted_names = image->unsorted_names,
        .imports = arrays.imports,
        .import_count = image->import_count,
        .routines = arrays.routines,
        .routine_count = fill_routines(image, arrays.routines),
        .entry_point = !image->driver_entry.absent,
        .broken = image->broken,
    };
    out->description.no_export_directory =
        image->no_export_directory || out->description.export_count == 0; // A14
    fill_imports(scenario, image, arrays.imports, arrays.functions);
    return KLDR_STATUS_SUCCESS;
}

kldr_status ks_declared_build_with(const struct kldr_allocator *allocator,
                                   const struct ks_scenario *scenario, const struct ks_image *image,
                                   enum kldr_machine machine, struct kldr_built_image *out,
                                   struct kldr_error *error)
{
    struct ks_declared declared;
    const struct kldr_allocator *used = allocator != NULL ? allocator : kldr_allocator_default();
    kldr_status status = ks_declared_describe(used, scenario, image, machine, &declared);
    if (status == KLDR_STATUS_SUCCESS) {
        status = kldr_image_build(used, &declared.description, out, error);
        used->release(used->user, declared.block);
    }
    return status;
}

kldr_status ks_declared_build(const struct ks_scenario *scenario, const struct ks_image *image,
                              enum kldr_machine machine, struct kldr_built_image *out,
                              struct kldr_error *error)
{
    return ks_declared_build_with(NULL, scenario, image, machine, out, error);
}

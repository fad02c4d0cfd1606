// SPDX-License-Identifier: MIT
// Files looked at stay open, in file layout, until the outermost load is over: each is read once
// (A22). Memory being short here costs only completeness of the list, never the load's status.
//
// What has been looked at counts as loaded by then, as far as forwarders ask: they lead to modules
// that are there already, and never bring one in (S8).

#include "import_look.h"

#include "alloc.h"
#include "import_search.h"

#include <string.h>

struct looked_file {
    struct looked_file *next;
    char *name; // as the import names it
    size_t name_length;
    char *path;
    size_t directory_length;
    struct kldr_host_file file;
    bool is_open;
    struct kldr_image *image; // NULL: not there, or no valid image
    bool followed;            // what its imports would load has been read
    bool told;                // and what is missing of them has been told
};

struct kl_look {
    struct looked_file *files, *last; // in the order in which a load would have listed them
    uint32_t count;
    uint32_t depth;
    uint32_t work; // descriptors and functions looked at
};

#define LOOK_FILE_LIMIT 4096
#define LOOK_WORK_LIMIT 262144

// The image whose imports are being looked at.
struct viewer {
    struct kl_context *context;
    struct kl_session *session;
    const char *name;
    uint32_t id;
    const char *full_name;
    size_t directory_length;
    const struct kldr_image *image;
    bool quiet; // its imports were told before: they are only followed, for what they would load
};

static struct kl_look *look_of(struct kl_context *context, struct kl_session *session)
{
    if (session->look == NULL) {
        session->look = kl_alloc_zeroed(context->allocator, sizeof *session->look);
    }
    return session->look;
}

// The newest file of that name: a later one was looked for because the earlier was not there.
static struct looked_file *find_file(const struct kl_look *look, const char *name, size_t length)
{
    struct looked_file *newest = NULL;
    for (struct looked_file *file = look->files; file != NULL; file = file->next) {
        if (kl_module_list_same_name(file->name, file->name_length, name, length)) {
            newest = file;
        }
    }
    return newest;
}

static void close_file(struct kl_context *context, struct looked_file *file)
{
    kldr_image_destroy(file->image);
    if (file->is_open) {
        context->host.close_image(context->host.user, &file->file);
    }
    kl_alloc_release(context->allocator, file->name);
    kl_alloc_release(context->allocator, file->path);
    kl_alloc_release(context->allocator, file);
}

static void open_first_place(struct kl_context *context, const struct kl_search *search,
                             struct looked_file *file)
{
    for (unsigned i = 0; i < search->count && !file->is_open; i++) {
        kldr_status status = context->host.open_image(context->host.user, search->paths[i],
                                                      KLDR_OPEN_LOOK, &file->file);
        file->is_open = status == KLDR_STATUS_SUCCESS;
        if (file->is_open) {
            file->path = kl_alloc_text(context->allocator, search->paths[i], search->lengths[i]);
            file->directory_length =
                file->path != NULL ? (size_t)(kl_module_base_of(file->path) - file->path) : 0;
        } else if (status != KLDR_STATUS_OBJECT_NAME_NOT_FOUND) {
            return;
        }
    }
    if (file->is_open && file->path != NULL) {
        struct kldr_image_options options = {context->machine, context->limits.size_of_image};
        kldr_image_create(context->allocator, file->file.bytes, file->file.size, &options,
                          &file->image, NULL);
    }
}

// Reads the file an import of the viewer would load. NULL when memory is out.
static struct looked_file *read_file(const struct viewer *viewer, struct kl_look *look,
                                     const struct kldr_import_descriptor *descriptor)
{
    struct kl_context *context = viewer->context;
    struct kl_search search;
    struct looked_file *file =
        look->count < LOOK_FILE_LIMIT ? kl_alloc_zeroed(context->allocator, sizeof *file) : NULL;
    if (file == NULL) {
        return NULL;
    }
    file->name = kl_alloc_text(context->allocator, descriptor->module, descriptor->module_length);
    file->name_length = descriptor->module_length;
    if (file->name == NULL ||
        !kl_search_init(context, viewer->full_name, viewer->directory_length, descriptor->module,
                        descriptor->module_length, &search)) {
        close_file(context, file);
        return NULL;
    }
    open_first_place(context, &search, file);
    kl_search_fini(context, &search);
    *(look->last != NULL ? &look->last->next : &look->files) = file;
    look->last = file;
    look->count++;
    return file;
}

// The image a forwarder leads to: of the modules that are loaded, then of those that would be.
static const struct kldr_image *forwarder_target(const struct viewer *viewer, const char *text,
                                                 struct kl_forwarder *out_forwarder)
{
    if (!kl_snap_split_forwarder(viewer->context, text, out_forwarder)) {
        return NULL;
    }
    const struct kl_module *module = kl_snap_forwarder_module(viewer->context, out_forwarder);
    if (module != NULL) {
        return module->image;
    }
    const struct looked_file *file = viewer->session->look->files;
    for (; file != NULL; file = file->next) {
        if (file->image != NULL) {
            const char *base_name = file->path + file->directory_length;
            if (kl_snap_forwarder_fits(out_forwarder, base_name, strlen(base_name))) {
                return file->image;
            }
        }
    }
    return NULL;
}

// Would the thunk be found in this image?
static kldr_status find_in(const struct viewer *viewer, const struct kldr_image *image,
                           const struct kldr_import_thunk *thunk)
{
    struct kldr_export found;
    kldr_status status = thunk->name != NULL
                             ? kldr_image_find_export(image, thunk->name, thunk->name_length,
                                                      thunk->hint, &found, NULL)
                             : kldr_image_find_ordinal(image, thunk->ordinal, &found, NULL);
    for (unsigned i = 0; status == KLDR_STATUS_SUCCESS && found.forwarder != NULL; i++) {
        struct kl_forwarder forwarder;
        const struct kldr_image *target = forwarder_target(viewer, found.forwarder, &forwarder);
        if (target == NULL || i == KLDR_FORWARDER_CHAIN_LIMIT) {
            return KLDR_STATUS_DRIVER_ENTRYPOINT_NOT_FOUND;
        }
        status = kldr_image_find_export(target, forwarder.function, strlen(forwarder.function), 0,
                                        &found, NULL);
    }
    return status;
}

static void check_thunks(const struct viewer *viewer,
                         const struct kldr_import_descriptor *descriptor, const char *module_name,
                         const struct kldr_image *image)
{
    struct kl_look *look = viewer->session->look;
    struct kldr_import_thunk thunk;
    for (uint32_t i = 0; !viewer->quiet && look->work < LOOK_WORK_LIMIT; i++) {
        if (kldr_image_thunk(viewer->image, descriptor, i, &thunk, NULL) != KLDR_STATUS_SUCCESS) {
            return;
        }
        look->work++;
        kldr_status status = find_in(viewer, image, &thunk);
        if (status != KLDR_STATUS_SUCCESS) {
            kl_snap_emit_missing(viewer->context, viewer->id, viewer->name, module_name, &thunk,
                                 status, NULL);
        }
    }
}

static void look_at_image(const struct viewer *viewer, uint32_t first, bool again);

static void follow(const struct viewer *viewer, struct kl_look *look,
                   const struct looked_file *file, bool quiet)
{
    if (look->depth >= viewer->context->limits.depth) {
        return;
    }
    struct viewer inner = {viewer->context, viewer->session,        file->name,  0,
                           file->path,      file->directory_length, file->image, quiet};
    look->depth++;
    look_at_image(&inner, 0, false);
    look->depth--;
}

// Reads what the imports of a file would load. again: the load itself has told what is missing.
static void look_into(const struct viewer *viewer, struct kl_look *look, struct looked_file *file,
                      bool again)
{
    bool telling = !viewer->quiet && !again && !file->told;
    bool reading = telling || !file->followed;
    file->followed = true;
    file->told = file->told || telling || again;
    if (reading) {
        follow(viewer, look, file, !telling);
    }
}

static void look_at_descriptor(const struct viewer *viewer, struct kl_look *look,
                               const struct kldr_import_descriptor *descriptor, bool again)
{
    const struct kl_module *module = kl_module_list_by_base(
        &viewer->context->modules, descriptor->module, descriptor->module_length);
    if (module != NULL) {
        check_thunks(viewer, descriptor, module->base_name, module->image);
        return;
    }
    struct looked_file *file = find_file(look, descriptor->module, descriptor->module_length);
    if (file == NULL || !file->is_open) { // another importer may find it in its own folder
        file = read_file(viewer, look, descriptor);
    }
    if (file == NULL) {
        return;
    }
    module = !file->is_open
                 ? kl_context_core(viewer->context, descriptor->module, descriptor->module_length)
                 : NULL;
    if (module != NULL) {
        check_thunks(viewer, descriptor, module->base_name, module->image);
        return;
    }
    if (!file->is_open && !again && !viewer->quiet) {
        kl_snap_emit_missing(viewer->context, viewer->id, viewer->name, descriptor->module, NULL,
                             KLDR_STATUS_OBJECT_NAME_NOT_FOUND, NULL);
    }
    if (file->image != NULL) {
        look_into(viewer, look, file, again);
        check_thunks(viewer, descriptor, file->name, file->image);
    }
}

static void look_at_image(const struct viewer *viewer, uint32_t first, bool again)
{
    struct kl_look *look = look_of(viewer->context, viewer->session);
    struct kldr_import_descriptor descriptor;
    for (uint32_t i = first; look != NULL && look->work < LOOK_WORK_LIMIT; i++) {
        look->work++;
        if (kldr_image_import(viewer->image, i, &descriptor, NULL) != KLDR_STATUS_SUCCESS ||
            descriptor.lookup_table == 0) {
            return;
        }
        look_at_descriptor(viewer, look, &descriptor, again && i == first);
    }
}

void kl_look_at_imports(struct kl_context *context, struct kl_session *session,
                        const struct kl_module *importer, uint32_t first, bool again)
{
    if (!kl_context_listened(context)) {
        return; // only events come of it
    }
    struct viewer viewer = {context,
                            session,
                            importer->base_name,
                            importer->id,
                            importer->full_name,
                            kl_module_directory_length(importer),
                            importer->image,
                            false};
    look_at_image(&viewer, first, again);
}

void kl_look_destroy(struct kl_context *context, struct kl_look *look)
{
    while (look != NULL && look->files != NULL) {
        struct looked_file *file = look->files;
        look->files = file->next;
        close_file(context, file);
    }
    kl_alloc_release(context->allocator, look);
}

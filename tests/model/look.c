// SPDX-License-Identifier: MIT
#include "look.h"

#include "show.h"

bool look_can_read(const struct model_image *image)
{
    return image->broken == MODEL_WHOLE || image->broken == MODEL_CHECKSUM ||
           image->broken == MODEL_RELOCATIONS_MALFORMED ||
           image->broken == MODEL_RELOCATIONS_STRIPPED;
}

static bool was_loaded(const struct model *model, const struct model_image *image)
{
    unsigned i = 0;

    while (i < model->instance_count && model->instances[i].image != image) {
        i++;
    }
    return i < model->instance_count;
}

// Finds, and reads, what a descriptor means; out->image is NULL when nothing is there.
static void look_for(struct model *model, const char *importer, const char *name,
                     struct model_target *out)
{
    char place[2][MODEL_PATH];
    unsigned count = rule_places(model, importer, name, place);

    *out = (struct model_target){.instance = rule_find(model, name, false)};
    out->image = out->instance != NULL ? out->instance->image : NULL;
    for (unsigned i = 0; i < model->seen_count && out->image == NULL; i++) {
        if (model_same(model_base_name(model->seen[i]->path), name)) {
            out->image = model->seen[i];
            model->unsure = model->unsure || was_loaded(model, out->image); // and has gone again
        }
    }
    for (unsigned i = 0; i < count && out->image == NULL; i++) {
        struct model_file *file = model_disk_find(&model->disk, place[i]);

        if (file != NULL) {
            out->image = model->seen[model->seen_count++] = file->image;
            model->unsure =
                model->unsure || (rule_check(model, out->image) != 0 && look_can_read(out->image));
            if (look_can_read(out->image)) {
                look_from(model, out->image, place[i], 0, 0);
            }
        }
    }
}

void look_from(struct model *model, const struct model_image *image, const char *path,
               unsigned descriptor, unsigned function)
{
    for (unsigned i = descriptor; i < image->import_count; i++, function = 0) {
        const struct model_import *import = &image->imports[i];
        struct model_target target, cell;

        if (import->no_lookup_table) {
            return;
        }
        look_for(model, path, import->module, &target);
        if (target.image == NULL) {
            show_missing(model, model_base_name(path), import->module, NULL);
            continue;
        }
        for (unsigned j = function; j < import->function_count && look_can_read(target.image);
             j++) {
            cell = target;
            if (rule_resolve(model, &import->functions[j], true, &cell) != 0) {
                show_missing(model, model_base_name(path), import->module, &import->functions[j]);
            }
        }
    }
}

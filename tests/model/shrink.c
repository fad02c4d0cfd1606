// SPDX-License-Identifier: MIT
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

// One way to make a case smaller: the n-th thing of its kind. False when there is no n-th.
typedef bool shrink_way(struct model_case *input, unsigned n);

#define REMOVE(array, count, n)                                                                    \
    memmove(&(array)[n], &(array)[(n) + 1], (--(count) - (n)) * sizeof((array)[0]))

static bool drop_step(struct model_case *input, unsigned n)
{
    if (n >= input->step_count) {
        return false;
    }
    REMOVE(input->steps, input->step_count, n);
    return true;
}

static bool drop_service(struct model_case *input, unsigned n)
{
    unsigned i;

    if (n >= input->service_count || input->service_count == 1) {
        return false;
    }
    REMOVE(input->services, input->service_count, n);
    for (i = input->step_count; i-- > 0;) {
        if (input->steps[i].action <= MODEL_UNLOAD && input->steps[i].service == n) {
            drop_step(input, i);
        } else {
            input->steps[i].service -= input->steps[i].service > n;
        }
    }
    return true;
}

static bool drop_image(struct model_case *input, unsigned n)
{
    unsigned i;

    if (n >= input->image_count || input->image_count == 1) {
        return false;
    }
    REMOVE(input->images, input->image_count, n);
    for (i = input->step_count; i-- > 0;) {
        if (input->steps[i].action > MODEL_DELETE && input->steps[i].image == n) {
            drop_step(input, i);
        } else {
            input->steps[i].image -= input->steps[i].image > n;
        }
    }
    return true;
}

static bool drop_import(struct model_case *input, unsigned n)
{
    struct model_image *image = &input->images[n / MODEL_IMPORTS];

    if (n / MODEL_IMPORTS >= input->image_count) {
        return false;
    }
    if (n % MODEL_IMPORTS < image->import_count) {
        REMOVE(image->imports, image->import_count, n % MODEL_IMPORTS);
    }
    return true;
}

static bool drop_function(struct model_case *input, unsigned n)
{
    unsigned each = MODEL_IMPORTS * MODEL_FUNCTIONS;
    struct model_import *import;

    if (n / each >= input->image_count) {
        return false;
    }
    import = &input->images[n / each].imports[n % each / MODEL_FUNCTIONS];
    if (n % each / MODEL_FUNCTIONS < input->images[n / each].import_count &&
        n % MODEL_FUNCTIONS < import->function_count) {
        REMOVE(import->functions, import->function_count, n % MODEL_FUNCTIONS);
    }
    return true;
}

static bool drop_export(struct model_case *input, unsigned n)
{
    struct model_image *image = &input->images[n / MODEL_EXPORTS];

    if (n / MODEL_EXPORTS >= input->image_count) {
        return false;
    }
    if (n % MODEL_EXPORTS < image->export_count) {
        REMOVE(image->exports, image->export_count, n % MODEL_EXPORTS);
    }
    return true;
}

static bool simplify_routine(struct model_case *input, unsigned n)
{
    struct model_image *image = &input->images[n / 9];
    struct model_routine *routines[] = {&image->initialize, &image->unload, &image->entry};
    struct model_routine *routine = routines[n % 9 / 3];

    if (n / 9 >= input->image_count) {
        return false;
    }
    if (n % 3 == 0) {
        routine->across_loads = false;
        routine->status_count = 1;
    } else if (n % 3 == 1) {
        routine->status[0] = 0;
        routine->status_count = 1;
    } else if (routine != &image->entry) {
        routine->kind = MODEL_ABSENT;
    }
    return true;
}

static bool simplify_image(struct model_case *input, unsigned n)
{
    struct model_image *image = &input->images[n / 7];
    unsigned i;

    if (n / 7 >= input->image_count) {
        return false;
    }
    switch (n % 7) {
    case 0:
        image->broken = MODEL_WHOLE;
        break;
    case 1:
        image->base = 0;
        break;
    case 2:
        image->unsorted = false;
        break;
    case 3:
        image->no_directory = false;
        break;
    case 4:
        image->driver_unload = true;
        break;
    case 5:
        input->enforce_checksum = false;
        break;
    case 6:
        for (i = 0; i < image->export_count; i++) {
            image->exports[i].ordinal = 0;
            image->exports[i].noname = false;
        }
        break;
    }
    return true;
}

void shrink_case(struct model_case *input, bool (*keep)(void *user, const struct model_case *input),
                 void *user)
{
    static shrink_way *const ways[] = {drop_step,     drop_image,    drop_service,
                                       drop_import,   drop_export,   simplify_routine,
                                       drop_function, simplify_image};
    struct model_case *smaller = malloc(sizeof(*smaller));
    bool changed = smaller != NULL;
    unsigned way, n;

    while (changed) {
        changed = false;
        for (way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
            for (n = 0;; n++) {
                *smaller = *input;
                if (!ways[way](smaller, n)) {
                    break;
                }
                if (memcmp(smaller, input, sizeof(*input)) != 0 && keep(user, smaller)) {
                    *input = *smaller;
                    changed = true;
                    n -= way < 3; // the next one moved here
                }
            }
        }
    }
    free(smaller);
}

// SPDX-License-Identifier: MIT
#include "generate.h"

#include "generate_image.h"

#include <stdio.h>
#include <string.h>

static void make_services(struct dice *dice, struct model_case *out)
{
    unsigned i;

    for (i = 0; i < out->image_count && out->service_count < MODEL_SERVICES - 2; i++) {
        struct model_service *service = &out->services[out->service_count];

        if (out->images[i].on_disk || dice_chance(dice, 30)) {
            snprintf(service->name, sizeof(service->name), "s%u", out->service_count++);
            generate_spelling(dice, out->images[i].path, service->path);
        }
    }
    for (i = 0; i < 2; i++) {
        struct model_service *service = &out->services[out->service_count];

        snprintf(service->name, sizeof(service->name), "s%u", out->service_count++);
        if (dice_chance(dice, 15)) {
            snprintf(service->path, sizeof(service->path), "\\??\\C:\\none\\z.sys");
        } else {
            generate_spelling(dice, out->images[dice_below(dice, out->image_count)].path,
                              service->path);
        }
    }
}

static void make_disk_step(struct dice *dice, const struct model_case *input,
                           struct model_step *step)
{
    unsigned i, image = dice_below(dice, input->image_count);

    for (i = 0; i < input->image_count && dice_chance(dice, 70); i++) { // rather one not there yet
        if (!input->images[(image + i) % input->image_count].on_disk) {
            image = (image + i) % input->image_count;
            break;
        }
    }
    step->image = image;
    memcpy(step->path, input->images[image].path, sizeof(step->path));
    step->action = dice_chance(dice, 35)   ? MODEL_DELETE
                   : dice_chance(dice, 50) ? MODEL_CREATE
                                           : MODEL_REPLACE;
}

static void make_step(struct dice *dice, const struct model_case *input, struct model_step *step)
{
    unsigned what = dice_below(dice, 100);

    memset(step, 0, sizeof(*step));
    step->service = dice_below(dice, input->service_count);
    if (dice_chance(dice, 50)) { // the same few drivers come and go
        step->service = dice_below(dice, 1 + input->service_count / 3);
    }
    if (what < 45) {
        step->action = MODEL_LOAD;
    } else if (what < 78) { // rather a driver that was loaded
        step->action = MODEL_UNLOAD;
        for (unsigned i = 0; i < 6 && input->step_count > 1; i++) {
            const struct model_step *other = &input->steps[dice_below(dice, input->step_count - 1)];

            if (other->action == MODEL_LOAD && !dice_chance(dice, 20)) {
                step->service = other->service;
                break;
            }
        }
    } else if (what < 92) {
        step->action = what < 85 ? MODEL_LOAD_IMAGE : MODEL_UNLOAD_IMAGE;
        generate_spelling(dice, input->images[step->service % input->image_count].path, step->path);
    } else {
        make_disk_step(dice, input, step);
    }
}

bool generate_is_valid(const struct model_case *input)
{
    bool there[MODEL_IMAGES];
    unsigned i, j;

    for (i = 0; i < input->image_count; i++) {
        there[i] = input->images[i].on_disk;
    }
    for (i = 0; i < input->step_count; i++) {
        const struct model_step *step = &input->steps[i];
        bool present = false;

        if (step->action != MODEL_DELETE && step->action != MODEL_CREATE &&
            step->action != MODEL_REPLACE) {
            continue;
        }
        for (j = 0; j < input->image_count; j++) {
            if (there[j] && model_same(input->images[j].path, step->path)) {
                present = true;
                there[j] = false;
            }
        }
        if (present == (step->action == MODEL_CREATE)) {
            return false;
        }
        there[step->image] = step->action != MODEL_DELETE;
    }
    return true;
}

// A path that a step names must lead to some image of the scenario.
static void bring_every_path(struct model_case *out)
{
    unsigned i, j;

    for (i = 0; i < out->image_count; i++) {
        bool brought = false;

        for (j = 0; j < out->image_count; j++) {
            brought = brought || (out->images[j].on_disk &&
                                  model_same(out->images[i].path, out->images[j].path));
        }
        for (j = 0; j < out->step_count; j++) {
            brought = brought || (out->steps[j].action >= MODEL_DELETE &&
                                  model_same(out->images[i].path, out->steps[j].path));
        }
        out->images[i].on_disk = out->images[i].on_disk || !brought;
    }
}

void generate_case(uint64_t seed, enum model_profile profile, struct model_case *out)
{
    struct dice dice = {seed, seed / 8 % 3 != 0};
    unsigned i,
        count = 2 + dice_below(&dice, 4) + (dice_chance(&dice, 40) ? dice_below(&dice, 7) : 0);

    memset(out, 0, sizeof(*out));
    out->profile = profile;
    out->enforce_checksum = dice_chance(&dice, 10);
    for (i = 0; i < count; i++) {
        generate_path(&dice, out, &out->images[i]);
        out->images[i].on_disk = !dice_chance(&dice, 5);
        out->image_count++;
    }
    for (i = 0; i < 2 && dice_chance(&dice, 30); i++) { // other contents for a file that is there
        struct model_image *image = &out->images[out->image_count];

        memcpy(image->path, out->images[dice_below(&dice, count)].path, sizeof(image->path));
        out->image_count++;
    }
    for (i = 0; i < out->image_count; i++) {
        generate_exports(&dice, out, &out->images[i]);
        generate_routines(&dice, &out->images[i]);
    }
    for (i = 0; i < out->image_count; i++) {
        generate_imports(&dice, out, &out->images[i], i);
        generate_forwarded(&dice, out, &out->images[i]);
    }
    make_services(&dice, out);
    count = 3 + dice_below(&dice, 10);
    while (out->step_count < count) {
        make_step(&dice, out, &out->steps[out->step_count++]);
        out->step_count -= !generate_is_valid(out);
    }
    bring_every_path(out);
}

// SPDX-License-Identifier: MIT
// What stands behind each imported function.
#include "deps/deps_parts.h"
#include "kernel/functions.h"
#include "kernel/image/kernel_images.h"
#include "world/service.h"

#include <kldr/loader.h>

#include <string.h>

#define NEAR_NAMES_MOST 100u // each is a search through all exports

const char *ks_deps_answer_name(enum ks_deps_answer answer)
{
    static const char *const names[] = {
        [KS_DEPS_EXPORTED] = "exported",   [KS_DEPS_FULL] = "full",
        [KS_DEPS_PARTIAL] = "partial",     [KS_DEPS_VARIABLE] = "variable",
        [KS_DEPS_TRAP] = "trap",           [KS_DEPS_NOT_SIMULATED] = "not-simulated",
        [KS_DEPS_NO_EXPORT] = "no-export", [KS_DEPS_NO_FORWARD] = "no-forward",
        [KS_DEPS_NO_MODULE] = "no-module",
    };
    return names[answer];
}

// ---- the kernel ----

static enum ks_deps_answer simulated(const char *name)
{
    uint64_t value;
    const struct ks_kernel_function *function = ks_function_find(name, NULL);
    if (function == NULL) {
        return ks_function_variable(NULL, name, &value) ? KS_DEPS_VARIABLE : KS_DEPS_NOT_SIMULATED;
    }
    switch (function->status) {
    case KS_FUNCTION_FULL:
        return KS_DEPS_FULL;
    case KS_FUNCTION_PARTIAL:
        return KS_DEPS_PARTIAL;
    default:
        return KS_DEPS_TRAP;
    }
}

static void judge_kernel(struct ks_deps *deps, enum ks_kernel_module kernel,
                         struct ks_deps_function *function)
{
    if (function->name == NULL) {
        // Each version of Windows numbers them anew: which function it is nobody can say.
        function->answer = KS_DEPS_NOT_SIMULATED;
        return;
    }
    if (ks_kernel_name_index(kernel, function->name, NULL)) {
        function->answer = simulated(function->name);
        return;
    }
    function->answer = KS_DEPS_NO_EXPORT;
    if (deps->storage->near_names++ < NEAR_NAMES_MOST) {
        function->nearest = ks_kernel_name_nearest(kernel, function->name);
    }
}

// ---- forwarders ----

// What a forwarder's text says (S7, A02).
struct forwarder {
    const char *module; // module_length bytes; split at the first dot, the dot is one of them
    size_t module_length;
    const char *function;
    bool whole; // the base name, or its part before the last dot, is that text; else begins with it
};

static bool split(const struct ks_deps *deps, const char *text, struct forwarder *out)
{
    bool last = deps->storage->request->policy->value[KLDR_KNOB_FORWARDER_SPLIT] ==
                KLDR_FORWARDER_SPLIT_LAST;
    const char *dot = last ? strrchr(text, '.') : strchr(text, '.');
    if (dot == NULL) {
        return false;
    }
    size_t length = (size_t)(dot - text);
    *out = (struct forwarder){text, last ? length : length + 1, dot + 1, last};
    return true;
}

static bool fits(const struct forwarder *forwarder, const char *name)
{
    char left[KLDR_NAME_SIZE], right[KLDR_NAME_SIZE];
    size_t length = forwarder->module_length, name_length = strlen(name);
    const char *dot = strrchr(name, '.');
    size_t stem = dot != NULL ? (size_t)(dot - name) : name_length;
    if (length >= sizeof(left) || name_length < length ||
        (forwarder->whole && length != stem && length != name_length)) {
        return false;
    }
    memcpy(left, forwarder->module, length);
    memcpy(right, name, length);
    left[length] = right[length] = '\0';
    return ks_same_name(left, right);
}

// The image of the tree under way, which carries the last mark.
static const struct ks_deps_image *target_of(const struct ks_deps *deps,
                                             const struct forwarder *forwarder)
{
    const struct ks_deps_image *image = deps->images;
    while (image != NULL && (image->mark != deps->storage->last_mark || image->image == NULL ||
                             !fits(forwarder, image->name))) {
        image = image->next;
    }
    return image;
}

static bool leads_to_kernel(const struct forwarder *forwarder, enum ks_deps_answer *out_answer)
{
    for (int i = 0; i < KS_KERNEL_ALWAYS; i++) {
        enum ks_kernel_module kernel = (enum ks_kernel_module)i;
        if (fits(forwarder, ks_kernel_module_name(kernel))) {
            *out_answer = ks_kernel_name_index(kernel, forwarder->function, NULL)
                              ? simulated(forwarder->function)
                              : KS_DEPS_NO_FORWARD;
            return true;
        }
    }
    return false;
}

static enum ks_deps_answer judge_forwarder(const struct ks_deps *deps,
                                           struct ks_deps_function *function)
{
    const char *text = function->forwarder;
    for (unsigned i = 0; i < KLDR_FORWARDER_CHAIN_LIMIT; i++) {
        struct forwarder forwarder;
        struct kldr_export found;
        enum kldr_lookup_via via;
        enum ks_deps_answer answer;
        if (!split(deps, text, &forwarder)) {
            return KS_DEPS_NO_FORWARD;
        }
        if (leads_to_kernel(&forwarder, &answer)) {
            return answer;
        }
        const struct ks_deps_image *image = target_of(deps, &forwarder);
        if (image == NULL ||
            kldr_image_find_export(image->image, forwarder.function, strlen(forwarder.function), 0,
                                   &found, &via) != KLDR_STATUS_SUCCESS) {
            return KS_DEPS_NO_FORWARD;
        }
        if (found.forwarder == NULL) {
            function->forwarded_to = image;
            function->forwarded_index = found.index;
            return KS_DEPS_EXPORTED;
        }
        text = found.forwarder;
    }
    return KS_DEPS_NO_FORWARD;
}

// ---- one function, one image ----

static void judge_export(struct ks_deps *deps, const struct ks_deps_image *importer,
                         const struct kldr_image *image, const struct kldr_import_thunk *thunk,
                         struct ks_deps_function *function)
{
    struct kldr_export found;
    enum kldr_lookup_via via;
    kldr_status status = thunk->name != NULL
                             ? kldr_image_find_export(image, thunk->name, thunk->name_length,
                                                      thunk->hint, &found, &via)
                             : kldr_image_find_ordinal(image, thunk->ordinal, &found, NULL);
    if (status != KLDR_STATUS_SUCCESS) {
        function->answer = KS_DEPS_NO_EXPORT;
        if (thunk->name != NULL && deps->storage->near_names++ < NEAR_NAMES_MOST) {
            function->nearest = kldr_image_nearest_export(image, thunk->name);
        }
        return;
    }
    function->answer = KS_DEPS_EXPORTED;
    function->forwarder = found.forwarder;
    if (found.forwarder != NULL) {
        ks_deps_mark_tree(deps, importer);
        function->answer = judge_forwarder(deps, function);
    }
}

static void judge_import(struct ks_deps *deps, const struct ks_deps_image *importer, uint32_t index,
                         struct ks_deps_import *import)
{
    struct kldr_import_descriptor descriptor = {0};
    enum ks_kernel_module kernel = KS_KERNEL_NTOSKRNL;
    bool is_kernel = import->target->state == KS_DEPS_KERNEL;
    bool usable = import->target->image != NULL && !import->wrong_machine;
    if (is_kernel) {
        ks_kernel_module_find(import->module, &kernel);
    }
    kldr_image_import(importer->image, index, &descriptor, NULL);
    for (size_t i = 0; i < import->function_count; i++) {
        struct ks_deps_function *function = &import->functions[i];
        struct kldr_import_thunk thunk = {0};
        if (is_kernel) {
            judge_kernel(deps, kernel, function);
        } else if (!usable) {
            function->answer = KS_DEPS_NO_MODULE;
        } else if (kldr_image_thunk(importer->image, &descriptor, (uint32_t)i, &thunk, NULL) ==
                   KLDR_STATUS_SUCCESS) {
            judge_export(deps, importer, import->target->image, &thunk, function);
        }
    }
}

void ks_deps_judge(struct ks_deps *deps)
{
    for (const struct ks_deps_image *image = deps->images; image != NULL; image = image->next) {
        for (size_t i = 0; i < image->import_count; i++) {
            judge_import(deps, image, (uint32_t)i, &image->imports[i]);
        }
    }
}

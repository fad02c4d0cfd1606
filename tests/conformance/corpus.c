// SPDX-License-Identifier: MIT

#include "corpus.h"

#include "platform.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    void *grown = realloc(*(void **)array, (*capacity + 64) * size);
    if (grown == NULL) {
        return false;
    }
    *(void **)array = grown;
    *capacity += 64;
    return true;
}

// A document's comments are what stands between the end of the one before and its first key.
static bool add_scenarios(struct corpus *corpus, const struct ks_scenario_file *file,
                          const char *name)
{
    size_t begin = 0;
    for (size_t i = 0; i < file->scenario_count; i++) {
        const struct ks_scenario *scenario = &file->scenarios[i];
        if (!grow(&corpus->scenarios, &corpus->capacity, corpus->count,
                  sizeof *corpus->scenarios)) {
            return false;
        }
        corpus->scenarios[corpus->count++] = (struct corpus_scenario){
            scenario, name, file->text + begin, scenario->place.begin - begin};
        begin = scenario->place.end;
    }
    return true;
}

static bool read_file(struct corpus *corpus, const char *path, size_t folder_length)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!grow(&corpus->files, &corpus->file_capacity, corpus->file_count, sizeof *corpus->files) ||
        ks_platform_read_file(path, 1u << 24, &bytes, &size) != KS_IO_OK) {
        fprintf(stderr, "%s cannot be read\n", path);
        return false;
    }
    struct ks_parse_result *result = &corpus->files[corpus->file_count];
    kldr_status status = ks_scenario_parse(path, (const char *)bytes, size, result);
    free(bytes);
    corpus->file_count++;
    if (status != KLDR_STATUS_SUCCESS) {
        fprintf(stderr, "%s is not valid\n", path);
        return false;
    }
    return add_scenarios(corpus, result->file, result->file->path + folder_length);
}

bool corpus_read(const char *folder, struct corpus *out_corpus)
{
    struct ks_path_list list;
    bool done = true;
    *out_corpus = (struct corpus){0};
    if (ks_platform_list_tree(folder, ".kldr.yaml", &list) != KS_IO_OK) {
        fprintf(stderr, "%s cannot be listed\n", folder);
        return false;
    }
    ks_platform_path_list_sort(&list);
    for (size_t i = 0; done && i < list.count; i++) {
        done = read_file(out_corpus, list.paths[i], strlen(folder) + 1);
    }
    ks_platform_path_list_fini(&list);
    if (done && out_corpus->count == 0) {
        fprintf(stderr, "%s holds no scenario\n", folder);
        done = false;
    }
    return done;
}

void corpus_free(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->file_count; i++) {
        ks_scenario_file_destroy(corpus->files[i].file);
        ks_parse_result_fini(&corpus->files[i]);
    }
    free(corpus->files);
    free(corpus->scenarios);
}

bool corpus_names_fact(const struct corpus_scenario *scenario, const char *fact)
{
    size_t length = strlen(fact);
    for (size_t i = 0; i + length <= scenario->facts_size; i++) {
        const char *at = scenario->facts + i;
        bool begins = i == 0 || !isalnum((unsigned char)at[-1]);
        bool ends = i + length == scenario->facts_size || !isalnum((unsigned char)at[length]);
        if (begins && ends && memcmp(at, fact, length) == 0) {
            return true;
        }
    }
    return false;
}

bool corpus_has_profile(const struct corpus_scenario *scenario, enum kldr_profile profile)
{
    for (size_t i = 0; i < scenario->scenario->profile_count; i++) {
        if (scenario->scenario->profiles[i] == profile) {
            return true;
        }
    }
    return false;
}

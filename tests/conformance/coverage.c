// SPDX-License-Identifier: MIT
// Which fact is tested by which scenarios: writes docs/conformance.md, or compares it.
//
//   coverage FOLDER UNTESTED              writes the table to standard output
//   coverage FOLDER UNTESTED TABLE        compares it with a file
//
// UNTESTED lists the facts that no scenario can test, one per line: id, blank, reason. Fails when a
// fact of the behaviour sheet has neither a scenario nor a reason, or has both.

#include "corpus.h"

#include "explain/explain.h"
#include "platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    size_t size, capacity;
};

static void add(struct text *text, const char *format, ...)
{
    char part[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    size_t size = length < 0 ? 0 : (size_t)length < sizeof part ? (size_t)length : sizeof part - 1;
    if (text->size + size > text->capacity) {
        text->capacity = (text->size + size) * 2;
        text->bytes = realloc(text->bytes, text->capacity);
        if (text->bytes == NULL) {
            abort();
        }
    }
    memcpy(text->bytes + text->size, part, size);
    text->size += size;
}

// The facts that scenarios are about: loading, imports, thunks, DllInitialize, unloading, the I/O
// manager, boot, neighbours, the contract, invariants. The other families are about tests, sources,
// builds and open questions.
static bool is_behaviour(const char *id)
{
    return strchr("LRSNUHBMCV", id[0]) != NULL && id[1] >= '0' && id[1] <= '9';
}

// The reason for having no scenario, up to the end of its line; NULL when the list does not name
// the fact.
static const char *reason_for(const char *list, const char *id, int *out_length)
{
    size_t length = strlen(id);
    for (const char *line = list; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, id, length) == 0 && line[length] == ' ') {
            *out_length = (int)((end != NULL ? (size_t)(end - line) : strlen(line)) - length - 1);
            return line + length + 1;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

static void add_profiles(struct text *text, const struct corpus *corpus, const char *fact)
{
    const char *separator = "";
    for (unsigned p = 0; p < KLDR_PROFILE_COUNT; p++) {
        bool tested = false;
        for (size_t i = 0; i < corpus->count && !tested; i++) {
            tested = corpus_names_fact(&corpus->scenarios[i], fact) &&
                     corpus_has_profile(&corpus->scenarios[i], (enum kldr_profile)p);
        }
        if (tested) {
            add(text, "%s%s", separator, kldr_profile_name((enum kldr_profile)p));
            separator = ", ";
        }
    }
}

// The files that name a fact, each once. Returns how many scenarios do.
static unsigned add_files(struct text *text, const struct corpus *corpus, const char *fact)
{
    const char *last = "", *separator = "";
    unsigned count = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        if (!corpus_names_fact(&corpus->scenarios[i], fact)) {
            continue;
        }
        count++;
        if (strcmp(corpus->scenarios[i].file, last) != 0) {
            const char *slash = strrchr(corpus->scenarios[i].file, '/');
            const char *name = slash != NULL ? slash + 1 : corpus->scenarios[i].file;
            add(text, "%s[%.*s](../tests/scenarios/%s)", separator, (int)strcspn(name, "."), name,
                corpus->scenarios[i].file);
            separator = ", ";
        }
        last = corpus->scenarios[i].file;
    }
    return count;
}

static unsigned count_scenarios(const struct corpus *corpus, const char *fact)
{
    unsigned count = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        count += corpus_names_fact(&corpus->scenarios[i], fact);
    }
    return count;
}

static bool add_fact(struct text *text, const struct corpus *corpus, const struct ks_fact *fact,
                     const char *untested)
{
    char grades[KS_FACT_GRADES_SIZE];
    int length = 0;
    const char *reason = reason_for(untested, fact->id, &length);
    unsigned scenarios = count_scenarios(corpus, fact->id);
    if (scenarios == 0 && reason == NULL) {
        fprintf(stderr, "fact %s (%s) has neither a scenario nor a reason\n", fact->id,
                fact->title);
        return false;
    }
    if (scenarios > 0 && reason != NULL) {
        fprintf(stderr, "fact %s has scenarios and is listed as untested\n", fact->id);
        return false;
    }
    add(text, "| %s | %s | %s | ", fact->id, fact->title, ks_fact_grades(fact->grades, grades));
    if (reason != NULL) {
        add(text, "- | not tested: %.*s |\n", length, reason);
        return true;
    }
    add_profiles(text, corpus, fact->id);
    add(text, " | ");
    add_files(text, corpus, fact->id);
    add(text, " |\n");
    return true;
}

static bool make_table(struct text *text, const struct corpus *corpus, const char *untested)
{
    unsigned facts = 0;
    bool complete = true;
    add(text, "<!-- SPDX-License-Identifier: MIT -->\n<!-- Made by tests/conformance/coverage.c; "
              "`./dev test` compares it. "
              "-->\n\n# Conformance\n\nWhich fact of the behaviour sheet is tested by which "
              "scenarios, under which "
              "profiles. Grades are explained in\n[sources.md](sources.md); `kldr explain ID` "
              "tells each fact.\n\n"
              "| Fact | What | Grade | Profiles | Scenarios |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < ks_fact_count(); i++) {
        const struct ks_fact *fact = ks_fact_at(i);
        if (is_behaviour(fact->id)) {
            complete = add_fact(text, corpus, fact, untested) && complete;
            facts++;
        }
    }
    add(text, "\n%u facts, %zu scenarios.\n", facts, corpus->count);
    return complete;
}

static bool read_text(const char *path, uint8_t **out_bytes, size_t *out_size)
{
    if (ks_platform_read_file(path, 1u << 24, out_bytes, out_size) == KS_IO_OK) {
        return true;
    }
    fprintf(stderr, "%s cannot be read\n", path);
    return false;
}

static bool compare(const struct text *text, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!read_text(path, &bytes, &size)) {
        return false;
    }
    bool same = size == text->size && memcmp(bytes, text->bytes, size) == 0;
    free(bytes);
    if (!same) {
        fprintf(stderr, "%s is not up to date: write it anew (docs/testing.md says how)\n", path);
    }
    return same;
}

int main(int argc, char **argv)
{
    struct corpus corpus;
    struct text text = {0};
    uint8_t *untested = NULL;
    size_t size = 0;
    if (argc < 3 || !corpus_read(argv[1], &corpus) || !read_text(argv[2], &untested, &size)) {
        fprintf(stderr, "usage: coverage FOLDER UNTESTED [TABLE]\n");
        return 2;
    }
    bool good = make_table(&text, &corpus, (const char *)untested);
    if (argc > 3) {
        good = compare(&text, argv[3]) && good;
        printf("%zu bytes compared\n", text.size);
    } else {
        fwrite(text.bytes, 1, text.size, stdout);
    }
    free(text.bytes);
    free(untested);
    corpus_free(&corpus);
    return good ? 0 : 1;
}

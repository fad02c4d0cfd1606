// SPDX-License-Identifier: MIT
// What the parser thinks of many files: `scenario_judge LIST` reads names of files from LIST, one a
// line, and prints for each "valid", or the kinds of what is wrong with it: of yaml, form,
// reference. `scenario_judge --schema` prints the JSON Schema.
#include "scenario/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *out_size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t size = 0;
    size_t capacity = 4096;
    char *text = malloc(capacity);
    size_t got = 0;
    while (text != NULL && (got = fread(text + size, 1, capacity - size, file)) > 0) {
        size += got;
        if (size == capacity) {
            char *larger = realloc(text, capacity *= 2);
            if (larger == NULL) {
                free(text);
            }
            text = larger;
        }
    }
    fclose(file);
    *out_size = size;
    return text;
}

static void print_kinds(const struct ks_diagnostics *diagnostics)
{
    static const char *const names[] = {"yaml", "form", "reference"};
    for (unsigned kind = 0; kind < 3; kind++) {
        bool found = false;
        for (size_t i = 0; i < diagnostics->count; i++) {
            found = found || (unsigned)diagnostics->items[i].kind == kind;
        }
        if (found) {
            printf("%s ", names[kind]);
        }
    }
}

static bool judge(const char *path)
{
    size_t size = 0;
    char *text = read_file(path, &size);
    struct ks_parse_result result;
    if (text == NULL) {
        fprintf(stderr, "scenario_judge: cannot read %s\n", path);
        return false;
    }
    kldr_status status = ks_scenario_parse(path, text, size, &result);
    free(text);
    if (status == KLDR_STATUS_SUCCESS) {
        printf("valid");
    }
    print_kinds(&result.diagnostics);
    for (size_t i = 0; i < result.diagnostics.count && i < 3; i++) {
        printf("| %s: %s ", result.diagnostics.items[i].key_path,
               result.diagnostics.items[i].message);
    }
    printf("\n");
    ks_scenario_file_destroy(result.file);
    ks_parse_result_fini(&result);
    return status == KLDR_STATUS_SUCCESS || status == KLDR_ERROR_SCENARIO;
}

static int print_schema(void)
{
    char *schema = ks_scenario_schema();
    if (schema == NULL) {
        return 1;
    }
    fputs(schema, stdout);
    free(schema);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: scenario_judge LIST | --schema\n");
        return 2;
    }
    if (strcmp(argv[1], "--schema") == 0) {
        return print_schema();
    }
    FILE *list = fopen(argv[1], "r");
    bool good = list != NULL;
    char line[4096];
    while (good && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        good = judge(line);
    }
    if (list != NULL) {
        fclose(list);
    }
    return good ? 0 : 1;
}

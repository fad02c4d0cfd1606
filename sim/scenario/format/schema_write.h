// SPDX-License-Identifier: MIT
// What the makers of the JSON Schema share: jansson with its failures collected in one flag.
#ifndef KS_SCENARIO_SCHEMA_WRITE_H
#define KS_SCENARIO_SCHEMA_WRITE_H

#include "scenario/format/shape.h"

#include <jansson.h>

struct ks_schema {
    json_t *defs; // shapes that have a name
    bool failed;  // memory is out
};

json_t *ks_schema_object(struct ks_schema *schema);
json_t *ks_schema_array(struct ks_schema *schema);
// value becomes the object's or array's.
void ks_schema_set(struct ks_schema *schema, json_t *object, const char *key, json_t *value);
void ks_schema_add(struct ks_schema *schema, json_t *array, json_t *value);

// ["string", "number"], with third unless it is NULL.
json_t *ks_schema_types(struct ks_schema *schema, const char *first, const char *second,
                        const char *third);

// Sets "pattern", which must match from the first to the last character.
void ks_schema_set_pattern(struct ks_schema *schema, json_t *object, const char *pattern);

// What is said of a scalar's shape.
void ks_schema_scalar(struct ks_schema *schema, json_t *body, const struct ks_shape *shape);

#endif

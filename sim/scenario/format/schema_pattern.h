// SPDX-License-Identifier: MIT
// Regular expressions for numbers, since in the schema scalars are text.
#ifndef KS_SCENARIO_SCHEMA_PATTERN_H
#define KS_SCENARIO_SCHEMA_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define KS_SCHEMA_PATTERN_SIZE 2048

// Matches decimal and 0x hexadecimal numbers up to max, and from 1 on when min is 1 (it is 0 or 1).
// Not anchored. Returns text.
char *ks_schema_pattern_number(uint64_t min, uint64_t max, char text[KS_SCHEMA_PATTERN_SIZE]);

// Matches the number written 0x..., in any case and with any zeros in front.
char *ks_schema_pattern_hex(uint64_t number, char text[KS_SCHEMA_PATTERN_SIZE]);

#endif

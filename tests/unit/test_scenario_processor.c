// SPDX-License-Identifier: MIT
// What a scenario says of the processor.
#include "machine/cpuid.h"
#include "machine/msr.h"
#include "parse_case.h"

#include "test.h"

#define PROCESSOR(text) HEAD "processor: { " text " }\n"

static void forms_that_are_wrong_are_told(void **state)
{
    static const struct parse_case cases[] = {
        {PROCESSOR("hypervisor: 1234567890123"), 2, 26, "processor.hypervisor", "1 to 12", ""},
        {PROCESSOR("cpuid: { 1: [1, 2, 3] }"), 2, 26, "processor.cpuid.1", "found 3 entries", ""},
        {PROCESSOR("cpuid: { 1: 5 }"), 2, 26, "processor.cpuid.1", "four numbers", ""},
        {PROCESSOR("msr: { x: 5 }"), 2, 21, "processor.msr.x", "number", ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_FORM);
}

static void what_no_schema_can_say_is_told(void **state)
{
    static const struct parse_case cases[] = {
        {PROCESSOR("msr: { 0x20: 5, 32: 6 }"), 2, 30, "processor.msr.32",
         "the number 0x20 is there already, in line 2", ""},
        {PROCESSOR("cpuid: { 7: { 0: [1, 2, 3, 4], 0x0: [1, 2, 3, 4] } }"), 2, 45,
         "processor.cpuid.7.0x0", "there already", ""},
        {PROCESSOR("msr: { 0x10: 5 }"), 2, 21, "processor.msr.0x10", "simulated clock", ""},
        {PROCESSOR("msr: { 0xC0000101: 5 }"), 2, 21, "processor.msr.0xC0000101", "processor block",
         ""},
    };
    (void)state;
    parse_case_refuses_all(cases, COUNT_OF(cases), KS_DIAGNOSTIC_REFERENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_that_are_wrong_are_told),
        cmocka_unit_test(what_no_schema_can_say_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

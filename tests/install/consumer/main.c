// SPDX-License-Identifier: MIT
// A user's program, built against an installed kldr only: it asks both libraries for something that
// takes more than a header to answer.
#include <kldr/kldr.h>

#include <stdio.h>

int main(void)
{
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64};
    struct kldr_world *world = NULL;
    struct kldr_error error;
    kldr_status status;
    uint64_t address;

    kldr_policy_init(&options.policy, KLDR_PROFILE_DOCUMENTED);
    status = kldr_world_create(&options, &world, &error);
    if (!KLDR_NT_SUCCESS(status)) {
        return 1;
    }
    address = kldr_world_lookup(world, "IoCreateDevice", NULL);
    printf("IoCreateDevice lies at 0x%llx\n", (unsigned long long)address);
    kldr_world_destroy(world);
    return address != 0 ? 0 : 1;
}

// SPDX-License-Identifier: MIT
#include "ke_case.h"

#include <string.h>

struct kldr_world *ke_world;
char ke_told[512];

void ke_tell(const char *word)
{
    strncat(ke_told, word, sizeof ke_told - strlen(ke_told) - 1);
}

uint64_t ke_invoke(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    const uint64_t arguments[8] = {a, b, c, d, e};
    const struct ks_kernel_call call = {ke_world, arguments, 0};
    size_t index = 0;
    if (ks_function_find(name, &index) == NULL) {
        fail_msg("no function %s", name);
    }
    return ks_ke_serve(index, &call);
}

uint32_t ke_wait_for(void *object, int64_t *timeout)
{
    return (uint32_t)ke_invoke("KeWaitForSingleObject", address_of(object), 0, 0, 0,
                               address_of(timeout));
}

uint64_t ke_make_thread(void (*routine)(void *), void *context)
{
    const struct ks_ke_thread_plan plan = {.routine = code_of(routine),
                                           .context = address_of(context)};
    uint64_t object = ks_ke_create_thread(ke_world, &plan);
    assert_true(object != 0);
    return object;
}

void ke_make_world(uint64_t seed)
{
    struct kldr_world_options options = {.machine = KLDR_MACHINE_X64, .seed = seed};
    kldr_policy_init(&options.policy, KLDR_PROFILE_NT52);
    assert_int_equal(kldr_world_create(&options, &ke_world, NULL), KLDR_STATUS_SUCCESS);
    ke_told[0] = '\0';
}

int ke_begin(void **state)
{
    (void)state;
    ke_make_world(0);
    return 0;
}

int ke_end(void **state)
{
    (void)state;
    kldr_world_destroy(ke_world);
    return 0;
}

uint32_t ke_stop_code(void)
{
    struct kldr_bugcheck bugcheck = {0};
    return kldr_world_bugcheck(ke_world, &bugcheck) ? bugcheck.code : 0;
}

void ke_tell_dpc(void *dpc, void *context, void *first, void *second)
{
    (void)dpc;
    (void)first;
    (void)second;
    ke_tell(context);
    ke_tell(ks_ke_irql(ke_world) == KS_DISPATCH_LEVEL ? "" : "!");
}

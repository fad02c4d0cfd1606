// SPDX-License-Identifier: MIT
// A world whose kernel is called by functions of the test program.
#ifndef KE_CASE_H
#define KE_CASE_H

#include "kernel/ke/ke_state.h"
#include "test.h"

#include <kldr/kldr.h>

extern struct kldr_world *ke_world;
extern char ke_told[512]; // what ran, in its order

static inline uint64_t address_of(void *object)
{
    return (uint64_t)(uintptr_t)object;
}

static inline uint64_t code_of(void (*routine)(void *))
{
    return (uint64_t)(uintptr_t)routine;
}

void ke_tell(const char *word);
// Calls a kernel function as a driver does.
uint64_t ke_invoke(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);
uint32_t ke_wait_for(void *object, int64_t *timeout);
uint64_t ke_make_thread(void (*routine)(void *), void *context);
// A DPC routine: tells its context, and when the IRQL is wrong.
void ke_tell_dpc(void *dpc, void *context, void *first, void *second);

void ke_make_world(uint64_t seed);
int ke_begin(void **state);
int ke_end(void **state);
uint32_t ke_stop_code(void); // 0: the system has not stopped

#endif

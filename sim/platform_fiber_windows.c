// SPDX-License-Identifier: MIT
// platform.h for Windows: fibers are the system's own.

#include "platform.h"

#include <stdlib.h>
#include <windows.h>

struct ks_fiber {
    void *handle; // NULL: adopted, and not left yet
    bool adopted;
    void (*run)(void *user);
    void *user;
};

static void CALLBACK begin(void *parameter)
{
    struct ks_fiber *fiber = parameter;
    fiber->run(fiber->user);
    abort(); // run came back
}

struct ks_fiber *ks_fiber_adopt(void)
{
    struct ks_fiber *fiber = calloc(1, sizeof *fiber);
    if (fiber != NULL) {
        fiber->adopted = true;
    }
    return fiber;
}

struct ks_fiber *ks_fiber_create(size_t size, void (*run)(void *user), void *user)
{
    struct ks_fiber *fiber = calloc(1, sizeof *fiber);
    if (fiber == NULL) {
        return NULL;
    }
    fiber->run = run;
    fiber->user = user;
    fiber->handle = CreateFiberEx(0, size, FIBER_FLAG_FLOAT_SWITCH, begin, fiber);
    if (fiber->handle == NULL) {
        free(fiber);
        return NULL;
    }
    return fiber;
}

void ks_fiber_destroy(struct ks_fiber *fiber)
{
    if (fiber != NULL && !fiber->adopted) {
        DeleteFiber(fiber->handle);
    }
    free(fiber);
}

// A thread must be a fiber itself before it can switch; it stays one.
void ks_fiber_switch(struct ks_fiber *from, struct ks_fiber *to)
{
    if (from->adopted) {
        from->handle = IsThreadAFiber() ? GetCurrentFiber()
                                        : ConvertThreadToFiberEx(NULL, FIBER_FLAG_FLOAT_SWITCH);
    }
    SwitchToFiber(to->handle);
}

void ks_fiber_leave(struct ks_fiber *from, struct ks_fiber *to)
{
    ks_fiber_switch(from, to);
    abort();
}

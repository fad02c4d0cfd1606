// SPDX-License-Identifier: MIT
// An export driver whose frame lies between a driver that raises and one that handles.
#include "try.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}

NTSTATUS DllInitialize(UNICODE_STRING *path)
{
    (void)path;
    return STATUS_SUCCESS;
}

NTSTATUS DllUnload(void)
{
    return STATUS_SUCCESS;
}

struct through {
    routine_t *body;
    void *argument;
    char **log;
};

static void tell(struct through *through, char what)
{
    *(*through->log)++ = what;
    **through->log = 0;
}

static ULONG64 call(void *argument)
{
    struct through *through = argument;
    tell(through, 'a');
    return through->body(through->argument);
}

static void clean(int abnormal, void *argument)
{
    tell(argument, abnormal ? 'b' : '?');
}

ULONG64 SehThrough(routine_t *body, void *argument, char **log)
{
    struct through through = {body, argument, log};
    return try_finally(call, &through, clean);
}

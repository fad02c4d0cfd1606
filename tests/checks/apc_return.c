// SPDX-License-Identifier: MIT
// Routines that return inside a critical region, and routines that leave it in time.
#include "returns.h"

static void enter(void)
{
    KeEnterCriticalRegion();
}

static void leave(void)
{
    KeLeaveCriticalRegion();
}

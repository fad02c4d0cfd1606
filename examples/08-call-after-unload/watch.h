// SPDX-License-Identifier: MIT
// What watch.sys offers: one routine is called whenever something happens.
#ifndef WATCH_H
#define WATCH_H

#include <ntddk.h>

#ifndef WATCHAPI
#define WATCHAPI DECLSPEC_IMPORT
#endif

typedef VOID(NTAPI *WATCH_ROUTINE)(ULONG Event);

// NULL: nobody is called any more.
WATCHAPI VOID NTAPI WatchSet(WATCH_ROUTINE Routine);

#endif

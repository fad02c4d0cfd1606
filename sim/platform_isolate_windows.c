// SPDX-License-Identifier: MIT
// platform_isolate.h for Windows, where no engine runs code of drivers: the job object that the
// process was put into is all there is.
#include "platform_isolate.h"

const char *ks_isolate(const struct ks_isolation *isolation)
{
    (void)isolation;
    return "this system's rights of a process cannot be given up";
}

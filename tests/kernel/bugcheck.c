// SPDX-License-Identifier: MIT
#include "check.h"

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    KeBugCheck(0xDEADBEEF);
}

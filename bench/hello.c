// SPDX-License-Identifier: MIT
// The yardstick of process start: it says one line and leaves.
#include <stdio.h>

int main(void)
{
    return puts("hello, world") < 0;
}

// SPDX-License-Identifier: MIT
// The program kldr-cpu: what worker processes of kldr run where kldr itself is linked statically
// and the decoder of instructions is a shared library.
#include "worker/worker.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], KS_WORKER_ARGUMENT) == 0) {
        return ks_worker_main();
    }
    fputs("kldr-cpu: kldr starts this program; it cannot be used by hand\nTry 'kldr help'.\n",
          stderr);
    return 2;
}

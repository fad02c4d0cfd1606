// SPDX-License-Identifier: MIT
#include "cli/stdout_sink.h"

#include <stdio.h>

static bool write_stdout(void *user, const char *bytes, size_t size)
{
    (void)user;
    return fwrite(bytes, 1, size, stdout) == size;
}

const struct ks_sink ks_stdout_sink = {write_stdout, NULL};

bool ks_stdout_end(struct ks_text_buffer *buffer, const char *command)
{
    bool written = ks_text_buffer_flush(buffer);
    written = fflush(stdout) == 0 && written;
    ks_text_buffer_fini(buffer);
    if (!written) {
        fprintf(stderr, "kldr %s: standard output could not be written\n", command);
    }
    return written;
}

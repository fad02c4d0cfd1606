// SPDX-License-Identifier: MIT
// Scenario files for the benchmarks; see scenarios.h.
#include "scenarios.h"

#include <stdio.h>

static void write_images(FILE *file, unsigned n)
{
    fprintf(file,
            "images:\n"
            "  port%u.sys:\n"
            "    exports: [PortInitialize%u, PortNotify @2, PortData%u DATA]\n"
            "    DllInitialize: STATUS_SUCCESS\n"
            "    DllUnload: STATUS_SUCCESS\n",
            n, n, n);
    for (unsigned i = 1; i <= 2; i++) {
        fprintf(file,
                "  mini%u_%u.sys: { imports: { port%u.sys: [PortInitialize%u, {ordinal: 2}] } }\n",
                n, i, n, n);
    }
}

static void write_steps(FILE *file, unsigned n)
{
    fprintf(file,
            "steps:\n"
            "  - load: mini%u_1\n"
            "    expect:\n"
            "      calls: [port%u.sys!DllInitialize, mini%u_1.sys!DriverEntry]\n"
            "      modules: [mini%u_1.sys, port%u.sys]\n"
            "      counts: { port%u.sys: 1 }\n"
            "  - load: mini%u_2\n"
            "    expect: { counts: { port%u.sys: 2 }, calls: [mini%u_2.sys!DriverEntry] }\n",
            n, n, n, n, n, n, n, n, n);
    fprintf(file,
            "  - unload: mini%u_1\n"
            "    expect: { counts: { port%u.sys: 1 }, calls: [mini%u_1.sys!DriverUnload] }\n"
            "  - unload: mini%u_2\n"
            "    expect:\n"
            "      calls: [mini%u_2.sys!DriverUnload, port%u.sys!DllUnload]\n"
            "      modules: []\n",
            n, n, n, n, n, n);
}

static bool write_scenario(const char *path, unsigned n)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL) {
        perror(path);
        return false;
    }
    fprintf(file,
            "kldr: 1\n"
            "name: Last importer out %u\n"
            "description: Two minidrivers share port driver %u; it goes when the second leaves.\n",
            n, n);
    write_images(file, n);
    write_steps(file, n);
    if (fclose(file) != 0) {
        perror(path);
        return false;
    }
    return true;
}

bool bench_scenarios_write(const char *folder, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char path[1024];

        snprintf(path, sizeof(path), "%s/%05u.kldr.yaml", folder, i);
        if (!write_scenario(path, i)) {
            return false;
        }
    }
    return true;
}

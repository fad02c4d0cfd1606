// SPDX-License-Identifier: MIT
// The PDBs of real images: files of the host that lie beside an image, or in a folder of --dir.
#ifndef KS_SCENARIO_HOST_SYMBOLS_H
#define KS_SCENARIO_HOST_SYMBOLS_H

#include "scenario/run/host_file.h"

// Which file is wanted.
struct ks_symbols_wish {
    const char *path; // of the image, on the simulated disk
    const char *name; // of the PDB; one that is no file name ending in .pdb is never found
    unsigned number;  // from 0, of those of that name
};

// Looks in the folder of the `file` of each image that the scenario puts at that path, then in the
// folders of --dir. False: there are no more.
bool ks_host_symbols_find(const struct ks_scenario *scenario, const struct ks_run_options *options,
                          const struct ks_symbols_wish *wish, struct ks_host_file *out_file);

#endif

// SPDX-License-Identifier: MIT
// Which file each declared image of a scenario becomes below the output folder.
//
// An image becomes FOLDER/<its base name>. Where two share a base name, the one in the drivers
// folder keeps that place and any other goes to subfolders made from its path: \??\C:\x\port.sys
// becomes FOLDER/C/x/port.sys. Whatever a name holds, the result stays below the folder: a part
// that is not plain is rewritten.
#ifndef KS_CLI_BUILD_PLAN_H
#define KS_CLI_BUILD_PLAN_H

#include "scenario/model.h"

// The relative path of an image, parts separated by '/'. Freed with free(); NULL when memory is
// out.
char *ks_build_plan_path(const struct ks_scenario *scenario, const struct ks_image *image);

// One part of a path as every system takes it: what is not plain becomes '_', and so does what
// would mean another place or a device. Writes at most size bytes, NUL included.
void ks_build_plan_part(const char *text, size_t length, char *out_part, size_t size);

#endif

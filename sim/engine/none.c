// SPDX-License-Identifier: MIT
// The engine that runs nothing: images are bound, counted and unloaded, their routines are not
// called and count as STATUS_SUCCESS. The world says so with a note each time.

#include "engine/engine.h"

const struct ks_engine ks_engine_none = {.name = "none", .runs_code = false};

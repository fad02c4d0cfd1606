// SPDX-License-Identifier: MIT
// Everything kldr offers to C, in one include. Each noun has a header of its own.
#ifndef KLDR_KLDR_H
#define KLDR_KLDR_H

#include <kldr/alloc.h>
#include <kldr/check.h>
#include <kldr/error.h>
#include <kldr/event.h>
#include <kldr/host.h>
#include <kldr/host_driver.h>
#include <kldr/host_kernel.h>
#include <kldr/image.h>
#include <kldr/image_builder.h>
#include <kldr/io.h>
#include <kldr/loader.h>
#include <kldr/policy.h>
#include <kldr/status.h>
#include <kldr/world.h>

#endif

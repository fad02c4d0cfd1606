# SPDX-License-Identifier: MIT
#
# Finds the header-only uthash and yields the target Uthash::Uthash.

find_path(UTHASH_INCLUDE_DIR uthash.h)
mark_as_advanced(UTHASH_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Uthash REQUIRED_VARS UTHASH_INCLUDE_DIR)

if(Uthash_FOUND AND NOT TARGET Uthash::Uthash)
  add_library(Uthash::Uthash INTERFACE IMPORTED)
  set_target_properties(Uthash::Uthash PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${UTHASH_INCLUDE_DIR}")
endif()

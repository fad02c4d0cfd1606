# SPDX-License-Identifier: MIT
#
# Finds jansson and always yields the target Jansson::Jansson.
# KLDR_PREFER_STATIC, when true, tries the static archive first.
# Installed with the package, so it must not depend on the rest of this tree.

if(TARGET Jansson::Jansson)
  return()
endif()

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND AND NOT CMAKE_CROSSCOMPILING)
  pkg_check_modules(PC_JANSSON QUIET jansson)
endif()

set(_jansson_names jansson libjansson jansson_d)
if(KLDR_PREFER_STATIC)
  list(PREPEND _jansson_names libjansson.a)
endif()

find_path(JANSSON_INCLUDE_DIR jansson.h HINTS ${PC_JANSSON_INCLUDE_DIRS})
find_library(JANSSON_LIBRARY NAMES ${_jansson_names} HINTS ${PC_JANSSON_LIBRARY_DIRS})
mark_as_advanced(JANSSON_INCLUDE_DIR JANSSON_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jansson REQUIRED_VARS JANSSON_LIBRARY JANSSON_INCLUDE_DIR)

if(Jansson_FOUND)
  add_library(Jansson::Jansson UNKNOWN IMPORTED)
  set_target_properties(Jansson::Jansson PROPERTIES
    IMPORTED_LOCATION "${JANSSON_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${JANSSON_INCLUDE_DIR}")
endif()

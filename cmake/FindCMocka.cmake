# SPDX-License-Identifier: MIT
#
# Finds CMocka and always yields the target cmocka::cmocka. Three shapes exist: 1.1.5 exports
# variables only, later 1.1 versions a target named cmocka, 2.x the target cmocka::cmocka.

if(TARGET cmocka::cmocka)
  return()
endif()

find_package(cmocka CONFIG QUIET)
if(cmocka_FOUND AND NOT TARGET cmocka::cmocka)
  if(TARGET cmocka)
    add_library(cmocka::cmocka ALIAS cmocka)
  elseif(TARGET cmocka::cmocka-static)
    add_library(cmocka::cmocka ALIAS cmocka::cmocka-static)
  endif()
endif()

if(NOT TARGET cmocka::cmocka)
  find_path(CMOCKA_HEADER_DIR cmocka.h HINTS ${CMOCKA_INCLUDE_DIR})
  find_library(CMOCKA_LINK_LIBRARY NAMES cmocka cmocka-static libcmocka)
  mark_as_advanced(CMOCKA_HEADER_DIR CMOCKA_LINK_LIBRARY)
  if(CMOCKA_HEADER_DIR AND CMOCKA_LINK_LIBRARY)
    add_library(cmocka::cmocka UNKNOWN IMPORTED)
    set_target_properties(cmocka::cmocka PROPERTIES
      IMPORTED_LOCATION "${CMOCKA_LINK_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${CMOCKA_HEADER_DIR}")
  endif()
endif()

if(TARGET cmocka::cmocka)
  set(CMocka_TARGET cmocka::cmocka)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CMocka REQUIRED_VARS CMocka_TARGET)

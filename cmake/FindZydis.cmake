# SPDX-License-Identifier: MIT
#
# Finds Zydis 4 and always yields the target Zydis::Zydis.
# KLDR_PREFER_STATIC, when true, tries the static archives first.
# Installed with the package, so it must not depend on the rest of this tree.

if(TARGET Zydis::Zydis)
  return()
endif()

set(_zydis_names Zydis)
set(_zycore_names Zycore)
if(KLDR_PREFER_STATIC)
  list(PREPEND _zydis_names libZydis.a)
  list(PREPEND _zycore_names libZycore.a)
endif()

find_path(ZYDIS_INCLUDE_DIR Zydis/Zydis.h)
find_library(ZYDIS_LIBRARY NAMES ${_zydis_names})
find_library(ZYCORE_LIBRARY NAMES ${_zycore_names})
mark_as_advanced(ZYDIS_INCLUDE_DIR ZYDIS_LIBRARY ZYCORE_LIBRARY)

# The header has the version as a number: four digits each for major, minor, patch and build.
unset(Zydis_VERSION)
if(ZYDIS_INCLUDE_DIR)
  file(STRINGS "${ZYDIS_INCLUDE_DIR}/Zydis/Zydis.h" _zydis_line REGEX "define +ZYDIS_VERSION ")
  if(_zydis_line MATCHES "0x000([0-9])000([0-9])")
    set(Zydis_VERSION "${CMAKE_MATCH_1}.${CMAKE_MATCH_2}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Zydis
  REQUIRED_VARS ZYDIS_LIBRARY ZYCORE_LIBRARY ZYDIS_INCLUDE_DIR
  VERSION_VAR Zydis_VERSION)

if(Zydis_FOUND)
  add_library(Zydis::Zydis UNKNOWN IMPORTED)
  set_target_properties(Zydis::Zydis PROPERTIES
    IMPORTED_LOCATION "${ZYDIS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ZYDIS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ZYCORE_LIBRARY}")
endif()

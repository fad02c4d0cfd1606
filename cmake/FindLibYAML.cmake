# SPDX-License-Identifier: MIT
#
# Finds libyaml and always yields the target LibYAML::LibYAML.
# KLDR_PREFER_STATIC, when true, tries the static archive first.
# Installed with the package, so it must not depend on the rest of this tree.

if(TARGET LibYAML::LibYAML)
  return()
endif()

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND AND NOT CMAKE_CROSSCOMPILING)
  pkg_check_modules(PC_LIBYAML QUIET yaml-0.1)
endif()

set(_libyaml_names yaml libyaml)
if(KLDR_PREFER_STATIC)
  list(PREPEND _libyaml_names libyaml.a yaml_static libyaml_static)
endif()

find_path(LIBYAML_INCLUDE_DIR yaml.h HINTS ${PC_LIBYAML_INCLUDE_DIRS})
find_library(LIBYAML_LIBRARY NAMES ${_libyaml_names} HINTS ${PC_LIBYAML_LIBRARY_DIRS})
mark_as_advanced(LIBYAML_INCLUDE_DIR LIBYAML_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibYAML REQUIRED_VARS LIBYAML_LIBRARY LIBYAML_INCLUDE_DIR)

if(LibYAML_FOUND)
  add_library(LibYAML::LibYAML UNKNOWN IMPORTED)
  set_target_properties(LibYAML::LibYAML PROPERTIES
    IMPORTED_LOCATION "${LIBYAML_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LIBYAML_INCLUDE_DIR}")
  # yaml.h declares its functions dllimport on Windows unless told that the library is an archive.
  if(WIN32 AND LIBYAML_LIBRARY MATCHES "\\.(a|lib)$" AND NOT LIBYAML_LIBRARY MATCHES "\\.dll\\.a$")
    find_file(LIBYAML_DLL NAMES yaml.dll libyaml.dll PATH_SUFFIXES bin)
    mark_as_advanced(LIBYAML_DLL)
    if(NOT LIBYAML_DLL)
      set_property(TARGET LibYAML::LibYAML PROPERTY
        INTERFACE_COMPILE_DEFINITIONS YAML_DECLARE_STATIC)
    endif()
  endif()
endif()

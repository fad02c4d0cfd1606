# SPDX-License-Identifier: MIT
#
# kldr_add_driver(): builds a Windows kernel driver, name.sys, and its import library, on any system.
#
#   kldr_add_driver(port TYPE EXPORT_DRIVER SOURCES port.c DEF port.def)
#   kldr_add_driver(mini TYPE DRIVER SOURCES mini.c IMPORTS port)
#
#   TYPE EXPORT_DRIVER|DRIVER   an export driver needs a DEF file
#   SOURCES file...             C, or assembly (.S)
#   DEF file                    its exports
#   IMPORTS name...             drivers whose exports it uses, also ones that are added later, also in
#                               a circle; or paths of import libraries
#   TOOLCHAIN lld|mingw|msvc    default: KLDR_DRIVER_TOOLCHAIN, else the first that is there
#   MACHINE x64|arm64           default: x64
#   OUTPUT_NAME base            default: the name
#   OUTPUT_DIRECTORY folder     default: CMAKE_CURRENT_BINARY_DIR
#   ENTRY routine               default: DriverEntry
#   INCLUDE_DIRECTORIES, COMPILE_DEFINITIONS, COMPILE_OPTIONS, LINK_OPTIONS
#   DEBUG [DWARF|CODEVIEW]      with debug information: DWARF in the image, or CodeView, which makes a PDB
#                               beside it. lld has both and takes DWARF, mingw DWARF, msvc CODEVIEW
#   HAL                         names that hal.dll has are imported from there, as on older systems
#   NO_DDK                      without kldr's headers: INCLUDE_DIRECTORIES has others
#   KMDF                        a driver of the kernel-mode driver framework (wdf.h), which is bound before
#                               its DriverEntry
#
# The target's properties KLDR_DRIVER_FILE, KLDR_DRIVER_IMPLIB, KLDR_DRIVER_PDB (empty without),
# KLDR_DRIVER_TOOLCHAIN and KLDR_DRIVER_MACHINE say what came of it. Paths are those of the source or the build folder.
#
# With KLDR_DRIVER_PREFIX set, it stands before the names of all targets made and imported: for a project
# that builds the same drivers several times.
#
# kldr_add_import_library(name DEF file [TOOLCHAIN ...] [MACHINE ...] [OUTPUT_NAME ...]
#   [OUTPUT_DIRECTORY ...]): the import library alone, of a driver that is not built here. IMPORTS takes
# the name, and KLDR_DRIVER_IMPLIB of the target says where it is.
#
# kldr_driver_toolchains(VARIABLE [MACHINE]): which toolchains are there, the default first; may be empty.

include_guard(GLOBAL)

# An installation says where these are (kldrConfig.cmake); this tree has them where they are made.
if(NOT DEFINED KLDR_DDK_INCLUDE_DIR)
  set(KLDR_DDK_INCLUDE_DIR "${PROJECT_SOURCE_DIR}/include/kldr/ddk")
endif()
if(NOT DEFINED KLDR_KERNEL_DEF_DIR)
  include("${CMAKE_CURRENT_LIST_DIR}/KldrKernelDefs.cmake")
  set(KLDR_KERNEL_DEF_DIR "${PROJECT_BINARY_DIR}/kernel-defs")
  kldr_kernel_defs("${KLDR_KERNEL_DEF_DIR}")
endif()
set_property(GLOBAL PROPERTY KLDR_DDK_INCLUDE_DIR "${KLDR_DDK_INCLUDE_DIR}")
set_property(GLOBAL PROPERTY KLDR_KERNEL_DEF_DIR "${KLDR_KERNEL_DEF_DIR}")
set_property(GLOBAL PROPERTY KLDR_DRIVER_SUPPORT_DIR "${CMAKE_CURRENT_LIST_DIR}/driver-support")

include("${CMAKE_CURRENT_LIST_DIR}/driver-support/lld.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/driver-support/mingw.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/driver-support/msvc.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/driver-support/rules.cmake")

function(kldr_driver_toolchains variable)
  set(machine x64)
  if(ARGC GREATER 1)
    set(machine ${ARGV1})
  endif()
  set(order lld mingw msvc)
  if(MSVC)
    set(order msvc lld mingw)
  endif()
  set(found "")
  foreach(toolchain IN LISTS order)
    cmake_language(CALL _kldr_driver_${toolchain}_missing ${machine} missing)
    if(NOT missing)
      list(APPEND found ${toolchain})
    endif()
  endforeach()
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

# The toolchain to use; ends the configuration with what is missing when there is none.
function(_kldr_driver_choose name wanted machine out)
  kldr_driver_toolchains(found ${machine})
  if(wanted)
    set(candidates ${wanted})
  elseif(found)
    list(GET found 0 candidates)
  else()
    set(candidates lld mingw msvc)
  endif()
  set(reasons "")
  foreach(toolchain IN LISTS candidates)
    if(toolchain IN_LIST found)
      set(${out} ${toolchain} PARENT_SCOPE)
      return()
    endif()
    cmake_language(CALL _kldr_driver_${toolchain}_missing ${machine} missing)
    list(JOIN missing ", " missing)
    string(APPEND reasons "\n  ${toolchain} lacks ${missing}")
  endforeach()
  message(FATAL_ERROR "${driver_COMMAND}(${name}): no toolchain builds drivers for ${machine}:${reasons}\n"
    "Debian has them in clang lld llvm, and in gcc-mingw-w64-x86-64.")
endfunction()

function(_kldr_driver_check name)
  set(problem "")
  if(driver_UNPARSED_ARGUMENTS)
    set(problem "does not know ${driver_UNPARSED_ARGUMENTS}")
  elseif(NOT driver_TYPE MATCHES "^(EXPORT_DRIVER|DRIVER)$")
    set(problem "needs TYPE EXPORT_DRIVER or TYPE DRIVER, has '${driver_TYPE}'")
  elseif(NOT driver_SOURCES)
    set(problem "needs SOURCES")
  elseif(driver_TYPE STREQUAL "EXPORT_DRIVER" AND NOT driver_DEF)
    set(problem "is an export driver and needs a DEF file: DllInitialize and DllUnload must be PRIVATE")
  elseif(NOT driver_MACHINE MATCHES "^(x64|arm64)$")
    set(problem "needs MACHINE x64 or arm64, has '${driver_MACHINE}'")
  elseif(driver_DEBUG AND NOT driver_DEBUG MATCHES "^(any|DWARF|CODEVIEW)$")
    set(problem "needs DEBUG, DEBUG DWARF or DEBUG CODEVIEW, has '${driver_DEBUG}'")
  elseif(NOT driver_TOOLCHAIN MATCHES "^(|lld|mingw|msvc)$")
    set(problem "needs TOOLCHAIN lld, mingw or msvc, has '${driver_TOOLCHAIN}'")
  endif()
  foreach(file IN LISTS driver_DEF)
    cmake_path(ABSOLUTE_PATH file)
    if(NOT problem AND NOT EXISTS "${file}")
      set(problem "has no file ${file}")
    endif()
  endforeach()
  if(problem)
    message(FATAL_ERROR "${driver_COMMAND}(${name}) ${problem}")
  endif()
endfunction()

# Default values of arguments that were not given: variables driver_* of the caller.
macro(_kldr_driver_defaults name)
  foreach(default IN ITEMS "MACHINE:x64" "OUTPUT_NAME:${name}" "ENTRY:DriverEntry"
      "TOOLCHAIN:${KLDR_DRIVER_TOOLCHAIN}" "OUTPUT_DIRECTORY:${CMAKE_CURRENT_BINARY_DIR}")
    string(REGEX MATCH "^([A-Z_]+):(.*)$" default "${default}")
    if(NOT driver_${CMAKE_MATCH_1})
      set(driver_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endif()
  endforeach()
endmacro()

# The toolchain, and paths made absolute, after the arguments were checked.
macro(_kldr_driver_places name)
  _kldr_driver_choose(${name} "${driver_TOOLCHAIN}" ${driver_MACHINE} driver_TOOLCHAIN)
  cmake_path(ABSOLUTE_PATH driver_OUTPUT_DIRECTORY BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
  if(driver_DEF)
    cmake_path(ABSOLUTE_PATH driver_DEF)
  endif()
  _kldr_driver_choose_debug(${name})
endmacro()

# What DEBUG means for the toolchain.
macro(_kldr_driver_choose_debug name)
  set(formats_lld DWARF CODEVIEW)
  set(formats_mingw DWARF)
  set(formats_msvc CODEVIEW)
  if(driver_DEBUG STREQUAL "any")
    list(GET formats_${driver_TOOLCHAIN} 0 driver_DEBUG)
  elseif(driver_DEBUG AND NOT driver_DEBUG IN_LIST formats_${driver_TOOLCHAIN})
    message(FATAL_ERROR "${driver_COMMAND}(${name}): toolchain ${driver_TOOLCHAIN} does not write "
      "DEBUG ${driver_DEBUG}, it has ${formats_${driver_TOOLCHAIN}}")
  endif()
endmacro()

function(kldr_add_driver name)
  cmake_parse_arguments(PARSE_ARGV 1 driver
    "HAL;NO_DDK;KMDF"
    "DEBUG;TYPE;DEF;TOOLCHAIN;MACHINE;OUTPUT_NAME;OUTPUT_DIRECTORY;ENTRY"
    "SOURCES;IMPORTS;INCLUDE_DIRECTORIES;COMPILE_DEFINITIONS;COMPILE_OPTIONS;LINK_OPTIONS")
  set(driver_COMMAND kldr_add_driver)
  if(DEBUG IN_LIST driver_KEYWORDS_MISSING_VALUES)
    set(driver_DEBUG any)
  endif()
  if(driver_KMDF AND NOT driver_ENTRY)
    set(driver_ENTRY FxDriverEntry)
  endif()
  _kldr_driver_defaults(${name})
  _kldr_driver_check(${name})
  _kldr_driver_places(${name})
  if(driver_KMDF)
    get_property(support GLOBAL PROPERTY KLDR_DRIVER_SUPPORT_DIR)
    list(APPEND driver_SOURCES "${support}/wdf/entry.c")
  endif()
  if(KLDR_DRIVER_PREFIX)
    string(PREPEND name "${KLDR_DRIVER_PREFIX}")
    list(FILTER driver_IMPORTS EXCLUDE REGEX "^$")
    list(TRANSFORM driver_IMPORTS PREPEND "${KLDR_DRIVER_PREFIX}" REGEX "^[^/]*$")
  endif()
  _kldr_driver_target(${name})
  cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]]
    CALL _kldr_driver_check_imports [[${name}]] [[${driver_IMPORTS}]])")
endfunction()

function(kldr_add_import_library name)
  cmake_parse_arguments(PARSE_ARGV 1 driver
    "" "DEF;TOOLCHAIN;MACHINE;OUTPUT_NAME;OUTPUT_DIRECTORY" "")
  set(driver_COMMAND kldr_add_import_library)
  _kldr_driver_defaults(${name})
  set(driver_TYPE EXPORT_DRIVER)
  set(driver_SOURCES none)
  _kldr_driver_check(${name})
  _kldr_driver_places(${name})
  _kldr_driver_import_library(${KLDR_DRIVER_PREFIX}${name})
endfunction()

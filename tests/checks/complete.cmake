# SPDX-License-Identifier: MIT
#
# cmake -DSOURCE_DIR=... -P complete.cmake
#
# Every check of include/kldr/check.h has a driver, a scenario that expects nothing where the check is
# switched off (or on, where that is not the default), and is a name of docs/checks.md.

cmake_minimum_required(VERSION 3.25)

file(READ "${SOURCE_DIR}/include/kldr/check.h" header)
string(REGEX MATCHALL "X\\([A-Z_]+, \"[a-z-]+\"\\)" rows "${header}")
list(LENGTH rows count)
if(count LESS 10)
  message(FATAL_ERROR "include/kldr/check.h has ${count} checks")
endif()
file(READ "${SOURCE_DIR}/docs/checks.md" page)
set(bad FALSE)
foreach(row IN LISTS rows)
  string(REGEX REPLACE ".*\"([a-z-]+)\".*" "\\1" name "${row}")
  string(REPLACE "-" "_" file "${name}")
  set(scenario "${SOURCE_DIR}/tests/checks/${file}.kldr.yaml")
  set(text "")
  if(NOT EXISTS "${SOURCE_DIR}/tests/checks/${file}.c" OR NOT EXISTS "${scenario}")
    message("the check ${name} has no driver with a scenario in tests/checks")
    set(bad TRUE)
    continue()
  endif()
  file(READ "${scenario}" text)
  if(NOT text MATCHES "\nchecks: {[^}]*${name}: (true|false)")
    message("${scenario} does not switch ${name}")
    set(bad TRUE)
  endif()
  string(FIND "${page}" "(../tests/checks/${file}.c)" found)
  if(found LESS 0)
    message("docs/checks.md does not lead to tests/checks/${file}.c")
    set(bad TRUE)
  endif()
endforeach()
if(bad)
  message(FATAL_ERROR "checks are not complete")
endif()

# SPDX-License-Identifier: MIT
#
# Every function that the table calls FULL is called in the source of a test driver.
# cmake -DSOURCE_DIR=... -P check_full.cmake

cmake_minimum_required(VERSION 3.25)

file(GLOB tables "${SOURCE_DIR}/sim/kernel/functions/*.inc")
file(GLOB drivers "${SOURCE_DIR}/tests/kernel/*.c" "${SOURCE_DIR}/tests/native/*.c")
set(calls "")
foreach(driver IN LISTS drivers)
  file(READ "${driver}" text)
  string(REGEX MATCHALL "[A-Za-z_][A-Za-z0-9_]*" words "${text}")
  list(APPEND calls ${words})
endforeach()
list(REMOVE_DUPLICATES calls)

set(full 0)
set(untested "")
foreach(table IN LISTS tables)
  file(STRINGS "${table}" rows REGEX "^KS_FUNCTION\\(.*FULL")
  foreach(row IN LISTS rows)
    string(REGEX REPLACE "^KS_FUNCTION\\(([A-Za-z0-9_]+),.*" "\\1" name "${row}")
    math(EXPR full "${full} + 1")
    if(NOT name IN_LIST calls)
      list(APPEND untested ${name})
    endif()
  endforeach()
endforeach()

if(untested)
  list(JOIN untested " " untested)
  message(FATAL_ERROR "FULL in sim/kernel/functions, but called by no driver of tests/kernel: ${untested}")
endif()
# Every function that can be made to fail is, by a scenario. The two that need a device of the PnP manager
# fail in the sweeps of tests/sweep and the examples.
file(GLOB scenarios "${SOURCE_DIR}/tests/kernel/*.kldr.yaml")
set(shown "IoGetDeviceInterfaces" "IoRegisterDeviceInterface")
foreach(scenario IN LISTS scenarios)
  file(STRINGS "${scenario}" lines REGEX "^ +([A-Za-z0-9]+: 1|fail: .*)$")
  string(REGEX MATCHALL "[A-Za-z0-9]+: " words "${lines}")
  list(APPEND shown ${words})
endforeach()
file(STRINGS "${SOURCE_DIR}/sim/kernel/ke/fallible.inc" rows REGEX "^KS_FALLIBLE\\(")
foreach(row IN LISTS rows)
  string(REGEX REPLACE "^KS_FALLIBLE\\(([A-Za-z0-9]+),.*" "\\1" name "${row}")
  if(NOT name IN_LIST shown AND NOT "${name}: " IN_LIST shown)
    message(FATAL_ERROR "fallible.inc has ${name}, and no scenario of tests/kernel makes it fail")
  endif()
endforeach()

if(full LESS 20)
  message(FATAL_ERROR "only ${full} rows were found: has the table another form?")
endif()
message(STATUS "${full} functions")

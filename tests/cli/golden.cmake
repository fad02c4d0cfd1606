# SPDX-License-Identifier: MIT
#
# cmake -DCOMMAND=... -DCASE=... -DFILES=... -DWORK=... -DVERSION=... -P golden.cmake
#
# Runs a case in a copy of FILES and compares what comes out. A case is a folder with
#   args      one argument in a line
#   before    the arguments of a run of the program before it, which must succeed
#   env       NAME=VALUE in a line; CI and NO_COLOR are not set otherwise
#   out, err  what is printed; a missing file stands for nothing. @VERSION@ stands for the version
#   exit      the exit code; a missing file stands for 0
#   produced  a folder with files that must then be in the copy, byte for byte
# KLDR_UPDATE_GOLDEN=1 writes out, err, exit and the files of produced anew; refused when CI is set.

cmake_minimum_required(VERSION 3.25)

set(update FALSE)
if("$ENV{KLDR_UPDATE_GOLDEN}" STREQUAL "1")
  if(NOT "$ENV{CI}" STREQUAL "")
    message(FATAL_ERROR "KLDR_UPDATE_GOLDEN is refused: CI is set")
  endif()
  set(update TRUE)
endif()

file(STRINGS "${CASE}/args" args)
set(env --unset=CI --unset=NO_COLOR --unset=GITHUB_WORKSPACE)
if(EXISTS "${CASE}/env")
  file(STRINGS "${CASE}/env" variables)
  list(APPEND env ${variables})
endif()

file(REMOVE_RECURSE "${WORK}")
file(COPY "${FILES}/" DESTINATION "${WORK}")
if(EXISTS "${CASE}/before")
  file(STRINGS "${CASE}/before" before)
  execute_process(
    COMMAND ${COMMAND} ${before} WORKING_DIRECTORY "${WORK}" OUTPUT_QUIET
    COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(
  COMMAND "${CMAKE_COMMAND}" -E env ${env} ${COMMAND} ${args}
  WORKING_DIRECTORY "${WORK}"
  OUTPUT_VARIABLE out
  ERROR_VARIABLE err
  RESULT_VARIABLE exit)
foreach(stream out err)
  string(REPLACE "${VERSION}" "@VERSION@" ${stream} "${${stream}}")
endforeach()

set(bad FALSE)
function(compare name actual)
  set(expected "")
  if(EXISTS "${CASE}/${name}")
    file(READ "${CASE}/${name}" expected)
  endif()
  if("${actual}" STREQUAL "${expected}")
    return()
  endif()
  if(update)
    if("${actual}" STREQUAL "")
      file(REMOVE "${CASE}/${name}")
    else()
      file(WRITE "${CASE}/${name}" "${actual}")
    endif()
    return()
  endif()
  message("--- ${name} expected\n${expected}--- ${name} got\n${actual}---")
  set(bad TRUE PARENT_SCOPE)
endfunction()

compare(out "${out}")
compare(err "${err}")
if("${exit}" STREQUAL "0")
  compare(exit "")
else()
  compare(exit "${exit}\n")
endif()

file(GLOB_RECURSE produced RELATIVE "${CASE}/produced" "${CASE}/produced/*")
foreach(name IN LISTS produced)
  if(update)
    configure_file("${WORK}/${name}" "${CASE}/produced/${name}" COPYONLY)
    continue()
  endif()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E compare_files "${WORK}/${name}" "${CASE}/produced/${name}"
    RESULT_VARIABLE differs)
  if(NOT differs EQUAL 0)
    message("the file ${name} is not as it should be: ${WORK}/${name}")
    set(bad TRUE)
  endif()
endforeach()

if(bad)
  string(REPLACE ";" " " shown "${args}")
  message(FATAL_ERROR "kldr ${shown}")
endif()

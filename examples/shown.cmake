# SPDX-License-Identifier: MIT
#
# cmake -DKLDR=... -DFOLDER=... -DDRIVERS=... -P shown.cmake
#
# Runs the commands that the README of an example's folder shows ("    $ kldr ..."): in the folder of the
# drivers, or, when they name a scenario, in the example's own, with the drivers where the README has
# DRIVERS=build. The lines below a command must be printed, in this order; "..." stands for lines that are
# left out. KLDR is a list where an emulator runs the program.

cmake_minimum_required(VERSION 3.25)

set(README "${FOLDER}/README.md")
file(STRINGS "${README}" lines)
set(shown FALSE)
set(commands 0)
foreach(line IN LISTS lines)
  if(line MATCHES "^    [$] kldr (.*)$")
    separate_arguments(arguments UNIX_COMMAND "${CMAKE_MATCH_1}")
    set(place "${DRIVERS}")
    if(CMAKE_MATCH_1 MATCHES "[.]kldr[.]yaml")
      set(place "${FOLDER}")
    endif()
    list(TRANSFORM arguments REPLACE "^DRIVERS=build$" "DRIVERS=${DRIVERS}")
    execute_process(COMMAND ${KLDR} ${arguments} WORKING_DIRECTORY "${place}"
      OUTPUT_VARIABLE rest COMMAND_ERROR_IS_FATAL ANY)
    set(rest "\n${rest}")
    set(shown TRUE)
    math(EXPR commands "${commands} + 1")
  elseif(shown AND line MATCHES "^    (.*)$")
    set(text "${CMAKE_MATCH_1}")
    string(STRIP "${text}" stripped)
    if(stripped STREQUAL "...")
      continue()
    endif()
    string(FIND "${rest}" "\n${text}\n" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "kldr ${arguments} does not print, or not here:\n${text}\nbut:${rest}")
    endif()
    string(LENGTH "${text}" length)
    math(EXPR at "${at} + ${length} + 1")
    string(SUBSTRING "${rest}" ${at} -1 rest)
  else()
    set(shown FALSE)
  endif()
endforeach()
if(commands EQUAL 0)
  message(FATAL_ERROR "${README} shows no command")
endif()

# SPDX-License-Identifier: MIT
#
# cmake -DHEADERS=... -DDEF=... -P check_names.cmake
#
# Each function and variable that kldr's kernel headers import is exported by the kernel.
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${DEF}" exports REGEX "^    ")
list(TRANSFORM exports REPLACE "^ +([^ ]+).*$" "\\1")
file(GLOB headers "${HEADERS}/*.h")
set(count 0)
set(unknown "")
foreach(header IN LISTS headers)
  file(READ "${header}" text)
  string(REGEX MATCHALL "\n(NTKERNELAPI|NTSYSAPI|NTHALAPI) [^;(]*" found "${text}")
  string(REGEX MATCHALL "\n[A-Za-z_]+ \\*?CDECL [^;(]*" library "${text}")
  foreach(declaration IN LISTS found library)
    string(REGEX MATCH "([A-Za-z0-9_]+)$" name "${declaration}")
    math(EXPR count "${count} + 1")
    if(name AND NOT CMAKE_MATCH_1 IN_LIST exports)
      list(APPEND unknown ${CMAKE_MATCH_1})
    endif()
  endforeach()
endforeach()
if(count LESS 150)
  message(FATAL_ERROR "only ${count} declarations found in ${HEADERS}")
elseif(unknown)
  list(JOIN unknown ", " unknown)
  message(FATAL_ERROR "the kernel exports no ${unknown}")
endif()
message(STATUS "${count} names")

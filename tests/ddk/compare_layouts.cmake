# SPDX-License-Identifier: MIT
#
# cmake -DCOMPILER=... -DSOURCE=... -DOURS=... -DTHEIRS=... -DOUT=... -P compare_layouts.cmake
#
# Sizes, offsets and values are the same in two sets of kernel headers, with one compiler. Known
# exceptions, each with its reason, are the list below; one that is no exception any more is an error.
cmake_minimum_required(VERSION 3.25)

# mingw-w64 leaves out the alignment of 16 that makes the object 0x150 bytes long on 64-bit Windows.
set(exceptions "DEVICE_OBJECT")

file(MAKE_DIRECTORY "${OUT}")
file(STRINGS "${OURS}/ntstatus.h" lines REGEX "^#define STATUS_")
set(statuses "")
foreach(line IN LISTS lines)
  string(REGEX MATCH "STATUS_[A-Z0-9_]+" name "${line}")
  string(APPEND statuses "VALUE(${name});\n")
endforeach()
file(WRITE "${OUT}/statuses.inc" "${statuses}")

function(layouts headers name out)
  execute_process(
    COMMAND "${COMPILER}" -Wno-multichar -O1 "-I${headers}" "-I${OUT}" -S "${SOURCE}" -o "${OUT}/${name}.s"
    COMMAND_ERROR_IS_FATAL ANY)
  file(STRINGS "${OUT}/${name}.s" lines REGEX "kldr: ")
  list(TRANSFORM lines REPLACE "^.*kldr: (.*)\".*$" "\\1")
  list(SORT lines)
  set(${out} "${lines}" PARENT_SCOPE)
endfunction()

layouts("${OURS}" ours ours)
layouts("${THEIRS}" theirs theirs)
list(LENGTH ours count)
list(LENGTH theirs their_count)
if(count LESS 100 OR NOT count EQUAL their_count)
  message(FATAL_ERROR "${count} and ${their_count} numbers came out of the compiler")
endif()

set(differences "")
foreach(our their IN ZIP_LISTS ours theirs)
  if(NOT our STREQUAL their)
    string(REGEX REPLACE " [^ ]*$" "" name "${our}")
    if(name IN_LIST exceptions)
      list(REMOVE_ITEM exceptions "${name}")
    else()
      string(APPEND differences "\n  ${our}, there ${their}")
    endif()
  endif()
endforeach()
if(differences)
  message(FATAL_ERROR "kldr's headers differ:${differences}")
elseif(exceptions)
  message(FATAL_ERROR "no exceptions any more: ${exceptions}")
endif()
message(STATUS "${count} numbers are the same, but for the known exceptions")

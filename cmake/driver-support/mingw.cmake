# SPDX-License-Identifier: MIT
#
# Toolchain mingw of KldrDriver.cmake: mingw-w64's gcc and binutils. For x64, on any host.

foreach(_tool IN ITEMS gcc dlltool)
  string(TOUPPER "KLDR_DRIVER_MINGW_${_tool}" _variable)
  find_program(${_variable} x86_64-w64-mingw32-${_tool} NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(${_variable})
endforeach()
unset(_tool)
unset(_variable)

function(_kldr_driver_mingw_missing machine out)
  set(missing "")
  if(NOT machine STREQUAL "x64")
    list(APPEND missing "support for MACHINE ${machine}")
  endif()
  foreach(tool IN ITEMS gcc dlltool)
    string(TOUPPER "KLDR_DRIVER_MINGW_${tool}" variable)
    if(NOT ${variable})
      list(APPEND missing x86_64-w64-mingw32-${tool})
    endif()
  endforeach()
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_mingw_compile machine debug object depfile out)
  set(flags -ffreestanding -fno-ident -O2 -Wall)
  if(debug)
    list(APPEND flags -g)
  endif()
  set(${out} "${KLDR_DRIVER_MINGW_GCC}" ${flags} -MD -MF "${depfile}" -c -o "${object}"
    PARENT_SCOPE)
endfunction()

function(_kldr_driver_mingw_implib machine def image library out)
  set(${out} "${KLDR_DRIVER_MINGW_DLLTOOL}" -d "${def}" -D "${image}" -l "${library}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_mingw_link machine debug entry def image pdb out)
  set(command "${KLDR_DRIVER_MINGW_GCC}" -nostdlib -shared
    -Wl,--subsystem,native -Wl,--entry,${entry} -Wl,--image-base,0x140000000
    -Wl,--dynamicbase -Wl,--nxcompat -Wl,--no-insert-timestamp
    -Wl,--file-alignment,0x200 -Wl,--section-alignment,0x1000 -o "${image}")
  if(def)
    list(APPEND command "${def}")
  else()
    # Without this an image that has no .def file exports all it has.
    list(APPEND command -Wl,--exclude-all-symbols)
  endif()
  if(NOT debug)
    list(APPEND command -s)
  endif()
  set(${out} ${command} PARENT_SCOPE)
endfunction()

# SPDX-License-Identifier: MIT
#
# Toolchain lld of KldrDriver.cmake: clang, lld-link and llvm-dlltool. For x64 and arm64, on any host.

set(_hints /opt/homebrew/opt/llvm/bin /usr/local/opt/llvm/bin /opt/homebrew/opt/lld/bin)
function(_kldr_driver_find_llvm variable program)
  set(names ${program})
  foreach(version RANGE 22 14 -1)
    list(APPEND names ${program}-${version})
  endforeach()
  find_program(${variable} NAMES ${names} HINTS ${_hints} NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(${variable})
endfunction()
_kldr_driver_find_llvm(KLDR_DRIVER_CLANG clang)
_kldr_driver_find_llvm(KLDR_DRIVER_LLD_LINK lld-link)
_kldr_driver_find_llvm(KLDR_DRIVER_LLVM_DLLTOOL llvm-dlltool)
unset(_hints)

function(_kldr_driver_lld_missing machine out)
  set(missing "")
  foreach(tool IN ITEMS CLANG:clang LLD_LINK:lld-link LLVM_DLLTOOL:llvm-dlltool)
    string(REPLACE ":" ";" tool "${tool}")
    list(GET tool 0 variable)
    list(GET tool 1 program)
    if(NOT KLDR_DRIVER_${variable})
      list(APPEND missing ${program})
    endif()
  endforeach()
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_lld_compile machine debug object depfile out)
  set(triple_x64 x86_64-pc-windows-msvc)
  set(triple_arm64 aarch64-pc-windows-msvc)
  set(flags --target=${triple_${machine}} -ffreestanding -nostdlibinc -fno-ident -fasynchronous-unwind-tables
    -O2 -Wall)
  if(debug)
    list(APPEND flags -g -gdwarf-4)
  endif()
  set(${out} "${KLDR_DRIVER_CLANG}" ${flags} -MD -MF "${depfile}" -c -o "${object}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_lld_implib machine def image library out)
  set(name_x64 i386:x86-64)
  set(name_arm64 arm64)
  set(${out} "${KLDR_DRIVER_LLVM_DLLTOOL}" -m ${name_${machine}} -d "${def}" -D "${image}"
    -l "${library}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_lld_link machine debug entry def image out)
  set(command "${KLDR_DRIVER_LLD_LINK}" /NOLOGO /DRIVER /SUBSYSTEM:NATIVE /NODEFAULTLIB /BREPRO
    /MACHINE:${machine} /ENTRY:${entry} "/OUT:${image}")
  if(def)
    # The import library is made from the .def file, before: two drivers may import each other.
    list(APPEND command "/DEF:${def}" "/IMPLIB:${image}.unused.lib")
  endif()
  if(debug)
    list(APPEND command /DEBUG:DWARF)
  endif()
  set(${out} ${command} PARENT_SCOPE)
endfunction()

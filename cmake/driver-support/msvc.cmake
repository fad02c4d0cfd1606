# SPDX-License-Identifier: MIT
#
# Toolchain msvc of KldrDriver.cmake: cl, lib and link from a developer's command prompt, without the WDK.
# Guarded functions and stack probes are switched off, as the objects for them are written for the
# other two toolchains.

foreach(_tool IN ITEMS cl lib link)
  string(TOUPPER "KLDR_DRIVER_MSVC_${_tool}" _variable)
  if(CMAKE_HOST_WIN32)
    find_program(${_variable} ${_tool})
  else()
    set(${_variable} ${_variable}-NOTFOUND)
  endif()
  mark_as_advanced(${_variable})
endforeach()
unset(_tool)
unset(_variable)

function(_kldr_driver_msvc_missing machine out)
  set(missing "")
  foreach(tool IN ITEMS cl lib link)
    string(TOUPPER "KLDR_DRIVER_MSVC_${tool}" variable)
    if(NOT ${variable})
      list(APPEND missing ${tool})
    endif()
  endforeach()
  # One developer's command prompt has one target machine.
  if(DEFINED ENV{VSCMD_ARG_TGT_ARCH} AND NOT "$ENV{VSCMD_ARG_TGT_ARCH}" STREQUAL "${machine}")
    list(APPEND missing "a command prompt for ${machine}")
  endif()
  set(${out} "${missing}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_msvc_compile machine debug object depfile out)
  set(command "${KLDR_DRIVER_MSVC_CL}" /nologo /c /kernel /std:c11 /O2 /W3 /GS- /Gs1048576 /Zl)
  if(debug)
    list(APPEND command /Z7)
  endif()
  set(${out} ${command} "/Fo${object}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_msvc_implib machine def image library out)
  set(${out} "${KLDR_DRIVER_MSVC_LIB}" /NOLOGO /MACHINE:${machine} "/DEF:${def}" "/NAME:${image}"
    "/OUT:${library}" PARENT_SCOPE)
endfunction()

function(_kldr_driver_msvc_link machine debug entry def image pdb out)
  set(command "${KLDR_DRIVER_MSVC_LINK}" /NOLOGO /DRIVER /SUBSYSTEM:NATIVE /NODEFAULTLIB
    /MACHINE:${machine} /ENTRY:${entry} "/OUT:${image}")
  if(def)
    list(APPEND command "/DEF:${def}" "/IMPLIB:${image}.unused.lib")
  endif()
  if(debug)
    list(APPEND command /DEBUG "/PDB:${pdb}" /PDBALTPATH:%_PDB%)
  endif()
  set(${out} ${command} PARENT_SCOPE)
endfunction()

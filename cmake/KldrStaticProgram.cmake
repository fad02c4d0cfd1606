# SPDX-License-Identifier: MIT
#
# kldr_static_program(TARGET): links a program without shared libraries, which makes it start
# faster and run anywhere. Where the C library or a dependency exists only as a shared one, the
# program is linked as usual and the configure log says so.
#
# Zydis, which only code of drivers needs, may exist as a shared library while all else does not:
# then KLDR_SPLIT_PROGRAM is set, the program is linked without it, and kldr_split_program() makes
# kldr-cpu, the program that its worker processes run.

include(CheckLinkerFlag)

function(kldr_static_program target)
  if(MSVC)
    return() # there CMAKE_MSVC_RUNTIME_LIBRARY decides, for all targets alike
  endif()
  check_linker_flag(C -static KLDR_LINKS_STATICALLY)
  if(KLDR_LINKS_STATICALLY AND LIBYAML_LIBRARY MATCHES "\\.a$" AND JANSSON_LIBRARY MATCHES "\\.a$")
    target_link_options(${target} PRIVATE -static)
    if(KLDR_ZYDIS AND NOT (ZYDIS_LIBRARY MATCHES "\\.a$" AND ZYCORE_LIBRARY MATCHES "\\.a$"))
      set(KLDR_SPLIT_PROGRAM ON PARENT_SCOPE)
    endif()
  else()
    message(STATUS "${target} is linked dynamically: not every library exists as an archive")
  endif()
endfunction()

function(kldr_split_program)
  target_sources(kldr PRIVATE "${PROJECT_SOURCE_DIR}/sim/engine/emulate_none.c")
  set_target_properties(kldr PROPERTIES KLDR_WITHOUT_ZYDIS ON)
  add_executable(kldr_cpu "${PROJECT_SOURCE_DIR}/sim/cli/cpu/main.c")
  set_target_properties(kldr_cpu PROPERTIES
    OUTPUT_NAME kldr-cpu
    RUNTIME_OUTPUT_DIRECTORY "$<1:${CMAKE_BINARY_DIR}>")
  target_include_directories(kldr_cpu PRIVATE "${PROJECT_SOURCE_DIR}/sim")
  target_link_libraries(kldr_cpu PRIVATE kldr_sim)
  kldr_warnings(kldr_cpu)
  add_dependencies(kldr kldr_cpu)
endfunction()

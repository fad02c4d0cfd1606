# SPDX-License-Identifier: MIT
#
# kldr_static_program(TARGET): links a program without shared libraries, which makes it start
# faster and run anywhere. Where the C library or a dependency exists only as a shared one, the
# program is linked as usual and the configure log says so.

include(CheckLinkerFlag)

function(kldr_static_program target)
  if(MSVC)
    return() # there CMAKE_MSVC_RUNTIME_LIBRARY decides, for all targets alike
  endif()
  check_linker_flag(C -static KLDR_LINKS_STATICALLY)
  if(KLDR_LINKS_STATICALLY AND LIBYAML_LIBRARY MATCHES "\\.a$" AND JANSSON_LIBRARY MATCHES "\\.a$"
     AND (NOT KLDR_ZYDIS OR (ZYDIS_LIBRARY MATCHES "\\.a$" AND ZYCORE_LIBRARY MATCHES "\\.a$")))
    target_link_options(${target} PRIVATE -static)
  else()
    message(STATUS "${target} is linked dynamically: not every library exists as an archive")
  endif()
endfunction()

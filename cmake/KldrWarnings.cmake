# SPDX-License-Identifier: MIT
#
# kldr_warnings(TARGET): the warnings under which the project is clean. They are errors only where
# CMAKE_COMPILE_WARNING_AS_ERROR says so, so that a new compiler does not break a packager.

function(kldr_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /utf-8)
    target_compile_definitions(${target} PRIVATE _CRT_SECURE_NO_WARNINGS)
  else()
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla)
  endif()
endfunction()

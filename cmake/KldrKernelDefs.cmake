# SPDX-License-Identifier: MIT
#
# kldr_kernel_defs(FOLDER): writes ntoskrnl.def, hal.def and WDFLDR.def, from which drivers get their import
# libraries, out of the lists of kernel names. The same names for every machine: what a certain Windows
# exports is not in them.

function(_kldr_kernel_def list image def)
  file(STRINGS "${list}" lines REGEX "^KERNEL_NAME\\(")
  set(text "; SPDX-License-Identifier: MIT\nLIBRARY ${image}\nEXPORTS\n")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^KERNEL_NAME\\(([^,]+), ([A-Z]+)\\)$" "    \\1 \\2\n" line "${line}")
    string(REPLACE " FUNCTION" "" line "${line}")
    string(APPEND text "${line}")
  endforeach()
  file(CONFIGURE OUTPUT "${def}" CONTENT "${text}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list}")
endfunction()

function(kldr_kernel_defs folder)
  set(lists "${PROJECT_SOURCE_DIR}/sim/kernel/image")
  _kldr_kernel_def("${lists}/ntoskrnl_names.inc" ntoskrnl.exe "${folder}/ntoskrnl.def")
  _kldr_kernel_def("${lists}/hal_names.inc" hal.dll "${folder}/hal.def")
  _kldr_kernel_def("${lists}/wdfldr_names.inc" WDFLDR.SYS "${folder}/WDFLDR.def")
endfunction()

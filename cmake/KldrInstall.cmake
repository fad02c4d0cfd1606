# SPDX-License-Identifier: MIT
#
# What an installation consists of: program, libraries, headers, manual pages, schemas, and the two
# ways to find the libraries again, a CMake package and a pkg-config file. Both are relocatable.

include(CMakePackageConfigHelpers)

set(KLDR_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/kldr")

install(TARGETS kldr EXPORT kldrTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET kldr_cpu)
  install(TARGETS kldr_cpu RUNTIME DESTINATION "libexec/kldr") # where the program looks for it
endif()
install(TARGETS kldr_loader kldr_sim kldr_ddk
  EXPORT kldrTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(EXPORT kldrTargets NAMESPACE kldr:: DESTINATION ${KLDR_CMAKE_DIR})
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/kldrConfig.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/kldrConfig.cmake"
  INSTALL_DESTINATION ${KLDR_CMAKE_DIR}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  "${CMAKE_CURRENT_BINARY_DIR}/kldrConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/kldrConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/kldrConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindLibYAML.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindJansson.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindZydis.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/KldrDriver.cmake"
  DESTINATION ${KLDR_CMAKE_DIR})

# What kldr_add_driver() needs: its rules and objects, and what the kernel exports.
install(DIRECTORY "${CMAKE_CURRENT_LIST_DIR}/driver-support" DESTINATION ${KLDR_CMAKE_DIR})
install(FILES "${KLDR_KERNEL_DEF_DIR}/ntoskrnl.def" "${KLDR_KERNEL_DEF_DIR}/hal.def" "${KLDR_KERNEL_DEF_DIR}/WDFLDR.def"
  DESTINATION ${KLDR_CMAKE_DIR}/kernel-defs)

# The .pc file names its prefix relative to itself, so that a moved tree still works.
cmake_path(SET pc_dir NORMALIZE "/${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH KLDR_PC_TO_PREFIX "${pc_dir}" "/")
string(REGEX REPLACE "/$" "" KLDR_PC_TO_PREFIX "${KLDR_PC_TO_PREFIX}")
set(KLDR_PC_ZYDIS "")
if(KLDR_ZYDIS)
  set(KLDR_PC_ZYDIS " -lZydis -lZycore") # Debian's has no .pc file
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/kldr.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/kldr.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/kldr.pc"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(section IN ITEMS 1 5)
  file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.${section}")
  if(pages)
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endif()
endforeach()

file(GLOB_RECURSE schemas CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/docs/*.schema.json" "${PROJECT_SOURCE_DIR}/sim/*.schema.json")
if(schemas)
  install(FILES ${schemas} DESTINATION ${CMAKE_INSTALL_DATADIR}/kldr)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})

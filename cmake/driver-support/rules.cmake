# SPDX-License-Identifier: MIT
#
# The build rules behind kldr_add_driver(): they read its arguments from the variables driver_*. What
# differs between the toolchains is in the file of each.

# What all drivers of one toolchain and machine share: the kernel's import libraries and the support
# objects. Made once, under the top of the build folder.
function(_kldr_driver_shared toolchain machine out_folder out_objects out_target)
  get_property(support GLOBAL PROPERTY KLDR_DRIVER_SUPPORT_DIR)
  get_property(defs GLOBAL PROPERTY KLDR_KERNEL_DEF_DIR)
  get_property(ddk GLOBAL PROPERTY KLDR_DDK_INCLUDE_DIR)
  set(target kldr_driver_${toolchain}_${machine})
  set(folder "${CMAKE_BINARY_DIR}/kldr-driver/${toolchain}-${machine}")
  set(sources "")
  if(NOT toolchain STREQUAL "msvc")
    file(GLOB sources "${support}/*_${machine}.S")
    list(APPEND sources "${support}/security.c")
  endif()
  set(objects "")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    list(APPEND objects "${folder}/${stem}.obj")
  endforeach()
  set(${out_folder} "${folder}" PARENT_SCOPE)
  set(${out_objects} "${objects}" PARENT_SCOPE)
  set(${out_target} ${target} PARENT_SCOPE)
  if(TARGET ${target})
    return()
  endif()

  file(MAKE_DIRECTORY "${folder}")
  foreach(kernel IN ITEMS ntoskrnl.exe hal.dll WDFLDR.SYS)
    cmake_path(GET kernel STEM stem)
    cmake_language(CALL _kldr_driver_${toolchain}_implib
      ${machine} "${defs}/${stem}.def" ${kernel} "${folder}/${stem}.lib" command)
    add_custom_command(OUTPUT "${folder}/${stem}.lib" COMMAND ${command} DEPENDS "${defs}/${stem}.def"
      COMMENT "Import library of ${kernel} (${toolchain}, ${machine})" VERBATIM)
  endforeach()
  foreach(source object IN ZIP_LISTS sources objects)
    cmake_language(CALL _kldr_driver_${toolchain}_compile ${machine} FALSE "${object}" "${object}.d" command)
    add_custom_command(OUTPUT "${object}" COMMAND ${command} "-I${ddk}" "${source}" DEPENDS "${source}"
      COMMENT "Driver support ${object}" VERBATIM)
  endforeach()
  add_custom_target(${target} DEPENDS "${folder}/ntoskrnl.lib" "${folder}/hal.lib" "${folder}/WDFLDR.lib"
    ${objects})
endfunction()

# One object for each source; their paths go to out.
function(_kldr_driver_objects name out)
  get_property(ddk GLOBAL PROPERTY KLDR_DDK_INCLUDE_DIR)
  set(flags ${driver_COMPILE_OPTIONS})
  foreach(definition IN LISTS driver_COMPILE_DEFINITIONS)
    list(APPEND flags "-D${definition}")
  endforeach()
  foreach(folder IN LISTS driver_INCLUDE_DIRECTORIES)
    cmake_path(ABSOLUTE_PATH folder)
    list(APPEND flags "-I${folder}")
  endforeach()
  if(NOT driver_NO_DDK)
    list(APPEND flags "-I${ddk}")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.dir")
  file(MAKE_DIRECTORY "${folder}")
  set(objects "")
  foreach(source IN LISTS driver_SOURCES)
    cmake_path(ABSOLUTE_PATH source)
    cmake_path(GET source FILENAME file)
    set(object "${folder}/${file}.obj")
    cmake_language(CALL _kldr_driver_${driver_TOOLCHAIN}_compile
      ${driver_MACHINE} "${driver_DEBUG}" "${object}" "${object}.d" command)
    set(depfile DEPFILE "${object}.d")
    if(driver_TOOLCHAIN STREQUAL "msvc")
      set(depfile "")
    endif()
    add_custom_command(OUTPUT "${object}" COMMAND ${command} ${flags} "${source}"
      DEPENDS "${source}" ${depfile} COMMENT "Driver object ${name}: ${file}" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  set(${out} "${objects}" PARENT_SCOPE)
endfunction()

# The import library depends on the .def file alone, and has a target of its own (name_implib), so that
# drivers can import from each other in a circle.
function(_kldr_driver_implib name out)
  set(library "")
  if(driver_DEF)
    set(library "${driver_OUTPUT_DIRECTORY}/${driver_OUTPUT_NAME}.lib")
    cmake_language(CALL _kldr_driver_${driver_TOOLCHAIN}_implib
      ${driver_MACHINE} "${driver_DEF}" ${driver_OUTPUT_NAME}.sys "${library}" command)
    add_custom_command(OUTPUT "${library}" COMMAND ${command} DEPENDS "${driver_DEF}"
      COMMENT "Import library of ${driver_OUTPUT_NAME}.sys (${driver_TOOLCHAIN})" VERBATIM)
    add_custom_target(${name}_implib DEPENDS "${library}")
  endif()
  set(${out} "${library}" PARENT_SCOPE)
endfunction()

# A target for an import library without an image: it answers as the target of a driver does.
function(_kldr_driver_import_library name)
  file(MAKE_DIRECTORY "${driver_OUTPUT_DIRECTORY}")
  _kldr_driver_implib(${name} implib)
  add_custom_target(${name} ALL)
  add_dependencies(${name} ${name}_implib)
  set_target_properties(${name} PROPERTIES
    KLDR_DRIVER_IMPLIB "${implib}"
    KLDR_DRIVER_TOOLCHAIN ${driver_TOOLCHAIN}
    KLDR_DRIVER_MACHINE ${driver_MACHINE})
endfunction()

function(_kldr_driver_target name)
  file(MAKE_DIRECTORY "${driver_OUTPUT_DIRECTORY}")
  set(image "${driver_OUTPUT_DIRECTORY}/${driver_OUTPUT_NAME}.sys")
  set(pdb "")
  if(driver_DEBUG STREQUAL "CODEVIEW")
    set(pdb "${driver_OUTPUT_DIRECTORY}/${driver_OUTPUT_NAME}.pdb")
  endif()
  _kldr_driver_shared(${driver_TOOLCHAIN} ${driver_MACHINE} shared support shared_target)
  _kldr_driver_objects(${name} objects)
  _kldr_driver_implib(${name} implib)

  set(targets ${shared_target})
  set(libraries "")
  foreach(import IN LISTS driver_IMPORTS)
    if(import MATCHES "\\.(lib|a)$")
      cmake_path(ABSOLUTE_PATH import)
      list(APPEND libraries "${import}")
    else()
      list(APPEND libraries "$<TARGET_PROPERTY:${import},KLDR_DRIVER_IMPLIB>")
      list(APPEND targets ${import}_implib)
    endif()
  endforeach()
  set(kernel "${shared}/ntoskrnl.lib")
  if(driver_KMDF)
    list(PREPEND kernel "${shared}/WDFLDR.lib")
  endif()
  if(driver_HAL)
    list(PREPEND kernel "${shared}/hal.lib")
  endif()
  cmake_language(CALL _kldr_driver_${driver_TOOLCHAIN}_link
    ${driver_MACHINE} "${driver_DEBUG}" ${driver_ENTRY} "${driver_DEF}" "${image}" "${pdb}" command)
  add_custom_command(OUTPUT "${image}" ${pdb}
    COMMAND ${command} ${objects} ${support} ${libraries} ${kernel} ${driver_LINK_OPTIONS}
    DEPENDS ${objects} ${support} ${libraries} ${kernel} ${driver_DEF} ${targets}
    COMMENT "Driver ${driver_OUTPUT_NAME}.sys (${driver_TOOLCHAIN}, ${driver_MACHINE})" VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${image}")
  if(implib)
    add_dependencies(${name} ${name}_implib)
  endif()
  set_target_properties(${name} PROPERTIES
    KLDR_DRIVER_FILE "${image}"
    KLDR_DRIVER_PDB "${pdb}"
    KLDR_DRIVER_IMPLIB "${implib}"
    KLDR_DRIVER_TOOLCHAIN ${driver_TOOLCHAIN}
    KLDR_DRIVER_MACHINE ${driver_MACHINE})
endfunction()

# After all drivers are known: what the IMPORTS of one name is a driver with exports, for its machine.
function(_kldr_driver_check_imports name imports)
  get_target_property(machine ${name} KLDR_DRIVER_MACHINE)
  foreach(import IN LISTS imports)
    set(problem "")
    if(import MATCHES "\\.(lib|a)$")
      continue()
    elseif(NOT TARGET ${import})
      set(problem "which no kldr_add_driver() made")
    elseif(NOT TARGET ${import}_implib)
      set(problem "which exports nothing: it has no DEF file")
    else()
      get_target_property(other ${import} KLDR_DRIVER_MACHINE)
      if(NOT machine STREQUAL other)
        set(problem "which is for ${other}, not for ${machine}")
      endif()
    endif()
    if(problem)
      message(FATAL_ERROR "kldr_add_driver(${name}): IMPORTS names ${import}, ${problem}")
    endif()
  endforeach()
endfunction()

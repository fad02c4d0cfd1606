# SPDX-License-Identifier: MIT
#
# cmake -DCOMMAND=... -DSCENARIOS=... -DWORK=... -P deterministic.cmake
#
# Runs all scenarios in every format, with one thread and with several, and wants the same bytes.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(runs one two three)
set(options_one --jobs 1)
set(options_two --jobs 1)
set(options_three --jobs 5)
foreach(run IN LISTS runs)
  execute_process(
    COMMAND ${COMMAND} run ${options_${run}} --format text -o json=${run}.json -o jsonl=${run}.jsonl
      -o tap=${run}.tap -o junit=${run}.xml -o github=${run}.github "${SCENARIOS}"
    WORKING_DIRECTORY "${WORK}"
    OUTPUT_FILE "${WORK}/${run}.text"
    RESULT_VARIABLE exit_${run})
endforeach()
foreach(run two three)
  if(NOT exit_${run} STREQUAL exit_one)
    message(FATAL_ERROR "exit codes ${exit_one} and ${exit_${run}}")
  endif()
  foreach(kind text json jsonl tap xml github)
    file(SIZE "${WORK}/one.${kind}" size)
    execute_process(
      COMMAND "${CMAKE_COMMAND}" -E compare_files "${WORK}/one.${kind}" "${WORK}/${run}.${kind}"
      RESULT_VARIABLE differs)
    if(NOT differs EQUAL 0 OR size LESS 20)
      message(FATAL_ERROR "one.${kind} and ${run}.${kind} in ${WORK} differ or are empty")
    endif()
  endforeach()
endforeach()

# SPDX-License-Identifier: MIT
#
# cmake -DPROGRAM=... -DINPUT=... -DSAYS=... -P crash.cmake: passes when the program dies of the input and says
# why. (CTest takes a signal for a failure, whatever a test is to do.)
execute_process(COMMAND ${PROGRAM} "${INPUT}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${INPUT} did not crash:\n${output}")
endif()
string(FIND "${output}" "${SAYS}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${INPUT} crashed (${result}) and did not say '${SAYS}':\n${output}")
endif()

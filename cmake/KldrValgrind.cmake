# SPDX-License-Identifier: MIT
#
# Tests under valgrind: ctest -C valgrind -L valgrind, or ./dev valgrind. Without -C they do not run.
#
# kldr_add_valgrind_test(NAME COMMAND...): COMMAND, and each process that it starts, makes no mistake
# with memory. A run of kldr in which nothing passed is a failure. Does nothing where valgrind is not
# there, or the compiler's own checks are built in.
#
# All registers are kept true after each instruction: fault handlers read them, and of several changes
# of the stack pointer in a row, as where the engine goes to a driver's stack, valgrind would miss some.

find_program(KLDR_VALGRIND valgrind)
mark_as_advanced(KLDR_VALGRIND)

function(kldr_add_valgrind_test name)
  if(NOT KLDR_VALGRIND OR CMAKE_CROSSCOMPILING OR CMAKE_C_FLAGS MATCHES "-fsanitize")
    return()
  endif()
  add_test(NAME valgrind.${name} CONFIGURATIONS valgrind
    COMMAND "${KLDR_VALGRIND}" -q --error-exitcode=99 --trace-children=yes --leak-check=full
      --vex-iropt-register-updates=allregs-at-each-insn
      "--suppressions=${PROJECT_SOURCE_DIR}/tests/valgrind.supp" ${ARGN})
  set_tests_properties(valgrind.${name} PROPERTIES LABELS valgrind TIMEOUT 300
    FAIL_REGULAR_EXPRESSION "(^|\n)0 passed;==[0-9]+==")
endfunction()

# SPDX-License-Identifier: MIT
#
# docs/kernel-coverage.md from the table of kernel functions. With -DCHECK=ON: says whether the page is
# up to date instead of writing it.
# cmake -DSOURCE_DIR=... [-DCHECK=ON] -P coverage.cmake
cmake_minimum_required(VERSION 3.25)

set(page "${SOURCE_DIR}/docs/kernel-coverage.md")
file(GLOB tables "${SOURCE_DIR}/sim/kernel/functions/*.inc")
list(SORT tables)

set(sections "")
set(sums "")
set(total_FULL 0)
set(total_PARTIAL 0)
set(total_TRAP 0)
foreach(table IN LISTS tables)
  cmake_path(GET table STEM part)
  if(part STREQUAL "all")
    continue()
  endif()
  file(STRINGS "${table}" lines)
  set(count_FULL 0)
  set(count_PARTIAL 0)
  set(count_TRAP 0)
  set(title ${part})
  set(names_FULL "")
  set(names_PARTIAL "")
  set(names_TRAP "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^// ([^.]*)\\. Bytewise order")
      set(title "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^KS_FUNCTION\\(([A-Za-z0-9_]+), *[A-Za-z0-9_]+, *[0-9]+, *([A-Z]+),")
      math(EXPR count_${CMAKE_MATCH_2} "${count_${CMAKE_MATCH_2}} + 1")
      list(APPEND names_${CMAKE_MATCH_2} "`${CMAKE_MATCH_1}`")
    endif()
  endforeach()
  math(EXPR count "${count_FULL} + ${count_PARTIAL} + ${count_TRAP}")
  if(count EQUAL 0)
    continue()
  endif()
  foreach(status IN ITEMS FULL PARTIAL TRAP)
    math(EXPR total_${status} "${total_${status}} + ${count_${status}}")
  endforeach()
  string(APPEND sums "| ${title} | ${count_FULL} | ${count_PARTIAL} | ${count_TRAP} |\n")
  string(APPEND sections "\n## ${title}\n")
  foreach(status IN ITEMS FULL PARTIAL TRAP)
    if(names_${status})
      list(JOIN names_${status} ", " names)
      string(TOLOWER ${status} word)
      string(APPEND sections "\n*${word}*: ${names}\n")
    endif()
  endforeach()
endforeach()
# How each function that can be made to fail does so.
set(answer_POOL "as when pool is used up")
set(answer_STATUS "returns")
set(answer_NONE "a null pointer")
set(answer_RAISE "raises")
set(when_ALWAYS "")
set(when_ENABLES "when it enables")
set(when_MAPS_FOR_KERNEL "when it maps for `KernelMode` without `BugCheckOnFailure`")
set(fallible "")
file(STRINGS "${SOURCE_DIR}/sim/kernel/ke/fallible.inc" lines REGEX "^KS_FALLIBLE")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^KS_FALLIBLE\\(([A-Za-z0-9]+), ([A-Z]+), ([A-Z_]+), ([A-Z_]+), ([a-z]+)\\)$")
    message(FATAL_ERROR "fallible.inc has another form: ${line}")
  endif()
  set(answer "${answer_${CMAKE_MATCH_2}}")
  if(CMAKE_MATCH_2 STREQUAL "STATUS" OR CMAKE_MATCH_2 STREQUAL "RAISE")
    string(APPEND answer " `STATUS_${CMAKE_MATCH_3}`")
  endif()
  set(header "`${CMAKE_MATCH_5}.h`")
  if(CMAKE_MATCH_5 STREQUAL "none")
    set(header "not documented")
  endif()
  string(APPEND fallible "| `${CMAKE_MATCH_1}` | ${answer} | ${when_${CMAKE_MATCH_4}} | ${header} |\n")
endforeach()

math(EXPR total "${total_FULL} + ${total_PARTIAL} + ${total_TRAP}")

set(text "# Kernel functions\n
Made from `sim/kernel/functions/` by `cmake --build <build> --target kernel-coverage`; a test compares the two.\n
- *full*: behaves as Microsoft documents it; a driver of `tests/kernel` shows it succeed and, where it can, fail.
- *partial*: behaves so in what drivers usually ask of it; the rest stops and says that kldr does not simulate it.
- *trap*: known, and a call stops and says so.\n
A function that Windows has and that is not listed here is reported as kldr's limit when a real driver imports it;
with `--policy missing_imports=trap` it is bound to a stub that stops when it is called. `kldr deps` says which of
these a driver needs.\n
| Component | full | partial | trap |
|---|---|---|---|
${sums}| all ${total} | ${total_FULL} | ${total_PARTIAL} | ${total_TRAP} |
${sections}
## Functions that can be made to fail\n
At no fault of their caller: `kldr run --fault-sweep` makes each call of them fail in turn, and the scenario key `fail`
the n-th. Microsoft documents the failure with the function, under the header named here; where no status is named
there, `STATUS_INSUFFICIENT_RESOURCES` stands for \"an NTSTATUS value that says why\". Not here is what fails only by a wrong
argument, such as `ObReferenceObjectByHandle`.\n
| Function | Fails | When | Header |
|---|---|---|---|
${fallible}")

if(CHECK)
  file(READ "${page}" present)
  if(NOT present STREQUAL text)
    message(FATAL_ERROR "docs/kernel-coverage.md is not up to date: cmake --build <build> --target kernel-coverage")
  endif()
else()
  file(WRITE "${page}" "${text}")
endif()

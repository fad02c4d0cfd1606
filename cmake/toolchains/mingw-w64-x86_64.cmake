# SPDX-License-Identifier: MIT
#
# Windows x64 with mingw-w64 on another system. Libraries that have no mingw package are built by
# cmake/mingw-deps.sh (./dev setup mingw) into KLDR_MINGW_DEPS.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

set(KLDR_MINGW_DEPS "${CMAKE_CURRENT_LIST_DIR}/../../build-mingw/deps"
  CACHE PATH "Prefix of the libraries built for Windows")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KLDR_MINGW_DEPS)
file(REAL_PATH "${KLDR_MINGW_DEPS}" mingw_deps)
set(CMAKE_FIND_ROOT_PATH "${mingw_deps}" /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/wine.sh")

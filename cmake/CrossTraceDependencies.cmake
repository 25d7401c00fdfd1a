# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Libraries that CrossTrace is built with: the installed package if there is one, else its sources, pinned by SHA-256.
# A project that brings its own copies defines the targets before it adds CrossTrace.
include_guard(GLOBAL)
include(FetchContent)

# crosstrace_dependency(<package> <target> <archive url> <sha256>)
macro(crosstrace_dependency package target url sha256)
  if(NOT TARGET ${target})
    find_package(${package} CONFIG QUIET GLOBAL)
  endif()
  if(NOT TARGET ${target})
    message(STATUS "${package} is not installed: fetching ${url}")
    FetchContent_Declare(${package} URL "${url}" URL_HASH SHA256=${sha256} DOWNLOAD_EXTRACT_TIMESTAMP ON)
    FetchContent_MakeAvailable(${package})
  endif()
endmacro()

macro(crosstrace_find_dependencies)
  crosstrace_dependency(GTest GTest::gmock_main
    https://github.com/google/googletest/archive/refs/tags/v1.14.0.tar.gz
    8ad598c73ad796e0d8280b082cebd82a630d73e73cd3c70057938a6501bba5d7)
  crosstrace_dependency(CLI11 CLI11::CLI11
    https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
    f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a)
  crosstrace_dependency(nlohmann_json nlohmann_json::nlohmann_json
    https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
  crosstrace_dependency(pugixml pugixml::pugixml
    https://github.com/zeux/pugixml/releases/download/v1.14/pugixml-1.14.tar.gz
    2f10e276870c64b1db6809050a75e11a897a8d7456c4be5c6b2e35a11168a015)
endmacro()

# crosstrace_link_libdw(<target> <source>...)
#
# Lets these sources of <target> read debug information with libdw, so that findings name a line of C++. It is optional:
# without it they name a function.
function(crosstrace_link_libdw target)
  find_path(CROSSTRACE_LIBDW_INCLUDE_DIR elfutils/libdwfl.h)
  find_library(CROSSTRACE_LIBDW_LIBRARY dw)
  mark_as_advanced(CROSSTRACE_LIBDW_INCLUDE_DIR CROSSTRACE_LIBDW_LIBRARY)
  if(NOT CROSSTRACE_LIBDW_INCLUDE_DIR OR NOT CROSSTRACE_LIBDW_LIBRARY)
    message(STATUS "libdw (libdw-dev, elfutils) is not installed: findings name functions instead of lines of C++")
    return()
  endif()
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS CROSSTRACE_HAS_LIBDW)
  target_include_directories(${target} SYSTEM PRIVATE "${CROSSTRACE_LIBDW_INCLUDE_DIR}")
  # By name where the linker looks anyway, so that an installed package names no folder of this machine.
  get_filename_component(folder "${CROSSTRACE_LIBDW_LIBRARY}" DIRECTORY)
  if(folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    target_link_libraries(${target} PRIVATE dw)
  else()
    target_link_libraries(${target} PRIVATE "${CROSSTRACE_LIBDW_LIBRARY}")
  endif()
endfunction()

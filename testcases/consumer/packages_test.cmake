# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What cpack makes of a build.
#   cmake -DBUILD=... -DWORK=... -DVERSION=... -DCPACK=... -P packages_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")
set(generators TGZ)
find_program(dpkg_deb dpkg-deb)
if(dpkg_deb)
  list(APPEND generators DEB)
endif()
execute_process(COMMAND "${CPACK}" --config "${BUILD}/CPackConfig.cmake" -G "${generators}" -B "${WORK}"
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cpack ended with ${result}:\n${output}")
endif()

# expect_files(<list of a package> <expression>... [NOT <expression>...])
function(expect_files list)
  set(wanted TRUE)
  foreach(expression IN LISTS ARGN)
    if(expression STREQUAL "NOT")
      set(wanted FALSE)
    elseif(wanted AND NOT list MATCHES "${expression}")
      message(SEND_ERROR "'${expression}' is not in the package:\n${list}")
    elseif(NOT wanted AND list MATCHES "${expression}")
      message(SEND_ERROR "'${expression}' is in the package:\n${list}")
    endif()
  endforeach()
endfunction()

set(command "/bin/crosstrace\n" "/libexec/crosstrace/crosstrace\n")
set(library "/include/crosstrace/models/register[.]h\n" "/libcrosstrace_framework[.]a\n" "/libcrosstrace_main[.]a\n"
  "/cmake/CrossTrace/CrossTraceConfig[.]cmake\n" "/cmake/CrossTrace/run_export[.]py\n"
  "/CrossTrace/fixtures/crosstrace/gtest/run_all[.]cpp\n")
foreach(component IN ITEMS runtime development)
  file(GLOB archive "${WORK}/crosstrace-${VERSION}-*-${component}.tar.gz")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E tar tf "${archive}" OUTPUT_VARIABLE files COMMAND_ERROR_IS_FATAL ANY)
  set(files_${component} "${files}")
endforeach()
expect_files("${files_runtime}" ${command} NOT ${library} torch)
expect_files("${files_development}" ${library} NOT ${command} "libtorch" "gmock/")
if(NOT dpkg_deb)
  return()
endif()

function(expect_field package field expected)
  execute_process(COMMAND "${dpkg_deb}" --field "${package}" ${field} OUTPUT_VARIABLE value COMMAND_ERROR_IS_FATAL ANY)
  if(NOT value MATCHES "${expected}")
    message(SEND_ERROR "${field} of ${package} is '${value}'")
  endif()
endfunction()
file(GLOB runtime "${WORK}/crosstrace_${VERSION}_*.deb")
file(GLOB development "${WORK}/libcrosstrace-dev_${VERSION}_*.deb")
foreach(package IN ITEMS runtime development)
  execute_process(COMMAND "${dpkg_deb}" --fsys-tarfile "${${package}}" COMMAND "${CMAKE_COMMAND}" -E tar tf /dev/stdin
    OUTPUT_VARIABLE files COMMAND_ERROR_IS_FATAL ANY)
  set(files_${package} "${files}")
endforeach()
expect_files("${files_runtime}" "usr/bin/crosstrace\n" NOT ${library})
expect_files("${files_development}" "usr/include/crosstrace/models/register[.]h\n" NOT ${command})
expect_field("${runtime}" Depends "libstdc[+][+]6")
# Every library of the system that the program needs comes with a package that is named.
execute_process(COMMAND "${dpkg_deb}" --extract "${runtime}" "${WORK}/extracted" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND readelf -d "${WORK}/extracted/usr/libexec/crosstrace/crosstrace" OUTPUT_VARIABLE dynamic
  COMMAND_ERROR_IS_FATAL ANY)
foreach(library IN ITEMS pugixml dw)
  if(dynamic MATCHES "NEEDED[^\n]*lib${library}[.]so")
    expect_field("${runtime}" Depends "lib${library}1")
  endif()
endforeach()
expect_field("${development}" Depends "crosstrace [(]= ${VERSION}[)].*libgmock-dev")

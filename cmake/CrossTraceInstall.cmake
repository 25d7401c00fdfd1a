# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What `cmake --install` copies, and the package that find_package(CrossTrace CONFIG) finds: installed, or in the build tree
# (CrossTrace_DIR is then the build folder). What is installed names no folder of the machine that built it, and works
# wherever it is moved. Two components: runtime is what `crosstrace` needs, development all else.
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

set(CROSSTRACE_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/CrossTrace" CACHE STRING
  "Where the CMake package goes, relative to the prefix")

# The fixtures are a set of their own, because the package can do without: see CROSSTRACE_FIXTURES_FROM_SOURCE.
set_target_properties(crosstrace_framework PROPERTIES EXPORT_NAME framework)
set_target_properties(crosstrace_fixtures PROPERTIES EXPORT_NAME fixtures)
set_target_properties(crosstrace_main PROPERTIES EXPORT_NAME main)
install(TARGETS crosstrace_framework EXPORT CrossTraceTargets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  ARCHIVE COMPONENT development LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS crosstrace_fixtures crosstrace_main EXPORT CrossTraceFixturesTargets
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# The command is a script that finds LibTorch and starts the program.
set(folder "${CMAKE_INSTALL_LIBEXECDIR}/crosstrace")
file(RELATIVE_PATH CROSSTRACE_PROGRAM_FROM_BIN "/${CMAKE_INSTALL_BINDIR}" "/${folder}/crosstrace")
file(RELATIVE_PATH libraries_from_program "/${folder}" "/${CMAKE_INSTALL_LIBDIR}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/crosstrace.sh.in" "${PROJECT_BINARY_DIR}/installed/crosstrace" @ONLY)
install(PROGRAMS "${PROJECT_BINARY_DIR}/installed/crosstrace" TYPE BIN COMPONENT runtime)
install(TARGETS crosstrace_command RUNTIME DESTINATION "${folder}" COMPONENT runtime)
get_target_property(type crosstrace_framework TYPE)
if(type STREQUAL "SHARED_LIBRARY")
  set_target_properties(crosstrace_command PROPERTIES INSTALL_RPATH "$ORIGIN/${libraries_from_program}")
endif()

include(CrossTraceHeaders)
crosstrace_installed_headers(headers)
foreach(header IN LISTS headers)
  string(REGEX REPLACE "^.*/(crosstrace/.*)/[^/]*$" "\\1" folder "${header}")
  install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}")
endforeach()
# The sources of the fixtures, with what they include that is not for users.
file(GLOB_RECURSE fixtures_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fixtures/crosstrace/gtest/*.cpp")
crosstrace_with_includes(fixtures_files ${fixtures_files})
list(REMOVE_ITEM fixtures_files ${headers})
foreach(file IN LISTS fixtures_files)
  string(REGEX REPLACE "^.*/(crosstrace/.*)/[^/]*$" "\\1" folder "${file}")
  install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_DATADIR}/CrossTrace/fixtures/${folder}")
endforeach()

# Two files of one template: the one to be installed, and the build tree's.
crosstrace_googletest_version(CROSSTRACE_GOOGLETEST_VERSION)
set(CROSSTRACE_FIXTURES_DIR "${CMAKE_INSTALL_DATADIR}/CrossTrace/fixtures")
set(CROSSTRACE_COMMAND "${CMAKE_INSTALL_BINDIR}/crosstrace")
set(CROSSTRACE_BUILT_WITH "")
set(config "${PROJECT_SOURCE_DIR}/cmake/CrossTraceConfig.cmake.in")
configure_package_config_file("${config}" "${PROJECT_BINARY_DIR}/installed/CrossTraceConfig.cmake"
  INSTALL_DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}" PATH_VARS CROSSTRACE_FIXTURES_DIR CROSSTRACE_COMMAND)
set(CROSSTRACE_FIXTURES_DIR "${PROJECT_SOURCE_DIR}/fixtures")
set(CROSSTRACE_COMMAND "${PROJECT_BINARY_DIR}/crosstrace")
set(CROSSTRACE_BUILT_WITH "${CROSSTRACE_TORCH_PREFIX}")
configure_package_config_file("${config}" "${PROJECT_BINARY_DIR}/CrossTraceConfig.cmake"
  INSTALL_DESTINATION "${PROJECT_BINARY_DIR}" PATH_VARS CROSSTRACE_FIXTURES_DIR CROSSTRACE_COMMAND)
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/CrossTraceConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/installed/CrossTraceConfig.cmake" "${PROJECT_BINARY_DIR}/CrossTraceConfigVersion.cmake"
  DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")
foreach(file IN ITEMS CrossTraceFindTorch.cmake CrossTraceFixtures.cmake CrossTraceTests.cmake CrossTraceTestArguments.cmake
    CrossTraceDiscoverTests.cmake CrossTracePythonExport.cmake CrossTraceExportSetup.cmake run_export.py)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/${file}" DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${file}" "${PROJECT_BINARY_DIR}/${file}" COPYONLY)
endforeach()

# A build tree can only name packages that are installed, not what was fetched into it.
foreach(library IN ITEMS GTest::gtest pugixml::pugixml)
  get_target_property(is_installed ${library} IMPORTED)
  if(NOT is_installed)
    message(STATUS "${library} is built here, so this build folder is no CMake package; an installed one is.")
    set(no_build_tree_package TRUE)
  endif()
endforeach()
foreach(set IN ITEMS CrossTraceTargets CrossTraceFixturesTargets)
  install(EXPORT ${set} NAMESPACE CrossTrace:: DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")
  if(NOT no_build_tree_package)
    export(EXPORT ${set} NAMESPACE CrossTrace:: FILE "${PROJECT_BINARY_DIR}/${set}.cmake")
  endif()
endforeach()

include(CrossTracePackages)

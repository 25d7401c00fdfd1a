# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What `cmake --install` copies, and the package that find_package(CrossTrace CONFIG) finds.
include(CMakePackageConfigHelpers)

set(CROSSTRACE_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/CrossTrace" CACHE STRING
  "Where the CMake package goes, relative to the prefix")

set_target_properties(crosstrace_framework PROPERTIES EXPORT_NAME framework)
set_target_properties(crosstrace_fixtures PROPERTIES EXPORT_NAME fixtures)
set_target_properties(crosstrace_main PROPERTIES EXPORT_NAME main)
set_target_properties(crosstrace_command PROPERTIES EXPORT_NAME crosstrace)
install(TARGETS crosstrace_framework crosstrace_fixtures crosstrace_main crosstrace_command
  EXPORT CrossTraceTargets
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT CrossTraceTargets NAMESPACE CrossTrace:: DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")

foreach(root IN ITEMS framework fixtures)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${root}/crosstrace" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h")
endforeach()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/CrossTraceConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/CrossTraceConfig.cmake" INSTALL_DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/CrossTraceConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/CrossTraceConfig.cmake"
  "${PROJECT_BINARY_DIR}/CrossTraceConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/CrossTraceFindTorch.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/CrossTraceTests.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/CrossTraceDiscoverTests.cmake"
  DESTINATION "${CROSSTRACE_INSTALL_CMAKEDIR}")

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What `cpack` makes of the install rules: a .tar.gz and a .deb for each of the components runtime (the command) and development
# (headers, libraries, the CMake package). LibTorch comes with neither.
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME crosstrace)
set(CPACK_PACKAGE_VENDOR "The CrossTrace authors")
set(CPACK_PACKAGE_CONTACT "The CrossTrace authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME crosstrace)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcrosstrace-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# By hand: no package of the system holds LibTorch, so dpkg-shlibdeps would give up.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "libc6, libgcc-s1, libstdc++6")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "python3")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "crosstrace (= ${PROJECT_VERSION}), libgtest-dev, libgmock-dev, libpugixml-dev, cmake (>= 3.25)")
get_target_property(is_installed pugixml::pugixml IMPORTED)
if(is_installed)
  string(APPEND CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS ", libpugixml1v5")
endif()
if(CROSSTRACE_LIBDW_LIBRARY)
  string(APPEND CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS ", libdw1 | libdw1t64")
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libdw-dev")
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE amd64)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
endif()
include(CPack)

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# A copy of GoogleTest's sources that says it is another version.
#   cmake -DFROM=... -DTO=... -P another_googletest.cmake
file(REMOVE_RECURSE "${TO}")
file(COPY "${FROM}/" DESTINATION "${TO}")
foreach(file IN ITEMS CMakeLists.txt googletest/CMakeLists.txt googlemock/CMakeLists.txt)
  file(READ "${TO}/${file}" text)
  string(REGEX REPLACE "GOOGLETEST_VERSION [0-9.]+" "GOOGLETEST_VERSION 99.1.2" text "${text}")
  file(WRITE "${TO}/${file}" "${text}")
endforeach()

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# Every block of C++ in README.md must stand in a source of the consumer projects, which are compiled and run.
# Semicolons and brackets mean something to CMake's lists, so they are replaced on both sides.
function(read_plain path out)
  file(READ "${path}" text)
  string(REPLACE ";" "<semicolon>" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")
  string(REPLACE "]" "<close>" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(sources "")
file(GLOB paths "${FOLDER}/*.cpp")
foreach(path IN LISTS paths)
  read_plain("${path}" text)
  string(APPEND sources "${text}")
endforeach()

read_plain("${README}" readme)
set(blocks 0)
while(readme MATCHES "```cpp\n")
  string(FIND "${readme}" "```cpp\n" start)
  math(EXPR start "${start} + 7")
  string(SUBSTRING "${readme}" ${start} -1 readme)
  string(FIND "${readme}" "```" end)
  string(SUBSTRING "${readme}" 0 ${end} block)
  string(FIND "${sources}" "${block}" found)
  if(found LESS 0)
    message(FATAL_ERROR "README.md shows code that no consumer project compiles:\n${block}")
  endif()
  math(EXPR blocks "${blocks} + 1")
endwhile()
if(blocks LESS 3)
  message(FATAL_ERROR "README.md shows ${blocks} blocks of C++, expected 3 at the least")
endif()

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
#
# crosstrace_add_python_export(<name>
#   SCRIPT <export.py>     writes a TorchScript archive: it is run as 'export.py --device cuda:0 --output m.cuda0.pt'
#   OUTPUT <m.pt>          relative to the build folder; the files are m.cpu.pt, m.cuda0.pt, ...
#   [SPEC <SPEC>...])      one for each argument of forward, as 'crosstrace check --input' takes them
#
# An export of Python, made anew by the ctest that tests it. crosstrace_add_tests(... MODELS <name>=<SPEC>[,<SPEC>]...), or
# MODELS <name> if SPEC is given here, makes a model of each device: <name>_cpu and, for each CUDA device of the matrix,
# <name>_cuda0. Their cells are there before the files are, and their trace device is the one that the script ran for.
#   <name>.export.cpu, <name>.export.cuda0   are CTest entries that run the script, before those that load the file
# The script skips a device with exit code 77 after a line that says why; the cells of that model are then skipped with this
# line. In any other case it writes the file, or the entry fails, and ctest runs nothing that needs it. Python is
# Python3_EXECUTABLE, else the python3 of PATH.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/CrossTraceFindTorch.cmake")

function(crosstrace_add_python_export name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCRIPT;OUTPUT" "SPEC")
  get_property(known GLOBAL PROPERTY CROSSTRACE_EXPORTS)
  set(problem "")
  if(arg_UNPARSED_ARGUMENTS)
    list(GET arg_UNPARSED_ARGUMENTS 0 unknown)
    set(problem "unknown argument '${unknown}'")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    list(GET arg_KEYWORDS_MISSING_VALUES 0 keyword)
    set(problem "${keyword} has no value")
  elseif(NOT name MATCHES "^[A-Za-z][A-Za-z0-9_]*$" OR name MATCHES "__|_$")
    set(problem "the name must be letters, digits and single underscores, for it is a part of the names of tests")
  elseif(name IN_LIST known)
    set(problem "there is an export of this name already")
  elseif(NOT arg_SCRIPT)
    set(problem "SCRIPT is missing")
  elseif(NOT arg_OUTPUT)
    set(problem "OUTPUT is missing")
  elseif(NOT arg_OUTPUT MATCHES "[^/.][.][^/.]+$" OR arg_OUTPUT MATCHES "=")
    set(problem "OUTPUT is '${arg_OUTPUT}', and must be a file with an ending, such as m.pt, and without '='")
  endif()
  set(script "${arg_SCRIPT}")
  set(output "${arg_OUTPUT}")
  cmake_path(ABSOLUTE_PATH script BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
  cmake_path(ABSOLUTE_PATH output BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
  if(NOT problem AND (NOT EXISTS "${script}" OR IS_DIRECTORY "${script}"))
    set(problem "SCRIPT is '${script}', and there is no such file")
  endif()
  crosstrace_find_python(python)
  if(NOT problem AND NOT python)
    set(problem "no Python was found: set Python3_EXECUTABLE")
  endif()
  if(problem)
    message(FATAL_ERROR "crosstrace_add_python_export(${name}): ${problem}.")
  endif()
  string(JOIN "," spec ${arg_SPEC})
  set_property(GLOBAL APPEND PROPERTY CROSSTRACE_EXPORTS ${name})
  set_property(GLOBAL PROPERTY CROSSTRACE_EXPORT_${name} "${script}" "${output}" "${python}" "${CMAKE_CURRENT_BINARY_DIR}")
  set_property(GLOBAL PROPERTY CROSSTRACE_EXPORT_${name}_SPEC "${spec}")
endfunction()

# crosstrace_exports_among(<exports> <archives> <model>...): of MODELS, <name>=<output>=<SPEC> of those that are exports, and all
# others.
function(crosstrace_exports_among exports archives)
  get_property(known GLOBAL PROPERTY CROSSTRACE_EXPORTS)
  set(found "")
  set(others "")
  foreach(model IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)(=(.*))?$" model "${model}")
    set(name "${CMAKE_MATCH_1}")
    set(spec "${CMAKE_MATCH_3}")
    if(NOT name IN_LIST known)
      list(APPEND others "${model}")
      continue()
    endif()
    if(spec STREQUAL "")
      get_property(spec GLOBAL PROPERTY CROSSTRACE_EXPORT_${name}_SPEC)
    endif()
    get_property(export GLOBAL PROPERTY CROSSTRACE_EXPORT_${name})
    list(GET export 1 output)
    list(APPEND found "${name}=${output}=${spec}")
  endforeach()
  set(${exports} "${found}" PARENT_SCOPE)
  set(${archives} "${others}" PARENT_SCOPE)
endfunction()

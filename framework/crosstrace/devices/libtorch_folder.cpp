// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/devices/libtorch_folder.h>
#include <dlfcn.h>
#include <link.h>

namespace crosstrace {

std::filesystem::path libtorch_folder() {
  // The loader is asked for the library itself: the address of one of its functions is, in a program
  // that is not position independent, in the program.
  void* library = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  link_map* loaded = nullptr;
  if (library == nullptr || dlinfo(library, RTLD_DI_LINKMAP, &loaded) != 0) return {};
  dlclose(library);  // Which stays, for the program is linked to it.
  return std::filesystem::path(loaded->l_name).parent_path();
}

}  // namespace crosstrace

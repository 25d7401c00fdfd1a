// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/cli/empty_library.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

namespace crosstrace {
namespace {

/// What ld.so wants of a library: one segment, and in it a name. Laid out as in memory, so that
/// offsets are addresses.
struct Library {
  ElfW(Ehdr) header{};
  std::array<ElfW(Phdr), 2> segments{};
  std::array<ElfW(Dyn), 5> dynamic{};
  ElfW(Sym) no_symbol{};
  std::array<char, 64> names{};  // Begins with the empty name, as every string table does.
};

ElfW(Dyn) entry(ElfW(Sxword) tag, ElfW(Addr) value) {
  ElfW(Dyn) entry{};
  entry.d_tag = tag;
  entry.d_un.d_ptr = value;
  return entry;
}

/// The machine is that of this program.
ElfW(Ehdr) header() {
  ElfW(Ehdr) header{};
  std::ifstream("/proc/self/exe", std::ios::binary)
      .read(reinterpret_cast<char*>(&header), sizeof(header));
  header.e_type = ET_DYN;
  header.e_entry = 0;
  header.e_phoff = offsetof(Library, segments);
  header.e_phnum = 2;
  header.e_shoff = 0;
  header.e_shnum = 0;
  header.e_shstrndx = SHN_UNDEF;
  return header;
}

ElfW(Phdr) segment(ElfW(Word) type, std::size_t offset, std::size_t size, std::size_t alignment) {
  ElfW(Phdr) segment{};
  segment.p_type = type;
  segment.p_flags = PF_R | PF_W;  // ld.so writes addresses into the dynamic section.
  segment.p_offset = segment.p_vaddr = segment.p_paddr = offset;
  segment.p_filesz = segment.p_memsz = size;
  segment.p_align = alignment;
  return segment;
}

Library empty_library(const std::string& name) {
  Library library;
  library.header = header();
  library.segments = {segment(PT_LOAD, 0, sizeof(Library), 0x10000),
                      segment(PT_DYNAMIC, offsetof(Library, dynamic), sizeof(library.dynamic), 8)};
  library.dynamic = {entry(DT_SONAME, 1), entry(DT_STRTAB, offsetof(Library, names)),
                     entry(DT_STRSZ, sizeof(library.names)),
                     entry(DT_SYMTAB, offsetof(Library, no_symbol)), entry(DT_NULL, 0)};
  std::memcpy(library.names.data() + 1, name.data(), name.size());
  return library;
}

}  // namespace

bool open_empty_library(const std::string& name) {
  if (name.size() + 2 > sizeof(Library::names)) return false;
  const int file = memfd_create(name.c_str(), MFD_CLOEXEC);
  if (file < 0) return false;
  const Library library = empty_library(name);
  const bool written = write(file, &library, sizeof(library)) == sizeof(library);
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const bool opened = written && dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
  close(file);
  return opened;
}

}  // namespace crosstrace

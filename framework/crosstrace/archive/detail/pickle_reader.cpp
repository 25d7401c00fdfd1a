// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/little_endian.h>
#include <crosstrace/archive/detail/pickle_reader.h>

#include <stdexcept>
#include <string>

namespace crosstrace::detail {
namespace {

[[noreturn]] void refuse(std::size_t at, const std::string& what) {
  throw std::runtime_error(what + " at byte " + std::to_string(at));
}

// Instructions without an argument, as LibTorch's Unpickler knows them.
constexpr std::string_view kBare = ".])}(NaeldsutbRQ\x81\x85\x86\x87\x88\x89";

}  // namespace

PickleOp PickleReader::next() {
  PickleOp op;
  op.begin = at_;
  op.code = static_cast<unsigned char>(take(1));
  switch (op.code) {
    case 0x80:
    case 'K':
    case 'h':
    case 'q':
      op.number = take(1);
      break;
    case 'M':
      op.number = take(2);
      break;
    case 'J':
    case 'j':
    case 'r':
      op.number = take(4);
      break;
    case 'G':
      op.number = take(8);
      break;
    case 0x8A:
      (void)take_text(take(1));
      break;
    case 'X':
      op.text = take_text(take(4));
      break;
    case 0x8D:
      op.text = take_text(take(8));
      break;
    case 'c':
      take_line();
      take_line();
      op.text = pickle_.substr(op.begin + 1, at_ - op.begin - 2);
      break;
    default:
      if (kBare.find(static_cast<char>(op.code)) == std::string_view::npos) {
        refuse(op.begin, "an instruction that LibTorch does not write");
      }
  }
  op.end = at_;
  return op;
}

std::uint64_t PickleReader::take(std::size_t size) {
  if (size > pickle_.size() - at_) refuse(at_, "it is cut short");
  const std::uint64_t value = little_endian(pickle_.substr(at_, size));
  at_ += size;
  return value;
}

std::string_view PickleReader::take_text(std::uint64_t size) {
  if (size > pickle_.size() - at_) refuse(at_, "a text longer than what is left");
  const std::string_view text = pickle_.substr(at_, size);
  at_ += size;
  return text;
}

void PickleReader::take_line() {
  const auto end = pickle_.find('\n', at_);
  if (end == std::string_view::npos) refuse(at_, "a name without an end");
  at_ = end + 1;
}

}  // namespace crosstrace::detail

// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the evidence says of real models whose operators are disturbed on the simulated device: by
// noise of so many ulp, which any other right kernel makes, and by TF32.
//
//     noise_test FOLDER
//
// Prints a line for each archive of the folder; exits with 1 if noise fails or TF32 passes.

#include <ATen/ATen.h>
#include <crosstrace/compare/compare.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/library.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace crosstrace {
namespace {

namespace jit = torch::jit;

/// On the CPU nothing, so that reference and referee are undisturbed.
at::Tensor add_ulps(const at::Tensor& x, double ulps) {
  if (x.is_cpu() || x.scalar_type() != at::kFloat) return x.clone();
  const at::Tensor noise = at::rand_like(x) * 2 - 1;
  return x + x.abs() * noise * (ulps * std::ldexp(1, -23));
}

/// To 10 bits of mantissa, to nearest, ties to even, as tensor cores read their operands.
float rounded_to_tf32(float value) {
  if (!std::isfinite(value)) return value;
  auto bits = std::bit_cast<std::uint32_t>(value);
  bits += 0xfffU + ((bits >> 13U) & 1U);
  return std::bit_cast<float>(bits & ~0x1fffU);
}

at::Tensor round_to_tf32(const at::Tensor& x) {
  if (x.is_cpu() || x.scalar_type() != at::kFloat) return x.clone();
  at::Tensor host = x.cpu().contiguous();
  auto* data = host.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < host.numel(); ++i) data[i] = rounded_to_tf32(data[i]);
  return host.to(x.device());
}

TORCH_LIBRARY(crosstrace_noise, library) {
  library.def("add_ulps(Tensor x, float ulps) -> Tensor", add_ulps);
  library.def("round_to_tf32(Tensor x) -> Tensor", round_to_tf32);
}

/// By operator the operands that a tensor core reads; those without any are only noisy.
const std::map<std::string, std::set<std::size_t>> kOperators = {
    {"aten::_convolution", {0, 1}},
    {"aten::conv2d", {0, 1}},
    {"aten::linear", {0, 1}},
    {"aten::matmul", {0, 1}},
    {"aten::bmm", {0, 1}},
    {"aten::mm", {0, 1}},
    {"aten::addmm", {1, 2}},
    {"aten::baddbmm", {1, 2}},
    {"aten::scaled_dot_product_attention", {0, 1, 2}},
    {"aten::batch_norm", {}},
    {"aten::layer_norm", {}},
    {"aten::softmax", {}},
    {"aten::gelu", {}},
    {"aten::mean", {}}};

void collect(jit::Block& block, std::vector<jit::Node*>& nodes) {
  for (jit::Node* node : block.nodes()) {
    if (kOperators.contains(node->kind().toQualString())) nodes.push_back(node);
    for (jit::Block* inner : node->blocks()) collect(*inner, nodes);
  }
}

void make_noisy(jit::Node& node, double ulps) {
  static const auto kind = c10::Symbol::fromQualString("crosstrace_noise::add_ulps");
  const jit::WithInsertPoint after(node.next());
  jit::Value* noisy = node.owningGraph()->insert(kind, {node.output(), ulps});
  node.output()->replaceAllUsesAfterNodeWith(noisy->node(), noisy);
}

void make_tf32(jit::Node& node) {
  static const auto kind = c10::Symbol::fromQualString("crosstrace_noise::round_to_tf32");
  const jit::WithInsertPoint before(&node);
  for (const std::size_t operand : kOperators.at(node.kind().toQualString())) {
    node.replaceInput(operand, node.owningGraph()->insert(kind, {node.input(operand)}));
  }
}

/// Writes the archive with every operator of the list disturbed.
/// @param ulps 0: TF32.
void disturb(const std::string& archive, const std::string& target, double ulps) {
  const jit::Module module = jit::load(archive, c10::kCPU);
  std::vector<jit::Node*> nodes;
  for (jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (auto* with_graph = jit::tryToGraphFunction(*function)) {
      collect(*with_graph->graph()->block(), nodes);
    }
  }
  for (jit::Node* node : nodes) ulps == 0 ? make_tf32(*node) : make_noisy(*node, ulps);
  module.save(target);
}

struct Judged {
  CellResult result;
  double factor;
};

/// The factor is measured even where rtol and atol decide.
double measure_factor(Session& session, Cell& cell) {
  CompareOptions options;
  options.tolerance = Tolerance(0, 0);
  options.evidence.emplace().referee = [&]() -> const Referee& {
    return session.referee(cell.model(), cell.id(), 0, 0);
  };
  const Comparison comparison = compare(cell.call(cell.inputs()), cell.reference(), options);
  const auto& evidence = comparison.leaves.at(0).evidence;
  return evidence ? evidence->factor : 0;
}

Judged judge(const std::string& archive, double ulps) {
  const std::string disturbed = archive + ".disturbed";
  disturb(archive, disturbed, ulps);
  const Model model = ModelBuilder("M", {archive, 0})
                          .archive(disturbed)
                          .inputs([] {
                            return at::randn({1, 3, 224, 224});
                          })
                          .build();
  RunOptions options;
  options.runs = 1;
  options.precision = Precision::kAsExported;
  Session session(options);
  Cell cell(session, model, {"M", ExportKind::kArchive, "cpu", Transfer::kTo, "sim:0"});
  Judged judged{cell.run(), 0};
  judged.factor = measure_factor(session, cell);
  std::filesystem::remove(disturbed);
  return judged;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int wrong = 0;
int found_tf32 = 0;

void expect(bool right, const std::string& what) {
  if (right) return;
  ++wrong;
  std::printf("  WRONG: %s\n", what.c_str());
}

void test(const std::string& archive) {
  const Judged one = judge(archive, 1), four = judge(archive, 4), tf32 = judge(archive, 0);
  std::printf("%-32s 1 ulp: %5.2f  4 ulp: %5.2f  TF32: %6.0f %s\n",
              std::filesystem::path(archive).stem().c_str(), one.factor, four.factor, tf32.factor,
              std::string(to_string(tf32.result.verdict)).c_str());
  for (const Judged& noise : {one, four}) {
    expect(noise.factor > 0, "nothing was disturbed");
    expect(noise.result.verdict == Verdict::kMatch, first_line(noise.result.message));
  }
  if (tf32.factor <= kEvidenceLimit) return;
  const bool is_named = tf32.result.message.find("; TF32 is possible") != std::string::npos;
  expect(tf32.result.verdict == Verdict::kMismatch && is_named, first_line(tf32.result.message));
  ++found_tf32;
}

int run(const std::string& folder) {
  std::set<std::string> archives;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".pt") archives.insert(entry.path().string());
  }
  for (const std::string& archive : archives) test(archive);
  expect(archives.size() == 10, std::to_string(archives.size()) + " archives, not 10");
  expect(found_tf32 >= 5, "TF32 was found in " + std::to_string(found_tf32) + ", not in 5");
  return wrong > 0 ? 1 : 0;
}

}  // namespace
}  // namespace crosstrace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: noise_test FOLDER\n");
    return 2;
  }
  return crosstrace::run(argv[1]);
}

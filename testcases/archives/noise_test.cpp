// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// What the evidence says of real models on the simulated device: with noise of so many ulp after
// each operator, which any other right kernel makes, and with TF32, which that device rounds to.
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

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
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

TORCH_LIBRARY(crosstrace_noise, library) {
  library.def("add_ulps(Tensor x, float ulps) -> Tensor", add_ulps);
}

/// The operators whose answers are disturbed.
const std::set<std::string> kOperators = {
    "aten::_convolution", "aten::conv2d",     "aten::linear",
    "aten::matmul",       "aten::bmm",        "aten::mm",
    "aten::addmm",        "aten::baddbmm",    "aten::scaled_dot_product_attention",
    "aten::batch_norm",   "aten::layer_norm", "aten::softmax",
    "aten::gelu",         "aten::mean"};

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

/// Writes the archive with every operator of the list disturbed.
void disturb(const std::string& archive, const std::string& target, double ulps) {
  const jit::Module module = jit::load(archive, c10::kCPU);
  std::vector<jit::Node*> nodes;
  for (jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (auto* with_graph = jit::tryToGraphFunction(*function)) {
      collect(*with_graph->graph()->block(), nodes);
    }
  }
  for (jit::Node* node : nodes) make_noisy(*node, ulps);
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

Judged judge(const std::string& archive, Precision precision) {
  const Model model = ModelBuilder("M", {archive, 0})
                          .archive(archive)
                          .inputs([] {
                            return at::randn({1, 3, 224, 224});
                          })
                          .build();
  RunOptions options;
  options.runs = 1;
  options.precision = precision;
  Session session(options);
  Cell cell(session, model, {"M", ExportKind::kArchive, "cpu", Transfer::kTo, "sim:0"});
  Judged judged{cell.run(), 0};
  judged.factor = measure_factor(session, cell);
  return judged;
}

Judged judge_noise(const std::string& archive, double ulps) {
  const std::string disturbed = archive + ".disturbed";
  disturb(archive, disturbed, ulps);
  Judged judged = judge(disturbed, Precision::kStrict);
  std::filesystem::remove(disturbed);
  return judged;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Answers that are small pass whatever made them: atol alone lets them.
bool is_within_tolerance(const CellResult& result) {
  return result.verdict == Verdict::kMatch &&
         std::all_of(result.outputs.begin(), result.outputs.end(),
                     [](const LeafComparison& leaf) { return !leaf.evidence; });
}

int wrong = 0;
int found_tf32 = 0;

void expect(bool right, const std::string& what) {
  if (right) return;
  ++wrong;
  std::printf("  WRONG: %s\n", what.c_str());
}

void test(const std::string& archive) {
  const Judged one = judge_noise(archive, 1), four = judge_noise(archive, 4);
  const Judged tf32 = judge(archive, Precision::kTf32);
  std::printf("%-32s 1 ulp: %5.2f  4 ulp: %5.2f  TF32: %6.0f %s\n",
              std::filesystem::path(archive).stem().c_str(), one.factor, four.factor, tf32.factor,
              std::string(to_string(tf32.result.verdict)).c_str());
  for (const Judged& noise : {one, four}) {
    expect(noise.factor > 0, "nothing was disturbed");
    expect(noise.result.verdict == Verdict::kMatch, first_line(noise.result.message));
  }
  if (tf32.factor <= kEvidenceLimit) return;
  if (is_within_tolerance(tf32.result)) {
    std::printf("  within rtol and atol, so evidence is not asked\n");
    return;
  }
  const bool is_named = tf32.result.message.find("\nthis is TF32: ") != std::string::npos;
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

// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/diagnose/rule.h>

#include <iterator>

namespace crosstrace {
namespace rules {

using Say = std::function<void(Remark)>;

// One file each, in rules/.
void device_literal(const RuleContext& context, const Say& say);
void transfer_literal(const RuleContext& context, const Say& say);
void implicit_cpu(const RuleContext& context, const Say& say);
void tensor_constant(const RuleContext& context, const Say& say);
void stranded_attribute(const RuleContext& context, const Say& say);
void device_ordinal(const RuleContext& context, const Say& say);
void device_branch(const RuleContext& context, const Say& say);
void backend_specialised(const RuleContext& context, const Say& say);
void missing_kernel(const RuleContext& context, const Say& say);
void storage_location(const RuleContext& context, const Say& say);
void baked_shape(const RuleContext& context, const Say& say);
void baked_dtype(const RuleContext& context, const Say& say);
void baked_precision(const RuleContext& context, const Say& say);
void unsafe_operator(const RuleContext& context, const Say& say);
void random(const RuleContext& context, const Say& say);

}  // namespace rules

namespace {

// A conflict raises the first remark at its origin, so what fixes a device stands above what merely
// remarks on it.
constexpr Rule kRules[] = {
    {"device-literal", &rules::device_literal,
     "An operator that makes a tensor carries a device as a constant.",
     "A trace records the device that a factory such as torch::arange ran on, and neither "
     "module.to(device) nor torch::jit::load(file, device) changes it: elsewhere its tensor "
     "meets those of another device. Make the tensor from one that moves: x.new_zeros(...), "
     "torch::zeros_like(x), a buffer."},
    {"transfer-literal", &rules::transfer_literal,
     "A transfer (to, cpu, cuda) names a fixed device.",
     "The tensor goes to the device of the export wherever the module runs. Transfer to the "
     "device of another tensor, or not at all."},
    {"implicit-cpu", &rules::implicit_cpu,
     "An operator makes a tensor without naming a device, so on the CPU.",
     "In a script a factory without a device makes its tensor on the CPU, also where the module "
     "runs on a GPU. Give it the device of an input."},
    {"tensor-constant", &rules::tensor_constant, "A tensor is a constant of the graph.",
     "A tensor that forward captures becomes part of the graph: module.to(device) leaves it "
     "behind, only torch::jit::load(file, device) moves it. Register it as a buffer."},
    {"stranded-attribute", &rules::stranded_attribute,
     "An attribute that is neither parameter nor buffer holds a tensor or a device.",
     "module.to(device) moves parameters and buffers alone; a plain tensor, a list, a dict or a "
     "device stays as it was saved. Register tensors as buffers, and take devices from inputs."},
    {"device-ordinal", &rules::device_ordinal,
     "A device is named with an index, or CUDA without one where it matters.",
     "cuda:1 is not there on a machine with one GPU, and cuda alone is the current device, not "
     "that of the inputs. Take the device of an input, index and all."},
    {"device-branch", &rules::device_branch,
     "The program asks for a tensor's device, and goes another way on another one.",
     "A run on one device tests one of the ways only. Run the matrix on every type of device "
     "that is asked for."},
    {"backend-specialised", &rules::backend_specialised, "The graph was optimised for one device.",
     "Freezing and fusing put weights and operators of one backend into the graph. Save the "
     "module before it is optimised, and optimise it where it runs."},
    {"missing-kernel", &rules::missing_kernel,
     "An operator is unknown, or has no kernel for a device.",
     "A call on that device fails, however the module is moved. Use operators that the device "
     "has, or load the library that registers one."},
    {"storage-location", &rules::storage_location,
     "Tensors of the archive were saved on a device other than the CPU.",
     "torch::jit::load(file) puts them back there, and fails on a machine without that device. "
     "Save the module after module.to(\"cpu\"), or always load it with a device."},
    {"baked-shape", &rules::baked_shape, "Sizes of the traced inputs are in the graph.",
     "Inputs of other sizes fail or give another shape. Write sizes that follow the input, or "
     "script the function."},
    {"baked-dtype", &rules::baked_dtype, "A dtype that should follow an input is a constant.",
     "What was recorded for one precision answers in it for every other. Take the dtype of an "
     "input."},
    {"baked-precision", &rules::baked_precision, "A convolution carries allow_tf32.",
     "A trace records whether the process that traced allowed TF32, and the flags of the process "
     "that runs it change nothing about that: float32 answers on a GPU are those of another "
     "precision than it asks for. Script the model, or trace it under the flags that it should run "
     "with."},
    {"unsafe-operator", &rules::unsafe_operator,
     "An operator reaches beyond the tensors of the model: files, memory, other processes.",
     "A model that someone sends you may read your files or write some, when it is called or when "
     "LibTorch loads it. `crosstrace inspect` runs none of it; `check` and `repair` do so with "
     "--trust alone."},
    {"random", &rules::random, "An operator draws random numbers.",
     "Each type of device draws others for one seed, so outputs cannot be compared. Draw them "
     "outside of the model and pass them in."},
};

}  // namespace

const std::vector<Rule>& all_rules() {
  static const auto* all = new std::vector<Rule>(std::begin(kRules), std::end(kRules));
  return *all;
}

}  // namespace crosstrace

// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

// The archives that export_zoo.py writes of the models in zoo_models.py: defects that only Python's
// tracer, scripting or freezing makes. All were made on the CPU.

#include <torch/types.h>

#include "zoo/zoo.h"

namespace crosstrace::zoo {
namespace {

std::string archive(const std::string& name) { return ZOO_ARCHIVES "/" + name + ".pt"; }

at::Tensor two_by_three() { return torch::randn({2, 3}); }

CellFilter left_behind_by_to() { return elsewhere() && transferred_by(Transfer::kTo); }

CROSSTRACE_REGISTER(ZerosLikeTraced)
    .archive(archive("zeros_like_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kWrongDevice, "on cpu");
ZOO_ENTRY(ZerosLikeTraced, "LIKE-LIT").error("device-literal", "aten::zeros_like").automatic();

CROSSTRACE_REGISTER(FullLikeTraced)
    .archive(archive("full_like_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(FullLikeTraced, "LIKE-LIT").error("device-literal", "aten::full_like").automatic();

CROSSTRACE_REGISTER(NewZerosTraced)
    .archive(archive("new_zeros_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(NewZerosTraced, "LIKE-LIT")
    .error("device-literal", "aten::new_zeros")
    .error("device-literal", "aten::new_full")
    .automatic();

CROSSTRACE_REGISTER(RandLikeTraced)
    .archive(archive("rand_like_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(RandLikeTraced, "LIKE-LIT")
    .error("device-literal", "aten::rand_like")
    .warning("random", "aten::rand_like")
    .automatic();

CROSSTRACE_REGISTER(LikesWithoutDevice)
    .archive(archive("likes_without_device"))
    .inputs(two_by_three);
ZOO_ENTRY(LikesWithoutDevice, "good");

CROSSTRACE_REGISTER(LstmCaptured)
    .archive(archive("lstm_captured"))
    .inputs([] {
      return torch::randn({2, 5, 4});
    })
    .expect_failure(elsewhere(), Verdict::kError, "Input and hidden tensors are not at the same");
ZOO_ENTRY(LstmCaptured, "FACT-LIT")
    .error("device-literal", "aten::zeros", 2)
    .error("tensor-constant", "prim::Constant")
    .automatic();

CROSSTRACE_REGISTER(ScriptedHelperTraced)
    .archive(archive("scripted_helper_traced"))
    .inputs(two_by_three);
ZOO_ENTRY(ScriptedHelperTraced, "good");

CROSSTRACE_REGISTER(TensorKeywordTraced)
    .archive(archive("tensor_keyword_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(TensorKeywordTraced, "TO-LIT").error("transfer-literal", "aten::to").automatic();

CROSSTRACE_REGISTER(NumbersTraced)
    .archive(archive("numbers_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(NumbersTraced, "TO-LIT").error("transfer-literal", "aten::to").automatic();

CROSSTRACE_REGISTER(TwoMethodsTraced)
    .archive(archive("two_methods_traced"))
    .inputs(two_by_three)
    .inputs("restore", two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(TwoMethodsTraced, "CONST").error("tensor-constant", "prim::Constant", 2).automatic();

CROSSTRACE_REGISTER(MovesToWeightTraced)
    .archive(archive("moves_to_weight_traced"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(MovesToWeightTraced, "TO-LIT").error("transfer-literal", "aten::to").automatic();

// An index of the CPU is taken by `index`.
CROSSTRACE_REGISTER(IndexTraced).archive(archive("index_traced")).inputs(two_by_three);
ZOO_ENTRY(IndexTraced, "good").note("transfer-literal", "aten::to");

CROSSTRACE_REGISTER(TensorAttribute)
    .archive(archive("tensor_attribute"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(TensorAttribute, "STATE").error("stranded-attribute", "", 2).automatic();

CROSSTRACE_REGISTER(OptionalBuffer)
    .archive(archive("optional_buffer"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(OptionalBuffer, "STATE").error("stranded-attribute").automatic();

CROSSTRACE_REGISTER(ContainerAttributes)
    .archive(archive("container_attributes"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(ContainerAttributes, "STATE").error("stranded-attribute", "", 4).automatic();

CROSSTRACE_REGISTER(DeviceAttribute)
    .archive(archive("device_attribute"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(DeviceAttribute, "STATE").error("stranded-attribute").automatic();

// A list that calls change cannot be made of buffers.
CROSSTRACE_REGISTER(MutatedList)
    .archive(archive("mutated_list"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(MutatedList, "STATE").error("stranded-attribute");

CROSSTRACE_REGISTER(AssignedAttribute)
    .archive(archive("assigned_attribute"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(AssignedAttribute, "STATE").error("stranded-attribute").automatic();

CROSSTRACE_REGISTER(BehindInterface)
    .archive(archive("behind_interface"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(BehindInterface, "NO-DEV").error("implicit-cpu", "aten::arange").automatic();

CROSSTRACE_REGISTER(ExportedMethod)
    .archive(archive("exported_method"))
    .inputs(two_by_three)
    .inputs("encode", two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(ExportedMethod, "NO-DEV")
    .error("implicit-cpu", "aten::arange")
    .error("implicit-cpu", "aten::zeros")
    .automatic();

CROSSTRACE_REGISTER(NestedBlocks)
    .archive(archive("nested_blocks"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, kMixed);
ZOO_ENTRY(NestedBlocks, "FACT-LIT").warning("device-literal", "aten::full", 2).automatic();

CROSSTRACE_REGISTER(ClassAttributes)
    .archive(archive("class_attributes"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(ClassAttributes, "CLASS").error("stranded-attribute", "", 3).automatic();

CROSSTRACE_REGISTER(ObjectAnswer)
    .archive(archive("object_answer"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kWrongDevice, "on cpu");
ZOO_ENTRY(ObjectAnswer, "CLASS")
    .error("implicit-cpu", "aten::arange")
    .error("implicit-cpu", "aten::zeros")
    .automatic();

CROSSTRACE_REGISTER(PlainObjects).archive(archive("plain_objects")).inputs(two_by_three);
ZOO_ENTRY(PlainObjects, "good").note("stranded-attribute");

CROSSTRACE_REGISTER(Frozen)
    .archive(archive("frozen"))
    .inputs(two_by_three)
    .expect_failure(left_behind_by_to(), Verdict::kError, kMixed);
ZOO_ENTRY(Frozen, "FROZEN").error("tensor-constant", "prim::Constant", 3).automatic();

CROSSTRACE_REGISTER(Quantized)
    .archive(archive("quantized"))
    .inputs(two_by_three)
    .expect_failure(elsewhere(), Verdict::kError, "quantized");
ZOO_ENTRY(Quantized, "KERNEL")
    .error("missing-kernel", "quantized::linear_dynamic")
    .note("missing-kernel", "quantized::linear_dynamic_fp16");  // On a path that is not taken.

// A machine without the GPU that it was saved on can only load it with the device named.
CROSSTRACE_REGISTER(SavedOnCuda)
    .archive(archive("saved_on_cuda"))
    .inputs(two_by_three)
    .expect_failure(!transferred_by(Transfer::kLoad), Verdict::kError, "CUDA");
ZOO_ENTRY(SavedOnCuda, "LOAD").warning("storage-location");

CROSSTRACE_REGISTER(FollowsInput).archive(archive("follows_input")).inputs([] {
  return arguments(two_by_three(), c10::IValue());
});
ZOO_ENTRY(FollowsInput, "good").note("stranded-attribute");

CROSSTRACE_REGISTER(PlainAttributes).archive(archive("plain_attributes")).inputs(two_by_three);
ZOO_ENTRY(PlainAttributes, "good");

}  // namespace
}  // namespace crosstrace::zoo

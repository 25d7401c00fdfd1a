// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <caffe2/serialize/inline_container.h>
#include <crosstrace/archive/cuda_need.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "unit/archive_edit.h"
#include "unit/temporary_file.h"

namespace crosstrace {
namespace {

class CudaNeedOf : public ::testing::Test {
 protected:
  CudaNeed need(const std::string& body, const std::string& replacement = "") {
    torch::jit::Module module("M");
    module.define("def forward(self, x: Tensor):\n    return " + body + "\n");
    module.save(file_.path());
    if (!replacement.empty()) edit_archive(file_.path(), "torch.neg(x)", replacement);
    caffe2::serialize::PyTorchStreamReader reader(file_.path());
    return cuda_need(reader);
  }

  TemporaryFile file_{"model.pt"};
};

TEST_F(CudaNeedOf, ALiteralIsADevice) {
  const CudaNeed found = need("x + torch.ones(3, device='cuda:0')");
  EXPECT_TRUE(found.devices);
  EXPECT_FALSE(found.operators);
}

TEST_F(CudaNeedOf, AQuestionIsNone) {
  EXPECT_FALSE(need("x * 2 if x.is_cuda else x + x").devices);
  EXPECT_FALSE(need("x * 2").devices);
}

TEST_F(CudaNeedOf, AWordInATextMayBeADevice) {
  EXPECT_TRUE(need("x.to(torch.device('cuda'))").devices);
}

TEST_F(CudaNeedOf, ACallOfTorchCudaIsAnOperator) {
  EXPECT_TRUE(need("torch.neg(x)", "ops.cuda.synchronize(0)").operators);
  EXPECT_FALSE(need("torch.neg(x)", "ops.cudalike.run(x)").operators);
}

}  // namespace
}  // namespace crosstrace

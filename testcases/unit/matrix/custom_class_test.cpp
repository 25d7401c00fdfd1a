// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/matrix/cell.h>
#include <crosstrace/models/register.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/custom_class.h>
#include <torch/library.h>

#include "unit/temporary_file.h"

// Objects of C++ classes, which nobody can look into.
namespace crosstrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Its tensor moves when the archive is loaded, and not with the module.
struct Scale : torch::CustomClassHolder {
  explicit Scale(at::Tensor held) : tensor(std::move(held)) {}
  at::Tensor apply(const at::Tensor& x) { return x * tensor; }
  at::Tensor tensor;
};

TORCH_LIBRARY(crosstrace_unit_matrix, library) {
  library.class_<Scale>("Scale")
      .def(torch::init<at::Tensor>())
      .def("apply", &Scale::apply)
      .def_pickle([](const c10::intrusive_ptr<Scale>& scale) { return scale->tensor; },
                  [](at::Tensor held) { return c10::make_intrusive<Scale>(std::move(held)); });
}

class CustomClass : public ::testing::Test {
 protected:
  Model model(const std::string& forward) const {
    torch::jit::Module module("M");
    module.register_attribute("scale", c10::getCustomClassType<c10::intrusive_ptr<Scale>>(),
                              torch::make_custom_class<Scale>(at::arange(3, at::kFloat)));
    module.define("def forward(self, x: Tensor) -> Tensor:\n    return " + forward + "\n");
    module.save(archive_.path());
    return ModelBuilder("M", {"m.cpp", 1})
        .archive(archive_.path())
        .inputs([] {
          return at::randn({2, 3});
        })
        .build();
  }

  static CellResult run(Session& session, const Model& model, Transfer transfer) {
    return Cell(session, model, {"M", ExportKind::kArchive, "unknown", transfer, "sim:0"}).run();
  }

  TemporaryFile archive_{"scale.pt"};
};

TEST_F(CustomClass, IsTheCauseOfWhatDiagnosisCannotSee) {
  const Model scales = model("self.scale.apply(x)");
  Session session({});
  EXPECT_EQ(run(session, scales, Transfer::kLoad).verdict, Verdict::kMatch);
  const CellResult moved = run(session, scales, Transfer::kTo);
  EXPECT_EQ(moved.verdict, Verdict::kError);
  ASSERT_THAT(session.findings(), SizeIs(1));
  const Finding& finding = session.findings()[0];
  EXPECT_EQ(finding.rule, "stranded-attribute");
  EXPECT_EQ(finding.severity, Severity::kNote);
  EXPECT_EQ(finding.repair, Repairability::kManual);
  EXPECT_THAT(finding.message,
              HasSubstr("holds an object of the C++ class crosstrace_unit_matrix.Scale, which "
                        "cannot be looked into: module.to(device) leaves it as it is"));
  EXPECT_THAT(moved.causes, ElementsAre(finding.id));
}

TEST_F(CustomClass, IsNoCauseOfWhatWasPredicted) {
  const Model baked = model("self.scale.apply(x + torch.arange(3))");
  Session session({});
  const CellResult loaded = run(session, baked, Transfer::kLoad);
  ASSERT_THAT(loaded.causes, SizeIs(1));
  EXPECT_THAT(loaded.causes[0], HasSubstr("implicit-cpu"));
}

TEST_F(CustomClass, IsNoCauseOfOtherErrors) {
  const Model wrong = model("self.scale.apply(x.view(7))");
  Session session({});
  EXPECT_THAT(run(session, wrong, Transfer::kTo).causes, IsEmpty());
}

}  // namespace
}  // namespace crosstrace

// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <ATen/ATen.h>
#include <crosstrace/base/graph_walk.h>
#include <crosstrace/compare/bitwise.h>
#include <crosstrace/graph/program.h>
#include <crosstrace/repair/detail/buffers.h>
#include <crosstrace/repair/detail/class_attributes.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

namespace crosstrace {
namespace {

using detail::EditResult;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

torch::jit::Module reloaded(const torch::jit::Module& module) {
  std::stringstream bytes;
  module.save(bytes);
  return torch::jit::load(bytes);
}

std::vector<std::string> buffer_names(const torch::jit::Module& module) {
  std::vector<std::string> names;
  for (const auto& buffer : module.named_buffers()) names.push_back(buffer.name);
  return names;
}

torch::jit::Node* find_constant(const InlinedMethod& method) {
  torch::jit::Node* found = nullptr;
  for_each_node(*method.graph->block(), [&](torch::jit::Node& node) {
    if (node.kind() == c10::prim::Constant && node.hasAttribute(c10::attr::value) &&
        node.kindOf(c10::attr::value) == torch::jit::AttributeKind::t) {
      found = &node;
    }
  });
  return found;
}

const Attribute& attribute(const Program& program, const std::string& path) {
  for (const Attribute& item : program.attributes()) {
    if (item.path == path) return item;
  }
  throw std::out_of_range(path);
}

/// Two methods whose graphs hold the same tensor.
torch::jit::Module with_shared_constant() {
  torch::jit::Module module("Shared");
  module.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return x * 2.0
def other(self, x: Tensor) -> Tensor:
    return x * 3.0
)");
  const at::Tensor tensor = at::arange(3, at::kFloat);
  for (const char* name : {"forward", "other"}) {
    auto graph = module.get_method(name).graph();
    torch::jit::WithInsertPoint at_end(graph->block()->return_node());
    torch::jit::Value* sum =
        graph->insert(c10::aten::mul, {graph->outputs()[0], graph->insertConstant(tensor)});
    graph->block()->replaceOutput(0, sum);
  }
  return module;
}

TEST(Constants, OfTwoMethodsBecomeOneBuffer) {
  torch::jit::Module module = with_shared_constant();
  const Program program(module);
  detail::Buffers buffers;
  for (const InlinedMethod& method : program.methods()) {
    const EditResult result = buffers.from_constant(program, method, *find_constant(method));
    EXPECT_TRUE(result.done);
    EXPECT_EQ(result.text, "the constant, Float [3], is the buffer constant");
    EXPECT_EQ(find_constant(method), nullptr);
  }
  EXPECT_THAT(buffer_names(module), ElementsAre("constant"));
  torch::jit::Module again = reloaded(module);
  EXPECT_TRUE(again.forward({at::ones({3})}).toTensor().equal(at::arange(3) * 2.0));
  EXPECT_TRUE(again.run_method("other", at::ones({3})).toTensor().equal(at::arange(3) * 3.0));
}

TEST(Constants, DoNotTakeANameThatIsTaken) {
  torch::jit::Module module = with_shared_constant();
  module.register_attribute("constant", c10::IntType::get(), 1);
  const Program program(module);
  const InlinedMethod& method = program.methods().front();
  EXPECT_EQ(detail::Buffers().from_constant(program, method, *find_constant(method)).text,
            "the constant, Float [3], is the buffer constant_1");
}

torch::jit::Module with_attribute(const c10::TypePtr& type, const c10::IValue& value,
                                  const std::string& body) {
  torch::jit::Module module("Holder");
  module.register_attribute("held", type, value);
  module.define("def forward(self, x: Tensor) -> Tensor:\n" + body);
  return module;
}

EditResult make_buffers(torch::jit::Module& module, const std::string& path = "held") {
  const Program program(module);
  return detail::Buffers().from_attribute(program, attribute(program, path));
}

TEST(Attributes, ATensorBecomesABuffer) {
  torch::jit::Module module =
      with_attribute(c10::TensorType::get(), at::full({3}, 2.0), "    return x * self.held\n");
  const EditResult result = make_buffers(module);
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.text, "held is a buffer");
  EXPECT_THAT(buffer_names(module), ElementsAre("held"));
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 2.0)));
}

TEST(Attributes, AnOptionalTensorThatIsOneBecomesABuffer) {
  torch::jit::Module module =
      with_attribute(c10::OptionalType::ofTensor(), at::full({3}, 2.0),
                     "    held = self.held\n    return x if held is None else x * held\n");
  EXPECT_TRUE(make_buffers(module).done);
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 2.0)));
}

TEST(Attributes, AnAssignedTensorStaysOneTensor) {
  torch::jit::Module module =
      with_attribute(c10::TensorType::get(), at::full({3}, 2.0),
                     "    self.held = self.held + 1.0\n    return x * self.held\n");
  EXPECT_TRUE(make_buffers(module).done);
  torch::jit::Module again = reloaded(module);
  again.forward({at::ones({3})});
  EXPECT_TRUE(again.forward({at::ones({3})}).toTensor().equal(at::full({3}, 4.0)));
}

TEST(Attributes, OfEveryInstanceOfAClassChangeTogether) {
  torch::jit::Module module("Pair");
  torch::jit::Module one =
      with_attribute(c10::TensorType::get(), at::full({3}, 2.0), "    return x * self.held\n");
  torch::jit::Module two = one.deepcopy();
  two.setattr("held", at::full({3}, 5.0));
  module.register_module("one", one);
  module.register_module("two", two);
  module.define(
      "def forward(self, x: Tensor) -> Tensor:\n    return self.one.forward(x) + "
      "self.two.forward(x)\n");
  EXPECT_TRUE(make_buffers(module, "one.held").done);
  EXPECT_THAT(buffer_names(module), ElementsAre("one.held", "two.held"));
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 7.0)));
}

TEST(Attributes, AListBecomesBuffersThatAreCollectedWhereItIsRead) {
  torch::jit::Module module = with_attribute(
      c10::ListType::ofTensors(), c10::List<at::Tensor>({at::full({3}, 2.0), at::ones({3})}),
      "    for item in self.held:\n        x = x * item\n    return x + self.held[-1]\n");
  const EditResult result = make_buffers(module);
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.text, "held is made of the buffers held_0, held_1");
  EXPECT_FALSE(module.hasattr("held"));
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 3.0)));
}

TEST(Attributes, ADictKeepsItsKeysAndTheirOrder) {
  c10::Dict<std::string, at::Tensor> named;
  named.insert("scale, x", at::full({3}, 2.0));
  named.insert("mean", at::ones({3}));
  torch::jit::Module module =
      with_attribute(c10::DictType::create(c10::StringType::get(), c10::TensorType::get()), named,
                     "    first = list(self.held.keys())[0]\n    return x * self.held[first] + "
                     "self.held[\"mean\"]\n");
  EXPECT_EQ(make_buffers(module).text, "held is made of the buffers held_scale__x, held_mean");
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 3.0)));
}

TEST(Attributes, ATupleKeepsWhatIsNoTensor) {
  const auto type = c10::TupleType::create({c10::TensorType::get(), c10::IntType::get(),
                                            c10::ListType::create(c10::OptionalType::ofTensor())});
  c10::List<std::optional<at::Tensor>> inner;
  inner.push_back(std::nullopt);
  inner.push_back(at::ones({3}));
  torch::jit::Module module = with_attribute(
      type, c10::ivalue::Tuple::create({at::full({3}, 2.0), int64_t{3}, inner}),
      "    a, b, c = self.held\n    last = c[1]\n    if last is not None:\n        a = a + last\n"
      "    return x * a * float(b)\n");
  EXPECT_EQ(make_buffers(module).text, "held is made of the buffers held_0, held_2_1");
  EXPECT_TRUE(reloaded(module).forward({at::ones({3})}).toTensor().equal(at::full({3}, 9.0)));
}

TEST(Attributes, AListThatIsChangedStays) {
  torch::jit::Module module =
      with_attribute(c10::ListType::ofTensors(), c10::List<at::Tensor>({at::ones({3})}),
                     "    self.held.append(x)\n    return x * self.held[0]\n");
  const EditResult result = make_buffers(module);
  EXPECT_FALSE(result.done);
  EXPECT_EQ(result.text, "held is changed while the model runs, so it cannot be made of buffers");
  EXPECT_EQ(result.advice,
            "Register its tensors with register_buffer, and let what forward makes anew take the "
            "device of an argument.");
  EXPECT_TRUE(module.hasattr("held"));
  EXPECT_THAT(buffer_names(module), ElementsAre());
}

TEST(Attributes, AnOptionalThatIsAssignedStays) {
  torch::jit::Module module =
      with_attribute(c10::OptionalType::ofTensor(), at::full({3}, 2.0),
                     "    held = self.held\n    self.held = None\n    return x if held is None "
                     "else x * held\n");
  const EditResult result = make_buffers(module);
  EXPECT_FALSE(result.done);
  EXPECT_EQ(result.text, "held may be None, so it cannot be a buffer");
  EXPECT_EQ(result.advice, "Register a buffer, and keep in a bool whether it counts.");
}

}  // namespace
}  // namespace crosstrace

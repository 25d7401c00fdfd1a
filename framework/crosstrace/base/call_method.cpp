// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/base/autograd.h>
#include <crosstrace/base/call_method.h>
#include <torch/csrc/jit/api/module.h>

#include <stdexcept>
#include <utility>

namespace crosstrace {

c10::IValue call_method(torch::jit::Module& module, const std::string& method,
                        std::vector<c10::IValue> inputs) {
  auto callee = module.find_method(method);
  if (!callee) throw std::runtime_error("the export has no method " + method);
  const AutogradScope scope(calls_autograd(module, method));
  return detached((*callee)(std::move(inputs)));
}

}  // namespace crosstrace

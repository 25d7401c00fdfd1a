// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Small force fields with the parts that the known ones have: forward computes an energy and
/// differentiates it. Each as a module of C++ and as TorchScript that sees the same parameters.
#pragma once

#include <torch/autograd.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cmath>
#include <string>
#include <tuple>

namespace crosstrace::forces {

/// Five atoms, nowhere near each other.
inline torch::Tensor positions() {
  return torch::arange(15, torch::kFloat).view({5, 3}) * 0.4F + 0.3F * torch::randn({5, 3});
}

/// Every pair, both ways: int64 of shape [2, 20].
inline torch::Tensor edges() {
  const torch::Tensor pairs = torch::ones({5, 5}).fill_diagonal_(0).nonzero();
  return pairs.t().contiguous();
}

/// As NequIP: a basis of the distances times a cutoff, messages along edges, tanh and a readout.
struct NequipLikeImpl : torch::nn::Module {
  NequipLikeImpl() {
    frequencies = register_buffer("frequencies", torch::arange(1, 5, torch::kFloat));
    radial = register_parameter("radial", torch::randn({4, 8}));
    readout = register_parameter("readout", torch::randn({8, 1}));
  }

  std::tuple<torch::Tensor, torch::Tensor> forward(torch::Tensor pos, torch::Tensor edge_index) {
    pos = pos.detach().requires_grad_(true);
    const torch::Tensor from = edge_index[0], to = edge_index[1];
    const torch::Tensor vector = pos.index_select(0, to) - pos.index_select(0, from);
    const torch::Tensor length = (vector * vector).sum(1, /*keepdim=*/true).sqrt();
    const torch::Tensor basis = torch::sin(length * frequencies) / length;
    const torch::Tensor message = torch::tanh(basis.matmul(radial)) * torch::exp(-length);
    const torch::Tensor node = torch::zeros({pos.size(0), 8}, pos.options().requires_grad(false))
                                   .index_add(0, to, message);
    const torch::Tensor energy = torch::tanh(node).matmul(readout).sum();
    const torch::Tensor gradient = torch::autograd::grad({energy}, {pos})[0];
    return {energy.detach(), -gradient};
  }

  torch::Tensor frequencies, radial, readout;
};
TORCH_MODULE(NequipLike);

/// `nodes` makes the tensor that messages are added to: on the device of `pos`, or on the CPU.
inline std::string nequip_script(const std::string& nodes) {
  return R"(
def forward(self, pos: Tensor, edge_index: Tensor) -> Tuple[Tensor, Tensor]:
    pos = pos.detach().requires_grad_(True)
    to = edge_index[1]
    vector = pos.index_select(0, to) - pos.index_select(0, edge_index[0])
    length = (vector * vector).sum(1, keepdim=True).sqrt()
    basis = torch.sin(length * self.frequencies) / length
    message = torch.tanh(basis.matmul(self.radial)) * torch.exp(-length)
    node = )" +
         nodes + R"(.index_add(0, to, message)
    energy = torch.tanh(node).matmul(self.readout).sum()
    gradient = torch.autograd.grad([energy], [pos])[0]
    assert gradient is not None
    return energy.detach(), -gradient
)";
}

/// As MACE: energies of atoms by their element, powers of what the neighbours send, and besides the
/// forces the virial, by a strain of zeros that is differentiated too.
struct MaceLikeImpl : torch::nn::Module {
  MaceLikeImpl() {
    atomic_energies = register_buffer("atomic_energies", torch::randn({3}));
    linear = register_module("linear", torch::nn::Linear(3, 6));
    readout = register_module("readout", torch::nn::Linear(6, 1));
  }

  std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> forward(torch::Tensor pos,
                                                                  torch::Tensor attributes) {
    pos = pos.detach().requires_grad_(true);
    const torch::Tensor strain =
        torch::zeros({3, 3}, pos.options().requires_grad(false)).requires_grad_(true);
    const torch::Tensor moved = pos + pos.matmul(0.5 * (strain + strain.t()));
    const torch::Tensor vector = moved.unsqueeze(0) - moved.unsqueeze(1);
    const torch::Tensor weight = torch::exp(-vector.square().sum(-1));
    const torch::Tensor sent = torch::einsum("ij,jc->ic", {weight, linear(attributes)});
    const torch::Tensor product = sent + torch::sigmoid(sent) * sent * sent;
    const torch::Tensor energy = attributes.matmul(atomic_energies).sum() + readout(product).sum();
    const auto gradients = torch::autograd::grad({energy}, {pos, strain});
    return {energy.detach(), -gradients[0], -gradients[1]};
  }

  torch::Tensor atomic_energies;
  torch::nn::Linear linear{nullptr}, readout{nullptr};
};
TORCH_MODULE(MaceLike);

/// `strain` makes the zeros that the virial is the derivative of.
inline std::string mace_script(const std::string& strain) {
  return R"(
def energy_of(self, pos: Tensor, attributes: Tensor, strain: Tensor) -> Tensor:
    moved = pos + pos.matmul(0.5 * (strain + strain.t()))
    vector = moved.unsqueeze(0) - moved.unsqueeze(1)
    weight = torch.exp(-(vector * vector).sum(-1))
    linear = self.linear
    sent = torch.einsum("ij,jc->ic", [weight, torch.linear(attributes, linear.weight, linear.bias)])
    product = sent + torch.sigmoid(sent) * sent * sent
    readout = self.readout
    atoms = torch.linear(product, readout.weight, readout.bias)
    return attributes.matmul(self.atomic_energies).sum() + atoms.sum()

def forward(self, pos: Tensor, attributes: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    pos = pos.detach().requires_grad_(True)
    strain = )" +
         strain + R"(.requires_grad_(True)
    energy = self.energy_of(pos, attributes, strain)
    seed: List[Optional[Tensor]] = [torch.ones_like(energy)]
    gradients = torch.autograd.grad([energy], [pos, strain], seed, retain_graph=False)
    forces = gradients[0]
    virial = gradients[1]
    assert forces is not None and virial is not None
    return energy.detach(), -forces, -virial
)";
}

/// The element of each atom, one-hot: float32 of shape [5, 3].
inline torch::Tensor attributes() {
  return torch::one_hot(torch::tensor({0, 1, 2, 1, 0}), 3).to(torch::kFloat);
}

/// As TorchANI: radial symmetry functions with a cosine cutoff, one network for each species, and
/// `backward` instead of `grad`.
struct AniLikeImpl : torch::nn::Module {
  AniLikeImpl() {
    shifts = register_buffer("shifts", torch::linspace(0.5, 4, 6));
    hidden = register_parameter("hidden", torch::randn({2, 6, 4}) * 0.5);
    last = register_parameter("last", torch::randn({2, 4}));
  }

  std::tuple<torch::Tensor, torch::Tensor> forward(torch::Tensor species, torch::Tensor pos) {
    pos = pos.detach().requires_grad_(true);
    const torch::Tensor vector = pos.unsqueeze(0) - pos.unsqueeze(1);
    const torch::Tensor distance = (vector.square().sum(-1) + 1e-6).sqrt();
    const torch::Tensor cutoff = 0.5 * torch::cos(distance * (M_PI / 9)) + 0.5;
    const torch::Tensor terms = torch::exp(-4 * (distance.unsqueeze(-1) - shifts).square());
    const torch::Tensor aev = (terms * cutoff.unsqueeze(-1)).sum(1);
    torch::Tensor energy = torch::zeros({}, pos.options().requires_grad(false));
    for (int s = 0; s < 2; ++s) {
      const torch::Tensor chosen = aev.index_select(0, (species == s).nonzero().flatten());
      energy = energy + torch::celu(chosen.matmul(hidden[s]), 0.1).matmul(last[s]).sum();
    }
    energy.backward();
    return {energy.detach(), -pos.grad()};
  }

  torch::Tensor shifts, hidden, last;
};
TORCH_MODULE(AniLike);

/// `total` makes the tensor of no dimension that energies are added to.
inline std::string ani_script(const std::string& total) {
  return R"(
def forward(self, species: Tensor, pos: Tensor) -> Tuple[Tensor, Tensor]:
    pos = pos.detach().requires_grad_(True)
    vector = pos.unsqueeze(0) - pos.unsqueeze(1)
    distance = ((vector * vector).sum(-1) + 1e-6).sqrt()
    cutoff = 0.5 * torch.cos(distance * 0.3490658503988659) + 0.5
    terms = torch.exp(-4.0 * (distance.unsqueeze(-1) - self.shifts) ** 2)
    aev = (terms * cutoff.unsqueeze(-1)).sum(1)
    energy = )" +
         total + R"(
    for s in range(2):
        chosen = aev.index_select(0, (species == s).nonzero().flatten())
        energy = energy + torch.celu(chosen.matmul(self.hidden[s]), 0.1).matmul(self.last[s]).sum()
    energy.backward()
    gradient = pos.grad
    assert gradient is not None
    return energy.detach(), -gradient
)";
}

/// int64 of shape [5]; -1 is no atom.
inline torch::Tensor species() { return torch::tensor({0, 1, 1, -1, 0}); }

}  // namespace crosstrace::forces

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Models whose defects only Python's tracer, its scripting of attributes, or its freezing makes."""

from typing import Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn

EXPORTS = {}  # Name of the archive: a function that makes the module.


def exports(function):
    EXPORTS[function.__name__] = function
    return function


def traced(function, *inputs):
    return torch.jit.trace(function, inputs, check_trace=False)


# LIKE-LIT: the author gave the device that the tensor has anyway, and the trace holds it. Traces of old versions of
# torch hold it even where its author left it out.


@exports
def zeros_like_traced():
    return traced(lambda x: (x * 2, torch.zeros_like(x, device=x.device).cos()), torch.zeros(2, 3))


@exports
def full_like_traced():
    return traced(lambda x: torch.where(x > 0, torch.full_like(x, 0.25, device=x.device), x), torch.zeros(2, 3))


@exports
def new_zeros_traced():
    def widen(x):
        return torch.cat([x, x.new_zeros(2, 3, device=x.device), x.new_full((1, 3), 7.0, device=x.device)])

    return traced(widen, torch.zeros(2, 3))


@exports
def rand_like_traced():
    return traced(lambda x: x + torch.rand_like(x, device=x.device) * 0.0, torch.zeros(2, 3))


@exports
def likes_without_device():
    """Portable since the tracer leaves out what its author left out."""
    return traced(lambda x: torch.cat([torch.full_like(x, 0.25), x.new_zeros(2, 3), x]), torch.zeros(2, 3))


# FACT-LIT and CONST


class CapturedRecurrent(nn.Module):
    """The hidden state is made by the LSTM, the scale is a tensor that nobody registered."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.scale = torch.linspace(0.5, 1.5, 6)

    def forward(self, x):
        hidden, _ = self.lstm(x)
        return hidden * self.scale


@exports
def lstm_captured():
    return traced(CapturedRecurrent().eval(), torch.zeros(2, 5, 4))


@torch.jit.script
def scripted_ramp(x: Tensor) -> Tensor:
    return x + torch.arange(3, device=x.device)


@exports
def scripted_helper_traced():
    return traced(lambda x: torch.relu(scripted_ramp(x)), torch.zeros(2, 3))


@exports
def tensor_keyword_traced():
    return traced(lambda x: x * torch.tensor([1.0, 2.0, 3.0], device=x.device), torch.zeros(2, 3))


@exports
def numbers_traced():
    return traced(lambda x: x + torch.tensor([0.5, 0.25, 0.125]), torch.zeros(2, 3))


class TwoMethods(nn.Module):
    """Both methods captured the same tensor."""

    def __init__(self):
        super().__init__()
        self.mean = torch.tensor([1.0, 2.0, 3.0])

    def forward(self, x):
        return x - self.mean

    def restore(self, x):
        return x + self.mean


@exports
def two_methods_traced():
    x = torch.zeros(2, 3)
    return torch.jit.trace_module(TwoMethods(), {"forward": x, "restore": x}, check_trace=False)


# TO-LIT


class MovesToItsWeight(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x.double().to(self.fc.weight.device, torch.float32))


@exports
def moves_to_weight_traced():
    return traced(MovesToItsWeight(), torch.zeros(2, 3))


@exports
def index_traced():
    return traced(lambda x: x[:, torch.tensor([2, 0])] * 2, torch.zeros(2, 3))


# STATE


class TensorAttribute(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.tensor([1.0, 2.0, 3.0])
        self.same = self.scale

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale + self.same


@exports
def tensor_attribute():
    return torch.jit.script(TensorAttribute())


class OptionalBuffer(nn.Module):
    """A buffer to Python; `to` of a script moves only those whose type is Tensor."""

    scale: Optional[Tensor]

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.tensor([1.0, 2.0, 3.0]))

    def forward(self, x: Tensor) -> Tensor:
        scale = self.scale
        return x if scale is None else x * scale


@exports
def optional_buffer():
    return torch.jit.script(OptionalBuffer())


class Containers(nn.Module):
    def __init__(self):
        super().__init__()
        self.levels = [torch.ones(3), torch.arange(3.0)]
        self.named: Dict[str, Tensor] = {"mean": torch.full((3,), 0.5), "scale": torch.full((3,), 2.0)}
        self.pair = (torch.arange(3.0), 2)
        self.offset: Optional[Tensor] = torch.tensor([1.0, 0.0, 1.0])
        self.nothing: Optional[Tensor] = None

    def forward(self, x: Tensor) -> Tensor:
        for level in self.levels:
            x = x * level
        x = (x - self.named["mean"]) / self.named["scale"] + self.pair[0] * float(self.pair[1])
        offset = self.offset
        if offset is not None:
            x = x + offset
        if self.nothing is not None:
            x = x * 0.0
        return x


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Containers()

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * 2.0


@exports
def container_attributes():
    return torch.jit.script(Outer())


class RemembersItsDevice(nn.Module):
    def __init__(self):
        super().__init__()
        self.device = torch.device("cpu")
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.ones(3, device=self.device) + self.bias


@exports
def device_attribute():
    return torch.jit.script(RemembersItsDevice())


class Cache(nn.Module):
    """A list that each call makes longer."""

    def __init__(self):
        super().__init__()
        self.cache: List[Tensor] = [torch.ones(3)]

    def forward(self, x: Tensor) -> Tensor:
        y = x * self.cache[0]
        self.cache.append(y)
        return y


@exports
def mutated_list():
    return torch.jit.script(Cache())


class HiddenState(nn.Module):
    """State that each call replaces: where the first one is, is fixed."""

    def __init__(self):
        super().__init__()
        self.state = torch.zeros(3)

    def forward(self, x: Tensor) -> Tensor:
        self.state = self.state * 0.0 + 1.0
        return x * self.state


@exports
def assigned_attribute():
    return torch.jit.script(HiddenState())


# Interfaces, exported methods


@torch.jit.interface
class Layer(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Ramp(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.full((3,), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale + torch.arange(3)


class CallsInterface(nn.Module):
    layer: Layer

    def __init__(self):
        super().__init__()
        self.layer = Ramp()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer.forward(x) * 2.0


@exports
def behind_interface():
    return torch.jit.script(CallsInterface())


class Encoder(nn.Module):
    """Forward fails as well as the method beside it."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.arange(3)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.cat([x, torch.zeros(1, 3)]), x


@exports
def exported_method():
    return torch.jit.script(Encoder())


class Nested(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        count = 0
        while count < 2:
            for i in range(2):
                if count == i:
                    x = x + torch.full([3], 1.0, device=torch.device("cpu"))
            count += 1
        return x


class ModuleList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Nested(), nn.Linear(3, 3), Nested()])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


@exports
def nested_blocks():
    return torch.jit.script(ModuleList())


# CLASS: objects of TorchScript classes


@torch.jit.script
class Stats:
    def __init__(self, mean: Tensor, factor: float):
        self.mean = mean
        self.factor = factor

    def apply(self, x: Tensor) -> Tensor:
        return (x - self.mean) * self.factor


@torch.jit.script
class Found:
    def __init__(self, values: Tensor, ranks: Tensor):
        self.values = values
        self.ranks = ranks


def stats(factor: float) -> Stats:
    return Stats(torch.tensor([1.0, 2.0, 3.0]) * factor, factor)


class ClassAttributes(nn.Module):
    """Tensors in an object, in a list and in a dict of objects, which `to` does not enter."""

    def __init__(self):
        super().__init__()
        self.first = stats(2.0)
        self.more = [stats(3.0), stats(4.0)]
        self.by_rank = {1: stats(5.0), 2: stats(6.0)}

    def forward(self, x: Tensor) -> Tensor:
        x = self.first.apply(x)
        for item in self.more:
            x = item.apply(x)
        return self.by_rank[x.dim()].apply(x)


@exports
def class_attributes():
    return torch.jit.script(ClassAttributes())


class ObjectAnswer(nn.Module):
    """What no container holds leaves forward on the CPU."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> List[Found]:
        y = self.fc(x)
        return [Found(y, torch.arange(y.size(0))), Found(y * 2, torch.zeros(1).cos())]


@exports
def object_answer():
    return torch.jit.script(ObjectAnswer())


class PlainObjects(nn.Module):
    """Objects that hold numbers, and one that holds a buffer."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.ones(3))
        self.recipe = stats(2.0)

    def forward(self, x: Tensor) -> Found:
        y = Stats(self.mean, self.recipe.factor).apply(x)
        return Found(y, y.argsort(dim=-1))


@exports
def plain_objects():
    return torch.jit.script(PlainObjects())


# FROZEN, KERNEL, LOAD


class Doubles(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.twos = nn.Parameter(torch.full((3,), 2.0))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) * self.twos


@exports
def frozen():
    return torch.jit.freeze(torch.jit.script(Doubles().eval()))


@exports
def quantized():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    return torch.jit.script(torch.ao.quantization.quantize_dynamic(model, {nn.Linear}))


@exports
def saved_on_cuda():
    """Its storages say `cuda:0`; the exporter writes that, for no GPU is needed to be refused one."""
    return torch.jit.script(nn.Linear(3, 2))


# Portable


class Follows(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.tensor([1.0, 2.0, 3.0]))
        self.number = torch.tensor(2.0)

    def forward(self, x: Tensor, hidden: Optional[Tensor] = None) -> Tensor:
        if hidden is None:
            hidden = torch.zeros(x.size(0), 3, device=x.device, dtype=x.dtype)
        return x * self.scale + hidden * self.number


@exports
def follows_input():
    return torch.jit.script(Follows())


class Packed(nn.Module):
    """A plain list of numbers and a device that only picks a branch that is never taken."""

    def __init__(self):
        super().__init__()
        self.sizes = [1, 2, 3]
        self.names = {"a": 1.0}

    def forward(self, x: Tensor) -> Tensor:
        total = x
        for size in self.sizes:
            total = total + float(size) * self.names["a"]
        return total.split([1, 2], dim=1)[1]


@exports
def plain_attributes():
    return torch.jit.script(Packed())

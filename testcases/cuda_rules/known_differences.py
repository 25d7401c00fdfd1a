# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Where the simulated device answers otherwise than CUDA, and why."""

from typing import NamedTuple

REFUSES = "sim refuses, CUDA takes"
TAKES = "sim takes, CUDA refuses"
WORDS = "another sentence"


class Known(NamedTuple):
    reason: str
    kind: str
    expressions: tuple  # A call is meant whose expression holds one of these,
    args: tuple = ()  # and whose argument or dtype is one of these, if there are any.
    newer: bool = False  # Only with a LibTorch newer than the recorded one.
    recorded: bool = False  # Only with the recorded one.

    def applies(self, newer):
        return not self.recorded if newer else not self.newer

    def covers(self, call, kind):
        return (kind == self.kind and any(expression in call.expr for expression in self.expressions)
                and (not self.args or call.arg in self.args))


LOW = ("float16", "bfloat16")

KNOWN = [
    # The simulated device computes on the CPU, whose kernels are not compiled for everything that CUDA's are.
    Known("the CPU has no kernel of this operator", REFUSES, ("torch.batch_norm_stats(",)),
    Known("the CPU has no kernel for this dtype", REFUSES, (
        "torch.fft_fft(", "torch.fft_rfft(", "torch.stft(", "torch.istft(", "torch.rrelu(", "torch.avg_pool3d(",
        "torch._upsample_bilinear2d_aa(", "torch.multi_margin_loss(", "torch.multilabel_margin_loss(",
        "torch.binomial(", "torch._standard_gamma(", "torch._sample_dirichlet("), LOW),
    Known("the CPU of LibTorch 2.11 has no kernel for this dtype", REFUSES, ("torch.trace(",), LOW, recorded=True),
    Known("the CPU has no kernel for this dtype, and cuFFT another reason to refuse it", WORDS,
          ("torch.fft_fft2(", "torch.fft_rfftn(", "torch.stft(", "torch.istft("), LOW),
    Known("the CPU has no kernel for abs of bool", REFUSES, ("torch.abs(%)",), ("bool",)),
    Known("the CPU's kernel fails an assertion of its own", REFUSES, ("torch.fake_quantize_per_channel_affine(",),
          ("bfloat16",)),
    # Taken, since what CUDA refuses is no dtype and no device.
    Known("running statistics that overlap: CUDA looks for it, the CPU does not", TAKES,
          ("torch.native_batch_norm(x2, s[0, :3], s[1, :3], v[:3], v[1:], True",)),
    # Both refuse, and CUDA has a kernel there that the simulated device has not.
    Known("CUDA says of Half that \"HalfTensor is not supported\"", WORDS, ("torch.histc(",), ("float16",)),
    Known("CUDA's kernel for depthwise convolutions checks devices itself", WORDS, ("groups=3)",)),
    Known("CUDA's fused attention checks devices before the matrix products do", WORDS,
          ("torch.scaled_dot_product_attention(",), ("x2#4",)),
    Known("CUDA's fused rms_norm checks devices before its parts do", WORDS, ("torch.rms_norm(a, [4], v)",)),
    Known("CUDA looks at an output's device when it resizes it", WORDS, ("torch.max(a, 1, max=v, max_values=n)",), ("n",)),
    Known("CUDA's kernel that accumulates expands the values itself", WORDS,
          ("a.index_put_([i], b, accumulate=True)",), ("i",)),
    Known("CUDA expands a copy of the probabilities on the device, the CPU where they are", WORDS,
          ("a.bernoulli_(b)",)),
    # LibTorch's own words, on every device.
    Known("LibTorch looks at the ranks of an RNN cell's arguments first", WORDS,
          ("torch.lstm_cell(", "torch.gru_cell(", "torch.rnn_tanh_cell(", "torch.rnn_relu_cell("), newer=True),
]


def find(call, kind, newer):
    """The reason for a difference of this kind, or None.

    newer: whether the LibTorch asked is newer than the recorded one.
    """
    for known in KNOWN:
        if known.applies(newer) and known.covers(call, kind):
            return known.reason
    return None


def reasons(newer):
    return [known.reason for known in KNOWN if known.applies(newer)]

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Every line of ci/bench, and which side of what ratio it is to be on."""

AT_LEAST, AT_MOST = ">=", "<="

# Lines that have no target are told as they are.
TARGETS = {
    "compare.float32.67108864": (AT_LEAST, 40),
    "compare.float32.floor": (AT_MOST, 1.5),
    "compare.float16.67108864": (AT_LEAST, 10),
    "compare.bfloat16.67108864": (AT_LEAST, 10),
    "compare.float64.33554432": (AT_LEAST, 15),
    "compare.int64.33554432": (AT_LEAST, 8),
    "compare.float32.1000": (AT_LEAST, 100),
    "pytest.seed": (AT_LEAST, 5),
    "cell.resnet18": (AT_MOST, 1.05),
    "cell.simple": (AT_MOST, 1.5),
    "process.list": (AT_MOST, 0.7),
    "sim.resnet18": (AT_MOST, 1.15),
    "sim.vit_b_16": (AT_MOST, 1.15),
    "sim.lstm": (AT_MOST, 1.15),
    "check.resnet50": (AT_MOST, 1.0),
    "check.resnet50.sim": None,
    "check.1GiB": (AT_MOST, 1.0),
    "check.1GiB.sim": None,
    "isolate.seed": (AT_MOST, 1.3),
    "memory.matrix": (AT_MOST, 2.5),
    "memory.referee": (AT_MOST, 4.5),
    "growth.time.10": None,
    "growth.time.100": None,
    "growth.memory.10": None,
    "growth.memory.100": None,
    "inspect.1GiB": None,
    "diagnose.100k": None,
}

# With --device. The first two stand against a copy of as much on the device.
CUDA_TARGETS = {
    "compare.cuda.float32.67108864": (AT_MOST, 1.2),
    "compare.cuda.float16.134217728": (AT_MOST, 1.25),
    "compare.cuda.allclose": (AT_LEAST, 8),
    "check.cuda.resnet50": (AT_MOST, 1.0),
}


def target_of(name: str) -> tuple[str, float] | None:
    return TARGETS[name] if name in TARGETS else CUDA_TARGETS[name]


def verdict(row: dict) -> str:
    """What a row says of its target; a reason where it has no ratio."""
    target = target_of(row["name"])
    if row["ratio"] is None:
        return row.get("reason", "")
    if target is None:
        return ""
    side, bound = target
    is_reached = row["ratio"] >= bound if side == AT_LEAST else row["ratio"] <= bound
    return f"{side} {bound}" + ("" if is_reached else ", missed")

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Lines about whole processes: their time, beside a script or a program that does the same, and their memory."""

import subprocess
from collections.abc import Iterator

from benchmark.measure import Command, Missing, cost, in_turns, line, missing
from benchmark.models import SCRIPT, TESTS

GIB = 1 << 30
THREE_DEVICES = "cpu,sim:0,sim:1"


def check_command(bench, model: str, devices: str, *more: str, exits: tuple[int, ...] = (0,)) -> Command:
    path, shape = bench.exports.archive(model)
    return Command([bench.program("crosstrace"), "check", path, "--input", f"float32[{shape}]", "--devices", devices, *more],
                   exits)


def check(bench, names: list[str]) -> Iterator[dict]:
    for name in names:
        _, *rest = name.split(".")
        on_cuda = rest[0] == "cuda"
        model, devices = (rest[1], f"cpu,{bench.device}") if on_cuda else (rest[0], "cpu,sim:0" if rest[1:] else "cpu")
        try:
            ours = check_command(bench, model, devices, "--transfer", "to,load")
            python_devices = devices.split(",") if on_cuda else ["cpu"]
            theirs = Command([bench.exports.interpreter(), "-W", "ignore", bench.exports.file("plain.py", SCRIPT),
                              *bench.exports.archive(model), *python_devices])
            value, baseline = in_turns([ours, theirs], bench.runs)
            yield line(name, value, "s", f"a Python script on {', '.join(python_devices)}", baseline)
        except Missing as error:
            yield missing(name, str(error))


def pytest(bench, names: list[str]) -> Iterator[dict]:
    tests = bench.exports.file("test_seed.py", TESTS)
    theirs = Command([bench.exports.interpreter(), "-W", "ignore", "-m", "pytest", "-q", "-p", "no:cacheprovider", tests])
    ours = Command([bench.program("testcases/seed_models"), "--gtest_filter=*/SimpleModel__*"], (0, 77),
                   {"CROSSTRACE_DEVICES": THREE_DEVICES})
    value, baseline = in_turns([ours, theirs], bench.runs)
    yield line(names[0], value, "s", "pytest, on the CPU alone", baseline)


def isolate(bench, names: list[str]) -> Iterator[dict]:
    plain = check_command(bench, "SimpleModel", THREE_DEVICES)
    value, baseline = in_turns([Command([*plain.arguments, "--isolate"]), plain], bench.runs)
    yield line(names[0], value, "s", "the same in one process", baseline)


def memory(bench, names: list[str]) -> Iterator[dict]:
    for name in names:
        # A referee is asked of answers that differ; the simulated device's do in TF32, and by more than float32 explains.
        with_referee = ["--precision", "tf32"] if name == "memory.referee" else []
        command = check_command(bench, "1GiB", THREE_DEVICES, *with_referee, exits=(1,) if with_referee else (0,))
        yield line(name, cost(command).peak / GIB, "GiB", "the weights of the model", 1.0)


def process(bench, names: list[str]) -> Iterator[dict]:
    linked = links_torch(bench)
    listing = Command([bench.program("testcases/seed_models"), "--gtest_list_tests"])
    value, baseline = in_turns([listing, Command([linked])], 3 * bench.runs)
    yield line(names[0], value * 1000, "ms", "a program that links torch and prints a number", baseline * 1000)


def links_torch(bench) -> str:
    """A program as find_package(Torch) would have it, against the LibTorch of the build."""
    libraries = subprocess.run(["ldd", bench.program("testcases/seed_models")], stdout=subprocess.PIPE, text=True, check=True)
    libtorch = next(text.split()[2] for text in libraries.stdout.splitlines() if "libtorch_cpu.so" in text)
    folder = libtorch.rsplit("/", 2)[0]
    if subprocess.run(["test", "-e", f"{folder}/lib/libtorch_cuda.so"], check=False).returncode != 0:
        raise Missing("the LibTorch of this build has no libtorch_cuda.so, so no program that links torch starts")
    source = bench.exports.file("links_torch.cpp", "#include <ATen/ATen.h>\n#include <iostream>\n"
                                "int main() { std::cout << at::ones({2}).sum().item<float>() << '\\n'; }\n")
    program = source.removesuffix(".cpp")
    subprocess.run(["c++", "-std=c++20", "-O1", f"-I{folder}/include", source, "-o", program,
                    f"-L{folder}/lib", "-Wl,--no-as-needed", "-ltorch", "-ltorch_cuda", "-ltorch_cpu", "-lc10",
                    f"-Wl,-rpath,{folder}/lib"], check=True)
    return program


def inspect(bench, names: list[str]) -> Iterator[dict]:
    tool = bench.program("testcases/unit/cli/crosstrace_archive_tool")
    archive = str(bench.exports.folder / "made_by_tool.pt")
    subprocess.run([tool, "make", archive, "1024"], check=True)
    inspection = Command([bench.program("crosstrace"), "inspect", archive], (0, 1))
    value, baseline = in_turns([inspection, Command([tool, "load", archive])], bench.runs)
    yield line(names[0], value, "s", "torch::jit::load", baseline)

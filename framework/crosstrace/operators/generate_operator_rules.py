# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes CUDA's rules for every ATen operator as a sorted C++ table.

    python generate_operator_rules.py native_functions.yaml operator_rules.inc

The input is LibTorch's own operator table, which CUDA's wrappers are generated from. Each line of
the output is `{"name.overload", DeviceCheck::k..., KernelKind::k... (CUDA), KernelKind::k... (CPU)},`.
"""

import re
import sys
from pathlib import Path

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
COMMENT = re.compile(
    r"^- func: ([^\s(]+)\(|device_check:\s*NoCheck[ \t]*#[ \t]*(.*)$", re.MULTILINE
)


def operator_name(entry):
    return entry["func"].split("(", 1)[0]


def dispatch_keys(entry):
    """The dispatch keys of an entry; one YAML key may combine several: `CPU, CUDA: add_out`.

    LibTorch generates CPU's and CUDA's kernels of a `ufunc_inner_loop` without naming the keys."""
    combined = (entry.get("dispatch") or {}).keys()
    keys = {key.strip() for keys in combined for key in keys.split(",")}
    return keys | {"CPU", "CUDA"} if "ufunc_inner_loop" in entry else keys


def iterator_operators(text):
    """Names of operators whose missing device check is explained by `# TensorIterator`.

    The explanation stands in a YAML comment, which a YAML parser drops."""
    found, name = set(), None
    for match in COMMENT.finditer(text):
        if match.group(1):
            name = match.group(1)
        elif "TensorIterator" in match.group(2):
            found.add(name)
    return found


def device_check(entry, iterator):
    if entry.get("device_check", "ExactSame") != "NoCheck":
        return "kSameDevice"
    # A structured kernel without a check of its own is TensorIterator's, with or without the
    # comment.
    structured = "structured" in entry or "structured_delegate" in entry
    return "kTensorIterator" if structured or operator_name(entry) in iterator else "kUnchecked"


def kernel(entry, delegate, backend):
    """How `backend` runs an operator: a kernel of its own, LibTorch's composite one, or not at all."""
    keys = dispatch_keys(entry)
    if backend in keys or (delegate and backend in dispatch_keys(delegate)):
        return "kDirect"
    composite = any(key.startswith("Composite") for key in keys)
    implicit = not keys and not delegate
    return "kComposite" if composite or implicit else "kNone"


def rules(text):
    entries = yaml.load(text, Loader=LOADER)
    by_name = {operator_name(entry): entry for entry in entries}
    iterator = iterator_operators(text)
    for name, entry in by_name.items():
        delegate = by_name.get(entry.get("structured_delegate"))
        cuda, cpu = kernel(entry, delegate, "CUDA"), kernel(entry, delegate, "CPU")
        yield name, device_check(entry, iterator), cuda, cpu
        # Variants that LibTorch generates are composite: they call the operator above and copy.
        for generated in filter(None, re.split(r",\s*", entry.get("autogen", ""))):
            if generated not in by_name:
                yield generated, "kUnchecked", "kComposite", "kComposite"


def main(table, output):
    lines = sorted(
        (name.encode(), f'{{"{name}", DeviceCheck::{check}, KernelKind::{cuda}, KernelKind::{cpu}}},\n')
        for name, check, cuda, cpu in rules(Path(table).read_text(encoding="utf-8"))
    )
    if len(lines) < 1000:
        raise SystemExit(
            f"{table}: {len(lines)} operators found; is it LibTorch's native_functions.yaml?"
        )
    text = "".join(line for _, line in lines)
    target = Path(output)
    temporary = target.with_name(target.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: generate_operator_rules.py TABLE.yaml OUT.inc")
    main(sys.argv[1], sys.argv[2])

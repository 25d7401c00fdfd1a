# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archives of the zoo that only Python can make.

    python export_zoo.py FOLDER          # the small ones, as they lie in archives/
    python export_zoo.py --large FOLDER  # models of torchvision, and silero-vad where its package is installed

The small ones are the same to the last byte wherever they are made with one version of torch: paths of source files are
cut down to what follows `site-packages` or this folder, and the zip is written anew without times.
"""

import importlib.util
import io
import pickle
import re
import shutil
import struct
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

TEXT = re.compile(rb"X(....)", re.DOTALL)  # A pickled string: its opcode and its length.


def rewrite_strings(pickle: bytes, change) -> bytes:
    """The pickle with `change` applied to every string in it."""
    out, at = bytearray(), 0
    while match := TEXT.search(pickle, at):
        (length,) = struct.unpack("<I", match.group(1))
        text = pickle[match.end() : match.end() + length]
        if length > len(pickle) or len(text) != length:
            out += pickle[at : match.start() + 1]
            at = match.start() + 1
            continue
        new = change(text)
        out += pickle[at : match.start()] + b"X" + struct.pack("<I", len(new)) + new
        at = match.end() + length
    return bytes(out + pickle[at:])


def without_folder(text: str) -> str:
    return re.sub(r"/[^\s:()]*/site-packages/", "", text.replace(f"{HERE}/", ""))


class IntList(list):
    """A List[int] as TorchScript pickles it."""

    def __reduce__(self):
        from torch.jit._pickle import build_intlist

        return build_intlist, (list(self),)


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return IntList


def without_folders(debug: bytes) -> bytes:
    """Source ranges: where the text is a Python stack, a range covers all of it and shrinks with it."""
    mark, texts, ranges = Unpickler(io.BytesIO(debug)).load()
    shorter = tuple(map(without_folder, texts))

    def shrink(record):
        offset, ((lines, file, first), start, end), tag = record
        if end == sum(len(texts[i]) for i in lines):
            end = sum(len(shorter[i]) for i in lines)
        return offset, ((IntList(lines), file, first), start, end), tag

    return pickle.dumps((mark, shorter, tuple(map(shrink, ranges))), protocol=2)


def rewrite(source: Path, target: Path, on_cuda: bool) -> None:
    """The archive without times and machine's paths, and with storages of `cuda:0` if asked for."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".debug_pkl"):
                data = without_folders(data)
            elif name.endswith("serialization_id"):
                data = b"0" * len(data)
            elif on_cuda and name.endswith("data.pkl"):
                data = rewrite_strings(data, lambda text: b"cuda:0" if text == b"cpu" else text)
            entry = zipfile.ZipInfo(f"{target.stem}/{name.split('/', 1)[1]}")
            is_small = "/data/" in name or len(data) < 100
            entry.compress_type = zipfile.ZIP_STORED if is_small else zipfile.ZIP_DEFLATED
            new.writestr(entry, data)


def export_small(folder: Path) -> None:
    import torch
    import zoo_models

    with tempfile.TemporaryDirectory() as scratch:
        for name, make in zoo_models.EXPORTS.items():
            torch.manual_seed(0)
            saved = Path(scratch) / f"{name}.pt"
            torch.jit.save(make(), str(saved))
            rewrite(saved, folder / saved.name, on_cuda=name == "saved_on_cuda")


def export_large(folder: Path) -> None:
    import torch
    import torchvision

    image = torch.zeros(1, 3, 224, 224)
    torch.manual_seed(0)
    for name in ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x0_5", "vit_b_16", "swin_t"]:
        model = torchvision.models.get_model(name, weights=None).eval()
        for parameter in model.parameters():
            if not parameter.any():  # A head of zeros answers zero to everything, which proves nothing.
                torch.nn.init.normal_(parameter, std=0.02)
        torch.jit.script(model).save(folder / f"{name}_scripted.pt")
        torch.jit.trace(model, image).save(folder / f"{name}_traced.pt")
    found = importlib.util.find_spec("silero_vad")
    if found is None:
        print("silero_vad is not installed: its archive is left out")
    else:
        shutil.copy(Path(found.origin).parent / "data" / "silero_vad.jit", folder / "silero_vad.pt")


def main(arguments) -> None:
    import torch

    warnings.filterwarnings("ignore")  # torch says at each call that TorchScript is deprecated.
    folder = Path(arguments[-1])
    folder.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        export_large(folder) if "--large" in arguments[:-1] else export_small(folder)


if __name__ == "__main__":
    main(sys.argv[1:])

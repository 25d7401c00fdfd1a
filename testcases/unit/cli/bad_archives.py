# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Files that are no archives, or lie about what is in them: each a name and bytes.

    for name, data in bad_archives(Path("good.pt").read_bytes()): ...

`good` is a small archive that LibTorch loads.
"""

import io
import pickle
import random
import struct
import zipfile

STORAGE = ("storage", "FloatStorage", "0", "cpu", 4)


def records(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        return {entry.filename: zipped.read(entry) for entry in zipped.infolist()}


def zipped(contents: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def replaced(good: bytes, ending: str, data: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """The archive with other bytes in the one record whose name ends so."""
    contents = records(good)
    (name,) = [name for name in contents if name.endswith(ending)]
    return zipped(contents | {name: data}, method)


def lying_size(good: bytes, ending: str, size: int) -> bytes:
    """The central directory says that a record is `size` bytes long, packed and unpacked."""
    data = bytearray(good)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46 : at + 46 + length].decode().endswith(ending):
            struct.pack_into("<II", data, at + 20, size, size)
            return bytes(data)
        at = data.find(b"PK\x01\x02", at + 4)
    raise ValueError(f"no record ends in {ending}")


def pickles() -> dict[str, bytes]:
    head, end = b"\x80\x02", b"."
    huge = struct.pack("<I", 0xFFFFFFF0)
    return {
        "nothing": b"",
        "protocol 4": pickle.dumps([1, 2], protocol=4),
        "no stop": head + b"N",
        "only a stop": head + end,
        "os.system": head + b"cos\nsystem\nX\x04\x00\x00\x00true\x85R" + end,
        "os.system by module": head + b"c__torch__.os\nsystem\nX\x04\x00\x00\x00true\x85R" + end,
        "eval": head + b"cbuiltins\neval\nX\x03\x00\x00\x001+1\x85R" + end,
        "functor that is none": head + b"K\x63)R" + end,
        "negative functor": head + b"J\xff\xff\xff\xff)R" + end,
        "huge memo": head + b"Nr" + huge + end,
        "memo by and by": head + b"N" + b"".join(b"r" + struct.pack("<I", 1 << i) for i in range(20, 32)) + end,
        "memo without a value": head + b"q\x00" + end,
        "get without a put": head + b"h\x07" + end,
        "huge text": head + b"X" + huge + b"abc" + end,
        "huge binary text": head + b"T" + huge + b"abc" + end,
        "text of 8 bytes of length": head + b"\x8d" + b"\xff" * 8 + end,
        "huge number": head + b"\x8b" + huge + end,
        "global without an end": head + b"c" + b"a" * 100_000,
        "deep lists": head + b"]" * 200_000 + b"a" * 199_999 + end,
        "deep tuples": head + b")" + b"\x85" * 500_000 + end,
        "deep dicts": head + b"}K\x00" * 100_000 + b"N" + b"s" * 100_000 + end,
        "list in itself": head + b"]q\x00h\x00a" + end,
        "appends without a mark": head + b"]e" + end,
        "tuple without a mark": head + b"t" + end,
        "append to a number": head + b"K\x01(K\x02e" + end,
        "odd items": head + b"}(K\x01u" + end,
        "setitem on nothing": head + b"s" + end,
        "pop of nothing": head + b"0" + end,
        "persistent id of nothing": head + b"Q" + end,
        "persistent id of a number": head + b"K\x01Q" + end,
        "marks alone": head + b"(" * 1_000_000 + end,
        "storage that is not there": pickle.dumps(STORAGE, protocol=2)[:-1] + b"Q" + end,
        "dict of lists as keys": head + b"}]Ns" + end,
    }


def sources() -> dict[str, str]:
    return {
        "garbage": "\x00\xff\xfe not a program",
        "broken": "class M(Module):\n  def forward(self, x",
        "no classes": "x = 1\n",
        "deep parentheses": "class M(Module):\n  def forward(self, x):\n    return " + "(" * 100_000 + "x" + ")" * 100_000 + "\n",
        "deep sums": "class M(Module):\n  def forward(self, x):\n    return " + "-" * 200_000 + "x\n",
        "unknown class": "class M(Module):\n  a : __torch__.Nowhere\n  def forward(self, x): return x\n",
        "long line": "#" * 5_000_000,
        "constant that is not there": "class M(Module):\n  def forward(self, x):\n    return CONSTANTS.c99\n",
    }


def truncated(good: bytes):
    ends = sorted({len(good) * i // 16 for i in range(1, 16)} | {1, 2, 4, 21, 22, len(good) - 1, len(good) - 22})
    for end in ends:
        yield f"cut after {end} bytes", good[:end]


def flipped(good: bytes, count: int, seed: int = 0):
    """Bits in other places each time, so mostly in what is no tensor: a small archive is nearly all structure."""
    generator = random.Random(seed)
    for number in range(count):
        data = bytearray(good)
        for _ in range(generator.choice((1, 1, 2, 8, 64))):
            data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        yield f"flipped {number}", bytes(data)


def bad_archives(good: bytes):
    """Files of which every one must be refused."""
    yield "empty", b""
    yield "garbage", random.Random(1).randbytes(5000)
    yield "text", b"this is no archive\n" * 100
    yield "zip with nothing", zipped({})
    yield "zip with a text", zipped({"a/readme.txt": b"hello"})
    yield "zip signature alone", b"PK\x03\x04"
    yield "end of a directory alone", b"PK\x05\x06" + bytes(18)
    yield "plain pickle", pickle.dumps({"a": [1, 2, 3]}, protocol=2)
    yield "saved tensor", zipped({"t/data.pkl": pickle.dumps((1, 2), protocol=2), "t/version": b"3\n", "t/data/0": bytes(16)})
    yield "zip bomb in the code", replaced(good, "data.pkl", bytes(1 << 30), zipfile.ZIP_DEFLATED)
    yield "zip bomb in a tensor", replaced(good, "data/0", bytes(1 << 30), zipfile.ZIP_DEFLATED)
    for ending in ("data.pkl", "version", "data/0", "__torch__.py"):
        for size in (0xFFFFFFFE, 1 << 30):
            yield f"{ending} said to be {size} bytes long", lying_size(good, ending, size)
    for name, data in pickles().items():
        yield f"data.pkl: {name}", replaced(good, "data.pkl", data)
        yield f"constants.pkl: {name}", replaced(good, "constants.pkl", data)
    for name, text in sources().items():
        yield f"code: {name}", replaced(good, "__torch__.py", text.encode("utf-8", "surrogateescape"))
    for version in (b"", b"x", b"-1\n", b"999999999999999999999\n", b"99\n"):
        yield f"version {version!r}", replaced(good, "version", version)
    yield from truncated(good)

# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Fetching LibTorch from a package index that lives in this process.

    python3 fetch_libtorch_test.py FOLDER_OF_fetch_libtorch.py
"""

import contextlib
import hashlib
import http.server
import io
import json
import pathlib
import platform
import re
import sys
import tempfile
import threading
import types
import unittest
import unittest.mock
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import fetch_libtorch  # noqa: E402

VERSION = "7.8.9"
WHEEL = "torch-7.8.9-cp312-cp312-manylinux_2_28_any.whl"
WANTED = [
    "torch/include/ATen/ATen.h",
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "torchgen/packaged/ATen/native/native_functions.yaml",
    "nvidia/cu13/lib/libcudart.so.13",
]
UNWANTED = [
    "torch/__init__.py",
    "torch/bin/protoc",
    "torch/lib/libtorch_cuda.so",
    "torch/lib/libc10_cuda.so",
    "torch/lib/libtorch_python.so",
    "torch/lib/libtorch_nvshmem.so",
    "nvidia/cu13/lib/libnvperf_host.so",
]


def make_wheel():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in WANTED + UNWANTED:
            archive.writestr(name, name * 100)
    return buffer.getvalue()


class Index(http.server.BaseHTTPRequestHandler):
    """Serves one wheel, in part if asked for a part; notes the ranges that were asked for."""

    content = b""
    ranges = []

    def do_GET(self):
        Index.ranges.append(self.headers.get("Range"))
        first = int(re.match(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-")).group(1))
        if first > len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(self.content) - first))
        self.end_headers()
        self.wfile.write(self.content[first:])

    def log_message(self, *arguments):
        pass


class FetchTest(unittest.TestCase):
    def setUp(self):
        Index.content, Index.ranges = make_wheel(), []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}/files/{WHEEL}"

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cache = pathlib.Path(folder.name, "the cache")
        self.part = self.cache / "downloads" / (WHEEL + ".part")
        self.patch("os.environ", {"CROSSTRACE_CACHE": str(self.cache), "PATH": "/usr/bin"})
        self.pip_log = f"  Found link {self.url} (from http://127.0.0.1/simple/torch/), version: {VERSION}"
        self.pip = self.patch("fetch_libtorch.run_pip", side_effect=lambda *_: types.SimpleNamespace(stdout=self.pip_log))
        self.pin(hashlib.sha256(Index.content).hexdigest())

    def patch(self, name, *arguments, **keywords):
        patcher = unittest.mock.patch(name, *arguments, **keywords)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def pin(self, digest, machine=platform.machine()):
        self.cache.mkdir(parents=True, exist_ok=True)
        pins = self.cache / "pins.json"
        pins.write_text(json.dumps({VERSION: {machine: [{"package": "torch", "file": WHEEL, "sha256": digest}]}}))
        self.patch("fetch_libtorch.PINS", pins)

    def fetch(self):
        with contextlib.redirect_stderr(io.StringIO()) as self.stderr:
            return fetch_libtorch.fetch(VERSION)

    def assert_refused(self, expression):
        with self.assertRaisesRegex(fetch_libtorch.FetchError, expression):
            self.fetch()
        self.assertEqual([], list(self.cache.glob("libtorch-*")), "nothing may look complete")

    def test_unpacks_only_what_a_cpu_process_needs(self):
        prefix = self.fetch()
        files = {str(f.relative_to(prefix.parent)) for f in prefix.parent.rglob("*") if f.is_file()}
        self.assertEqual(set(WANTED), files)
        self.assertEqual([], list((self.cache / "downloads").iterdir()), "the wheel is no longer needed")

    def test_asks_for_nothing_when_all_is_there(self):
        first = self.fetch()
        self.pip.reset_mock()
        self.assertEqual(first, self.fetch())
        self.pip.assert_not_called()
        self.assertEqual(1, len(Index.ranges))

    def test_resumes_where_an_earlier_run_stopped(self):
        self.part.parent.mkdir(parents=True)
        self.part.write_bytes(Index.content[:1000])
        self.fetch()
        self.assertEqual(["bytes=1000-"], Index.ranges)

    def test_starts_over_when_the_server_cannot_resume(self):
        self.part.parent.mkdir(parents=True)
        self.part.write_bytes(b"something else")
        with unittest.mock.patch.object(fetch_libtorch.urllib.request.Request, "add_header"):
            self.fetch()
        self.assertEqual([None], Index.ranges)

    def test_refuses_and_deletes_a_corrupt_wheel(self):
        self.pin("0" * 64)
        actual = hashlib.sha256(Index.content).hexdigest()
        self.assert_refused(f"{WHEEL} is corrupt: SHA-256 {actual}, but {'0' * 64} is pinned.*run again")
        self.assertFalse(self.part.exists())

    def test_deletes_a_part_that_is_longer_than_the_wheel(self):
        self.part.parent.mkdir(parents=True)
        self.part.write_bytes(Index.content + b"more")
        self.assert_refused(f"{WHEEL}: the server answered 416")
        self.assertFalse(self.part.exists())

    def test_keeps_what_has_come_when_the_line_breaks(self):
        self.part.parent.mkdir(parents=True)
        self.part.write_bytes(Index.content[:1000])
        self.patch("fetch_libtorch.open_url", side_effect=OSError("connection reset"))
        self.assert_refused(f"{WHEEL}: connection reset. What has come is kept")
        self.assertEqual(1000, self.part.stat().st_size)

    def test_says_when_the_index_lacks_the_wheel(self):
        self.pip_log = "ERROR: No matching distribution found for torch"
        self.assert_refused(r"pip's index does not offer torch-7.8.9\S+ \(ERROR: No matching distribution found for torch\)")

    def test_says_when_no_wheel_fits_the_machine(self):
        self.pin("0" * 64, machine="abacus")
        self.assert_refused(f"no LibTorch {VERSION} is known for {platform.machine()}.*-DTorch_DIR")

    def test_another_version_is_left_to_pip(self):
        self.pip_log = "Collecting torch\nERROR: Could not find a version that satisfies the requirement torch==1.2.3"
        self.pip.side_effect = lambda *_: types.SimpleNamespace(stdout=self.pip_log, returncode=1)
        with self.assertRaisesRegex(fetch_libtorch.FetchError, "torch==1.2.3: Could not find a version"):
            with contextlib.redirect_stderr(io.StringIO()) as stderr:
                fetch_libtorch.fetch("1.2.3")
        self.assertIn("torch 1.2.3 is not pinned here", stderr.getvalue())


class CompanionsTest(unittest.TestCase):
    def companions(self, metadata):
        with tempfile.TemporaryDirectory() as folder:
            wheel = pathlib.Path(folder, WHEEL)
            with zipfile.ZipFile(wheel, "w") as archive:
                archive.writestr("torch-7.8.9.dist-info/METADATA", metadata)
            return fetch_libtorch.companions_of(wheel)

    def test_of_cuda_12_are_named_one_by_one(self):
        metadata = ("Requires-Dist: nvidia-cuda-nvrtc-cu12==12.8.93\n"
                    "Requires-Dist: nvidia-cuda-runtime-cu12==12.8.90; platform_system == 'Linux'\n"
                    "Requires-Dist: nvidia-cuda-cupti-cu12==12.8.91\n")
        self.assertEqual(["nvidia-cuda-runtime-cu12==12.8.90", "nvidia-cuda-cupti-cu12==12.8.91"], self.companions(metadata))

    def test_of_cuda_13_come_with_the_toolkit(self):
        metadata = "Requires-Dist: cuda-toolkit[cublas,cudart,cupti]==13.2.2; platform_system == 'Linux'\n"
        self.assertEqual(["cuda-toolkit[cudart,cupti]==13.2.2"], self.companions(metadata))

    def test_of_a_cpu_build_are_none(self):
        self.assertEqual([], self.companions("Requires-Dist: sympy\n"))


if __name__ == "__main__":
    unittest.main()

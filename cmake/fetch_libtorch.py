# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Fetches the part of LibTorch that a CPU process needs, and prints the folder that holds its include/ and lib/.

    python3 fetch_libtorch.py VERSION

It comes out of pip's wheels (torch, and the two NVIDIA wheels whose libraries libtorch_cpu.so is linked to) and goes
to $CROSSTRACE_CACHE, else to ${XDG_CACHE_HOME:-~/.cache}/crosstrace. pip is asked only where a wheel lies, so its
configured index, mirrors and proxies hold. Versions listed in libtorch_wheels.json are pinned by SHA-256 and their
download resumes where an earlier run stopped; any other version is left to pip to download and verify.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

PINS = pathlib.Path(__file__).with_name("libtorch_wheels.json")
CHUNK_BYTES = 1 << 20

# What is left out of the torch wheel: Python itself and everything that only a process with a GPU can load.
WANTED = re.compile(
    r"torch/include/"
    r"|torch/lib/(?!\S*(cuda|nvshmem|nvrtc|python|shm))"
    r"|torch\.libs/"
    r"|torchgen/packaged/ATen/native/native_functions\.yaml$"
    r"|nvidia/\S*/lib/lib(cudart|cupti)\.so"
)


class FetchError(Exception):
    """One line for the user: what failed, where, what to do."""


def say(text):
    print(f"crosstrace: {text}", file=sys.stderr, flush=True)


def cache_folder():
    named = os.environ.get("CROSSTRACE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(named) if named else pathlib.Path(base, "crosstrace")


def run_pip(*arguments):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-color", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def locate(wheel):
    """The address of a pinned wheel, as pip finds it in its index: 'pip index' lists without downloading."""
    log = run_pip("index", "versions", wheel["package"], "-vvv").stdout
    found = re.search(r"\S+/" + re.escape(wheel["file"]), log)
    if not found:
        last = (log.strip().splitlines() or ["pip printed nothing"])[-1].strip()
        raise FetchError(f"pip's index does not offer {wheel['file']} ({last}). Is the network up, and pip's index "
                         "a full one? Or name a LibTorch that is here: -DTorch_DIR=...")
    return found.group()


def open_url(url, first_byte):
    request = urllib.request.Request(url)
    if first_byte:
        request.add_header("Range", f"bytes={first_byte}-")
    certificates = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    return urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context(cafile=certificates))


class Progress:
    """One line that counts on a terminal; elsewhere, as in a log, a new line every ten seconds."""

    def __init__(self, name, total):
        self.name, self.total, self.shown_at = name, total, time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, done):
        if done < self.total and time.monotonic() - self.shown_at < (0.2 if self.terminal else 10):
            return
        self.shown_at = time.monotonic()
        percent = 100 * done // self.total if self.total else 0
        text = f"crosstrace: {self.name}  {done / 2**20:.0f} of {self.total / 2**20:.0f} MiB ({percent} %)"
        end = "" if self.terminal and done < self.total else "\n"
        print("\r" * self.terminal + text, end=end, file=sys.stderr, flush=True)


def append_from(url, part):
    """Downloads into `part` whatever it does not hold yet."""
    have = part.stat().st_size if part.exists() else 0
    with open_url(url, have) as response:
        resumed = response.status == 206
        have = have if resumed else 0
        progress = Progress(part.stem, have + int(response.headers.get("Content-Length") or 0))
        if resumed:
            say(f"resuming {part.stem} at {have >> 20} MiB")
        with open(part, "ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                progress.show(have)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def download_pinned(wheel, folder):
    """The verified wheel in `folder`; under a .part name until its digest is right."""
    path = folder / wheel["file"]
    if path.exists():
        return path
    part = path.with_name(path.name + ".part")
    if not (part.exists() and sha256_of(part) == wheel["sha256"]):
        try:
            append_from(locate(wheel), part)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # Longer than the real file: it cannot be the beginning of it.
                part.unlink()
            raise FetchError(f"{wheel['file']}: the server answered {error.code} {error.reason}.") from error
        except OSError as error:
            raise FetchError(f"{wheel['file']}: {error}. What has come is kept.") from error
        actual = sha256_of(part)
        if actual != wheel["sha256"]:
            part.unlink()
            raise FetchError(f"{wheel['file']} is corrupt: SHA-256 {actual}, but {wheel['sha256']} is pinned. "
                             "It was deleted; run again.")
    part.rename(path)
    return path


def pip_download(folder, *requirements):
    """Wheels that pip picks and verifies by the digests that its index reports."""
    folder.mkdir(parents=True, exist_ok=True)
    result = run_pip("download", "--quiet", "--dest", str(folder), "--python-version", "3.12",
                     "--only-binary=:all:", *requirements)
    if result.returncode:
        lines = [line for line in result.stdout.splitlines() if "ERROR" in line] or ["pip download failed"]
        raise FetchError(f"{' '.join(requirements)}: {lines[-1].removeprefix('ERROR: ')}")
    return sorted(folder.glob("*.whl"))


def companions_of(torch_wheel):
    """The requirements, in the torch wheel's metadata, that bring libcudart and libcupti."""
    with zipfile.ZipFile(torch_wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(name).decode()
    direct = re.findall(r"^Requires-Dist: (nvidia-cuda-(?:runtime|cupti)-cu\d+==[\w.]+)", metadata, re.M)
    toolkit = re.findall(r"^Requires-Dist: cuda-toolkit\[.*\](==[\w.]+)", metadata, re.M)
    return direct or [f"cuda-toolkit[cudart,cupti]{version}" for version in toolkit]


def download_unpinned(version, folder):
    say(f"torch {version} is not pinned here: its digest is the one that pip's index reports")
    wheels = pip_download(folder / f"torch-{version}", "--no-deps", f"torch=={version}")
    companions = companions_of(wheels[0])
    return wheels + (pip_download(folder / f"companions-{version}", *companions) if companions else [])


def unpack(wheels, prefix):
    """Unpacks what is wanted under another name and renames it, so that `prefix` is whole whenever it exists."""
    partial = prefix.with_name(prefix.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    say(f"unpacking into {prefix}")
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(partial, [name for name in archive.namelist() if WANTED.match(name)])
    partial.rename(prefix)


@contextlib.contextmanager
def locked(folder):
    """Two builds at a time download once: the second waits for the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(version):
    machine = platform.machine()
    prefix = cache_folder() / f"libtorch-{version}-{machine}"
    if prefix.exists():
        return prefix / "torch"
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    if version in pins and machine not in pins[version]:
        raise FetchError(f"no LibTorch {version} is known for {machine}: build or install one, and name it with "
                         "-DTorch_DIR=...")
    downloads = cache_folder() / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    with locked(cache_folder()):
        if not prefix.exists():
            if version in pins:
                wheels = [download_pinned(wheel, downloads) for wheel in pins[version][machine]]
            else:
                wheels = download_unpinned(version, downloads)
            unpack(wheels, prefix)
            for wheel in wheels:
                wheel.unlink()
    return prefix / "torch"


def main():
    if len(sys.argv) != 2 or not re.fullmatch(r"\d+\.\d+\.\d+", sys.argv[1]):
        sys.exit("usage: fetch_libtorch.py VERSION, such as 2.15.0")
    try:
        print(fetch(sys.argv[1]))
    except (FetchError, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"crosstrace: {error}")


if __name__ == "__main__":
    main()

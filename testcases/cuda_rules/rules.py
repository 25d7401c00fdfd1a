# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Records what a device answers to every call of calls.h, and reads such a recording.

    python3 rules.py PROGRAM DEVICE OUT.jsonl[.gz] [--processes N] [--seconds S]

PROGRAM is record_cuda_rules. A process that dies (of a signal, a lost CUDA context, 60 s without an answer) is started
again behind the call that killed it, and that call's answer says so. Exit: 0 all was asked; 1 not all; 2 no such device.

A recording is JSON, one line an expression, after a header with the list of sentences. An answer is the number of the
sentence that refused the call, or a letter for each tensor of the result: D on the device, C on the CPU, ? elsewhere,
after a ~ if the values are not the CPU's up to rounding; `-` if there is none. Answers about dtypes name the dtypes.
"""

import argparse
import collections
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import NamedTuple

DEVICE = re.compile(
    r"\b(?:cuda|sim|privateuseone|privateuse1)(?::[0-9])?(?=\b|[A-Z][a-z]+Type\b)|torch\.(?:cuda|sim)\b", re.IGNORECASE)
SHORT_DTYPES = {
    "Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64",
    "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64",
    "ComplexDouble": "complex128", "Float8_e4m3fn": "float8_e4m3fn", "Float8_e5m2": "float8_e5m2"}


class Call(NamedTuple):
    expr: str
    mode: str
    arg: str


class Answer(NamedTuple):
    taken: bool
    text: str  # The letters of a recording, or the sentence that refused.

    def died(self):
        return self.text.startswith(("CRASH", "LOSES THE DEVICE", "device error: "))


def anonymous(sentence):
    """A sentence with the device's name taken out, without the part in which CUDA's generated wrappers name themselves
    (`wrapper_CUDA_mm`), and without what may be the reason for a missing kernel."""
    sentence = re.sub(r" ?\(when checking argument.*$", "", DEVICE.sub("DEV", sentence))
    sentence = re.sub(r"(Could not run '[^']*' with arguments from the '[^']*' backend\.).*$", r"\1", sentence)
    sentence = re.sub(r"\b(?:CUDA|sim)GuardImpl", "DEVGuardImpl", sentence)
    return re.sub(r"0x[0-9a-f]+", "0x", sentence).strip()


class Shard(threading.Thread):
    """Asks one share of the calls, in as many processes as it takes."""

    def __init__(self, command, deadline):
        super().__init__()
        self.command, self.deadline = command, deadline
        self.answers, self.notes, self.complete = {}, [], False
        self.error = ""

    def run(self):
        deaths = 0
        while not self.complete and time.time() < self.deadline and deaths < 50:
            code, call = self.run_once()
            self.complete = code == 0
            if code == 2:
                return
            if code and call is None:
                self.notes.append(f"exit code {code} between two calls")
            elif code:
                self.notes.append(f"exit code {code} in {call.mode} {call.arg} of {call.expr}")
            deaths += bool(code)

    def run_once(self):
        environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", NVIDIA_TF32_OVERRIDE="0")
        with subprocess.Popen([*self.command, str(len(self.answers))], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace") as process:
            timer = threading.Timer(max(self.deadline - time.time(), 0), process.kill)
            errors = threading.Thread(target=self.read_errors, args=(process.stderr,))
            timer.start(), errors.start()
            call = self.read(process.stdout)
            code = process.wait()
            errors.join()
            in_time = timer.is_alive()
            timer.cancel()
        if call is not None and in_time and code < 0:
            word = "timeout" if code == -signal.SIGALRM else "crash"
            self.answers[call] = {"ok": False, "error": f"{word}: {signal.Signals(-code).name}", "crash": True}
        return code, call

    def read(self, lines):
        """Returns the call that has no answer, if there is one."""
        call = None
        for text in lines:
            if not text.endswith("\n"):
                break
            line = json.loads(text)
            if call is None:
                call = Call(line["expr"], line["mode"], line["arg"])
            else:
                self.answers[call], last = line, call
                call = None
                if "lost" in line:
                    self.notes.append(f"device lost in {last.mode} {last.arg} of {last.expr}")
        return call

    def read_errors(self, stream):
        self.error = (self.error + stream.read())[-2000:]


class NoSuchDevice(Exception):
    pass


def ask(program, device, processes, seconds):
    """All answers of a device, notes about what died, and whether all was asked."""
    deadline = time.time() + seconds
    shards = [Shard([program, device, f"{i}/{processes}"], deadline) for i in range(processes)]
    for shard in shards:
        shard.start()
    for shard in shards:
        shard.join()
    answers = {}
    for shard in shards:
        answers.update(shard.answers)
    if not answers:
        raise NoSuchDevice(shards[0].error.strip() or "no answer")
    return answers, [note for shard in shards for note in shard.notes], all(shard.complete for shard in shards)


def sentence_of(answer):
    if "crash" in answer:
        return f"CRASH ({answer['error']})"
    if "lost" in answer:
        return "LOSES THE DEVICE: " + answer["error"]
    if answer["while_waiting"]:
        return "device error: " + answer["error"]
    return anonymous(answer["error"])


def outcome(call, answer):
    """What a recording holds of an answer: a sentence, or letters."""
    if not answer["ok"]:
        return Answer(False, sentence_of(answer))
    mark = "~" if "other_values" in answer else ""
    if call.mode == "dtype":
        return Answer(True, mark + (",".join(SHORT_DTYPES.get(name, name) for name in answer.get("dtypes", [])) or "-"))
    letters = {"DEV": "D", "cpu": "C"}
    return Answer(True, mark + ("".join(letters.get(anonymous(name), "?") for name in answer.get("devices", [])) or "-"))


def write(path, answers, header):
    sentences = collections.OrderedDict()

    def encode(call, answer):
        short = outcome(call, answer)
        return short.text if short.taken else sentences.setdefault(short.text, len(sentences))

    mixtures, others = {}, {}
    for call, answer in answers.items():
        short = encode(call, answer)
        if call.mode == "strict":
            others[call.expr] = {"strict": call.expr, "outcome": short}
        elif call.mode == "dtype":
            others.setdefault(call.expr, {"dtypes_of": call.expr})[call.arg] = short
        elif call.mode == "base":
            line = mixtures.setdefault(call.expr, {"expr": call.expr})
            line["base"] = short
            if answer["ok"]:
                line["out"] = [SHORT_DTYPES.get(dtype, dtype) + str(sizes).replace(" ", "")
                               for dtype, sizes in zip(answer.get("dtypes", []), answer.get("sizes", []))]
        else:
            mixtures.setdefault(call.expr, {"expr": call.expr}).setdefault(call.mode, {})[call.arg] = short
    lines = [{**header, "errors": list(sentences)}, *mixtures.values(), *others.values()]
    open_file = gzip.open if path.endswith(".gz") else open
    with open_file(path, "wt", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")


def read(path):
    """The header of a recording, and an Answer for each Call."""
    open_file = gzip.open if path.endswith(".gz") else open
    with open_file(path, "rt", encoding="utf-8") as file:
        header, *lines = map(json.loads, file)
    answers = {}

    def decode(expr, mode, arg, short):
        taken = isinstance(short, str)
        answers[Call(expr, mode, arg)] = Answer(taken, short if taken else anonymous(header["errors"][short]))

    for line in lines:
        if "strict" in line:
            decode(line["strict"], "strict", "", line["outcome"])
        elif "dtypes_of" in line:
            for dtype, short in line.items():
                if dtype != "dtypes_of":
                    decode(line["dtypes_of"], "dtype", dtype, short)
        else:
            decode(line["expr"], "base", "", line["base"])
            for mode in ("one_cpu", "one_dev", "zero_cpu", "zero_dev", "cast"):
                for arg, short in line.get(mode, {}).items():
                    decode(line["expr"], mode, arg, short)
    return header, answers


def version(program):
    """Of the LibTorch that the recorder uses."""
    return json.loads(subprocess.run([program, "--devices"], capture_output=True, text=True, check=True).stdout)["torch"]


def graphics_card():
    try:
        text = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
                              capture_output=True, text=True, check=True).stdout
        return dict(zip(("gpu", "driver"), text.splitlines()[0].split(", ")))
    except (OSError, subprocess.CalledProcessError, IndexError):
        return {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("device")
    parser.add_argument("out")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    start = time.time()
    try:
        answers, notes, complete = ask(options.program, options.device, options.processes, options.seconds)
    except NoSuchDevice as error:
        print(error, file=sys.stderr)
        return 2
    header = {"what": "which mixtures of devices and which dtypes a device takes; written by rules.py",
              "torch": version(options.program), "device": options.device}
    write(options.out, answers, {**header, **(graphics_card() if options.device.startswith("cuda") else {})})
    for note in notes:
        print("  " + note)
    print(f"{options.device}: {len(answers)} calls, {sum(answer['ok'] for answer in answers.values())} taken, "
          f"{sum('crash' in answer for answer in answers.values())} crashed, "
          f"{sum('lost' in answer for answer in answers.values())} lost the device, {time.time() - start:.0f} s"
          + ("" if complete else "; NOT ALL WAS ASKED"))
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())

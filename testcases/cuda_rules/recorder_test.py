# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Tests of the recorder, on the CPU.

    python3 recorder_test.py PROGRAM RECORDING
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import cuda_rules_test
import rules

PROGRAM, RECORDING = sys.argv.pop(1), sys.argv.pop(1)
SHARE = "1/60"  # Of the calls: some 80.


def asked(**environment):
    """A share of the calls, asked of the CPU."""
    os.environ.update(environment)
    try:
        shard = rules.Shard([PROGRAM, "cpu", SHARE], time.time() + 100)
        shard.start()
        shard.join()
        return shard
    finally:
        for name in environment:
            del os.environ[name]


class Recorder(unittest.TestCase):
    def test_asks_every_call_once(self):
        shard = asked()
        self.assertTrue(shard.complete)
        self.assertEqual(shard.notes, [])
        self.assertGreater(len(shard.answers), 50)
        taken = [answer for answer in shard.answers.values() if answer["ok"]]
        self.assertGreater(len(taken), 50)
        self.assertFalse([answer for answer in taken if "other_values" in answer])

    def test_goes_on_behind_a_call_that_kills_it(self):
        shard, killed = asked(), asked(RECORD_CUDA_RULES_CRASH="7")
        self.assertTrue(killed.complete)
        call = list(shard.answers)[6]
        self.assertEqual(killed.notes, [f"exit code -11 in {call.mode} {call.arg} of {call.expr}"])
        self.assertEqual(rules.outcome(call, killed.answers[call]), rules.Answer(False, "CRASH (crash: SIGSEGV)"))
        self.assertEqual(list(killed.answers), list(shard.answers))

    def test_goes_on_behind_a_call_that_loses_the_device(self):
        shard, lost = asked(), asked(RECORD_CUDA_RULES_LOSE="9")
        self.assertTrue(lost.complete)
        call = list(shard.answers)[8]
        self.assertIn(f"device lost in {call.mode} {call.arg} of {call.expr}", lost.notes)
        self.assertEqual(rules.outcome(call, lost.answers[call]).text, "LOSES THE DEVICE: on purpose")
        self.assertEqual(list(lost.answers), list(shard.answers))

    def test_says_that_there_is_no_such_device(self):
        result = subprocess.run([sys.executable, rules.__file__, PROGRAM, "cuda:0", "never.jsonl"], text=True,
                                capture_output=True, env=dict(os.environ, CUDA_VISIBLE_DEVICES=""), check=False)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^record_cuda_rules: cuda:0: .+\n$")
        self.assertFalse(os.path.exists("never.jsonl"))

    def test_a_recording_holds_the_answers(self):
        answers = asked().answers
        for name in ("a.jsonl", "a.jsonl.gz"):
            with tempfile.TemporaryDirectory() as folder:
                path = str(Path(folder, name))
                rules.write(path, answers, {"torch": "1.2.3"})
                header, read = rules.read(path)
            self.assertEqual(header["torch"], "1.2.3")
            self.assertEqual(read, {call: rules.outcome(call, answer) for call, answer in answers.items()})

    def test_asks_what_the_recording_of_cuda_holds(self):
        _, cuda = rules.read(RECORDING)
        for call in asked().answers:
            self.assertIn(call, cuda)


class Comparison(unittest.TestCase):
    CALL = rules.Call("a + b", "one_cpu", "a")

    def differences(self, cuda, sim):
        comparison = cuda_rules_test.Comparison({self.CALL: cuda}, {} if sim is None else {self.CALL: sim})
        return [kind for kind, *_ in comparison.unknown]

    def test_finds_every_kind_of_difference(self):
        taken, refused = rules.Answer(True, "D"), rules.Answer(False, "Expected")
        self.assertEqual(self.differences(taken, taken), [])
        self.assertEqual(self.differences(refused, refused), [])
        self.assertEqual(self.differences(taken, rules.Answer(True, "~D")), [])
        self.assertEqual(self.differences(taken, None), ["not asked"])
        self.assertEqual(self.differences(taken, refused), ["sim refuses, CUDA takes"])
        self.assertEqual(self.differences(refused, taken), ["sim takes, CUDA refuses"])
        self.assertEqual(self.differences(taken, rules.Answer(True, "C")), ["other devices or dtypes"])
        self.assertEqual(self.differences(refused, rules.Answer(False, "Unexpected")), ["another sentence"])
        self.assertEqual(self.differences(rules.Answer(False, "CRASH (x)"), refused), [])
        self.assertEqual(self.differences(rules.Answer(False, "CRASH (x)"), taken), ["sim takes, CUDA dies"])

    def test_counts_a_difference_that_is_known(self):
        call = rules.Call("torch.abs(%)", "dtype", "bool")
        taken, refused = {call: rules.Answer(True, "bool")}, {call: rules.Answer(False, "not implemented")}
        comparison = cuda_rules_test.Comparison(taken, refused)
        self.assertEqual(comparison.unknown, [])
        self.assertEqual(list(comparison.known), ["the CPU has no kernel for abs of bool"])
        self.assertEqual([kind for kind, *_ in cuda_rules_test.Comparison(refused, taken).unknown],
                         ["sim takes, CUDA refuses"])

    def test_knows_other_differences_of_a_newer_version(self):
        call = rules.Call("torch.gru_cell(a, b, s, s)", "zero_cpu", "a")
        cuda, sim = {call: rules.Answer(False, "Dimension")}, {call: rules.Answer(False, "Expected 2D input")}
        self.assertEqual(len(cuda_rules_test.Comparison(cuda, sim, newer=False).unknown), 1)
        self.assertEqual(cuda_rules_test.Comparison(cuda, sim, newer=True).unknown, [])


if __name__ == "__main__":
    unittest.main()

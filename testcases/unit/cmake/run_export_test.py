#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""What run_export.py makes of scripts that do what they should, and of others.

    run_export_test.py FOLDER_OF_THE_MODULES
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUN_EXPORT = None

READ_ARGUMENTS = """
import argparse, os, pathlib, signal, sys
parser = argparse.ArgumentParser()
parser.add_argument("--device")
parser.add_argument("--output", type=pathlib.Path)
arguments = parser.parse_args()
"""


class RunExport(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.output = self.folder / "made" / "m.cuda0.pt"
        self.left = self.folder / "made" / "m.cuda0.pt.skipped"

    def run_script(self, body, device="cuda:0", **environment):
        script = self.folder / "export.py"
        script.write_text(READ_ARGUMENTS + body, encoding="utf-8")
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("CTEST_RESOURCE") and name != "CUDA_VISIBLE_DEVICES"}
        return subprocess.run([sys.executable, RUN_EXPORT, str(script), device, str(self.output)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean | environment, check=False)

    def expect_failure(self, result, line):
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], line)
        self.assertFalse(self.output.exists())
        self.assertFalse(self.left.exists())

    def test_writes_the_file_for_the_device(self):
        result = self.run_script("print('exporting'); arguments.output.write_text(arguments.device)")
        self.assertEqual((result.returncode, result.stdout), (0, "exporting\n"))
        self.assertEqual(self.output.read_text(), "cuda:0")
        self.assertFalse(self.left.exists())

    def test_skips_with_the_last_line(self):
        self.output.parent.mkdir()
        self.output.write_text("of yesterday, when there was a GPU")
        result = self.run_script("print('a warning'); print('no GPU here', end='\\n\\n'); sys.exit(77)")
        self.assertEqual(result.returncode, 77)
        self.assertEqual(self.left.read_text(), "no GPU here\n")
        self.assertFalse(self.output.exists())

    def test_reason_of_yesterday_is_gone(self):
        self.run_script("print('no GPU here'); sys.exit(77)")
        self.assertTrue(self.left.exists())
        result = self.run_script("arguments.output.write_text('x')")
        self.assertEqual(result.returncode, 0)
        self.assertFalse(self.left.exists())

    def test_skip_without_a_reason_fails(self):
        self.expect_failure(self.run_script("sys.exit(77)"),
                            "export.py --device cuda:0 ended with 77, which skips, and did not say why: it must print a line")

    def test_success_without_a_file_fails(self):
        self.expect_failure(self.run_script("print('done')"), "export.py --device cuda:0 ended with 0 and wrote no "
                            f"{self.output}: that is what --output names")

    def test_empty_file_fails(self):
        self.expect_failure(self.run_script("arguments.output.write_text('')"), "export.py --device cuda:0 ended with 0 and wrote "
                            f"no {self.output}: that is what --output names")

    def test_exception_fails_and_leaves_no_half_file(self):
        result = self.run_script("arguments.output.write_text('half'); raise RuntimeError('out of memory')")
        self.assertIn("RuntimeError: out of memory", result.stdout)
        self.expect_failure(result, "export.py --device cuda:0 ended with 1")

    def test_signal_fails(self):
        self.expect_failure(self.run_script("os.kill(os.getpid(), signal.SIGSEGV)"),
                            "export.py --device cuda:0 died of SIGSEGV")

    def test_gpus_that_ctest_gave_are_the_visible_ones(self):
        show = "arguments.output.write_text(repr(os.environ.get('CUDA_VISIBLE_DEVICES')))"
        given = {"CTEST_RESOURCE_GROUP_COUNT": "2", "CTEST_RESOURCE_GROUP_0_GPUS": "id:3,slots:1",
                 "CTEST_RESOURCE_GROUP_1_GPUS": "id:0,slots:1"}
        for environment, expected in [({}, None), ({"CTEST_RESOURCE_GROUP_COUNT": "0"}, None), (given, "3,0"),
                                      (given | {"CUDA_VISIBLE_DEVICES": "4,5,6,7"}, "7,4"),
                                      (given | {"CUDA_VISIBLE_DEVICES": ""}, "")]:
            self.assertEqual(self.run_script(show, **environment).returncode, 0)
            self.assertEqual(self.output.read_text(), repr(expected))
        result = self.run_script(show, **given, CUDA_VISIBLE_DEVICES="4,5")
        self.expect_failure(result,
                            "CTest gave this test 'id:3,slots:1' of the resource gpus, which is no GPU that is visible here")


if __name__ == "__main__":
    RUN_EXPORT = pathlib.Path(sys.argv.pop(1)) / "run_export.py"
    unittest.main()

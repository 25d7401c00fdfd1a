#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""ci/arrows on trees that have one fault each: arrows_test.py ARROWS."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOUND = {
    "framework/crosstrace/rooms.txt": "base:\ngraph: base\nflow: base graph/program\nfixtures: flow\n",
    "framework/crosstrace/base/text.h": "#pragma once\n",
    "framework/crosstrace/graph/program.h": "#include <crosstrace/base/text.h>\n",
    "framework/crosstrace/graph/inline.h": "#include <crosstrace/graph/detail/inliner.h>\n",
    "framework/crosstrace/graph/detail/inliner.h": "#pragma once\n",
    "framework/crosstrace/flow/flow.h": "#include <crosstrace/graph/program.h>\n",
    "fixtures/crosstrace/gtest/fixture.cpp": '#include "crosstrace/flow/flow.h"\n#include <vector>\n',
}


class Arrows(unittest.TestCase):
    def run_on(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**SOUND, **changes}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, ARROWS, folder], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def assert_fails(self, changes, *lines):
        code, output = self.run_on(changes)
        self.assertEqual(output.splitlines(), list(lines))
        self.assertEqual(code, 1)

    def test_a_sound_tree_passes(self):
        self.assertEqual(self.run_on({}), (0, "ci/arrows: every include goes the way that rooms.txt says\n"))

    def test_an_include_that_is_not_allowed(self):
        self.assert_fails(
            {"framework/crosstrace/graph/program.h": "#pragma once\n#include <crosstrace/flow/flow.h>\n",
             "framework/crosstrace/flow/flow.h": "#pragma once\n"},
            "framework/crosstrace/graph/program.h:2: graph includes flow (crosstrace/flow/flow.h), which rooms.txt does not "
            "allow")

    def test_another_file_of_a_room_of_which_one_is_allowed(self):
        self.assert_fails(
            {"framework/crosstrace/flow/flow.h": "#include <crosstrace/graph/inline.h>\n"},
            "framework/crosstrace/flow/flow.h:1: flow includes graph (crosstrace/graph/inline.h), which rooms.txt does not "
            "allow")

    def test_the_detail_of_another_room(self):
        self.assert_fails(
            {"framework/crosstrace/rooms.txt": "base:\ngraph: base\nflow: graph\nfixtures: flow\n",
             "framework/crosstrace/flow/flow.h": "#include <crosstrace/graph/detail/inliner.h>\n"},
            "framework/crosstrace/flow/flow.h:1: includes crosstrace/graph/detail/inliner.h, which belongs to "
            "crosstrace/graph/ alone")

    def test_a_circle_of_files(self):
        self.assert_fails(
            {"framework/crosstrace/graph/program.cpp": "#include <crosstrace/graph/inline.h>\n",
             "framework/crosstrace/graph/inline.h": "#include <crosstrace/graph/program.h>\n"},
            "a circle of 2 files:",
            "  framework/crosstrace/graph/program.cpp:1: crosstrace/graph/program includes crosstrace/graph/inline",
            "  framework/crosstrace/graph/inline.h:1: crosstrace/graph/inline includes crosstrace/graph/program")

    def test_a_circle_of_rooms(self):
        self.assert_fails(
            {"framework/crosstrace/rooms.txt": "base:\ngraph: base flow\nflow: base graph\nfixtures: flow\n"},
            f"framework/crosstrace/rooms.txt:2: graph may know flow, which stands further down or nowhere; a room knows only "
            "rooms above it, so that there is no circle")

    def test_a_room_that_nobody_declared(self):
        self.assert_fails(
            {"framework/crosstrace/attic/box.cpp": "#include <crosstrace/base/text.h>\n"},
            "framework/crosstrace/attic/box.cpp:1: the room attic is not in rooms.txt")


if __name__ == "__main__":
    ARROWS = sys.argv.pop(1)
    unittest.main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Tests of write_examples.py and compile_alone.py on trees of one or two headers.

    headers_test.py GTEST_LIBRARY COMPILER [FLAG...]
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
GTEST, *COMPILER = sys.argv[1:]

GOOD = """/// @file
/// Twice a number.
///
///     std::cout << twice(2) << '\\n';  // prints 4
#pragma once

inline int twice(int number) { return 2 * number; }
"""


MAIN = """/// @file
///
///     int main(int argc, char** argv) {
///       ::testing::InitGoogleTest(&argc, argv);
///       return RUN_ALL_TESTS();
///     }
#pragma once
"""


class Headers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)

    def header(self, name, text):
        path = self.tree / "crosstrace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_command(self, *command):
        run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def write_examples(self, *headers):
        return self.run_command(sys.executable, HERE / "write_examples.py", "--output", self.tree / "out", *headers)

    def compile_room(self, *flags):
        return self.run_command(*COMPILER, *flags, f"-I{self.tree}", f"-I{HERE.parent}", self.tree / "out/room.cpp", GTEST)

    def compile_alone(self):
        return self.run_command(sys.executable, HERE / "compile_alone.py", self.tree, *COMPILER)

    def refused(self, text, problem):
        path = self.header("room/twice.h", text)
        self.assertEqual(self.write_examples(path), (1, f"{path}{problem}\n"))


class Examples(Headers):
    def test_a_header_without_one_is_named(self):
        self.refused("/// @file\n/// Twice a number.\n#pragma once\n\n///     twice(2);\ninline int twice(int);\n",
                     ": no example: the comment before #pragma once has no indented block")

    def test_comments_and_declarations_alone_are_none(self):
        for code in ("// std::cout << twice(2);", "int four = twice(2);"):
            self.refused(GOOD.replace("std::cout << twice(2) << '\\n';  // prints 4", code),
                         ":4: the example shows nothing: let it print, write or expect something")

    def test_no_headers_are_no_success(self):
        self.assertEqual(self.write_examples(), (1, "no headers\n"))

    def test_one_that_does_not_compile_is_named_with_its_line(self):
        path = self.header("room/twice.h", GOOD.replace("twice(2) <<", "thrice(2) <<"))
        self.assertEqual(self.write_examples(path), (0, "1 examples\n"))
        code, output = self.compile_room("-fsyntax-only")
        self.assertNotEqual(code, 0)
        self.assertIn(f"{path}:4:", output)

    def test_each_runs_and_what_it_prints_is_compared(self):
        right = self.header("room/right.h", GOOD)
        wrong = self.header("room/wrong.h", GOOD.replace("twice", "double_of").replace("prints 4", "prints 5"))
        block = self.header("room/block.h", GOOD.replace("twice", "two_of").replace(
            "  // prints 4", "\n///     std::cout << \"of \" << 2;\n///\n/// prints\n///\n///     ...of\n///     2"))
        self.write_examples(right, wrong, block, self.header("room/main.h", MAIN))
        self.assertEqual(self.compile_room("-o", self.tree / "program", "-pthread"), (0, ""))
        code, output = self.run_command(self.tree / "program")
        self.assertEqual(code, 1)
        self.assertIn("Running 3 tests from 1 test suite", output)
        self.assertIn("[       OK ] HeaderExample.room_right", output)
        self.assertIn("[       OK ] HeaderExample.room_block", output)
        self.assertIn("the comment says that it prints\n5\nand it prints\n4\n", output)

    def test_tests_are_put_at_namespace_scope_and_are_looked_for(self):
        path = self.header("room/twice.h", GOOD.replace("std::cout << twice(2) << '\\n';  // prints 4",
                                                        "TEST(Twice, IsEven) { EXPECT_EQ(twice(2), 4); }"))
        self.write_examples(path)
        written = (self.tree / "out/room.cpp").read_text()
        self.assertIn('EXPECT_TRUE(header_examples::has_tests("Twice"))', written)
        self.assertLess(written.index("TEST(Twice"), written.index("TEST(HeaderExample"))


class Alone(Headers):
    def test_a_header_that_lacks_an_include_is_named(self):
        self.header("room/good.h", "#pragma once\n#include <string>\nstd::string name();\n")
        self.header("room/needy.h", "#pragma once\nstd::string name();\n")
        self.header("room/lost.h", "#pragma once\n#include <crosstrace/room/private.h>\n")
        code, output = self.compile_alone()
        self.assertEqual(code, 1)
        self.assertIn("crosstrace/room/needy.h does not compile alone:\n", output)
        self.assertIn("crosstrace/room/lost.h does not compile alone:\n", output)
        self.assertNotIn("good.h", output)
        self.assertTrue(output.endswith("1 of 3 headers compile alone\n"))

    def test_no_headers_are_no_success(self):
        self.assertEqual(self.compile_alone(), (1, f"no headers in {self.tree}/crosstrace\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

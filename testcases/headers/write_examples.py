#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Takes the example out of each header and writes C++ that compiles and runs it.

    write_examples.py --output FOLDER ROOT/crosstrace/ROOM/NAME.h...

Writes FOLDER/ROOM.cpp for each room. The example of a header is the first indented block of the comment that stands
before `#pragma once`. An example that defines tests is put at namespace scope, any other into the body of a test; one that
defines main() is the program's. A header of CrossTrace may be used without including it; other #includes of an example go
to the top of its file. What it writes to std::cout and std::cerr must be what the comment says that it prints: behind
`// prints`, or in the indented block after a line that begins with `prints`, where `...` stands for any text.
"""
import argparse
import pathlib
import re
import sys

TESTS = re.compile(r"^(?:TEST(?:_P)?|CROSSTRACE_ASSERTION)\((\w+)", re.M)
MAIN = re.compile(r"^int main\(", re.M)
# An example of comments or declarations alone shows nothing: something is printed, written, or held.
SHOWS = re.compile(r"<<|\b(EXPECT|ASSERT)_|\bwrite_\w+\(|^CROSSTRACE_REGISTER\(|^int main\(", re.M)


class NoExample(Exception):
    pass


class Header:
    """One header: `name` is how it is included, `blocks` the paragraphs of its first comment."""

    def __init__(self, path):
        self.path = path
        self.name = "crosstrace/" + path.as_posix().rpartition("/crosstrace/")[2]
        self.room = self.name.split("/")[1]
        self.label = re.sub(r"\W", "_", self.name.removeprefix("crosstrace/").removesuffix(".h"))
        self.blocks = []  # (line number, whether it is indented, lines)
        lines = path.read_text().split("#pragma once")[0].splitlines()
        for number, line in enumerate(lines, 1):
            if line.startswith("///"):
                self.add_line(number, line[3:])
        self.find_example()

    def add_line(self, number, text):
        indented = text.startswith("     ")
        if not text.strip():
            if self.blocks:
                self.blocks[-1][2].append("")
        elif self.blocks and self.blocks[-1][1] == indented:
            self.blocks[-1][2].append(text[5:] if indented else text.strip())
        else:
            self.blocks.append((number, indented, [text[5:] if indented else text.strip()]))

    def find_example(self):
        indented = [i for i, block in enumerate(self.blocks) if block[1]]
        if not indented:
            raise NoExample(f"{self.path}: no example: the comment before #pragma once has no indented block")
        self.line, _, lines = self.blocks[indented[0]]
        code = "\n".join(lines).rstrip()
        self.code = re.sub(r"^#include.*$", "", code, flags=re.M)
        self.includes = re.findall(r"^#include.*$", code, re.M)
        if not SHOWS.search(re.sub(r"//.*", "", self.code)):
            raise NoExample(f"{self.path}:{self.line}: the example shows nothing: let it print, write or expect something")
        self.printed = re.findall(r"// prints (.*)", code)
        if len(indented) > 1 and re.search(r"(^|\n)prints\b", "\n".join(self.blocks[indented[1] - 1][2])):
            self.printed += "\n".join(self.blocks[indented[1]][2]).rstrip().splitlines()

    def write(self):
        code = f'#line {self.line} "{self.path}"\n{self.code}\n'
        if MAIN.search(self.code):
            return code
        if TESTS.search(self.code):
            body = "".join(f'  EXPECT_TRUE(header_examples::has_tests("{suite}"));\n' for suite in TESTS.findall(self.code))
        else:
            # A model is registered when its example runs, so that no other example sees it.
            models = re.findall(r"^CROSSTRACE_REGISTER\((\w+)\)", self.code, re.M)
            body = f"  header_examples::Output output;\n{{\n{code}}}\n"
            body += "".join(f'  header_examples::run_model("{model}");\n' for model in models)
            expected = "\n".join(self.printed)
            body += f'  EXPECT_PRED_FORMAT1(output, R"~~({expected})~~");\n' if expected else ""
            code = ""
        return f"namespace {self.label} {{\n{code}TEST(HeaderExample, {self.label}) {{\n{body}}}\n}}\n"


def read_headers(paths):
    headers, problems = [], []
    for path in paths:
        try:
            headers.append(Header(path))
        except NoExample as problem:
            problems.append(str(problem))
    if problems or not headers:
        sys.exit("\n".join(problems) or "no headers")
    return headers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("headers", type=pathlib.Path, nargs="*")
    arguments = parser.parse_args()
    headers = read_headers(arguments.headers)
    ours = sorted(f"#include <{header.name}>" for header in headers)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for room in {header.room for header in headers}:
        members = [header for header in headers if header.room == room]
        includes = ours + sorted({line for header in members for line in header.includes})
        includes += ['#include "headers/example.h"', "#include <fstream>", "#include <iostream>"]
        text = "\n".join(includes + [""] + [header.write() for header in members])
        file = arguments.output / f"{room}.cpp"
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
    print(f"{len(headers)} examples")


if __name__ == "__main__":
    main()

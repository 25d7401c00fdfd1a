#!/usr/bin/env python3
# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""The map of the rooms names every room, and no file that is not there: map_test.py SOURCE_DIR."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
framework = source / "framework/crosstrace"
text = (framework / "README.md").read_text()
problems = []

rooms = [line.split(":")[0] for line in (framework / "rooms.txt").read_text().splitlines()
         if ":" in line and not line.startswith("#")]
for room in rooms:
    if room != "fixtures" and f"| `{room}/` |" not in text:
        problems.append(f"rooms.txt has {room}, which the map does not")

paths = [name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name and not name.startswith("ci/arrows")]
for name in paths:
    if not any((root / name).exists() for root in (framework, source)):
        problems.append(f"the map names {name}, which is not there")

print("\n".join(problems) or f"{len(rooms)} rooms and {len(paths)} paths are where the map says")
sys.exit(1 if problems or len(paths) < 40 else 0)

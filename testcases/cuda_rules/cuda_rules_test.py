# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Holds the simulated device's answers against CUDA's.

    python3 cuda_rules_test.py PROGRAM RECORDING [--processes N] [--list]

PROGRAM is record_cuda_rules, RECORDING what CUDA answered. Every call of the recording is asked of sim:0: what CUDA takes
it must take, with results on the same devices; what CUDA refuses it must refuse with CUDA's sentence, its own name in
place of CUDA's. The differences that are known stand in known_differences.py, each with its reason; one that is no
longer there fails the test too. --list prints every difference, known or not.
"""

import argparse
import sys
import time
from collections import Counter

import known_differences
import rules

COMPARED = 150  # Characters of a sentence. A recording holds 200, the names of devices in them.


def kind_of(cuda, sim):
    """What differs, or None."""
    if cuda.taken and not sim.taken:
        return "sim refuses, CUDA takes"
    if sim.taken and not cuda.taken:
        return "sim takes, CUDA dies" if cuda.died() else "sim takes, CUDA refuses"
    if cuda.taken:
        return None if cuda.text.lstrip("~") == sim.text.lstrip("~") else "other devices or dtypes"
    if cuda.died() or cuda.text[:COMPARED] == sim.text[:COMPARED]:
        return None
    return "another sentence"


class Comparison:
    def __init__(self, cuda, sim, newer=False):
        self.unknown, self.known, self.counts = [], Counter(), Counter()
        for call, expected in cuda.items():
            actual = sim.get(call)
            self.counts["calls"] += 1
            kind = "not asked" if actual is None else kind_of(expected, actual)
            if call.mode not in ("base", "cast", "dtype"):
                self.counts["mixtures"] += 1
                self.counts["mixtures decided alike"] += actual is not None and actual.taken == expected.taken
            if kind is None:
                continue
            reason = known_differences.find(call, kind, newer)
            if reason:
                self.known[reason] += 1
            else:
                self.unknown.append((kind, call, expected, actual))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("recording")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    start = time.time()
    header, cuda = rules.read(options.recording)
    answers, notes, complete = rules.ask(options.program, "sim:0", options.processes, 600)
    sim = {call: rules.outcome(call, answer) for call, answer in answers.items()}
    newer = rules.version(options.program).split("+")[0] != header["torch"].split("+")[0]
    comparison = Comparison(cuda, sim, newer)
    for note in notes:
        print(note)
    for kind, call, expected, actual in comparison.unknown:
        print(f"{kind}: {call.mode} {call.arg} {call.expr}\n    CUDA: {expected.text}\n    sim:  {actual and actual.text}")
    for reason, count in comparison.known.items():
        print(f"{count} known: {reason}")
    gone = [reason for reason in known_differences.reasons(newer) if reason not in comparison.known]
    for reason in gone:
        print(f"no such difference any more, take it out of known_differences.py: {reason}")
    counts = comparison.counts
    print(f"{counts['calls']} calls; {counts['mixtures decided alike']} of {counts['mixtures']} mixtures of devices decided as "
          f"CUDA of LibTorch {header['torch']} decides; {len(comparison.unknown)} differences that are not known; "
          f"{time.time() - start:.0f} s")
    return 1 if comparison.unknown or gone or notes or not complete else 0


if __name__ == "__main__":
    sys.exit(main())

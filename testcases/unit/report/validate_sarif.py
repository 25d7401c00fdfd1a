# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Validates SARIF logs against the published schema, and against what code scanning of GitHub asks beyond it.

    python validate_sarif.py LOG...

Exits with 1 and says where if a log is not valid; with 77 if there is no validator.
"""

import json
import sys
from pathlib import Path

try:
    from jsonschema import Draft4Validator
except ImportError:
    print(f"skipped: {sys.executable} has no module jsonschema; install python3-jsonschema, or jsonschema with pip")
    sys.exit(77)

SCHEMA = Path(__file__).parent / "schema" / "sarif-schema-2.1.0.json"


def schema_errors(log: dict):
    validator = Draft4Validator(json.loads(SCHEMA.read_text()), format_checker=Draft4Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(log):
        yield "/".join(map(str, error.absolute_path)) + ": " + error.message


def github_errors(log: dict):
    """A result without a place, a text or a fingerprint is dropped or doubled, and no text may be empty."""
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for rule in rules:
            for key in ("shortDescription", "fullDescription", "help"):
                if not rule.get(key, {}).get("text"):
                    yield f"rule {rule['id']}: no {key}"
        for number, result in enumerate(run["results"]):
            place = result.get("locations", [{}])[0].get("physicalLocation", {})
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                yield f"result {number}: ruleIndex is another rule's"
            if not place.get("artifactLocation", {}).get("uri") or place.get("region", {}).get("startLine", 0) < 1:
                yield f"result {number}: no file or no line"
            if not result["message"].get("text") or "primaryLocationLineHash" not in result["partialFingerprints"]:
                yield f"result {number}: no text or no fingerprint"


def main(paths: list[str]) -> int:
    # A validator that finds nothing wrong with an empty object checks nothing.
    if not list(schema_errors({})):
        print("the validator accepts an empty object")
        return 1
    wrong = 0
    for path in paths:
        log = json.loads(Path(path).read_text())
        errors = list(schema_errors(log)) or list(github_errors(log))
        wrong += bool(errors)
        print(f"{path}: {len(errors)} errors in {sum(len(run['results']) for run in log['runs'])} results")
        for error in errors[:20]:
            print(f"  {error}")
    return int(wrong > 0 or not paths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

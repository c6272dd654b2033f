"""Our JMESPath against PyPI's jmespath: the same queries over the same documents give the same, errors included.

    python3 jmespath_differences.py PROGRAM FOLDER [SEED [COUNT]]

PROGRAM is jmespath_answers, FOLDER the one of install.py. Where the two differ on purpose, the table DIFFERENCES says
what each gives, and why; a row of it that no longer holds is a failure, too.
"""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import install
import jmespath_cases
import jmespath_random

HERE = Path(__file__).resolve().parent
# What ours refuses when it compiles; the reference takes it, or finds out when the search gets there, if it does.
STRICTER = re.compile(r"error: found (the unknown function|\d+ arguments? of|&,|.*, expected an expression behind &|0 as a slice's step)|expected a comma or the|"
                      r"expected an operator, a comma or the \) of the function")
SEED, COUNT = 20240229, 6000  # any seed will do: a fixed one makes failures come back


def answers(program, cases):
    text = "".join(json.dumps([query, document]) + "\n" for query, document in cases)
    done = subprocess.run(program, input=text, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    lines = done.stdout.splitlines()
    if len(lines) != len(cases):
        raise SystemExit(f"{program[-1]}: {len(lines)} answers to {len(cases)} queries")
    return lines


def alike(ours, theirs):
    """Equal as JSON, numbers by their value, members in the same order."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-14)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(alike(ours[name], theirs[name]) for name in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


def agree(ours, theirs):
    if ours.startswith("error: ") or theirs.startswith("error: "):
        return ours.startswith("error: ") and theirs.startswith("error: ")
    return alike(json.loads(ours), json.loads(theirs))


def compare(name, ours_program, theirs_program, cases, stricter=False):
    """`stricter`: damaged queries are among them, of which some are a matter of taste."""
    failures = successes = nulls = refused = 0
    for (query, document), ours, theirs in zip(cases, answers(ours_program, cases), answers(theirs_program, cases)):
        if stricter and not agree(ours, theirs) and STRICTER.search(ours):
            refused += 1
        elif not agree(ours, theirs):
            failures += 1
            if failures <= 20:
                print(f"DIFFERS: {query}\n  over   {json.dumps(document)[:300]}\n  ours   {ours[:200]}\n  theirs {theirs[:200]}")
        successes += not ours.startswith("error: ")
        nulls += ours == "null"
    print(f"{name}: {len(cases)} searches, {successes} with a result, {nulls} of them null; "
          f"{refused} that only ours refuses; {failures} differ")
    if refused > len(cases) // 50:
        raise SystemExit(f"{name}: too many queries that only ours refuses")
    if successes - nulls < len(cases) // 4:  # a comparison of nothing with nothing proves nothing
        raise SystemExit(f"{name}: too few searches find anything")
    return failures


def known(ours_program, theirs_program):
    failures = 0
    cases = [(query, document) for query, document, *_ in jmespath_cases.DIFFERENCES]
    found = zip(jmespath_cases.DIFFERENCES, answers(ours_program, cases), answers(theirs_program, cases))
    for (query, document, ours, theirs, reason), our_answer, their_answer in found:
        for whose, expected, got in (("ours", ours, our_answer), ("theirs", theirs, their_answer)):
            if not (got.startswith("error: ") if expected == "error" else got == expected):
                failures += 1
                print(f"KNOWN DIFFERENCE ({reason}): {query}\n  {whose}: expected {expected}, got {got}")
    print(f"known differences: {len(cases)}; {failures} are not as they are told")
    return failures


def main():
    program, folder, *numbers = sys.argv[1:]
    seed, count = (int(number) for number in (numbers + [SEED, COUNT][len(numbers):]))
    try:
        interpreter = install.installed(folder, "jmespath") / "bin" / "python"
    except install.Skipped as reason:
        install.skipped("jmespath", reason)
        return install.SKIPPED
    ours, theirs = [program], [str(interpreter), str(HERE / "jmespath_reference.py")]
    failures = compare("by hand", ours, theirs, jmespath_cases.by_hand())
    failures += compare(f"random, seed {seed}", ours, theirs, jmespath_random.cases(seed, count), stricter=True)
    failures += known(ours, theirs)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

"""tests/checklist.md names a test or a place for each rule; each of them has to exist.

A row is `| item | FILE: `text`, `text`; FILE: ... |`: the file has to be there, and each quoted text to stand in it.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
PLACE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`((?:: `[^`]+`(?:, `[^`]+`)*)?)")


def check(text, root=ROOT):
    offences, places = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("| ") or line.startswith(("|---", "| item ")):
            continue
        cells = re.split(r"(?<!\\) \| ", line.strip("| "))
        found = PLACE.findall(cells[-1]) if len(cells) == 2 else []
        if not found:
            offences.append(f"line {number}: not an item and where it is shown")
        for file, words in found:
            places += 1
            path = root / file
            if not path.is_file():
                offences.append(f"line {number}: {file} does not exist")
                continue
            content = path.read_text(encoding="utf-8")
            offences += [f"line {number}: {file} has no {word!r}" for word in re.findall(r"`([^`]+)`", words) if word not in content]
    return offences, places


def main():
    offences, places = check((ROOT / "tests" / "checklist.md").read_text(encoding="utf-8"))
    # what it is there for: each of these is an offence
    for wrong in ("| a | `tests/none.py` |", "| a | `tests/lint/checklist.py`: `no such " + "text` |", "| a | b |", "| a |"):
        if not check(wrong)[0]:
            offences.append(f"this test does not see what is wrong with {wrong}")
    print("\n".join([*offences, f"checklist: {places} places, {len(offences)} offences"]))
    return 1 if offences or places < 50 else 0


if __name__ == "__main__":
    sys.exit(main())

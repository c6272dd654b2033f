"""Independent witnesses: the official SDKs, unchanged, against the local service; our package in their place.

    python3 witness.py javascript|python|aio|facade FOLDER

FOLDER is where install.py puts the SDKs. Prints one line for each case with its verdict. What an SDK cannot do because of
a defect of its own stands in DEFECTS, what we do otherwise on purpose in ON_PURPOSE; an entry that does not happen any
more fails the test, so that both stay true.
"""

import importlib.metadata
import os
import re
import sys
import tempfile
from pathlib import Path

import install
from service import Instances

HERE = Path(__file__).resolve().parent

# case: (what is seen, the defect)
PYTHON_DEFECTS = {
}
JAVASCRIPT_DEFECTS = {
}
# case: (what is seen with our package, why)
ON_PURPOSE = {
}


class Verdicts:
    def __init__(self):
        self.failed = 0

    def line(self, verdict, case, reason=""):
        self.failed += verdict == "FAIL"
        print(f"{verdict:<7} {case}" + (f": {reason}" if reason else ""), flush=True)

    def judge(self, lines, known, word):
        """Each line against the table of what is known to be otherwise."""
        for case, line in lines.items():
            problem = line.get("problem")
            seen, reason = known.get(case, (None, None))
            if problem is None and seen is None:
                self.line("ok", case)
            elif problem is None:
                self.line("FAIL", case, f"it works now; take it out of the table ({reason})")
            elif seen is None:
                self.line("FAIL", case, problem)
            elif re.search(seen, problem):
                self.line(word, case, reason)
            else:
                self.line("FAIL", case, f"{problem}; known was {seen!r} ({reason})")
        for case in known.keys() - lines.keys():
            self.line("FAIL", case, "the table names a case that does not exist")

    def end(self, count):
        print(f"{count - self.failed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def javascript(instances, folder):
    return instances.run("node", HERE / "official_javascript.mjs", cwd=folder)


def python(instances, folder, package):
    return instances.run(folder / "bin" / "python", HERE / "official_python.py", package)


def compare(verdicts, ours, theirs, known):
    """Our package gives what theirs gives, case by case."""
    for case, line in ours.items():
        if "gave" in line and "gave" in theirs[case] and line["gave"] != theirs[case]["gave"]:
            if case not in known:
                verdicts.line("FAIL", case, f"ours gave {line['gave']!r}, theirs {theirs[case]['gave']!r}")


def main():
    what, root = sys.argv[1:3]
    language = "javascript" if what == "javascript" else "python"
    try:
        folder = install.installed(root, language)
    except install.Skipped as reason:
        install.skipped(language, reason)
        return install.SKIPPED
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="azattest-witness-") as state:
        instances = Instances(state)
        try:
            if what == "javascript":
                lines = javascript(instances, folder)
                verdicts.judge(lines, JAVASCRIPT_DEFECTS, "DEFECT")
            elif what in ("python", "aio"):
                package = "azure.security.attestation" + (".aio" if what == "aio" else "")
                lines = python(instances, folder, package)
                verdicts.judge(lines, PYTHON_DEFECTS, "DEFECT")
            else:
                theirs = python(instances, folder, "azure.security.attestation")
                lines = python(instances, folder, "azattest")
                verdicts.judge(lines, ON_PURPOSE, "OURS")
                compare(verdicts, lines, theirs, ON_PURPOSE)
        finally:
            instances.stop()
    return verdicts.end(len(lines))


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 3 else __doc__)

"""Nothing in the repository may name a machine's own paths, C sources keep to 500 lines, and Python can be parsed, also what
no quick test runs (seeds of fuzz targets, benchmarks).

Long files are listed with their reason; a new one has to be split or to give a reason here.
"""

import ast
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
LIMIT = 500
# Tables of test cases are one thing, however long.
EXCUSED = {"tests/": 1500, "core/include/": 600}
FORBIDDEN = ["/" + "root/", "/" + "home/", "/" + "work/"]


def tracked():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        return [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file() and "build" not in path.parts and ".git" not in path.parts]


def main():
    offences = []
    for path in tracked():
        place = path.relative_to(ROOT).as_posix()
        if not path.is_file() or place == "tests/lint/names.py":
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for word in FORBIDDEN:
            if word in text:
                offences.append(f"{place}: names {word}")
        if path.suffix in {".py", ".pyi"}:
            try:
                ast.parse(text)
            except SyntaxError as error:
                offences.append(f"{place}: line {error.lineno}: {error.msg}")
        if path.suffix in {".c", ".h"}:
            limit = next((size for prefix, size in EXCUSED.items() if place.startswith(prefix)), LIMIT)
            lines = text.count("\n")
            if lines > limit:
                offences.append(f"{place}: {lines} lines, more than {limit}")
    for offence in offences:
        print(offence)
    print(f"names: {len(offences)} offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())

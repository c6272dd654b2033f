"""The cost of one token validation with a kept key, as ratios measured in this run.

Instructions are counted by callgrind as the difference of two runs of different length, so that start-up does not
count; CPU time is the median of rounds. The floor is what nobody can leave out: base64url, cJSON and one EVP verify.

Usage: run.py BUILD_FOLDER [--json] [--quick]
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
AIMS = {"verifier": ("floor", 1.15), "python": ("verifier", 1.4), "lua5.4": ("verifier", 1.3), "luajit": ("verifier", 1.3)}


def commands(build, folder):
    """Name -> command without the count of validations, environment."""
    environment = dict(os.environ)
    found = {kind: ([str(build / "tests/bench_validate"), kind, folder], environment) for kind in ("floor", "token", "verifier")}
    if (build / "python").is_dir():
        found["python"] = ([sys.executable, str(HERE / "validate.py"), folder],
                           environment | {"PYTHONPATH": str(build / "python")})
    for name, part in (("lua5.4", "5.4"), ("luajit", "luajit")):
        modules = build / "lua" / part
        if modules.is_dir() and shutil.which(name):
            paths = {"LUA_PATH": f"{modules}/?.lua;{modules}/?/init.lua;;", "LUA_CPATH": f"{modules}/?.so;;"}
            found[name] = ([name, str(HERE / "validate.lua"), folder], environment | paths)
    return found


def cpu_ns(command, environment, times):
    output = subprocess.run([*command, str(times)], env=environment, check=True, capture_output=True, text=True).stdout
    return int(output)


def instructions(command, environment, few, many):
    counts = []
    for times in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *command, str(times)],
                env=environment, check=True, capture_output=True, text=True)
        counts.append(int(re.search(r"Collected : (\d+)", result.stderr).group(1)))
    return (counts[1] - counts[0]) / (many - few)


def measure(build, quick):
    with tempfile.TemporaryDirectory() as folder:
        size = subprocess.run([str(build / "tests/bench_fixture"), folder], check=True, capture_output=True, text=True).stdout
        rows = {}
        runs = commands(build, folder)
        rounds, times = (3, 1000) if quick else (9, 5000)
        samples = {name: [] for name in runs}
        for _ in range(rounds):  # the cases take turns, so that a busy moment hits all of them
            for name, (command, environment) in runs.items():
                samples[name].append(cpu_ns(command, environment, times))
        for name, (command, environment) in runs.items():
            count = None
            if shutil.which("valgrind"):
                count = instructions(command, environment, 20, 60 if quick else 220)
            rows[name] = {"cpu_us": statistics.median(samples[name]) / 1000, "instructions": count}
    return {"token_bytes": int(size), "rows": rows}


def ratios(rows):
    for name, row in rows.items():
        base, aim = AIMS.get(name, ("floor", None))
        row["base"], row["aim"] = base, aim
        row["cpu_ratio"] = row["cpu_us"] / rows[base]["cpu_us"]
        if row["instructions"] is not None:
            row["instruction_ratio"] = row["instructions"] / rows[base]["instructions"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    arguments = parser.parse_args()
    result = measure(arguments.build.resolve(), arguments.quick)
    ratios(result["rows"])
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print(f"one RS256 token of {result['token_bytes']} bytes, key parsed once and kept")
    print(f"{'':10}{'CPU us':>9}{'instructions':>14}  {'against':10}{'CPU':>6}{'instr.':>8}{'aim':>6}")
    for name, row in result["rows"].items():
        count = "-" if row["instructions"] is None else f"{row['instructions']:,.0f}"
        ratio = f"{row['instruction_ratio']:.3f}" if "instruction_ratio" in row else "-"
        aim = f"{row['aim']:.2f}" if row["aim"] else ""
        print(f"{name:10}{row['cpu_us']:9.1f}{count:>14}  {row['base']:10}{row['cpu_ratio']:6.2f}{ratio:>8}{aim:>6}")


if __name__ == "__main__":
    main()

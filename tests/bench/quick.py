"""The short form of the benchmarks, as a test: each suite gives its rows, and the JSON is what is promised. No number is
judged. Usage: quick.py BUILD
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MEMBERS = {"work": str, "measure": str, "value": (int, float, type(None)), "unit": str, "base": str,
           "base_value": (int, float, type(None)), "ratio": (int, float, type(None)), "aim": str, "met": (bool, type(None)),
           "note": str, "low": (int, float, type(None)), "high": (int, float, type(None)), "skipped": bool, "failed": bool,
           "suite": str}
# What the table is for: a part of the work, and what is measured of it. Each has to come out with a number, unless the row or
# its whole suite was skipped because something is not on this machine.
WANTED = {
    "validate": [("validate, C", "CPU a token"), ("validate, C", "instructions"), ("validate, Python", "CPU a token"),
                 ("validate, Lua 5.4", "CPU a token"), ("validate, LuaJIT", "CPU a token")],
    "quotes": [("SGX, anew", "CPU a quote"), ("SGX, all kept", "CPU a quote"), ("TDX, anew", "CPU a quote"),
               ("TDX, all kept", "CPU a quote"), ("SNP, anew", "CPU a quote")],
    "policies": [("SGX's default, evaluate", "CPU"), ("the largest, evaluate", "evaluations a second"),
                 ("SNP's default, parse", "CPU")],
    "attest": [("attest, kept connection, C", "CPU a call"), ("attest, new connection each call", "CPU a call"),
               ("attest, kept connection, Python", "CPU a call"), ("attest, kept connection, LuaJIT", "CPU a call")],
    "inflight": [("200 in flight, 50 ms, C", "rate"), ("200 in flight, 50 ms, C", "wall a call"),
                 ("200 in flight, 50 ms, C", "CPU a call"), ("200 in flight, 50 ms, C", "memory a call in flight"),
                 ("100 in flight, system's CA bundle, C", "peak memory")],
    "startup": [("import azattest", "CPU of a process"), ("first attest, C", "CPU of a process"),
                ("first attest, Python", "CPU of a process")],
    "asyncio": [("azattest.aio", "worst loop lag"), ("azattest.aio", "rate")],
    "openresty": [("warm", "wall of all"), ("unrelated request", "worst extra delay")],
    "guard": [("require_token", "rate")],
}


def problems(rows):
    for row in rows:
        if set(row) != set(MEMBERS):
            yield f"members {sorted(set(row) ^ set(MEMBERS))} are missing or unknown: {row}"
            continue
        wrong = [name for name, kind in MEMBERS.items() if not isinstance(row[name], kind)]
        if wrong:
            yield f"{', '.join(wrong)} of the wrong type: {row}"
        elif row["failed"] or (row["skipped"] and not row["note"]):
            yield f"{row['suite']}: {row['work']}: {row['note'] or 'skipped without a reason'}"
        elif not row["skipped"] and (row["value"] is None or (bool(row["aim"]) != (row["met"] is not None))):
            yield f"neither a number nor a reason: {row}"
    for suite, wanted in WANTED.items():
        of_suite = [row for row in rows if row.get("suite") == suite]
        if not of_suite:
            yield f"no row of the suite {suite}"
        for work, measure in wanted:
            if not any(row["skipped"] or (work in row["work"] and measure in row["measure"]) for row in of_suite):
                yield f"{suite}: no row \"{work}\" with \"{measure}\""


def main():
    done = subprocess.run([sys.executable, HERE / "run.py", sys.argv[1], "--quick", "--json", "-"], stdout=subprocess.PIPE,
                          text=True)
    rows = json.loads(done.stdout)["rows"]
    found = list(problems(rows))
    for row in rows:
        if row["skipped"]:
            print(f"*** SKIPPED: {row['suite']}: {row['work']}: {row['note']} ***")
    for problem in found:
        print(problem)
    print(f"bench.quick: {len(rows)} rows, {len(found)} problems, run.py ended with {done.returncode}")
    return 1 if found or done.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 2 else __doc__)

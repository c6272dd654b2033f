"""Benchmarks: ratios of two things measured in the same run, with their aims.

Suites run one at a time, each with its floors and peers inside, whose cases take turns. What is compared is in the head
of each tests/bench/suites/NAME.py. The machine should have nothing else to do; the A/A rows say how steady it was.
A miss is shown, and is no failure of the run; the exit code is 1 when something could not be measured at all.
"""

import argparse
import ast
import importlib
import os
import pathlib
import platform
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import context as contexts
import table

ORDER = ["validate", "quotes", "policies", "attest", "inflight", "startup", "asyncio", "openresty", "guard"]


def suites():
    names = [path.stem for path in (HERE / "suites").glob("*.py") if not path.stem.startswith("_")]
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def purpose(name):
    text = ast.get_docstring(ast.parse((HERE / "suites" / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0] if text else ""


def run_suite(context, name):
    try:
        context.begin(name)
        rows = importlib.import_module(f"suites.{name}").run(context)
    except contexts.Skipped as reason:
        rows = [table.skipped(name, str(reason))]
    except Exception as problem:  # one suite that breaks must not hide the others
        traceback.print_exc()
        rows = [table.failed(name, f"{type(problem).__name__}: {problem}".splitlines()[0])]
    for row in rows:
        row.suite = name
        if row.skipped or row.failed:
            context.progress(f"*** {table.verdict(row)}: {row.work}: {row.note} ***")
    return rows


def arguments():
    listing = "\n".join(f"  {name:10} {purpose(name)}" for name in suites())
    parser = argparse.ArgumentParser(description=__doc__, epilog=f"suites:\n{listing}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD", help="folder of the build, for instance build/default")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="which; all when none is named")
    parser.add_argument("--quick", action="store_true", help="tiny counts: shows that each row comes out, not how fast")
    parser.add_argument("--rounds", type=int, help="rounds of each case")
    parser.add_argument("--json", metavar="FILE", help="also write one JSON document there; -: to standard output, "
                                                       "instead of the table")
    parser.add_argument("--markdown", action="store_true", help="print the rows that have an aim as a Markdown table")
    options = parser.parse_args()
    for name in options.suites:
        if name not in suites():
            parser.error(f"there is no suite {name}; there are {', '.join(suites())}")
    if not options.build.is_dir():
        parser.error(f"{options.build} is no folder")
    if not (options.build / "CMakeCache.txt").exists():
        parser.error(f"{options.build} is no folder of a build: cmake --preset default && cmake --build --preset default")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds takes 1 or more")
    return options


def main():
    options = arguments()
    contexts.interrupt_on_terminate()
    context = contexts.Context(options.build, options.quick, options.rounds)
    rows = []
    try:
        for name in options.suites or suites():
            rows += run_suite(context, name)
    except KeyboardInterrupt:
        contexts.say("interrupted; what was measured until now:")
        contexts.say(table.render(rows))
        return 130
    finally:
        context.close()
    about = {"quick": options.quick, "rounds": context.rounds, "machine": platform.platform(), "processors": os.cpu_count(),
             "load": os.getloadavg()[0]}
    if options.json and options.json != "-":
        pathlib.Path(options.json).write_text(table.document(rows, **about) + "\n", encoding="utf-8")
    if options.json == "-":
        print(table.document(rows, **about))
    else:
        print(table.markdown(rows) if options.markdown else table.render(rows))
    return 1 if any(row.failed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

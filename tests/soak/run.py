"""A long run against the local service with faults: right answers all the way, and nothing that grows.

    python3 tests/soak/run.py BUILD [--attest N] [--validate N] [--only PART] [--state FILE] [--quick] [--json FILE|-]

Parts: c (threads, blocking calls), multi (C, azattest_multi), python (threads), asyncio, openresty. What BUILD has not is
left out, and said so. Each part makes 100 000 attest calls and 1 000 000 validations.

The service answers some attest calls with 429, 503 or a reset, breaks off some answers, drips or delays others, gives
tokens of another issuer, and changes its key; it also fails to give its keys. Each outcome is compared: the claims are
those of this very call, or the failure is one that the faults explain, after as many tries as were due; tokens of another
issuer are counted against what the service sent. Of ten validations one is of a forged token, one for another nonce, one
a week later.

In part c the waits between tries pass on an injected clock, whatever the service asks for. The other parts have no clock
that can be injected: their waits are real, and the service asks for milliseconds.

Memory (RSS; what malloc has given out, in OpenResty Lua's own count) and descriptors are sampled. Behind a warm-up of 30 %
of a session's samples, the median of the last third may exceed that of the first by 2 % and a fixed slack.

With --state FILE (default: soak.json in BUILD) an interrupted run goes on where it was: Ctrl-C, then the same command.
Exit code: 0 all is well, 1 something is not, 2 wrong use, 130 interrupted.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import growth

HERE = Path(__file__).resolve().parent
ISSUER_EACH = 501  # each so many attest requests are answered with a token of another issuer
QUICK_ATTEST, QUICK_VALIDATE = 700, 3500


class Part:
    def __init__(self, needs, command, slack, injected=False, **environment):
        self.needs, self.command, self.slack, self.injected, self.environment = needs, command, slack, injected, environment


# glibc counts what its threads keep for themselves as in use, which fills up over hours and would pass for a leak.
COUNTED = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
# Slack in KB and in descriptors. Interpreters give memory back late, and in large pieces.
NATIVE = {"rss_kb": 1024, "heap_kb": 64, "fds": 4}
INTERPRETED = {"rss_kb": 3072, "heap_kb": 512, "fds": 4}
PARTS = {
    "c": Part("tests/soak", ["{build}/tests/soak", "blocking"], NATIVE, injected=True, **COUNTED),
    "multi": Part("tests/soak", ["{build}/tests/soak", "multi"], NATIVE, **COUNTED),
    "python": Part("python/azattest", [sys.executable, str(HERE / "worker.py"), "threads"], INTERPRETED,
                   PYTHONPATH="{build}/python", **COUNTED),
    "asyncio": Part("python/azattest/aio", [sys.executable, str(HERE / "worker.py"), "asyncio"], INTERPRETED,
                    PYTHONPATH="{build}/python", **COUNTED),
    "openresty": Part("lua/luajit/azattest/resty.lua", [sys.executable, str(HERE / "openresty.py")], INTERPRETED,
                      AZATTEST_LUA_TREE="{build}/lua/luajit"),
}


def say(text, end="\n"):
    print(text, end=end, file=sys.stderr, flush=True)


# ---- the service

def faults(injected, quick):
    """For --fault. A cache asks for newer keys each 30 s at most: with real waits keys change at long intervals."""
    soon = "retry-after=3" if injected else "retry-after-ms=3"
    later = "retry-after=40" if injected else "x-ms-retry-after-ms=5"
    # In the short form once: the next new key might come before the injected clock has moved by 30 s.
    rotations = "300=rotate-key" if quick else "%10000=rotate-key" if injected else "%40000=rotate-key"
    attest = ["%%%d=wrong-issuer" % ISSUER_EACH, "%53=429;" + later, "%97=503;" + soon, "%211=reset", "%307=cut",
              "%401=drip;bytes=1500;ms=1", "%1009=delay;ms=20", "400-460=503;" + soon, "20000-20200=reset"]
    return ["attest:" + ",".join(attest), "attest:" + rotations, "certs:%3=503;" + soon + ",%5=cut"]


class Service:
    """`azattest emulator`, whose log is counted."""

    def __init__(self, build, injected, quick):
        command = [build / "core/azattest", "emulator", "--listen", "127.0.0.1:0"]
        for fault in faults(injected, quick):
            command += ["--fault", fault]
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the service did not start: " + self.process.stderr.read().decode())
        self.ready = json.loads(line)
        self.attests = self.certs = 0
        self.reader = threading.Thread(target=self.count, daemon=True)
        self.reader.start()

    def count(self):
        for line in self.process.stderr:
            self.attests += b" /attest/" in line
            self.certs += b" /certs " in line

    def rss_kb(self):
        return int(Path("/proc/%d/statm" % self.process.pid).read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.reader.join(10)


# ---- what is kept

class State:
    def __init__(self, path, wanted):
        self.path, self.data = path, {"wanted": wanted, "parts": {}}
        if path.exists():
            kept = json.loads(path.read_text())
            if kept["wanted"] != wanted:
                raise SystemExit("%s is of a run with %s; remove it, or give another --state" % (path, json.dumps(kept["wanted"])))
            self.data = kept

    def part(self, name):
        return self.data["parts"].setdefault(name, {"attest": 0, "validate": 0, "seconds": 0, "outcomes": {}, "sessions": []})

    def write(self):
        other = self.path.with_suffix(".new")
        other.write_text(json.dumps(self.data))
        other.replace(self.path)


# ---- one session of one part

class Interrupted(Exception):
    pass


class Session:
    """A worker and a service, from start to end or to Ctrl-C."""

    def __init__(self, build, name, kept, wanted, quick):
        self.build, self.name, self.part, self.kept = build, name, PARTS[name], kept
        self.attests = wanted["attest"] - kept["attest"]
        self.validations = max(wanted["validate"] - kept["validate"], 0)
        self.wanted, self.quick = wanted, quick
        self.base = {key: kept[key] for key in ("attest", "validate", "seconds")}
        self.base["outcomes"] = dict(kept["outcomes"])
        self.samples, self.problems, self.began, self.shown = [], [], time.monotonic(), 0.0

    def command(self, service, quote):
        words = [word.format(build=self.build) for word in self.part.command]
        return words + [service.ready["endpoint"], service.ready["ca_file"], str(quote), str(self.attests),
                        str(self.validations), "25" if self.quick else "1000"]

    def take(self, line):
        """A worker's line becomes the part's progress."""
        for key in ("attest", "validate"):
            self.kept[key] = self.base[key] + line[key]
        for outcome, number in line["outcomes"].items():
            self.kept["outcomes"][outcome] = self.base["outcomes"].get(outcome, 0) + number
        self.kept["seconds"] = round(self.base["seconds"] + time.monotonic() - self.began, 1)
        if "rss_kb" in line:
            self.samples.append({key: line.get(key) for key in ("rss_kb", "heap_kb", "fds")})

    def show(self, line):
        if time.monotonic() - self.shown < 2 and not line["done"]:
            return
        self.shown = time.monotonic()
        passed = max(time.monotonic() - self.began, 0.001)
        rate = line["attest"] / passed
        left = (self.attests - line["attest"]) / rate if rate else 0
        say("\r%-10s %7d of %d attest calls, %8d validations, %5.0f/s, RSS %6d KB, %s left   "
            % (self.name, self.kept["attest"], self.wanted["attest"], self.kept["validate"], rate,
               self.samples[-1]["rss_kb"] if self.samples else 0, "%d:%02d" % divmod(int(left), 60)), end="")

    def judge_issuers(self, service, last, interrupted):
        """Each token of another issuer was refused: as many as the service sent, but for calls that were broken off."""
        sent, refused = service.attests // ISSUER_EACH, last["outcomes"].get("issuer", 0)
        if refused > sent or (refused < sent and not interrupted):
            self.problems.append("%d tokens of another issuer were sent, %d refused" % (sent, refused))

    def run(self, write):
        service = Service(self.build, self.part.injected, self.quick)
        folder = Path(tempfile.mkdtemp(prefix="azattest-soak-"))
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("AZURE_") and not name.lower().endswith("_proxy")}
        environment.update({name: value.format(build=self.build) for name, value in self.part.environment.items()})
        last, worker = {"attest": 0, "validate": 0, "outcomes": {}, "done": False}, None
        interrupted = False
        try:
            quote = folder / "quote"
            subprocess.run([self.build / "core/azattest", "simulate", "sgx-quote", "--state", service.ready["state"], "--svn", "3",
                            "--out", quote], check=True, stdout=subprocess.DEVNULL)
            worker = subprocess.Popen(self.command(service, quote), stdout=subprocess.PIPE, env=environment,
                                      start_new_session=True)
            while True:
                try:
                    text = worker.stdout.readline()
                except KeyboardInterrupt:
                    interrupted = True
                    say("\n%s: ends in order ..." % self.name)
                    worker.terminate()
                    continue
                if not text:
                    break
                last = json.loads(text)
                self.take(last)
                self.show(last)
                write()
            code = worker.wait()
            say("")
            if code != 0 or not last["done"]:
                self.problems.append("the worker ended with %d" % code)
            self.service_kb, self.fetches = service.rss_kb(), service.certs
        finally:
            if worker is not None and worker.poll() is None:
                worker.kill()
            service.stop()
            shutil.rmtree(folder, ignore_errors=True)
        self.judge_issuers(service, last, interrupted)
        self.kept["sessions"].append({"samples": len(self.samples), "service_kb": self.service_kb, "key_fetches": self.fetches,
                                      "growth": growth.judge(self.samples, self.part.slack), "problems": self.problems})
        write()
        if interrupted:
            raise Interrupted


# ---- the verdict

def verdict(name, kept, wanted):
    """(problems, the session with the most samples)."""
    problems = [problem for session in kept["sessions"] for problem in session["problems"]]
    judged = [session for session in kept["sessions"] if session["growth"] is not None]
    for session in judged:
        for what, (before, after, grew) in session["growth"].items():
            if grew:
                problems.append("%s grew from %d to %d" % (what, before, after))
    if kept["attest"] < wanted["attest"] or kept["validate"] < wanted["validate"] * 0.999:
        problems.append("not complete")
    elif not judged:
        problems.append("no session was long enough to judge whether anything grows")
    missing = [kind for kind in ("good", "broken", "issuer", "valid", "forged", "nonce", "expired") if not kept["outcomes"].get(kind)]
    if missing and kept["attest"] >= wanted["attest"]:
        problems.append("no call had the outcome %s: the faults do not reach it" % ", ".join(missing))
    return problems, max(judged, key=lambda session: session["samples"], default=None)


def table(state, wanted):
    rows = [("part", "attest", "validate", "minutes", "refused*", "broken", "issuer", "RSS KB", "heap KB", "fds", "verdict")]
    wrong = []
    for name, kept in state.data["parts"].items():
        problems, session = verdict(name, kept, wanted)
        wrong += ["%s: %s" % (name, problem) for problem in problems]
        held = ["%d -> %d" % tuple(session["growth"][what][:2]) if session else "-" for what in ("rss_kb", "heap_kb", "fds")]
        outcomes = kept["outcomes"]
        rows.append((name, str(kept["attest"]), str(kept["validate"]), "%.1f" % (kept["seconds"] / 60),
                     *(str(outcomes.get(kind, 0)) for kind in ("exhausted", "broken", "issuer")), *held,
                     "WRONG" if problems else "right"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i in (0, 10) else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))))
    print("* after all tries. Memory and descriptors: median of the first and of the last third behind the warm-up.")
    for name, kept in state.data["parts"].items():
        print("%s: the service held %s KB at the end, and was asked for its keys %s times" % (
            name, ", ".join(str(session["service_kb"]) for session in kept["sessions"]),
            ", ".join(str(session["key_fetches"]) for session in kept["sessions"])))
    for problem in wrong:
        print("WRONG: " + problem)
    return not wrong


def count(text):
    """A number of calls, as an argument."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("%d: 1 or more" % number)
    return number


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, metavar="BUILD", help="folder of the build, for instance build/default")
    parser.add_argument("--attest", type=count, metavar="N", help="attest calls of each part (100000; --quick: %d)" % QUICK_ATTEST)
    parser.add_argument("--validate", type=count, metavar="N", help="validations of each part (1000000; --quick: %d)" % QUICK_VALIDATE)
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="this part alone; may be given more than once")
    parser.add_argument("--state", type=Path, metavar="FILE", help="where progress is kept")
    parser.add_argument("--quick", action="store_true", help="a short form, which keeps no state")
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON; -: to standard output, and the table to standard error")
    return parser.parse_args()


def main():
    given = options()
    build = given.build.resolve()
    if not (build / "core/azattest").exists():
        say("%s has no core/azattest: build it first" % build)
        return 2
    wanted = {"attest": given.attest or (QUICK_ATTEST if given.quick else 100000),
              "validate": given.validate or (QUICK_VALIDATE if given.quick else 1000000), "quick": given.quick}
    folder = None
    path = given.state
    if path is None:
        folder = tempfile.mkdtemp(prefix="azattest-soak-") if given.quick else None
        path = Path(folder) / "state.json" if folder else build / "soak.json"
    state = State(path, wanted)
    try:
        for name in given.only or PARTS:
            if not (build / PARTS[name].needs).exists():
                say("SKIPPED: %s: %s has no %s" % (name, build, PARTS[name].needs))
                continue
            kept = state.part(name)
            if kept["attest"] < wanted["attest"]:
                Session(build, name, kept, wanted, given.quick).run(state.write)
    except (Interrupted, KeyboardInterrupt):
        state.write()
        if folder:
            say("\nInterrupted.")
            return 130
        again = [word for word in sys.argv if word != "--state" and word != str(given.state)]
        say("\nInterrupted. To go on: %s %s --state %s" % (Path(sys.executable).name, " ".join(again), path))
        return 130
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    with contextlib.redirect_stdout(sys.stderr if given.json == "-" else sys.stdout):
        right = table(state, wanted)
    if given.json == "-":
        print(json.dumps(state.data, indent=1))
    elif given.json:
        Path(given.json).write_text(json.dumps(state.data, indent=1))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())

"""Installs the official SDKs into a folder of the build: python3 install.py FOLDER [javascript|python|jmespath]

What is there already is kept: the second run takes no time. Packages come through the ordinary clients npm and pip,
with their ordinary caches. Where they cannot be had, the reason is printed and the exit code is 77: skipped, for ctest.
"""

import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77
OLDEST_NODE = 18  # what the releases in package.json need, and what Debian 12 has


# what npm and pip say when there is nobody to ask; anything else that they say is a failure
UNREACHABLE = re.compile(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EAI_AGAIN|ERR_SOCKET_TIMEOUT"
                         r"|network (?:request|connectivity)|Connection ?(?:Timeout|Refused|Reset|Error)|NewConnectionError"
                         r"|connection broken|Read timed out|name resolution|Proxy|from versions: none", re.IGNORECASE)


class Skipped(Exception):
    """The registry, or a program that is needed, is not there."""


def named(language):
    return f"the official SDK for {language}" if language in LANGUAGES else language


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(what, *words, cwd=None):
    try:
        done = subprocess.run([*map(str, words)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Skipped(f"{what}: {failure}") from None
    if done.returncode != 0:
        last = [line for line in done.stdout.splitlines() if line.strip()][-12:]
        text = "\n    ".join([f"{what} ended with {done.returncode}:", *last])
        raise Skipped(text) if UNREACHABLE.search(done.stdout) else SystemExit(text)
    return done.stdout


def node():
    """The version of node, when there are node and npm and it is new enough."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Skipped(f"there is no program {program} (on Debian: apt-get install nodejs npm)")
    version = run("node", "node", "--version").strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise Skipped(f"node is {version}, the SDK needs {OLDEST_NODE} or newer")
    return version


def javascript(folder, wanted):
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / wanted, folder / "package.json")
    # npm chooses the newest releases that say they run on this version of node
    run("npm install", "npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund",
        "--loglevel=error", cwd=folder)


def python(folder, wanted):
    if importlib.util.find_spec("ensurepip") is None:
        raise Skipped("this Python has no ensurepip (on Debian: apt-get install python3-venv)")
    run("python3 -m venv", sys.executable, "-m", "venv", folder)
    run("pip install", folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--requirement", HERE / wanted)


# language: what installs it, the file that says what, what else it depends on
LANGUAGES = {
    "javascript": (javascript, "package.json", node),
    "python": (python, "requirements.txt", lambda: sys.executable + sys.version),
}
# The reference implementation of JMESPath, for the test that compares it with ours.
QUERIES = {
    "jmespath": (python, "jmespath.requirements.txt", lambda: sys.executable + sys.version),
}
# Verifiers of quotes, which the benchmarks compare with: the same, and only where they are asked for.
VERIFIERS = {
    "quotes-javascript": (javascript, "quotes.package.json", node),
    "quotes-python": (python, "quotes.requirements.txt", lambda: sys.executable + sys.version),
}


def installed(root, language):
    """The folder with that language's SDK, or with that verifier, installed now if it was not yet. Raises Skipped."""
    install, wanted, depends = (LANGUAGES | QUERIES | VERIFIERS)[language]
    root = Path(root)
    folder, stamp = root / language, root / f"{language}.stamp"
    key = hashlib.sha256((HERE / wanted).read_bytes() + depends().encode()).hexdigest()
    root.mkdir(parents=True, exist_ok=True)
    with open(root / f"{language}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
        if not (stamp.is_file() and stamp.read_text() == key):
            shutil.rmtree(folder, ignore_errors=True)
            stamp.unlink(missing_ok=True)
            say(f"installing {named(language)}")
            install(folder, wanted)
            stamp.write_text(key)
    return folder


def skipped(language, reason):
    say(f"*** SKIPPED: {named(language)} cannot be had: {reason} ***")


def main():
    result = 0
    for language in sys.argv[2:] or LANGUAGES | QUERIES:
        try:
            print(f"{named(language)}: {installed(sys.argv[1], language)}")
        except Skipped as reason:
            skipped(language, reason)
            result = SKIPPED
    return result


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) > 1 else __doc__)

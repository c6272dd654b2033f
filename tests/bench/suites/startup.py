"""From the start of a process to its first attest call: CPU of the whole process, and its peak memory.

Everything in Python runs in one interpreter, with byte code present (each is run once before it counts). The peers'
programs do what ours do: import, one client, one attest call over a new TLS connection, one key set, one token check;
bare libcurl makes the call alone and looks at nothing. CPU is the kernel's count of a process that has ended; peak memory
is VmHWM, which the process reads of itself.
"""

import base64
import functools
import json
import sys

import table
from context import HERE, Skipped, environment

AZURE = "azure-security-attestation"
CTYPES = "ctypes loads libcurl, libcrypto"


class Programs:
    """Name -> command and environment; one that cannot be had is a loud row."""

    def __init__(self, rows):
        self.rows, self.found = rows, {}

    def add(self, name, prepare):
        try:
            self.found[name] = prepare()
        except Skipped as reason:
            self.rows.append(table.skipped(f"start, {name}", str(reason)))


def python_programs(context, programs):
    service, bytecode = context.service, str(context.folder / "bytecode")
    env = environment(PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=bytecode)
    try:
        interpreter = str(context.witness("python") / "bin/python")
    except Skipped:
        interpreter = sys.executable

    def ours(*words):
        _, have = context.python()
        return [interpreter, *words], env | {"PYTHONPATH": have["PYTHONPATH"]}

    def azure(*words):
        context.witness("python")
        return [interpreter, *words], env

    first = (HERE / "peers/attest.py",)
    attest = (service.endpoint, service.folder, 0)
    programs.add("bare Python", lambda: ([interpreter, "-c", "pass"], env))
    programs.add("bare Python again", lambda: ([interpreter, "-c", "pass"], env))
    load = "import ctypes; ctypes.CDLL('libcurl.so.4'); ctypes.CDLL('libcrypto.so.3')"
    programs.add(CTYPES, lambda: ([interpreter, "-c", load], env))
    programs.add("import azattest", lambda: ours("-c", "import azattest"))
    programs.add(f"import {AZURE}", lambda: azure("-c", "import azure.security.attestation"))
    programs.add("first attest, Python", lambda: ours(*first, "azattest", *attest))
    programs.add(f"first attest, {AZURE}", lambda: azure(*first, "azure", *attest))


def other_programs(context, programs):
    service, body = context.service, context.folder / "attest.json"
    body.write_text(json.dumps({"quote": base64.urlsafe_b64encode(service.quote_file.read_bytes()).decode().rstrip("=")}))
    url = f"{service.endpoint}/attest/SgxEnclave?api-version=2020-10-01"
    programs.add("first POST, bare libcurl",
                 lambda: ([context.program("bench_startup_floor"), url, service.ca_file, body], environment()))
    programs.add("first attest, C", lambda: (
        [context.program("bench_startup"), service.folder, service.endpoint, service.ca_file], environment()))


def node(context, script, *words):
    """Command, environment and folder of a script in the folder of the JavaScript SDK."""
    folder = context.witness("javascript")
    return ["node", script, *words], environment(NODE_EXTRA_CA_CERTS=str(context.service.ca_file)), folder


# who, against what, at most this; None: only shown
AT_MOST = (
    ("import azattest", CTYPES, 1.25),
    ("first attest, C", "first POST, bare libcurl", 1.3),
)
TIMES_LESS = (
    ("import azattest", f"import {AZURE}", 7),
    ("first attest, Python", f"first attest, {AZURE}", 5),
    ("first attest, Python", "first attest, @azure/attestation", None),
)
NOTES = {
    f"first attest, {AZURE}": "theirs validates as it ships: signature, exp, nbf; ours all of its checks, issuer and the quote's"
                              " measurements among them",
    "first POST, bare libcurl": "no key set, no token check; CURLOPT_CAPATH NULL as in ours, without which Debian's libcurl reads"
                                " its CA file anew for each connection",
}


def run(context):
    rows = []
    programs = Programs(rows)
    python_programs(context, programs)
    other_programs(context, programs)
    programs.add("first attest, @azure/attestation", lambda: node(
        context, HERE / "peers/attest.mjs", context.service.endpoint, context.service.folder, 0))
    peaks = {name for name in programs.found if name.startswith("first attest, ") and name != "first attest, C"}

    def measured(name, command, env, cwd=None):
        numbers = {"ms": context.usage(*command, env=env, cwd=cwd)["cpu_s"] * 1000}
        if name in peaks:
            numbers["peak_kb"] = context.measured(*command, env=env, cwd=cwd)["peak_kb"]
        return numbers

    cases = {name: functools.partial(measured, name, *what) for name, what in programs.found.items()}
    for case in cases.values():  # byte code is written, files are read
        case()
    samples = context.turns(cases, None if context.quick else 3 * context.rounds)
    bare, ms = samples["bare Python"]["ms"], {name: numbers["ms"] for name, numbers in samples.items()}
    rows.append(table.control("bare Python", "CPU of a process", bare, ms["bare Python again"], "ms"))
    if "import azattest" in ms:
        more = table.Samples(one - other for one, other in zip(ms["import azattest"], bare))
        rows.append(table.absolute("import azattest", "CPU over bare Python", more, "ms", 25))
    for who, base, aim in AT_MOST:
        if who in ms and base in ms:
            rows.append(table.at_most(who, "CPU of a process", ms[who], "ms", base, ms[base], aim, NOTES.get(base, "")))
    for who, base, aim in TIMES_LESS:
        if who in ms and base in ms:
            rows.append(table.times_less(who, "CPU of a process", ms[who], "ms", base, ms[base], aim, NOTES.get(base, "")))
    for base, aim in ((f"first attest, {AZURE}", 0.5), ("first attest, @azure/attestation", None)):
        if base in samples and "first attest, Python" in samples:
            rows.append(table.at_most("first attest, Python", "peak memory", samples["first attest, Python"]["peak_kb"], "KB",
                                      base, samples[base]["peak_kb"], aim))
    return rows

"""One validation of a 3.7 KB RS256 token, key parsed once and kept: floors, ours, and what others would pick.

The floor is base64url, cJSON and one EVP verify; it checks no claims. Ours checks all it ever checks. Each peer shows
before it is timed that it refuses the token with one character of its signature changed, and says what it does with an
expired one. Instructions are counted by callgrind as the difference of two runs of different length, so that start-up does
not count; CPU time is the median of rounds.
"""

import functools
import os
import re
import shutil
import sys

import table
from context import HERE, Skipped
from suites import _nginx

LESS = {
    "cjose": "it looks at no claim: exp, nbf and iss are the caller's to check",
    "libjwt": "takes the key as PEM with each token, and looks at neither exp, nbf nor iss",
    "PyJWT": "key object kept; checks signature, exp, nbf, iss",
    "azure-security-attestation": "parses the signer's certificate with each token, as in each of its attest calls; checks"
                                  " signature, exp, nbf, iss; no chain",
    "@azure/attestation": "parses the signer's certificate with each token, as in each of its attest calls, RSA in"
                          " JavaScript; checks signature, exp, nbf, iss; no chain",
    "lua-resty-jwt": "takes the certificate as PEM with each token; checks signature, exp, nbf",
}


class Case:
    """One way to validate: `run(times)` gives CPU nanoseconds; `count`: how to count its instructions, if they are."""

    def __init__(self, run, times=5000, command=None):
        self.run, self.times, self.command = run, times, command


def program(context, *command, env=None, times=5000, counted=True, cwd=None):
    words = [*map(str, command)]
    return Case(lambda count: int(context.check(*words, count, env=env, cwd=cwd)), times, (words, env) if counted else None)


# ------------------------------------------------------------------------------------------------------------- peers

def c_peer(context, folder, name):
    peer = context.build / "tests" / f"bench_peer_{name}"
    if not peer.is_file():
        raise Skipped("its header was not there when this was built (tests/support/setup.sh knows the package)")
    return program(context, peer, folder, times=2000), context.check(peer, folder, 0)


def python_peer(context, folder, name, interpreter):
    words = [interpreter, HERE / "peers/validate.py", name, folder]
    return program(context, *words, times=2000, counted=False), context.check(*words, 0)


def pyjwt(context, folder):
    """Debian's, over the OpenSSL that ours uses, before one of a wheel, which brings another OpenSSL."""
    for interpreter in ("/usr/bin/python3", sys.executable):
        try:
            return python_peer(context, folder, "pyjwt", interpreter)
        except (RuntimeError, OSError) as problem:
            if "ModuleNotFoundError" not in str(problem) and not isinstance(problem, OSError):
                raise
    raise Skipped("there is no module jwt with cryptography (on Debian: python3-jwt, python3-cryptography)")


def azure_python(context, folder):
    return python_peer(context, folder, "azure", context.witness("python") / "bin/python")


def azure_javascript(context, folder):
    words, cwd = ["node", HERE / "peers/validate.mjs", folder], context.witness("javascript")
    return program(context, *words, times=500, counted=False, cwd=cwd), context.check(*words, 0, cwd=cwd)


def lua_resty_jwt(context, folder):
    """Where nginx looks for Lua modules, or in the folder that AZATTEST_BENCH_RESTY_JWT names."""
    nginx = _nginx.module(context)
    if nginx.modules() is None:
        raise Skipped("there is no nginx with Lua")
    modules = os.environ.get("AZATTEST_BENCH_RESTY_JWT", "")

    def run(times):
        script = HERE / "peers/resty_jwt.lua"
        code = (f"local ok, text = pcall(function() return dofile('{script}')('{modules}', '{folder}', {times}) end)"
                " ngx.status = ok and 200 or 500 ngx.print(tostring(text))")
        with nginx.Nginx(locations={"/": code}) as server:
            answer = server.get("/")
        if answer.status != 200 and "module 'resty.jwt' not found" in answer.text:
            raise Skipped("not in Debian, and nothing at AZATTEST_BENCH_RESTY_JWT, which may name the folder of resty/jwt.lua")
        if answer.status != 200:
            raise RuntimeError(answer.text)
        return answer.text

    return Case(lambda times: int(run(times)), 2000), run(0)


PEERS = {
    "cjose": lambda context, folder: c_peer(context, folder, "cjose"),
    "libjwt": lambda context, folder: c_peer(context, folder, "libjwt"),
    "PyJWT": pyjwt,
    "azure-security-attestation": azure_python,
    "@azure/attestation": azure_javascript,
    "lua-resty-jwt": lua_resty_jwt,
}


def peers(context, folder, rows):
    """Name -> Case, and name -> what it is and does not do."""
    found, notes = {}, {}
    for name, prepare in PEERS.items():
        context.progress(f"looking for {name}")
        try:
            found[name], said = prepare(context, folder)
        except Skipped as reason:
            rows.append(table.skipped(f"validate, {name}", str(reason)))
            continue
        expired, _, version = said.strip().partition(" ")
        notes[name] = (f"{version or name}: {LESS[name]}; shown here: it refuses a changed signature and {expired} an"
                       " expired token")
    return found, notes


# -------------------------------------------------------------------------------------------------------------- ours

def ours(context, folder, rows):
    validate = context.program("bench_validate")
    found = {name: program(context, validate, kind, folder) for name, kind in (
        ("floor", "floor"), ("floor again", "floor"), ("cold floor", "cold"), ("C, no verifier", "token"), ("C", "verifier"),
        ("C, one claim read", "claim"), ("C, all claims as JSON", "claims"))}
    found["C, key set to verdict"] = program(context, context.program("bench_attest_scripted"), "first", folder, times=500)
    for language, script, have, all_claims in (
            ("Python", "validate.py", context.python, "a dictionary"),
            ("Lua 5.4", "validate.lua", functools.partial(context.lua, "5.4"), "a table"),
            ("LuaJIT", "validate.lua", functools.partial(context.lua, "luajit"), "a table")):
        try:
            interpreter, env = have()
        except Skipped as reason:
            rows.append(table.skipped(f"validate, {language}", str(reason)))
            continue
        for name, reads in ((language, ()), (f"{language}, one claim read", ("claim",)),
                            (f"{language}, all claims as {all_claims}", ("claims",))):
            found[name] = program(context, interpreter, HERE / script, folder, *reads, env=env)
    return found


def instructions(context, name, case):
    # a trace compiler needs a while until it runs what it compiled
    few, many = (1, 3) if context.quick else (500, 1000) if name.startswith("LuaJIT") else (20, 120)
    command, env = case.command
    context.progress(f"counting the instructions of {name}")
    counts = []
    for times in (few, many):
        out = context.folder / "callgrind.out"
        text = context.check("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--log-fd=1", *command, times,
                             env=env)
        counts.append(int(re.search(r"Collected : (\d+)", text).group(1)))
    return (counts[1] - counts[0]) / (many - few)


def counted(context, cases, rows, work="validate"):
    if not shutil.which("valgrind"):
        rows.append(table.skipped(work, "there is no valgrind", "instructions"))
        return {}
    names = [name for name, case in cases.items() if case.command and name != "floor again"]
    if context.quick:  # the start of an interpreter under valgrind takes seconds
        names = [name for name in names if "," not in name]
    return {name: instructions(context, name, cases[name]) for name in names}


# -------------------------------------------------------------------------------------------------------------- rows

# who, against what, at most this in instructions, in CPU; the last: only shown
BOUNDS = (
    ("C", "floor", 1.15, 1.35),
    ("C", "cjose", 0.95, 1),
    ("Python", "C", 1.4, None),
    ("Lua 5.4", "C", 1.3, None),
    ("LuaJIT", "C", 1.3, None),
    ("C, no verifier", "floor", None, None),
    ("C, one claim read", "C", None, None),
    ("C, all claims as JSON", "C", None, None),
    ("Python, one claim read", "Python", None, None),
    ("Python, all claims as a dictionary", "Python", None, None),
    ("Python, all claims as a dictionary", "C", None, 1.4),
    ("Lua 5.4, one claim read", "Lua 5.4", None, None),
    ("Lua 5.4, all claims as a table", "Lua 5.4", None, None),
    ("LuaJIT, one claim read", "LuaJIT", None, None),
    ("LuaJIT, all claims as a table", "LuaJIT", None, None),
    ("C, key set to verdict", "cold floor", None, 1.3),
)
# who, than which peer, at least so many times less CPU
TIMES_LESS = (
    ("C", "libjwt", 10),
    ("Python", "azure-security-attestation", 8),
    ("Python, all claims as a dictionary", "azure-security-attestation", None),
    ("Python", "PyJWT", 1.3),
    ("Python, all claims as a dictionary", "PyJWT", None),
    ("C", "@azure/attestation", 40),
    ("LuaJIT", "lua-resty-jwt", 7),
)


def run(context):
    rows, folder = [], context.folder / "validate"
    folder.mkdir()
    context.check(context.program("bench_fixture"), folder)
    cases = ours(context, folder, rows)
    others, notes = peers(context, folder, rows)
    cases.update(others)
    cpu = context.turns({name: functools.partial(lambda case: {"us": case.run(context.times(case.times)) / 1000}, case)
                         for name, case in cases.items()})
    counts = counted(context, cases, rows)
    rows.append(table.control("floor", "CPU a token", cpu["floor"]["us"], cpu["floor again"]["us"], "us"))
    for who, base, in_instructions, in_cpu in BOUNDS:
        if who not in cases or base not in cases:
            continue
        note = notes.pop(base, "")  # once is enough
        if who in counts and base in counts:
            rows.append(table.at_most(f"validate, {who}", "instructions", counts[who], "", base, counts[base],
                                      in_instructions, note))
        rows.append(table.at_most(f"validate, {who}", "CPU a token", cpu[who]["us"], "us", base, cpu[base]["us"], in_cpu, note))
    for who, base, aim in TIMES_LESS:
        if who in cases and base in cases:
            rows.append(table.times_less(f"validate, {who}", "CPU a token", cpu[who]["us"], "us", base, cpu[base]["us"], aim,
                                         notes.pop(base, "")))
    return rows

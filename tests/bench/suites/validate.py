"""One validation of a 3.7 KB RS256 token, key parsed once and kept, against what nobody can leave out.

The floor is base64url, cJSON and one EVP verify; it checks no claims. Instructions are counted by callgrind as the
difference of two runs of different length, so that start-up does not count; CPU time is the median of rounds.
"""

import re
import shutil

import table
from context import HERE, Skipped, environment

AIMS = {"C": ("floor", 1.15), "Python": ("C", 1.4), "Lua 5.4": ("C", 1.3), "LuaJIT": ("C", 1.3)}


def instructions(context, command, env, few, many):
    counts = []
    for times in (few, many):
        out = context.folder / "callgrind.out"
        text = context.check("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--log-fd=1", *command, times, env=env)
        counts.append(int(re.search(r"Collected : (\d+)", text).group(1)))
    return (counts[1] - counts[0]) / (many - few)


def commands(context, folder, rows):
    """Name -> command without the count of validations, environment."""
    program = context.program("bench_validate")
    found = {name: ([program, kind, folder], environment())
             for name, kind in (("floor", "floor"), ("floor again", "floor"), ("C, no verifier", "token"), ("C", "verifier"))}
    for name, script, have in (("Python", "validate.py", context.python), ("Lua 5.4", "validate.lua", lambda: context.lua("5.4")),
                               ("LuaJIT", "validate.lua", lambda: context.lua("luajit"))):
        try:
            interpreter, env = have()
            found[name] = ([interpreter, HERE / script, folder], env)
        except Skipped as reason:
            rows.append(table.skipped(f"validate, {name}", str(reason)))
    return found


def run(context):
    rows, folder = [], context.folder / "validate"
    folder.mkdir()
    context.check(context.program("bench_fixture"), folder)
    found = commands(context, folder, rows)

    def case(command, env):
        return lambda: {"us": int(context.check(*command, context.times(5000), env=env)) / 1000}

    samples = context.turns({name: case(*one) for name, one in found.items()})
    counts = {}
    if shutil.which("valgrind"):
        for name, (command, env) in found.items():
            if name != "floor again":
                context.progress(f"counting the instructions of {name}")
                counts[name] = instructions(context, command, env, 20, 220) if not context.quick else \
                    instructions(context, command, env, 1, 3)
    else:
        rows.append(table.skipped("validate", "there is no valgrind", "instructions"))
    rows.append(table.control("floor", "CPU a token", samples["floor"]["us"], samples["floor again"]["us"], "us"))
    for name in (name for name in found if not name.startswith("floor")):
        base, aim = AIMS.get(name, ("floor", None))
        if counts:  # the aim is in instructions where they can be counted: time is not steady enough for it
            rows.append(table.at_most(f"validate, {name}", "instructions", counts[name], "", base, counts[base], aim))
        rows.append(table.at_most(f"validate, {name}", "CPU a token", samples[name]["us"], "us", base, samples[base]["us"]))
    return rows

"""Attest calls one after the other over TLS, against bare libcurl that posts the same bytes.

The floor verifies the service's certificate and keeps its connection and CA store, as the library does; it builds no
request, reads no answer and checks no token. The service answers at once with one token of 3.7 KB. It has a processor of
its own, so that each call sleeps and is woken, as over a network: much of what the floor costs. What the official SDKs do
beside it stands in _sdks.py.
"""

import table
from context import HERE, Skipped
from suites import _sdks

FLOOR = "bare libcurl"


def ours(context, *words):
    service = context.service
    return context.measured(context.program("bench_attest"), words[0], service.folder, service.endpoint, *words[1:])


def bindings(context, times, rows):
    """Name -> case, for each binding that is built."""
    service, found = context.service, {}
    for name, script, have in (("Python", "attest.py", context.python), ("Lua 5.4", "attest.lua", lambda: context.lua("5.4")),
                               ("LuaJIT", "attest.lua", lambda: context.lua("luajit"))):
        try:
            interpreter, env = have()
        except Skipped as reason:
            rows.append(table.skipped(f"attest, {name}", str(reason)))
            continue
        found[name] = lambda words=(interpreter, HERE / script, service.folder, service.endpoint, service.ca_file, times), \
            env=env: context.measured(*words, env=env)
    return found


def kept(context):
    rows, times, ca_file = [], context.times(5000), context.service.ca_file
    cases = {FLOOR: lambda: ours(context, "floor", ca_file, times), "again": lambda: ours(context, "floor", ca_file, times),
             "C": lambda: ours(context, "ours", ca_file, times), **bindings(context, times, rows)}
    samples = context.turns(cases | _sdks.cases(context, rows))
    floor = samples[FLOOR]
    rows.append(table.control("bare libcurl POST", "CPU a call", floor["cpu_us"], samples["again"]["cpu_us"], "us"))
    for name in cases:
        if name not in (FLOOR, "again"):
            aim = 2 if name == "C" else None
            base, base_name = (floor, FLOOR) if name == "C" else (samples["C"], "C")
            work = f"attest, kept connection, {name}"
            rows.append(table.at_most(work, "CPU a call", samples[name]["cpu_us"], "us", base_name, base["cpu_us"], aim))
            if "wall_us" in samples[name]:
                rows.append(table.at_most(work, "wall a call", samples[name]["wall_us"], "us", base_name, base["wall_us"]))
    return rows + _sdks.rows(samples)


def new_connections(context):
    work = "attest, new connection each call, system's CA bundle, C"
    try:
        bundle = context.system_bundle()
    except Skipped as reason:
        return [table.skipped(work, str(reason))]
    times = context.times(200, 5)
    context.service.close_after_attest(True)
    samples = context.turns({FLOOR: lambda: ours(context, "floor", bundle, times),
                             "C": lambda: ours(context, "ours", bundle, times)})
    context.service.close_after_attest(False)
    return [table.at_most(work, "CPU a call", samples["C"]["cpu_us"], "us", FLOOR, samples[FLOOR]["cpu_us"], 1.3)]


def run(context):
    with context.apart():
        return kept(context) + new_connections(context)

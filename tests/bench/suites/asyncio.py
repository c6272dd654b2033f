"""200 attest calls in flight from one asyncio loop over TLS, against the official asynchronous client.

The service answers after 40 to 60 ms. Both read one claim of a validated token. Worst lag: how late a task that only sleeps
was woken, at worst, while the calls ran. A bare loop that only sleeps shows what the machine itself does.

The first call is made alone: the official client gets the keys while it holds a lock of threads, so that a second task
which wants them stops the loop for good.
"""

import table
from context import HERE, Skipped, environment

OFFICIAL = "azure-security-attestation, aio"
WIDTH, DELAY_MS, SPREAD_MS = 200, 50, 10
NOTE = ("the official client validates signature, exp and nbf; it also has retries, tracing hooks, models and logging; its"
        " aiohttp keeps to 100 connections by default")


def case(context, interpreter, env, package, width, calls):
    service = context.service
    return lambda: context.measured(interpreter, HERE / "asyncio_calls.py", package, service.folder, service.endpoint,
                                    service.ca_file, width, calls, env=env)


def idle(context, seconds):
    program = f"""if True:
        import asyncio, json, time
        async def main():
            loop, worst, end = asyncio.get_running_loop(), 0.0, time.monotonic() + {seconds}
            while time.monotonic() < end:
                due = loop.time() + 0.002
                await asyncio.sleep(0.002)
                worst = max(worst, loop.time() - due)
            print(json.dumps({{"lag_ms": worst * 1e3}}))
        asyncio.run(main())"""
    interpreter, env = context.python()
    return lambda: context.measured(interpreter, "-c", program, env=env)


def run(context):
    interpreter, env = context.python()
    width, rows = context.times(WIDTH, 4), []
    context.service.delay(DELAY_MS, SPREAD_MS)
    cases = {"aio": case(context, interpreter, env, "azattest.aio", width, width * context.times(40, 2)),
             "idle": idle(context, 0.1 if context.quick else 2)}
    try:
        theirs = context.witness("python") / "bin" / "python"
        cases[OFFICIAL] = case(context, theirs, environment(), "azure.security.attestation.aio", width,
                               width * context.times(4, 1))
    except Skipped as reason:
        rows.append(table.skipped(f"asyncio, {WIDTH} in flight against {OFFICIAL}", str(reason)))
    samples = context.turns(cases)
    ours, work = samples["aio"], f"asyncio, {WIDTH} in flight, azattest.aio"
    rows += [table.absolute("asyncio, nothing in flight", "worst loop lag", samples["idle"]["lag_ms"], "ms"),
             table.absolute(work, "worst loop lag", ours["lag_ms"], "ms", 10),
             table.at_least(work, "rate", ours["rate"], "calls/s", "ideal", width * 1000 / DELAY_MS)]
    if OFFICIAL in samples:
        official = samples[OFFICIAL]
        rows += [table.at_least(work, "rate", ours["rate"], "calls/s", OFFICIAL, official["rate"], 8, NOTE),
                 table.times_less(work, "CPU a call", ours["cpu_us"], "us", OFFICIAL, official["cpu_us"]),
                 table.at_most(work, "peak memory", ours["peak_kb"], "KB", OFFICIAL, official["peak_kb"]),
                 table.absolute(f"asyncio, {WIDTH} in flight, {OFFICIAL}", "worst loop lag", official["lag_ms"], "ms")]
    return rows

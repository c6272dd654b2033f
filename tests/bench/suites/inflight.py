"""Many attest calls in flight on one thread, each answered after 50 ms, against libcurl's multi interface alone.

The floor posts the same bytes over kept, verified connections and reuses its handles; it builds no request and checks no
token, and all its calls share one body. Memory is what each call in flight takes beyond a process that made one call; the
heap is looked at while all are out.
"""

import table
from context import Skipped

WIDTH, DELAY_MS, WAVES = 200, 50, 40
FLOOR = "bare libcurl multi"


def cases(context, width, calls, ca_file):
    service, program = context.service, context.program("bench_inflight")

    def case(kind):
        return lambda: context.measured(program, kind, service.folder, service.endpoint, ca_file, width, calls)

    return {FLOOR: case("floor"), "again": case("floor"), "C": case("ours")}


def many(context):
    width = context.times(WIDTH, 10)
    samples = context.turns(cases(context, width, width * context.times(WAVES, 3), context.service.ca_file))
    floor, ours = samples[FLOOR], samples["C"]
    work, ideal = f"{WIDTH} in flight, {DELAY_MS} ms, C", width * 1000 / DELAY_MS
    return [
        table.control(FLOOR, "CPU a call", floor["cpu_us"], samples["again"]["cpu_us"], "us"),
        table.at_least(f"{WIDTH} in flight, {DELAY_MS} ms, {FLOOR}", "rate", floor["rate"], "calls/s", "ideal", ideal),
        table.at_least(work, "rate", ours["rate"], "calls/s", "ideal", ideal, 0.95),
        table.at_most(work, "wall a call", ours["wall_us"], "us", FLOOR, floor["wall_us"], 1.2),
        table.at_most(work, "CPU a call", ours["cpu_us"], "us", FLOOR, floor["cpu_us"], 1.6),
        table.at_most(work, "memory a call in flight", ours["resident_kb"], "KB", FLOOR, floor["resident_kb"], 1.15),
        table.at_most(work, "heap a call in flight", ours["heap_kb"], "KB", FLOOR, floor["heap_kb"], 1.15),
        table.at_most(work, "peak memory", ours["peak_kb"], "KB", FLOOR, floor["peak_kb"]),
    ]


def with_system_bundle(context):
    """The whole bundle must be held once, and not for each connection."""
    width, bundle = context.times(100, 5), context.system_bundle()
    samples = context.turns(cases(context, width, width * 3, bundle), min(context.rounds, 3))
    return [table.at_most("100 in flight, system's CA bundle, C", "peak memory", samples["C"]["peak_kb"], "KB", FLOOR,
                          samples[FLOOR]["peak_kb"], 1.15)]


def run(context):
    with context.apart():
        context.service.delay(DELAY_MS)
        rows = many(context)
        try:
            return rows + with_system_bundle(context)
        except Skipped as reason:
            return [*rows, table.skipped("100 in flight, system's CA bundle, C", str(reason))]

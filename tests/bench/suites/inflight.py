"""Many attest calls in flight on one thread, each answered after 50 ms, against libcurl's multi interface alone.

Both floors post the same bytes over kept, verified connections and reuse their handles; they build no request and check
no token, and all their calls share one body. One drives libcurl by curl_multi_perform and curl_multi_poll, as most
programs do, which looks at all 200 calls each time one moves; the other by curl_multi_socket_action and epoll, which looks
at those that move. Answers come after 40 to 60 ms, as independent callers meet them; and, in a second part, after exactly 50
ms: then all calls march in step, and one look of the first floor serves dozens of them.

Memory is what each call in flight takes beyond a process that made one call; the heap is looked at while all are out.
"""

import table
from context import Skipped

WIDTH, DELAY_MS, SPREAD_MS, WAVES = 200, 50, 10, 40
POLL, EPOLL = "libcurl multi, poll", "libcurl multi, epoll"


def cases(context, width, calls, ca_file, *wanted):
    service, program = context.service, context.program("bench_inflight")
    kinds = {POLL: "floor", EPOLL: "epoll", "again": "epoll", "C": "ours"}

    def case(kind):
        return lambda: context.measured(program, kind, service.folder, service.endpoint, ca_file, width, calls)

    return {name: case(kinds[name]) for name in wanted or kinds}


def spread(context, width, calls):
    context.service.delay(DELAY_MS, SPREAD_MS)
    samples = context.turns(cases(context, width, calls, context.service.ca_file))
    poll, epoll, ours = (samples[name] for name in (POLL, EPOLL, "C"))
    work, ideal = f"{WIDTH} in flight, {DELAY_MS} ms, C", width * 1000 / DELAY_MS
    rows = [
        table.control(EPOLL, "CPU a call", epoll["cpu_us"], samples["again"]["cpu_us"], "us"),
        table.at_least(f"{WIDTH} in flight, {DELAY_MS} ms, {POLL}", "rate", poll["rate"], "calls/s", "ideal", ideal),
        table.at_least(work, "rate", ours["rate"], "calls/s", "ideal", ideal, 0.95),
    ]
    for name, floor in ((POLL, poll), (EPOLL, epoll)):
        rows += [
            table.at_most(work, "wall a call", ours["wall_us"], "us", name, floor["wall_us"], 1.2),
            table.at_most(work, "CPU a call", ours["cpu_us"], "us", name, floor["cpu_us"], 1.6),
            table.at_most(work, "memory a call in flight", ours["resident_kb"], "KB", name, floor["resident_kb"], 1.15),
            table.at_most(work, "heap a call in flight", ours["heap_kb"], "KB", name, floor["heap_kb"], 1.15),
        ]
    return rows


def in_step(context, width, calls):
    context.service.delay(DELAY_MS)
    samples = context.turns(cases(context, width, calls, context.service.ca_file, POLL, EPOLL, "C"), min(context.rounds, 3))
    return [table.at_most(f"{WIDTH} in flight, in step, C", "CPU a call", samples["C"]["cpu_us"], "us", name,
                          samples[name]["cpu_us"], 1.6 if name == POLL else None) for name in (POLL, EPOLL)]


def with_system_bundle(context):
    """The whole bundle must be held once, and not for each connection."""
    work = "100 in flight, system's CA bundle, C"
    try:
        bundle = context.system_bundle()
    except Skipped as reason:
        return [table.skipped(work, str(reason))]
    width = context.times(100, 5)
    samples = context.turns(cases(context, width, width * 3, bundle, POLL, "C"), min(context.rounds, 3))
    return [table.at_most(work, "peak memory", samples["C"]["peak_kb"], "KB", POLL, samples[POLL]["peak_kb"], 1.15)]


def run(context):
    width = context.times(WIDTH, 10)
    calls = width * context.times(WAVES, 3)
    with context.apart():
        return spread(context, width, calls) + in_step(context, width, calls) + with_system_bundle(context)

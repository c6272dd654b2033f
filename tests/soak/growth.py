"""Whether what a process holds grows, judged from samples taken while it worked."""

WARM_UP = 0.3  # of a session's samples: pools, caches and arenas reach their size
LEAST = 10  # samples behind the warm-up; with fewer nothing can be said
TOLERANCE = 0.02


def window(samples, name, last):
    """The middle value of the first or the last third behind the warm-up: one sample in the middle of much says little."""
    values = [sample[name] for sample in samples[int(len(samples) * WARM_UP):] if sample.get(name) is not None]
    if len(values) < LEAST:
        return None
    third = len(values) // 3
    part = sorted(values[-third:] if last else values[:third])
    return part[len(part) // 2]


def judge(samples, slack):
    """{name: (before, after, grew)} for each name of `slack`, which says how much more is no growth yet; None: too few."""
    verdict = {}
    for name, more in slack.items():
        before, after = window(samples, name, False), window(samples, name, True)
        if before is None:
            return None
        verdict[name] = (before, after, after > before * (1 + TOLERANCE) + more)
    return verdict

"""Rows of the benchmark table: what was measured, against what, by how much, and whether that meets the aim.

A ratio is one of two medians of the same run. Each row also carries the lowest and the highest ratio of single rounds
(`low`, `high`): where they lie far apart, the median says little. Make rows with the functions below, not by hand.
As a program it turns what run.py --json wrote into Markdown: table.py FILE [PAGE].
"""

import dataclasses
import json
import math
import statistics
import sys


@dataclasses.dataclass
class Row:
    work: str                # what is done, for instance "attest, kept connection, C"
    measure: str             # what is measured: "CPU a call", "rate", "instructions"
    value: float | None = None
    unit: str = ""
    base: str = ""           # what it is compared with
    base_value: float | None = None
    ratio: float | None = None
    aim: str = ""            # "<= 2", ">= 10 x less", ">= 0.95 x", "<= 10 ms"; empty: only shown
    met: bool | None = None  # None: there is no aim, or nothing was measured
    note: str = ""
    low: float | None = None
    high: float | None = None
    skipped: bool = False
    failed: bool = False
    suite: str = ""          # run.py fills it in


class Samples(list):
    """One number for each round."""

    @property
    def median(self):
        return statistics.median(self)


def _numbers(value):
    return value if isinstance(value, Samples) else Samples([value])


def _by_round(values, bases):
    """The ratios of rounds that both have, or of the medians when one is a single number."""
    if len(values) == len(bases):
        return [a / b for a, b in zip(values, bases) if b]
    return [values.median / bases.median] if bases.median else []


def _compared(work, measure, value, unit, base, base_value, note, inverse=False):
    values, bases = _numbers(value), _numbers(base_value)
    if inverse:
        ratio, rounds = bases.median / values.median if values.median else math.inf, _by_round(bases, values)
    else:
        ratio, rounds = values.median / bases.median if bases.median else math.inf, _by_round(values, bases)
    return Row(work, measure, values.median, unit, base, bases.median, ratio, note=note,
               low=min(rounds, default=None), high=max(rounds, default=None))


def at_most(work, measure, value, unit, base, base_value, aim=None, note=""):
    """value / base, which is to be `aim` or less. Without an aim: only shown. Numbers, or Samples of rounds."""
    row = _compared(work, measure, value, unit, base, base_value, note)
    if aim is not None:
        row.aim, row.met = f"<= {aim:g} x", row.ratio <= aim
    return row


def at_least(work, measure, value, unit, base, base_value, aim=None, note=""):
    """value / base, which is to be `aim` or more: rates, shares."""
    row = _compared(work, measure, value, unit, base, base_value, note)
    if aim is not None:
        row.aim, row.met = f">= {aim:g} x", row.ratio >= aim
    return row


def times_less(work, measure, value, unit, base, base_value, aim=None, note=""):
    """base / value, which is to be `aim` or more: how many times less than a peer."""
    row = _compared(work, measure, value, unit, base, base_value, note, inverse=True)
    if aim is not None:
        row.aim, row.met = f">= {aim:g} x less", row.ratio >= aim
    return row


def absolute(work, measure, value, unit, aim=None, note=""):
    """A number for itself, which is to be `aim` units or less."""
    values = _numbers(value)
    row = Row(work, measure, values.median, unit, note=note, low=min(values), high=max(values))
    if aim is not None:
        row.aim, row.met = f"<= {aim:g} {unit}", row.value <= aim
    return row


def control(work, measure, first, second, unit):
    """A/A: the same thing twice in the same rounds. How far this is from 1 is how little a ratio of this run means."""
    return at_most(f"A/A: {work}", measure, second, unit, "itself", first)


def skipped(work, reason, measure=""):
    """A row that cannot be measured here, with the reason; printed loudly."""
    return Row(work, measure, note=reason, skipped=True)


def failed(work, reason, measure=""):
    return Row(work, measure, note=reason, failed=True)


# ---------------------------------------------------------------------------------------------------------- printing

def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) < 100 else f"{value:.1f}"


def _ratio(value):
    return "-" if value is None else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def _span(row):
    if row.low is None or row.low == row.high:
        return ""
    text = _ratio if row.ratio is not None else number
    return f"{text(row.low)} - {text(row.high)}"


def verdict(row):
    if row.skipped:
        return "SKIPPED"
    if row.failed:
        return "FAILED"
    return {None: "", True: "met", False: "MISSED"}[row.met]


HEADINGS = ("work", "measure", "value", "unit", "against", "its value", "ratio", "rounds", "aim", "")
RIGHT = {2, 5, 6}


def _cells(row):
    return (row.work, row.measure, number(row.value), row.unit, row.base, number(row.base_value), _ratio(row.ratio), _span(row),
            row.aim, verdict(row))


def render(rows):
    """The table as text, one block for each suite."""
    lines = []
    for suite in dict.fromkeys(row.suite for row in rows):
        block = [row for row in rows if row.suite == suite]
        cells = [HEADINGS, *(_cells(row) for row in block if not (row.skipped or row.failed))]
        widths = [max(map(len, column)) for column in zip(*cells)]
        lines += ["", f"== {suite}"] if suite else [""]
        notes = []
        for index, one in enumerate(cells):
            if index == 0 and len(cells) == 1:
                continue
            lines.append("  ".join(text.rjust(width) if place in RIGHT else text.ljust(width)
                                   for place, (text, width) in enumerate(zip(one, widths))).rstrip())
        for row in block:
            if row.skipped or row.failed:
                lines.append(f"*** {verdict(row)}: {row.work}: {row.note} ***")
            elif row.note:
                notes.append(f"   {row.work}: {row.note}")
        lines += dict.fromkeys(notes)
    counts = {word: sum(verdict(row) == word for row in rows) for word in ("met", "MISSED", "SKIPPED", "FAILED")}
    lines += ["", "aims: " + ", ".join(f"{count} {word.lower()}" for word, count in counts.items())]
    return "\n".join(lines).lstrip("\n")


def markdown(rows):
    """The rows that have an aim, the A/A controls, and what is missing, as a Markdown table."""
    lines = ["| work | measure | here | against | its value | ratio (rounds) | aim | |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        if row.skipped or row.failed:
            lines.append(f"| {row.work} | {row.measure} | | | | | | {verdict(row)}: {row.note} |")
        elif row.aim or row.work.startswith("A/A"):
            span = _span(row)
            ratio = _ratio(row.ratio) if row.ratio is not None else ""
            lines.append(f"| {row.work} | {row.measure} | {number(row.value)} {row.unit} | {row.base} | "
                         + (f"{number(row.base_value)} {row.unit}" if row.base_value is not None else "")
                         + f" | {ratio}{f' ({span})' if span else ''} | {row.aim} | {verdict(row)} |".replace("|  (", "| ("))
    return "\n".join(line.replace("  ", " ") for line in lines)


def document(rows, **about):
    """The table as one JSON document."""
    def plain(value):
        return None if isinstance(value, float) and not math.isfinite(value) else value

    table = [{name: plain(value) for name, value in dataclasses.asdict(row).items()} for row in rows]
    return json.dumps({**about, "rows": table}, indent=2, allow_nan=False)


BEGINNING, END = "<!-- table of tests/bench -->\n", "\n<!-- end of the table -->"


def main():
    """table.py FILE [PAGE]: the Markdown of a document that run.py --json wrote; into PAGE, between its two marks."""
    with open(sys.argv[1], encoding="utf-8") as file:
        text = markdown([Row(**row) for row in json.load(file)["rows"]])
    if len(sys.argv) == 2:
        print(text)
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        before, beginning, rest = file.read().partition(BEGINNING)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{sys.argv[2]} has no place for the table")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(before + beginning + text + end + after)


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) in (2, 3) else main.__doc__)

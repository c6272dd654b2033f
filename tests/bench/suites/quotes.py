"""One verification of a real quote or report with its collateral, from bytes to verdict: floors, ours, other verifiers.

Ours makes every check it ever makes. `anew` parses evidence and collateral each time; `collateral kept` has the set, and
each time a PCK chain that it has not seen lately; `all kept` has seen the chain, too. The cold floor is the nine P-256
verifications of a quote and its collateral, certificates by a walk over their DER, JSON parsed by cJSON, and no TCB level, no
date and no revocation looked up; the hot one the two verifications that a quote costs when all the rest is known. Of SEV-SNP:
one P-384 verification, and two of RSA-4096. Peers keep nothing, so they are compared with `anew` alone. Each program shows
before it is timed that its verdict is right and that a changed bit is refused.
"""

import functools

import table
from context import HERE, Skipped
from suites.validate import counted, program

NOW = 1750809600  # 2025-06-25: all of the collateral is alive
SAMPLES = {  # evidence, collateral, the status that the verdict has to have, how much faster than JavaScript
    "SGX": ("sgx/alibaba-quote.bin", "collateral/phala-sgx-00a067110000.json", "ConfigurationAndSWHardeningNeeded", 7),
    "TDX": ("tdx/phala-v4.bin", "collateral/phala-tdx-b0c06f000000.json", "UpToDate", 5),
    "SNP": ("snp/azure-aci-20250617.report.bin", "snp/azure-aci-20250617.chain.pem", "-", None),
}
NATIVE, JAVASCRIPT = "dcap-qvl, native", "dcap-qvl, JavaScript"


def peer(context, name, words):
    if name == NATIVE:
        interpreter = context.witness("quotes-python", "PyPI's dcap-qvl") / "bin" / "python"
        command, cwd = [interpreter, HERE / "peers/quotes.py", *words], None
    else:
        cwd = context.witness("quotes-javascript", "npm's @phala/dcap-qvl")
        command = ["node", HERE / "peers/quotes.mjs", *words]
    return program(context, *command, times=500 if name == NATIVE else 60, counted=False, cwd=cwd), context.check(
        *command, 0, cwd=cwd).strip()


def cases_of(context, tee, rows):
    """Name -> Case of one kind of evidence; and name -> what a peer is."""
    quote, collateral, status, _ = SAMPLES[tee]
    files = [context.evidence(quote), context.evidence(collateral)]
    ours, floor = context.program("bench_quotes"), context.program("bench_quotes_floor")
    prefix = "snp-" if tee == "SNP" else ""
    found = {"floor": program(context, floor, f"{prefix}cold", *files, times=300),
             "floor again": program(context, floor, f"{prefix}cold", *files, times=300),
             "hot floor": program(context, floor, f"{prefix}hot", *files, times=1000)}
    for name, kind, times in (("anew", "anew", 300), ("collateral kept", "collateral", 500), ("all kept", "kept", 1000)):
        if tee != "SNP" or kind != "collateral":
            found[name] = program(context, ours, kind, *files, NOW, status, times=times)
    notes = {}
    for name in (NATIVE, JAVASCRIPT) if tee != "SNP" else ():
        try:
            found[name], notes[name] = peer(context, name, [*files, NOW, status])
        except Skipped as reason:
            rows.append(table.skipped(f"{tee}, {name}", str(reason)))
    return found, notes


def rows_of(context, tee, rows):
    cases, notes = cases_of(context, tee, rows)
    cpu = context.turns({name: functools.partial(lambda case: {"us": case.run(context.times(case.times)) / 1000}, case)
                         for name, case in cases.items()})
    cpu = {name: samples["us"] for name, samples in cpu.items()}
    own = {name: case for name, case in cases.items() if name not in (NATIVE, JAVASCRIPT)}
    counts = counted(context, own, rows, f"{tee}, quotes") if tee != "SNP" else {}
    rows.append(table.control(f"{tee}, floor", "CPU a quote", cpu["floor"], cpu["floor again"], "us"))
    for who, base, aim in (("anew", "floor", 1.5), ("all kept", "hot floor", 1.5), ("collateral kept", "hot floor", None)):
        if who not in cases:
            continue
        rows.append(table.at_most(f"{tee}, {who}", "CPU a quote", cpu[who], "us", base, cpu[base], aim))
        if who in counts and base in counts:
            rows.append(table.at_most(f"{tee}, {who}", "instructions", counts[who], "", base, counts[base]))
    if NATIVE in cpu:
        rows.append(table.at_most(f"{tee}, anew", "CPU a quote", cpu["anew"], "us", NATIVE, cpu[NATIVE], 1, notes[NATIVE]))
    if JAVASCRIPT in cpu:
        rows.append(table.times_less(f"{tee}, anew", "CPU a quote", cpu["anew"], "us", JAVASCRIPT, cpu[JAVASCRIPT],
                                     SAMPLES[tee][3], notes[JAVASCRIPT]))


def run(context):
    rows = []
    for tee in SAMPLES:
        rows_of(context, tee, rows)
    return rows

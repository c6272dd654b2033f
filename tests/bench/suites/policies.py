"""One evaluation of a policy: the defaults, and the largest real one with a log of 64 events.

Policy and claims are parsed once and kept, as a service keeps them. The floor of a default policy is the same rules written
by hand in C: one walk over the list of claims for each, and copies of what it issues. It counts no work, keeps no trace and
looks for no duplicates. Beside it stands one RS256 validation of a token, which no attest call goes without. The largest
real policy is eleven JMESPath queries and the rules around them; the peer is PyPI's jmespath, which runs the same queries,
compiled once, over the same document, and makes no rules and no claims.
"""

import functools
import json
import re

import table
from context import HERE, Skipped
from suites.validate import counted, program

SGX = {"x-ms-attestation-type": "sgx", "x-ms-sgx-is-debuggable": False, "x-ms-sgx-mrenclave": "a" * 64,
       "x-ms-sgx-mrsigner": "b" * 64, "x-ms-sgx-product-id": 1, "x-ms-sgx-report-data": "c" * 128, "x-ms-sgx-svn": 1,
       "x-ms-sgx-ehd": "d" * 400, "x-ms-ver": "1.0", "$is-debuggable": False, "$product-id": 1, "$sgx-mrenclave": "a" * 64,
       "$sgx-mrsigner": "b" * 64, "$svn": 1, "$tee": "sgx"}
GUEST = {**{f"x-ms-azurevm-{name}": True for name in (
    "default-securebootkeysvalidated", "debuggersdisabled", "signingdisabled", "dbvalidated", "dbxvalidated")},
    "secureboot": True, **{f"x-ms-azurevm-{name}-enabled": False for name in (
        "bootdebug", "kerneldebug", "hypervisordebug", "testsigning", "flightsigning", "elam")},
    "x-ms-azurevm-osdistro": "Ubuntu", "x-ms-azurevm-ostype": "Linux", "x-ms-azurevm-osversion-major": 22,
    "x-ms-azurevm-osversion-minor": 4, "x-ms-azurevm-hvci-policy": 0, "x-ms-azurevm-vmid": "e" * 36}


def events():
    """A log as the policy reads it: the variables that it looks for, measurements of the kernel, and others between."""
    names = ("SecureBoot", "PK", "KEK", "db", "dbx")
    log = [{"EventTypeString": "EV_EFI_VARIABLE_DRIVER_CONFIG", "PcrIndex": 7, "ProcessedData": {
        "VariableGuid": "8BE4DF61-93CA-11D2-AA0D-00E098032B8C", "UnicodeName": name, "VariableData": "AQ"}} for name in names]
    log += [{"EventTypeString": "EV_EFI_VARIABLE_BOOT", "PcrIndex": 1, "ProcessedData": {
        "UnicodeName": "BootOrder", "VariableData": "AAABAA"}}]
    log += [{"EventTypeString": "IMA_MEASUREMENT_EVENT", "PcrIndex": 10, "ProcessedData": {
        "KernelVersion": "5.15.0", "Keyring": ".builtin_trusted_keys", "CertificateSubject": f"CN=key {n}"}} for n in range(8)]
    log += [{"EventTypeString": "EV_EFI_ACTION", "PcrIndex": n % 8, "ProcessedData": {"Text": "Exit Boot Services"}}
            for n in range(64 - len(log))]
    return json.dumps({"Events": [{"EventSeq": n, **event} for n, event in enumerate(log)]}, separators=(",", ":"))


def write(context, name, document):
    path = context.folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def queries(policy):
    """The literal queries of its text; its strings have no escapes but of quotes."""
    return [query.replace('\\"', '"') for query in re.findall(r'JmesPath\(c\.value, "((?:[^"\\]|\\.)*)"\)',
                                                              policy.read_text(encoding="utf-8"))]


def peer(context, policy, claims):
    interpreter = context.witness("jmespath", "PyPI's jmespath") / "bin" / "python"
    words = [interpreter, HERE / "peers/jmespath_queries.py", write(context, "queries.json", queries(policy)), claims]
    return program(context, *words, times=300, counted=False), context.check(*words, 0).strip()


def run(context):
    rows, ours, floor = [], context.program("bench_policies"), context.program("bench_policies_floor")
    linux = {"aikValidated": True, "events": events()}
    samples = {"SGX's default": ("03-default-sgx-2023", write(context, "sgx.json", SGX), "sgx-mrsigner", 20000),
               "AzureGuest's default": ("01-default-azureguest", write(context, "guest.json", GUEST), "", 20000),
               "SNP's default": ("02-default-sevsnp-tdx", write(context, "sgx.json", SGX), "", 20000),
               "the largest": ("30-tpm-12-linux-ima", write(context, "linux.json", linux), "secureBootEnabled", 1000)}
    folder = context.folder / "policies"
    folder.mkdir()
    context.check(context.program("bench_fixture"), folder)
    cases, notes = {"a token": program(context, context.program("bench_validate"), "verifier", folder)}, ""
    for name, (file, claims, member, times) in samples.items():
        words = [context.evidence(f"policies/{file}.policy"), claims, member]
        for kind in ("evaluate", "claims", "explain", "anew", "parse"):
            cases[f"{name}, {kind}"] = program(context, ours, kind, *words, times=times if kind != "anew" else times // 4)
    for name, kind in (("SGX's default", "sgx"), ("AzureGuest's default", "guest")):
        for again in ("", " again"):
            cases[f"floor of {name}{again}"] = program(context, floor, kind, samples[name][1], times=50000)
    try:
        cases["PyPI's jmespath"], notes = peer(context, context.evidence("policies/30-tpm-12-linux-ima.policy"),
                                               samples["the largest"][1])
    except Skipped as reason:
        rows.append(table.skipped("the largest, evaluate", str(reason)))
    cpu = {name: found["us"] for name, found in context.turns({
        name: functools.partial(lambda case: {"us": case.run(context.times(case.times)) / 1000}, case)
        for name, case in cases.items()}).items()}
    counts = counted(context, {name: case for name, case in cases.items() if "default" in name and (
        "evaluate" in name or "floor" in name) and "again" not in name}, rows, "policies")
    for name in ("SGX's default", "AzureGuest's default"):
        rows.append(table.control(f"floor of {name}", "CPU", cpu[f"floor of {name}"], cpu[f"floor of {name} again"], "us"))
        who, base = f"{name}, evaluate", f"floor of {name}"
        rows.append(table.at_most(who, "CPU", cpu[who], "us", base, cpu[base]))
        if who in counts and base in counts:
            rows.append(table.at_most(who, "instructions", counts[who], "", base, counts[base]))
    for name in samples:
        who = f"{name}, evaluate"
        rows.append(table.absolute(who, "evaluations a second", table.Samples(1e6 / us for us in cpu[who]), "1/s"))
        rows.append(table.at_most(who, "CPU", cpu[who], "us", "a token", cpu["a token"], 0.1 if name != "the largest" else None))
        for kind in ("claims", "explain", "anew", "parse"):
            rows.append(table.at_most(f"{name}, {kind}", "CPU", cpu[f"{name}, {kind}"], "us", who, cpu[who]))
    if "PyPI's jmespath" in cpu:
        rows.append(table.times_less("the largest, evaluate", "CPU", cpu["the largest, evaluate"], "us", "PyPI's jmespath",
                                     cpu["PyPI's jmespath"], 10, notes))
    return rows

"""One evaluation of a real policy over claims: the defaults of the service, and the largest published one, which queries a
log of sixty boot events.

`kept` is what a server does: the policy was parsed once, and so were the claims, whose JSON a set keeps with it. Nothing
else evaluates these policies, so there is no peer; what parsing, reading claims and explaining cost is shown beside it. The
outcome is looked at in each evaluation.
"""

import functools
import json

import table
from suites.validate import program

GUEST = {f"x-ms-azurevm-{name}": True for name in (
    "default-securebootkeysvalidated", "debuggersdisabled", "signingdisabled", "dbvalidated", "dbxvalidated", "elam-enabled",
    "is-windows")} | {"secureboot": True, "x-ms-azurevm-ostype": "Windows", "x-ms-azurevm-osversion-major": 10}
SGX = {"x-ms-attestation-type": "sgx", "x-ms-sgx-is-debuggable": False, "x-ms-sgx-product-id": 1, "x-ms-sgx-svn": 2,
       "x-ms-sgx-mrsigner": "ab" * 32, "x-ms-sgx-mrenclave": "cd" * 32, "x-ms-sgx-report-data": "ef" * 64}


def events():
    """Sixty events with variables of some hundred bytes, as a machine's log has them."""
    found = []
    for number in range(60):
        name, register = [("SecureBoot", 7), ("PK", 7), ("db", 7), ("BootOrder", 1), (f"Boot{number:04}", 1)][number % 5]
        if number > 4 and name != f"Boot{number:04}":
            name = f"{name}{number}"
        kind = "EV_EFI_VARIABLE_BOOT" if register == 1 else "EV_EFI_VARIABLE_DRIVER_CONFIG"
        found.append({"EventSeq": number, "EventTypeString": kind, "PcrIndex": register, "ProcessedData": {
            "VariableGuid": "8BE4DF61-93CA-11D2-AA0D-00E098032B8C", "UnicodeName": name,
            "VariableData": "AQ" if name == "SecureBoot" else "QUJD" * 80}})
    return {"Events": found}


POLICIES = {  # file, claims, outcome, times
    "default of AzureGuest": ("01-default-azureguest.policy", GUEST, "permit", 20000),
    "default of SevSnpVm and TdxVm": ("02-default-sevsnp-tdx.policy", SGX, "permit", 50000),
    "default of SgxEnclave": ("03-default-sgx-2023.policy", SGX, "permit", 20000),
    "largest (Linux, IMA)": ("30-tpm-12-linux-ima.policy", {"aikValidated": True, "events": events()}, "permit", 500),
}
KINDS = {"kept": "kept", "policy": "parsed each time", "claims": "claims read each time", "explained": "explained"}


def rows_of(context, name, rows):
    file, claims, outcome, times = POLICIES[name]
    policy = context.evidence("policies") / file
    path = context.folder / (file + ".json")
    path.write_text(json.dumps(claims, separators=(",", ":")))
    bench = context.program("bench_policies")
    cases = {kind: program(context, bench, kind, policy, path, outcome, times=times) for kind in KINDS}
    cases["again"] = cases["kept"]
    cpu = context.turns({kind: functools.partial(lambda case: {"us": case.run(context.times(case.times)) / 1000}, case)
                         for kind, case in cases.items()})
    cpu = {kind: samples["us"] for kind, samples in cpu.items()}
    rows.append(table.control(f"{name}, kept", "CPU an evaluation", cpu["kept"], cpu["again"], "us"))
    rows.append(table.absolute(f"{name}, kept", "evaluations a second of CPU",
                               table.Samples(1e6 / one for one in cpu["kept"]), "/s"))
    for kind, words in KINDS.items():
        if kind != "kept":
            rows.append(table.at_most(f"{name}, {words}", "CPU an evaluation", cpu[kind], "us", "kept", cpu["kept"]))


def run(context):
    rows = []
    for name in POLICIES:
        rows_of(context, name, rows)
    return rows

"""Verdicts about Intel's quotes, compared with those of dcap-qvl (PyPI, a native module):

    python3 intel_verdicts.py LIBRARY FOLDER

LIBRARY is libazattest_core.so, FOLDER where dcap-qvl is installed. Every SGX and TDX sample of the evidence folder, bare
quotes without their Open Enclave headers, is verified by both at the same time with the same pieces of collateral. What
counts is the status that either comes to, or that it refuses. A sample about which they differ stands in ON_PURPOSE with
its reason; an entry that does not happen any more fails the test. Skipped (77) where package or evidence are not at hand.
"""

import ctypes
import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import install

HERE = Path(__file__).resolve().parent
EVIDENCE = Path(os.environ.get("AZATTEST_EVIDENCE") or HERE.parents[3] / "shared/evidence")
REFUSED = "refused"

# sample: (theirs, ours, why)
ON_PURPOSE = {
    "sgx/occlum-icelake-debug.bin":
        (REFUSED, "OutOfDate", "the TCB info has version 2, which dcap-qvl does not read"),
    "tdx/azure-tdx-v0.td-quote.bin":
        (REFUSED, "OutOfDate", "the TD has no SEPT_VE_DISABLE: what a TD has to be is for an appraisal to say here"),
    "tdx/oe-v5.bin":
        (REFUSED, "OutOfDate", "MRSERVICETD is not zero: what a TD has to be is for an appraisal to say here"),
}

# In dcap-qvl's own interpreter: [[quote in hex, bundle, seconds], ...] on stdin, statuses or reasons on stdout.
THEIRS = r"""
import json, sys
import dcap_qvl
answers = []
for quote, bundle, now in json.load(sys.stdin):
    try:
        collateral = dcap_qvl.QuoteCollateralV3.from_json(json.dumps(bundle))
        answers.append([dcap_qvl.verify(bytes.fromhex(quote), collateral, now).status, ""])
    except Exception as failure:
        answers.append(["refused", str(failure)])
print(json.dumps(answers))
"""


def seconds(date):
    return int(datetime.datetime.fromisoformat(date + "T12:00:00+00:00").timestamp())


def read(name):
    return (EVIDENCE / name).read_bytes()


def pem(name):
    import ssl

    return ssl.DER_cert_to_PEM_cert(read(name))


def signed(name, member):
    """The bytes that are signed, out of an answer of the PCS, and the signature."""
    text = read(name).decode()
    start = text.index('{"%s":' % member) + len(member) + 4
    document = json.loads(text)
    return text[start:text.rindex(',"signature"')], document["signature"]


def bundle(tcb_info, identity, crls):
    chain = pem("collateral/tcb-signing.der") + pem("collateral/intel-root.der")
    out = {key: value for key, value in json.loads(read(crls)).items() if "crl" in key}
    out["tcb_info"], out["tcb_info_signature"] = signed(tcb_info, "tcbInfo")
    out["qe_identity"], out["qe_identity_signature"] = signed(identity, "enclaveIdentity")
    out["tcb_info_issuer_chain"] = out["qe_identity_issuer_chain"] = chain
    return out


def quote_of(name):
    """The bare quote of a sample."""
    data = read(name)
    if name.endswith(".json"):
        document = json.loads(data)
        text = next((document[key] for key in ("QuoteHex", "Quote", "quote", "report") if key in document), None)
        if text is None:
            return None
        if re.fullmatch("[0-9a-fA-F]+", text):
            data = bytes.fromhex(text)
        else:
            import base64

            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if data[:8] == b"\1\0\0\0\2\0\0\0":
        data = data[16:]
    return data


def cases():
    """name, quote, bundle, time: each sample with the pieces for its TEE and FMSPC, when all of them live."""
    facts = json.loads(read("facts.json"))
    whole = {"00a067110000": ("collateral/phala-sgx-00a067110000.json", "2025-06-25"),
             "b0c06f000000": ("collateral/phala-tdx-b0c06f000000.json", "2025-06-25"),
             "90c06f000000": ("collateral/phala-tdx-90c06f000000-2026-02.json", "2026-02-25")}
    platform, processor = "collateral/phala-tdx-b0c06f000000.json", "collateral/phala-sgx-00a067110000.json"
    parts = {"00806f050000": ("collateral/tcbinfo-v3-tdx-00806f050000.json", "collateral/qe-identity-td.json", platform,
                              "2025-06-25"),
             "00606a000000": ("collateral/tcbinfo-v2-sgx-00606a000000.json", "collateral/qe-identity-sgx.json", platform,
                              "2025-06-25"),
             "00906ed50000": ("collateral/tcbinfo-v3-sgx-00906ed50000.json", "collateral/qe-identity-sgx.json", processor,
                              "2025-09-29"),
             "50806f000000": ("collateral/tcbinfo-v3-tdx-50806f000000-2023.json", "collateral/qe-identity-td.json",
                              platform, "2023-06-20")}
    for name, fact in facts.items():
        if fact.get("tee") not in ("sgx", "tdx") or not name.startswith(("sgx/", "tdx/", "openenclave/")):
            continue
        data = quote_of(name)
        fmspc = fact.get("fmspc")
        if data is None or fmspc not in (whole | parts):
            continue
        if fmspc in whole:
            yield name, data, json.loads(read(whole[fmspc][0])), seconds(whole[fmspc][1])
        else:
            *pieces, date = parts[fmspc]
            yield name, data, bundle(*pieces), seconds(date)


class Bytes(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Options(ctypes.Structure):
    """The beginning of azattest_verify_options; a shorter struct has defaults for the rest."""

    _fields_ = [("size", ctypes.c_size_t), ("now_ms", ctypes.c_int64), ("extra_roots", Bytes), ("runtime_data", Bytes),
                ("allow_debug", ctypes.c_int), ("collateral", ctypes.c_void_p)]


class Ours:
    def __init__(self, path):
        self.core = ctypes.CDLL(path)
        self.core.azattest_error_message.restype = ctypes.c_char_p
        self.core.azattest_verification_result_json.restype = Bytes

    def call(self, name, *arguments):
        error = ctypes.c_void_p()
        if getattr(self.core, name)(*arguments, ctypes.byref(error)) != 0:
            raise ValueError(self.core.azattest_error_message(error).decode())

    def verdict(self, quote, bundle, now):
        """Status, or refused: whatever fails but the acceptance of the status, which dcap-qvl leaves to its caller."""
        collateral, evidence, result = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        text = json.dumps(bundle).encode()
        try:
            self.call("azattest_evidence_parse", Bytes(quote, len(quote)), ctypes.byref(evidence))
            self.call("azattest_collateral_new", ctypes.byref(collateral))
            self.call("azattest_collateral_add", collateral, Bytes(text, len(text)))
            options = Options(size=ctypes.sizeof(Options), now_ms=now * 1000, collateral=collateral)
            self.call("azattest_evidence_verify", evidence, ctypes.byref(options), ctypes.byref(result))
        except ValueError as failure:
            return REFUSED, str(failure)
        text = self.core.azattest_verification_result_json(result)
        document = json.loads(ctypes.string_at(text.ptr, text.len))
        self.core.azattest_verification_result_free(result)
        self.core.azattest_evidence_free(evidence)
        self.core.azattest_collateral_free(collateral)
        if document["not_checked"]:
            return REFUSED, "not checked: " + ", ".join(document["not_checked"])
        for check in document["checks"]:
            if check["ok"] is not True and check["id"] not in ("tcb_status", "trailing_bytes"):
                return REFUSED, "%s: %s" % (check["id"], check["detail"])
        detail = next(check["detail"] for check in document["checks"] if check["id"] == "tcb_status")
        return detail.split(",")[0], ""


def main(library, folder):
    if not (EVIDENCE / "facts.json").is_file():
        print("SKIPPED: no evidence folder at %s: verdicts are not compared with dcap-qvl" % EVIDENCE, file=sys.stderr)
        return 77
    folder = Path(folder)
    try:
        if not (folder / "bin" / "python").exists():
            install.run("python3 -m venv", sys.executable, "-m", "venv", folder)
        install.run("pip install", folder / "bin" / "python", "-m", "pip", "install", "--quiet",
                    "--disable-pip-version-check", "--requirement", HERE / "dcap_qvl.txt")
    except install.Skipped as reason:
        print("SKIPPED: no dcap-qvl: verdicts are not compared with another verifier: %s" % reason, file=sys.stderr)
        return 77
    samples = list(cases())
    questions = [[quote.hex(), bundle, now] for _, quote, bundle, now in samples]
    done = subprocess.run([folder / "bin" / "python", "-c", THEIRS], input=json.dumps(questions), check=True,
                          capture_output=True, text=True)
    ours = Ours(library)
    failures, differences = [], set()
    for (name, quote, bundle, now), theirs in zip(samples, json.loads(done.stdout)):
        own = ours.verdict(quote, bundle, now)
        if own[0] == theirs[0]:
            print("same  %-45s %s" % (name, own[0]))
            for who, reason in (("dcap-qvl", theirs[1]), ("ours", own[1])):
                if reason:
                    print("          %-9s %s" % (who, " ".join(reason.split())[:120]))
            continue
        differences.add(name)
        reason = ON_PURPOSE.get(name)
        if reason is None or reason[:2] != (theirs[0], own[0]):
            failures.append("%s: dcap-qvl %s (%s), ours %s (%s)" % (name, *theirs, *own))
        else:
            print("other %-45s dcap-qvl %s, ours %s: %s" % (name, *reason))
    failures += ["%s: stands in ON_PURPOSE and does not differ" % name for name in sorted(set(ON_PURPOSE) - differences)]
    if len(samples) < 25:
        failures.append("%d samples, expected at least 25" % len(samples))
    for failure in failures:
        print("FAILED " + failure)
    print("%d samples, %d differences, %d failures" % (len(samples), len(differences), len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

"""Independent witnesses: the official SDKs, unchanged, against the local service; our package in their place.

    python3 witness.py javascript|python|asyncio|same_program|async_credential|policy_tokens FOLDER

`javascript`, `python` and `asyncio` run the SDKs; `same_program` runs the Python program with our package in the place of
the official one, and compares, and `async_credential` does so with asynchronous credentials of azure-identity in our
blocking client; `policy_tokens` compares what each of them would send.

FOLDER is where install.py puts the SDKs. Prints one line for each case with its verdict. What an SDK cannot do because of
a defect of its own stands in DEFECTS, what we do otherwise on purpose in ON_PURPOSE; an entry that does not happen any
more fails the test, so that both stay true.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import coming_from
import install
from service import Instances

HERE = Path(__file__).resolve().parent
OFFICIAL = "azure.security.attestation"

# case: (what is seen, the defect)
PYTHON_DEFECTS = {
    "client_attest_sgx_enclave_with_inittime_json":
        ("has no member .?\"data", "inittime_json is sent as {\"dataType\":\"JSON\"}, without its data"),
    "client_leaves_out_not_before_by_its_documented_name":
        ("not yet valid", "validate_not_before_time, the documented name, is read by nobody"),
    "client_refuses_an_unsigned_reply":
        ("accepted", "a token with alg none is taken for valid"),
    "admin_set_policy_signed_with_an_ec_key":
        ("TypeError.*algorithm", "EC keys are called with RSA's arguments"),
    "admin_set_policy_beyond_ascii":
        ("UnicodeEncodeError", "policies are encoded as ASCII"),
    "token_sha256_thumbprint":
        ("None instead of", "the header member x5t#S256 is read as x5t#256"),
    "result_policy_signer":
        ("AttributeError.*x5_c", "policy_signer of an attestation token cannot be read"),
}
JAVASCRIPT_DEFECTS = {
    "attestSgxEnclave_checks_that_JSON_parses":
        ("it was sent", "runTimeJson is said to be checked and is not"),
    "validation_of_an_unsigned_reply":
        ("accepted", "a token with alg none is taken for valid"),
    "validation_is_not_switched_off_by_a_partial_set":
        ("accepted", "validation options without validateToken mean that nothing is validated"),
    "validation_options_beside_a_credential":
        ("accepted", "options that stand beside a credential are dropped"),
    "getTokenProblems":
        ("string: key shall be", "a token of an unknown key id throws a text instead of listing a problem"),
    "getTokenProblems_of_an_unsigned_token":
        ("not to be", "a token with alg none is taken for valid"),
    "getTokenProblems_of_a_token_that_brings_its_own_key":
        ("not to be", "a token is verified with the certificate in its own header"),
    "getPolicy_where_none_is_set":
        ("TypeError.*attestationPolicy", "a policy token with an empty body, Tpm's default, is not borne"),
    "setPolicy_beyond_ASCII":
        ("to be strictly equal", "policies are decoded as ASCII"),
}
# case: (what is seen with our package, why)
ON_PURPOSE = {
    "client_attest_open_enclave_refuses_a_quote":
        ("ValueError: attest Open Enclave takes", "evidence of another kind is refused before it is sent"),
    "client_needs_a_credential":
        ("accepted", "attest calls are anonymous: a credential is not mandatory"),
}


class Verdicts:
    def __init__(self):
        self.failed = 0

    def line(self, verdict, case, reason=""):
        self.failed += verdict == "FAIL"
        print(f"{verdict:<7} {case}" + (f": {reason}" if reason else ""), flush=True)

    def judge(self, lines, known, word):
        """Each line against the table of what is known to be otherwise."""
        for case, line in lines.items():
            problem = line.get("problem")
            seen, reason = known.get(case, (None, None))
            if problem is None and seen is None:
                self.line("ok", case)
            elif problem is None:
                self.line("FAIL", case, f"it works now; take it out of the table ({reason})")
            elif seen is None:
                self.line("FAIL", case, problem)
            elif re.search(seen, problem):
                self.line(word, case, reason)
            else:
                self.line("FAIL", case, f"{problem}; known was {seen!r} ({reason})")
        for case in known.keys() - lines.keys():
            self.line("FAIL", case, "the table names a case that does not exist")


def javascript(instances, folder, *cases):
    return instances.run("node", HERE / "official_javascript.mjs", cwd=folder, cases=cases)


def python(instances, folder, package, *cases):
    return instances.run(folder / "bin" / "python", HERE / "official_python.py", package, cases=cases)


def check_coverage(verdicts, lines, operations):
    """Every public operation has a case that begins with its name."""
    for operation in operations:
        if not any(case.startswith(operation) for case in lines):
            verdicts.line("FAIL", operation, "no case runs this public operation")


def python_operations(folder):
    program = """if True:
        import importlib, sys
        sdk = importlib.import_module(sys.argv[1])
        for prefix, cls in (("client", sdk.AttestationClient), ("admin", sdk.AttestationAdministrationClient)):
            print(*(f"{prefix}_{name}" for name in vars(cls) if not name.startswith("_")))"""
    done = subprocess.run([folder / "bin" / "python", "-c", program, OFFICIAL], capture_output=True, text=True, check=True)
    return done.stdout.split()


def compare(verdicts, ours, theirs):
    """Our package gives what theirs gives, case by case."""
    for case, line in ours.items():
        if "gave" in line and "gave" in theirs[case] and line["gave"] != theirs[case]["gave"] and case != "policy_tokens":
            verdicts.line("FAIL", case, f"ours gave {line['gave']!r}, theirs {theirs[case]['gave']!r}")


def check_governed(verdicts, line, evaluated):
    """Each policy made of the evidence what the library's own evaluator makes of it; a failed case has its line already."""
    for name, expected in evaluated.items() if "gave" in line else ():
        seen = line["gave"].get(name)
        if seen != expected:
            verdicts.line("FAIL", f"{line['case']}: {name}", f"{seen!r}, the evaluator says {expected!r}")


def compare_tokens(verdicts, ours, python_tokens, javascript_tokens):
    """What set_policy would send for one policy and one key, by each SDK."""
    def body(token):
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    for i, kind in enumerate(("unsigned", "signed with an RSA key")):
        same = ours[i] == javascript_tokens[i]
        verdicts.line("ok" if same else "FAIL", f"a policy {kind} is the token of the JavaScript SDK, byte for byte",
                      "" if same else f"ours {ours[i][:200]}, theirs {javascript_tokens[i][:200]}")
        same = body(ours[i]) == body(python_tokens[i])
        verdicts.line("ok" if same else "FAIL", f"a policy {kind} says what the token of the Python SDK says")
    return 4


# word: the languages that it needs
WORDS = {"javascript": ["javascript"], "python": ["python"], "asyncio": ["python"], "same_program": ["python"], "async_credential": ["python"],
         "policy_tokens": ["python", "javascript"]}


def judge(word, instances, folders):
    """The number of cases, and the verdicts on them."""
    verdicts = Verdicts()
    if word == "javascript":
        lines = javascript(instances, folders["javascript"])
        verdicts.judge(lines, JAVASCRIPT_DEFECTS, "DEFECT")
        check_governed(verdicts, lines["policies_govern_attestation"], instances.evaluated())
        members = coming_from.javascript_members(folders["javascript"])
        check_coverage(verdicts, lines, members["AttestationClient"] + members["AttestationAdministrationClient"])
    elif word == "policy_tokens":
        case = "policy_tokens"
        ours, theirs = (python(instances, folders["python"], package, case) for package in ("azattest", OFFICIAL))
        lines = range(compare_tokens(verdicts, *(one[case]["gave"] for one in (
            ours, theirs, javascript(instances, folders["javascript"], case)))))
    elif word in ("same_program", "async_credential"):
        lines = python(instances, folders["python"], "azattest" + ("+aio" if word == "async_credential" else ""))
        verdicts.judge(lines, ON_PURPOSE, "OURS")
        compare(verdicts, lines, python(instances, folders["python"], OFFICIAL))
    else:
        lines = python(instances, folders["python"], OFFICIAL + (".aio" if word == "asyncio" else ""))
        verdicts.judge(lines, PYTHON_DEFECTS, "DEFECT")
        check_governed(verdicts, lines["policies_govern_attestation"], instances.evaluated())
        check_coverage(verdicts, lines, python_operations(folders["python"]))
    print(f"{len(lines) - verdicts.failed} passed, {verdicts.failed} failed")
    return 1 if verdicts.failed else 0


def main():
    word, root = sys.argv[1:3]
    folders = {}
    for language in WORDS[word]:
        try:
            folders[language] = install.installed(root, language)
        except install.Skipped as reason:
            install.skipped(language, reason)
            return install.SKIPPED
    with tempfile.TemporaryDirectory(prefix="azattest-witness-") as state:
        instances = Instances(state)
        try:
            return judge(word, instances, folders)
        finally:
            instances.stop()


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 3 and sys.argv[1] in WORDS else __doc__)

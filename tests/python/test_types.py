"""The stubs under mypy --strict, where it is installed: right programs pass, each wrong line is found."""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "python"

# Behind a line: a part of what mypy says of it.
PROGRAM = """\
import asyncio
from pathlib import Path
from typing import Any

import azattest
from azattest import aio, evidence
from azattest.aio import attest, certificates, policy

class Asynchronous:
    async def get_token(self, *scopes: str, **options: Any) -> azattest.AccessToken:
        return azattest.AccessToken("token", 2000000000)

def check(token: azattest.AttestationToken, signer: azattest.AttestationSigner | None) -> list[str]:
    return []

async def check_later(token: azattest.AttestationToken, signer: azattest.AttestationSigner | None) -> bool:
    return True

async def right() -> None:
    options = azattest.AttestationTokenValidationOptions(validation_callback=check_later)
    async with aio.AttestationClient("https://x", Asynchronous(), timeout=3, validation_options=options) as client:
        value, token = await client.attest_sgx_enclave(b"quote", nonce="n", validation_callback=check_later)
        responses = await asyncio.gather(*(client.attest_open_enclave(b"r", validation_callback=check) for _ in range(3)))
        print(value.mr_enclave, token.issuer, responses[0].value.svn, len(await client.get_signing_certificates()))
        await client.close()
    async with aio.AttestationAdministrationClient("https://x", azattest.DefaultAzureCredential()) as admin:
        print((await admin.set_policy("SgxEnclave", "version= 1.0;")).value.policy_resolution)
    async with aio.Verifier(["https://x", "https://y"], validation_callback=check_later) as verifier:
        print((await verifier.validate("token", max_age=60)).value.verifier_type)
    print((await attest.attest_tdx_vm(b"q", endpoint="https://x")).value, await policy.get_policy("Tpm"))
    print(await certificates.get_policy_management_certificates())
    azattest.ClientSecretCredential("tenant", "client", "secret", authority="https://login.example", process_timeout=3)
    azattest.ManagedIdentityCredential(client_id="client")
    quote = azattest.Evidence.load(Path("quote.bin"))
    collateral = await aio.fetch_collateral(quote, source="intel", cache="folder", timeout=3)
    expected = azattest.Appraisal(mr_td=bytes(48), rtmr1=["00", b""], td_attributes={"mask": 1, "value": b""}, pcrs={"sha256": {7: "00"}})
    verdict = quote.verify(collateral=collateral, appraisal=expected, nonce=b"", collateral_grace=3)
    print(verdict.tcb_status, verdict.advisories[0], verdict.is_complete, quote.rtmr(1), quote.pcr(None, 3), quote.td_attributes)
    evidence.verify_service_certificate(b"x", appraisal={"mr_enclave": ""}, collateral=[b"x", Path("y")])
    azattest.AttestationTokenValidationOptions(verify_service_evidence=True, service_appraisal=expected, signer_roots="PEM")
    made = azattest.Policy.parse(Path("my.policy").read_bytes(), azattest.AttestationType.SGX_ENCLAVE, lenient=True)
    evaluation = made.evaluate(quote, runtime_data=b"", attestation_type="OpenEnclave", work_limit=1000)
    claims = azattest.ClaimSet([("svn", 3), ("a", "b", "CustomClaim"), {"type": "c", "value": True}])
    print(azattest.ClaimSet({"x-ms-sgx-svn": 3}, attestation_type="SgxEnclave"))
    claims.add("secureboot", True)
    print(evaluation.is_permitted, evaluation.claims["svn"], evaluation.trace[0]["fired"], claims[0].value, [each.type for each in claims])
    print(made.evaluate({"svn": [1, 2]}), made.evaluate(value).reason, made.evaluate(list(claims)), made.matches_token(token))
    difference = made.compare("version= 1.0;")
    difference.add("claims", claims)
    print([(each.line, each.found) for each in azattest.policy.lint("x", "Tpm")], made.tree()["sections"], difference.to_dict())
    print(policy.evaluate(made, claims).outcome, azattest.policy.known_name(made.policy_hash), policy.default_text("Tpm"))
    try:
        policy.parse("x")
    except azattest.PolicyError as error:
        print(error.findings[0].column, error.problems[0].detail)

async def wrong() -> None:
    client = aio.AttestationClient("https://x", timout=3)  # did you mean "timeout"
    with client:  # has no attribute "__enter__"
        pass
    print(client.attest_sgx_enclave(b"x").value)  # has no attribute "value"
    azattest.Appraisal(mr_enclav="00")  # did you mean "mr_enclave"
    azattest.fetch_collateral(b"x", sorce="intel")  # did you mean "source"
    azattest.Evidence.parse(b"x").verify(colateral=b"x")  # did you mean "collateral"
    await client.attest_sgx_enclave("text")  # incompatible type "str"
    await client.attest_sgx_enclave(b"x", nonse="n")  # did you mean "nonce"
    blocking = azattest.AttestationClient("https://x", validation_callback=check_later)  # incompatible type
    await attest.attest_sgx_enclave(b"x", client=blocking)  # incompatible type
    azattest.ClientSecretCredential("tenant", "client", "secret", client_id="twice")  # multiple values
    azattest.Policy.parse("x", True)  # incompatible type
    azattest.Policy.parse("x").evaluate({}, work_limt=3)  # did you mean "work_limit"
    azattest.ClaimSet().add("a", 1.5)  # incompatible type
    azattest.ClaimSet(5)  # incompatible type
    azattest.ClaimSet({}, attestation_type=5)  # incompatible type
    azattest.ClaimSet.from_evidence(b"x", nonce=b"n")  # incompatible type
    azattest.policy.evaluate("x", None)  # incompatible type
"""


@unittest.skipUnless(importlib.util.find_spec("mypy"), "SKIPPED: mypy is not installed")
class Types(unittest.TestCase):
    def test_the_stubs_say_what_is_right_and_what_is_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "program.py")
            program.write_text(PROGRAM)
            done = subprocess.run(
                [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", folder, str(program)],
                env=dict(os.environ, MYPYPATH=str(PACKAGE)), capture_output=True, text=True, cwd=folder)
        found = {}
        for path, line, text in re.findall(r"^(.*?):(\d+): error: (.*)$", done.stdout, re.M):
            self.assertEqual(Path(path).name, "program.py", "%s:%s: %s" % (path, line, text))
            found.setdefault(int(line), []).append(text)
        for number, line in enumerate(PROGRAM.splitlines(), 1):
            code, _, expected = line.partition("  # ")
            with self.subTest(code.strip()):
                self.assertEqual(bool(expected), number in found, found.get(number, done.stdout[-300:] + done.stderr))
                self.assertTrue(not expected or any(expected in text for text in found[number]), found.get(number))


if __name__ == "__main__":
    unittest.main()

"""A policy that was written here and set at the local service: what it makes of a quote here is what the next token says."""

import shutil
import tempfile
import unittest

import azattest
from azattest import AttestationAdministrationClient, AttestationClient, Evidence, policy

from support import Emulator, needs_command, simulate

SIGNER, OTHER = "11" * 32, "22" * 32
TEXT = """version= 1.1;
configurationrules { => issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault"); };
authorizationrules {
  [type=="x-ms-sgx-is-debuggable", value==true] => deny(); // never
  [type=="x-ms-sgx-mrsigner", value=="%s"] => permit();
};
issuancerules {
  c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);
  => issue(type="zone", value="a");
  => issue(type="zone", value="b");
};
""" % SIGNER


@needs_command
class LocalService(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.state = tempfile.mkdtemp(prefix="azattest-python-")
        cls.addClassCleanup(shutil.rmtree, cls.state, True)
        cls.emulator = Emulator("--state", cls.state, "--mode", "aad")
        cls.addClassCleanup(cls.emulator.stop)
        cls.where = {"endpoint": cls.emulator.endpoint, "ca_file": cls.emulator.ca_file}
        cls.scopes = "https://attest.azure.net/.default"

    def admin(self):
        ready = self.emulator.ready
        owner = next(each for each in ready["identities"] if each["name"] == "contributor")
        credential = azattest.ClientSecretCredential(
            ready["tenant_id"], owner["client_id"], owner["client_secret"], authority_host=ready["authority_host"],
            ca_file=self.emulator.ca_file)
        return AttestationAdministrationClient(**self.where, credential=credential, scopes=self.scopes)

    def quote(self, signer=SIGNER, *words):
        return Evidence.parse(simulate(self.state, "--mr-signer", signer, "--svn", "3", *words))

    def test_what_is_evaluated_here_is_what_the_token_says(self):
        made = policy.parse(TEXT, "SgxEnclave")
        quote = self.quote()
        with self.admin() as admin, AttestationClient(**self.where) as client:
            before = client.attest_sgx_enclave(quote.raw)
            default = policy.parse(admin.get_policy("SgxEnclave").value)
            self.assertIs(default.matches_token(before), True)
            self.assertEqual(default.evaluate(before).claims, default.evaluate(quote).claims)
            self.assertEqual(default.evaluate(quote).claims, before.value.policy_claims)

            result = admin.set_policy("SgxEnclave", made).value
            self.assertEqual(result.policy_resolution, "Updated")
            self.assertEqual(admin.get_policy("SgxEnclave").value, TEXT)
            here, response = made.evaluate(quote), client.attest_sgx_enclave(quote.raw)
            self.assertTrue(here)
            self.assertEqual(here.claims, {"level": 3, "zone": ["a", "b"]})
            self.assertEqual(response.value.policy_claims, here.claims)
            self.assertEqual({name: response.token.claim(name) for name in here.claims}, here.claims)
            self.assertEqual(response.value.policy_hash, made.policy_hash)
            self.assertEqual([each.matches_token(response) for each in (made, default)], [True, False])
            self.assertEqual(made.evaluate(response).claims, here.claims)

            for other, line in ((self.quote(OTHER), None), (self.quote(SIGNER, "--debug"), 4)):
                here = made.evaluate(other)
                self.assertEqual((bool(here), here.deny_line), (False, line))
                with self.assertRaises(azattest.HttpResponseError) as caught:
                    client.attest_sgx_enclave(other.raw)
                self.assertEqual(caught.exception.error_code, "PolicyEvaluationError")
            admin.reset_policy("SgxEnclave")

    def test_what_is_refused_here_is_refused_there(self):
        broken = TEXT.replace("type==", "type=", 1)
        with self.assertRaises(azattest.PolicyError) as here:
            policy.parse(broken)
        with self.admin() as admin, self.assertRaises(azattest.HttpResponseError) as there:
            admin.set_policy("SgxEnclave", broken)
        self.assertEqual(there.exception.error_code, "PolicyParsingError")
        self.assertIn("Line: '%d'" % here.exception.findings[0].line, there.exception.service_message)

    def test_a_draft(self):
        made = policy.parse(TEXT.replace('"level"', '"rank"'))
        with AttestationClient(**self.where) as client:
            response = client.attest_sgx_enclave(self.quote().raw, draft_policy=made, validate_signature=False, allow_unsecured=True)
        self.assertTrue(response.is_draft)
        self.assertEqual({name: response.token.claim(name) for name in ("rank", "zone")}, made.evaluate(self.quote()).claims)


if __name__ == "__main__":
    unittest.main()

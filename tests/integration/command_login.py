"""The command's access tokens: every --credential against the local service's own issuer, and a stand-in for `az`."""

import json
import re
import shutil
import stat
import tempfile
import time
import urllib.parse
from pathlib import Path

from command_support import (NOT_VALID, UNREACHED, VALID, WRONG_USE, Answers, CommandTest, Emulator, main, make_token)

SCOPE = "https://attest.azure.net/.default"
NOWHERE = "http://127.0.0.1:9"  # nobody listens there
CANARY = "canary-8f1c0a5b7d"
TEXT = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"


class LoginTest(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-login-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.emulator = Emulator("--state", cls.shared / "state")
        cls.addClassCleanup(cls.emulator.stop)
        cls.ready = cls.emulator.ready

    def setUp(self):
        super().setUp()
        self.tools = self.folder / "bin"
        self.tools.mkdir()
        self.seen = self.folder / "az-was-run"
        # What every run gets: this authority, no machine, and no `az` but ours.
        self.base = {"AZURE_AUTHORITY_HOST": self.ready["authority_host"], "PATH": f"{self.tools}:/usr/bin:/bin",
                     "AZURE_POD_IDENTITY_AUTHORITY_HOST": NOWHERE}

    def by_secret(self, name="contributor", secret=None):
        who = next(each for each in self.ready["identities"] if each["name"] == name)
        return {"AZURE_TENANT_ID": self.ready["tenant_id"], "AZURE_CLIENT_ID": who["client_id"],
                "AZURE_CLIENT_SECRET": secret or who["client_secret"]}

    def by_file(self):
        return {"AZURE_TENANT_ID": self.ready["tenant_id"], "AZURE_CLIENT_ID": self.ready["client_id"],
                "AZURE_FEDERATED_TOKEN_FILE": self.ready["federated_token_file"]}

    def by_machine(self):
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.ready["imds_endpoint"]}

    def az(self, script):
        """A program `az` that notes its arguments and does what the script says."""
        path = self.tools / "az"
        path.write_text(f"#!/bin/sh\necho \"$@\" >> '{self.seen}'\n{script}\n")
        path.chmod(0o755)

    def az_says(self, token):
        answer = {"accessToken": token, "expires_on": int(time.time()) + 3600, "tokenType": "Bearer"}
        self.az(f"cat <<'END'\n{json.dumps(answer)}\nEND")

    def token(self, name="contributor"):
        done = self.expect(VALID, "access-token", "--credential", "environment", *self.ca, **self.base,
                           **self.by_secret(name))
        return done.stdout.decode().strip()

    @property
    def ca(self):
        return ["--ca-file", self.ready["ca_file"]]

    @property
    def there(self):
        return ["--endpoint", self.ready["endpoint"], *self.ca]

    @property
    def scoped(self):
        return [*self.there, "--scopes", SCOPE]

    def quote(self):
        path = self.folder / "quote"
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.ready["state"], "--out", path)
        return path


class Kinds(LoginTest):
    def test_every_kind_reads_a_policy(self):
        self.az_says(self.token())
        known = ["--client-id", self.ready["client_id"]]
        federated = {"AZURE_FEDERATED_TOKEN_FILE": self.ready["federated_token_file"]}
        for words, env in (
            ([], self.by_secret()), ([], self.by_file()), ([], self.by_machine()), ([], {}),
            (["--credential", "default"], self.by_secret()),
            (["--credential", "environment"], self.by_secret()),
            (["--credential", "workload-identity"], self.by_file()),
            (["--credential", "workload-identity", *known, "--tenant-id", self.ready["tenant_id"]], federated),
            (["--credential", "managed-identity"], self.by_machine()),
            (["--credential", "managed-identity", *known], self.by_machine()),
            (known, self.by_machine()),
            (["--credential", "azure-cli"], {}),
            (["--credential", "azure-cli", "--tenant-id", self.ready["tenant_id"]], self.by_secret("none")),
        ):
            with self.subTest(words=words, env=sorted(env)):
                env = {**self.base, **env}
                self.expect(VALID, "policy", "get", "SgxEnclave", *self.scoped, *words, says="not signed", **env)
                document = self.document(VALID, "certificates", "list", *self.scoped, *words, **env)
                self.assertEqual(document, {"certificates": []})
        asked = self.seen.read_text().splitlines()
        line = "account get-access-token --output json --resource https://attest.azure.net"
        self.assertEqual(set(asked), {line, f"{line} --tenant {self.ready['tenant_id']}"})

    def test_a_policy_is_set_and_reset_by_those_who_may(self):
        policy = self.file("policy.txt", TEXT)
        contributor, reader = {**self.base, **self.by_secret()}, {**self.base, **self.by_secret("reader")}
        self.expect(VALID, "policy", "set", "OpenEnclave", "--policy-file", policy, *self.scoped, says="Updated",
                    **contributor)
        self.expect(NOT_VALID, "policy", "reset", "OpenEnclave", *self.scoped, says="Attestation Contributor", **reader)
        self.expect(VALID, "policy", "reset", "OpenEnclave", *self.scoped, says="Removed", **contributor)

    def test_a_token_that_is_there(self):
        token = self.file("token", self.token() + "\n")
        self.expect(VALID, "policy", "get", "SgxEnclave", *self.there, "--access-token-file", token, **self.base)
        self.expect(VALID, "policy", "get", "SgxEnclave", *self.there, "--access-token-file", "-",
                    stdin=token.read_bytes(), **self.base)
        self.assertFalse(self.seen.exists())

    def test_what_is_refused_gives_one(self):
        env = {**self.base, **self.by_secret(secret=CANARY)}
        done = self.expect(NOT_VALID, "policy", "get", "Tpm", *self.scoped, says="AADSTS7000215", **env)
        self.assertNotIn(CANARY.encode(), done.stderr)
        error = self.document(NOT_VALID, "policy", "get", "Tpm", *self.scoped, "--credential", "environment",
                              **env)["error"]
        self.assertEqual(error["code"], "AZATTEST_E_AUTH")

    def test_nothing_to_offer_gives_three_and_names_every_source(self):
        error = self.document(UNREACHED, "policy", "get", "Tpm", *self.scoped, **self.base)["error"]
        self.assertEqual(error["code"], "AZATTEST_E_CREDENTIAL_UNAVAILABLE")
        for source in ("DefaultAzureCredential", "EnvironmentCredential", "WorkloadIdentityCredential",
                       "ManagedIdentityCredential", "AzureCliCredential"):
            self.assertIn(source, error["message"])
        self.az("echo 'Please run az login to setup account.' >&2; exit 1")
        for words in ([], ["--credential", "azure-cli"]):
            self.expect(UNREACHED, "access-token", *words, says="az login", **self.base)
        self.expect(UNREACHED, "access-token", "--credential", "workload-identity", says="AZURE_FEDERATED_TOKEN_FILE",
                    **self.base)
        self.expect(UNREACHED, "access-token", "--credential", "environment", says="AZURE_TENANT_ID", **self.base)

    def test_wrong_use(self):
        where, file = ["policy", "get", "Tpm", *self.there], self.file("t", "x")
        quote = ["attest", "sgx-enclave", *self.there, "--quote", file]
        for words, says in (
            ([*where, "--credential", "az"], "azure-cli or none"),
            ([*where, "--credential", "default"], "--scopes " + SCOPE),
            (where, "--scopes " + SCOPE),
            ([*where, "--credential", "default", "--access-token-file", file], "means nothing with --credential"),
            ([*where, "--access-token-file", file, "--client-id", "x"], "with --access-token-file"),
            ([*where, "--access-token-file", file, "--tenant-id", "x"], "with --access-token-file"),
            ([*where, "--credential", "environment", "--client-id", "x"], "--client-id means nothing"),
            ([*where, "--credential", "azure-cli", "--client-id", "x"], "--client-id means nothing"),
            ([*where, "--credential", "managed-identity", "--tenant-id", "x"], "--tenant-id means nothing"),
            ([*where, "--credential", "none", "--scopes", SCOPE], "--scopes means nothing"),
            ([*where, "--credential", "none"], "leave --credential none out"),
            ([*quote, "--client-id", "x"], "add --credential default"),
            ([*quote, "--tenant-id", "x"], "add --credential default"),
            ([*quote, "--scopes", SCOPE], "add --credential default"),
            (["access-token", "--credential", "none"], "gives no access token"),
            (["access-token", "--json", "--out", "x"], "exclude each other"),
            (["access-token", "--scopes", "a\nb"], "scopes"),
        ):
            with self.subTest(words=words):
                self.expect(WRONG_USE, *words, says=says, **self.base)
        self.expect(WRONG_USE, "access-token", says="AZURE_TOKEN_CREDENTIALS", **self.base,
                    AZURE_TOKEN_CREDENTIALS="production")


class Calls(LoginTest):
    """Which calls carry a token."""

    def test_attest_calls_are_anonymous_unless_told(self):
        self.az_says(self.token())
        words = ["attest", "sgx-enclave", "--quote", self.quote()]
        self.expect(VALID, *words, *self.there, **self.base)
        self.assertFalse(self.seen.exists())
        self.expect(VALID, *words, *self.scoped, "--credential", "azure-cli", **self.base)
        self.assertTrue(self.seen.exists())

    def test_the_first_version_of_the_interface_needs_a_token(self):
        words = ["attest", "sgx-enclave", "--quote", self.quote(), "--api-version", "2018-09-01-preview"]
        self.expect(UNREACHED, *words, *self.scoped, says="DefaultAzureCredential", **self.base)
        self.expect(WRONG_USE, *words, *self.there, "--credential", "none", says="leave --credential none out",
                    **self.base)
        self.expect(VALID, *words, *self.scoped, **self.base, **self.by_secret())

    def test_baselines_are_asked_for_with_a_token_where_the_instance_wants_one(self):
        self.az_says(self.token())
        self.expect(VALID, "tcb-baselines", "SgxEnclave", *self.there, **self.base)
        self.assertFalse(self.seen.exists())
        calls, real = [], json.loads(self.expect(VALID, "tcb-baselines", "SgxEnclave", *self.there, "--json").stdout)

        def answer(method, path):
            calls.append(path)
            return (401, {}, b"") if len(calls) % 2 else (200, {}, json.dumps(real).encode())

        server = Answers(answer)
        self.addCleanup(server.stop)
        pem = self.file("both.pem", server.ca_file.read_bytes() + Path(self.ready["ca_file"]).read_bytes())
        words = ["tcb-baselines", "SgxEnclave", "--endpoint", server.endpoint, "--ca-file", pem]
        done = self.expect(VALID, *words, "--scopes", SCOPE, says="trying --credential default", **self.base)
        self.assertIn(b"evaluation data number", done.stdout)
        self.assertTrue(self.seen.exists())
        self.assertEqual(len(calls), 2)
        self.expect(NOT_VALID, *words, "--credential", "none", says="add --credential default", **self.base)
        self.assertEqual(len(calls), 3)


class Tokens(LoginTest):
    """azattest access-token."""

    def test_the_token_for_scripts(self):
        env = {**self.base, **self.by_secret()}
        done = self.expect(VALID, "access-token", *self.ca, **env)
        self.assertRegex(done.stdout, rb"\A[\w-]+\.[\w-]+\.[\w-]+\n\Z")
        self.assertEqual(done.stderr, b"")
        document = self.document(VALID, "access-token", *self.ca, "--scopes", SCOPE, **env)
        self.assertEqual(set(document), {"token_type", "access_token", "expires_on"})
        self.assertEqual(document["token_type"], "Bearer")
        self.assertGreater(document["expires_on"], 1700000000)

    def test_the_token_in_a_file_is_for_its_owner_alone(self):
        path = self.folder / "token"
        done = self.expect(VALID, "access-token", *self.ca, "--out", path, **self.base, **self.by_secret())
        self.assertEqual((done.stdout, done.stderr), (b"", b""))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.expect(VALID, "policy", "get", "SgxEnclave", *self.there, "--access-token-file", path, **self.base)
        self.expect(UNREACHED, "access-token", *self.ca, "--out", self.folder / "no" / "folder", says="cannot write",
                    **self.base, **self.by_secret())

    def test_scopes_say_what_it_is_for(self):
        self.az_says("opaque")
        self.expect(VALID, "access-token", "--scopes", "https://vault.azure.net/.default", **self.base)
        self.assertIn("--resource https://vault.azure.net\n", self.seen.read_text())
        document = self.document(VALID, "access-token", **self.base)
        self.assertEqual(document["access_token"], "opaque")

    def test_metadata(self):
        document = self.document(VALID, "metadata", *self.there)
        self.assertEqual(document["issuer"], self.ready["endpoint"])
        text = self.expect(VALID, "metadata", *self.there, says=self.ready["endpoint"] + "/certs").stdout.decode()
        self.assertRegex(text, r"(?m)^  jwks_uri +https://")
        self.expect(UNREACHED, "metadata", "--endpoint", "https://127.0.0.1:9", "--timeout", "1")


class Secrecy(LoginTest):
    """What must not be shown is nowhere, at the most talkative."""

    def silent(self, code, *words, secrets, stdin=b"", **env):
        done = self.expect(code, *words, "--log-level", "verbose", stdin=stdin, **{**self.base, **env})
        for secret in secrets:
            for part in (secret, urllib.parse.quote_plus(secret), secret[len(secret) // 2:]):
                self.assertNotIn(part.encode(), done.stdout + done.stderr)
        return done

    def test_no_secret_of_any_kind_is_logged(self):
        policy = ["policy", "get", "SgxEnclave", *self.scoped, "--trace-bodies"]
        token, who = self.token(), self.by_secret()
        secrets = [token, who["AZURE_CLIENT_SECRET"]]
        federated = Path(self.ready["federated_token_file"]).read_text().strip()
        self.silent(VALID, *policy, secrets=secrets, **who)
        self.silent(VALID, *policy, secrets=[federated], **self.by_file())
        self.silent(VALID, *policy, secrets=[], **self.by_machine())
        self.az_says(token)
        done = self.silent(VALID, *policy, "--credential", "azure-cli", secrets=[token])
        self.assertIn(b"Authorization: REDACTED", done.stderr)
        self.assertRegex(done.stderr, rb"(?m)^azattest: verbose: .*body")
        self.silent(VALID, *policy[:-3], "--trace-bodies", "--access-token-file", "-", secrets=[token],
                    stdin=token.encode())
        for jwt in re.findall(rb"eyJ[\w-]{20,}\.eyJ[\w-]{20,}", done.stderr):
            self.fail(f"a token in the log: {jwt[:12]}...")

    def test_refusals_say_nothing_either(self):
        policy = ["policy", "get", "SgxEnclave", *self.scoped, "--trace-bodies"]
        token = make_token({"alg": "RS256"}, {"sub": CANARY}, CANARY.encode())
        self.silent(NOT_VALID, *policy, secrets=[CANARY], **self.by_secret(secret=CANARY))
        self.az_says(token)
        self.silent(NOT_VALID, *policy, "--credential", "azure-cli", secrets=[token])
        self.az(f"echo '{{\"accessToken\": \"{token}\"'; echo 'oops {token}' >&2; exit 3")
        self.silent(NOT_VALID, *policy, "--credential", "azure-cli", secrets=[token])
        self.az(f"echo '{{\"accessToken\": \"{token}\"'")
        self.silent(UNREACHED, *policy, "--credential", "azure-cli", secrets=[token])

    def test_a_token_in_the_place_of_a_file_does_not_come_back(self):
        token = make_token({"alg": "RS256"}, {"sub": CANARY}, CANARY.encode())
        for words in (["policy", "get", "Tpm", *self.there, "--access-token-file", token], ["token", "inspect", token]):
            done = self.expect(UNREACHED, *words, says="looks like a token", **self.base)
            self.assertNotIn(token[:20].encode(), done.stdout + done.stderr)

    def test_the_token_itself_goes_to_standard_output_alone(self):
        done = self.expect(VALID, "access-token", *self.ca, "--log-level", "verbose", **self.base, **self.by_secret())
        token = done.stdout.strip()
        self.assertNotIn(token, done.stderr)
        self.assertNotIn(token[len(token) // 2:], done.stderr)
        self.assertIn(b"EnvironmentCredential", done.stderr)


if __name__ == "__main__":
    main()

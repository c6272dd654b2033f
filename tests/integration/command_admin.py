"""The words `policy` and `certificates` of the command, against the local service."""

import hashlib
import json
import ssl
import urllib.parse
import urllib.request

from command_support import CHECKOUT, NOT_VALID, UNREACHED, VALID, WRONG_USE, CommandTest, Emulator, b64url, main, run

FIXTURES = CHECKOUT / "tests" / "fixtures" / "signing"
TEXT = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
TOKEN_HASH = "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ"
POLICY_HASH = "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU"


def signing(name, passphrase=None):
    key = name if passphrase is None else f"{name}-encrypted"
    words = ["--signing-key", FIXTURES / f"{key}.key.pem", "--signing-certificate", FIXTURES / f"{name}.crt.pem"]
    return words if passphrase is None else [*words, "--passphrase-file", passphrase]


class Offline(CommandTest):
    """Tokens and hashes need no service."""

    def setUp(self):
        super().setUp()
        self.policy = self.file("policy.txt", TEXT)

    def test_the_token_of_a_policy(self):
        done = self.expect(VALID, "policy", "token", self.policy)
        token = done.stdout.decode().strip()
        self.assertEqual(b64url(hashlib.sha256(token.encode()).digest()), TOKEN_HASH)
        self.assertEqual(self.expect(VALID, "policy", "token", "-", stdin=TEXT.encode()).stdout, done.stdout)
        document = self.document(VALID, "policy", "token", self.policy, *signing("rsa"))
        self.assertEqual(document["policy_hash"], POLICY_HASH)
        self.assertEqual(b64url(hashlib.sha256(document["token"].encode()).digest()), document["policy_token_hash"])
        self.expect(VALID, "token", "inspect", self.file("token.jwt", document["token"]), says="RS256")

    def test_hashes_of_a_policy(self):
        document = self.document(VALID, "policy", "hash", self.policy)
        self.assertEqual((document["policy_hash"], document["policy_token_hash"]), (POLICY_HASH, TOKEN_HASH))
        done = self.expect(VALID, "policy", "hash", self.policy, says=POLICY_HASH)
        self.assertIn(TOKEN_HASH, done.stdout.decode())

    def test_signing_keys(self):
        secret = self.file("secret", "correct-horse\nmore\n")
        self.expect(VALID, "policy", "token", self.policy, *signing("rsa", secret))
        self.expect(VALID, "policy", "token", self.policy, *signing("rsa"), "--algorithm", "PS256")
        for words, says in (
            (signing("rsa")[:2], "come as a pair"),
            (["--passphrase-file", secret], "come as a pair"),
            ([*signing("rsa")[:3], FIXTURES / "ec.crt.pem"], "another key"),
            ([*signing("rsa"), "--algorithm", "ES256"], "needs an EC key"),
            ([*signing("rsa"), "--algorithm", "RSA256"], "none of RS256"),
            (signing("rsa", self.file("nothing", "\n")), "passphrase is empty"),
            (signing("rsa", self.file("wrong", "wrong")), "does not open it"),
            (["--signing-key", FIXTURES / "rsa-encrypted.key.pem", *signing("rsa")[2:]], "--passphrase-file"),
            (["--signing-key", self.file("text", "text"), *signing("rsa")[2:]], "not a private key in PEM"),
            ([*signing("rsa")[:3], self.file("text", "text")], "neither PEM text with a certificate nor DER"),
            (signing("ed25519"), "signing key"),
        ):
            self.expect(WRONG_USE, "policy", "token", self.policy, *words, says=says)
        self.expect(UNREACHED, "policy", "token", self.folder / "absent", says="cannot read")
        self.expect(WRONG_USE, "policy", "token", self.file("empty", ""), says="the policy is empty")

    def test_wrong_use(self):
        self.expect(WRONG_USE, "policy", "get", says="needs a TYPE")
        self.expect(WRONG_USE, "policy", "get", "SgxEnclave", says="--endpoint")
        self.expect(WRONG_USE, "policy", "get", "SgxEnclave", "--endpoint", "https://a.example", says="scopes")
        self.expect(WRONG_USE, "policy", "set", "SgxEnclave", says="--policy-file")
        self.expect(WRONG_USE, "certificates", "add", says="needs a FILE")
        self.expect(WRONG_USE, "polcy", "get", says="azattest policy")
        token = self.file("token", "access-token\n")
        self.expect(WRONG_USE, "policy", "get", "SgxEnclave", "--access-token-file", token, says="--endpoint")
        self.expect(WRONG_USE, "policy", "get", "../certs", "--access-token-file", token, "--endpoint",
                    "https://a.example", says="attestation type")
        self.expect(WRONG_USE, "policy", "get", "Tpm", "--access-token-file", self.file("none", ""), "--endpoint",
                    "https://a.example", says="access token is empty")


class Service(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator("--mode", "isolated", "--policy-certificate", FIXTURES / "rsa.crt.pem", "--instance",
                                "aad=aad")
        cls.ready = cls.emulator.ready
        cls.isolated = cls.ready["endpoint"]
        cls.aad = next(each["endpoint"] for each in cls.ready["instances"] if each["name"] == "aad")

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()

    def access_token(self, name="contributor"):
        identity = next(each for each in self.ready["identities"] if each["name"] == name)
        form = {"grant_type": "client_credentials", "client_id": identity["client_id"],
                "client_secret": identity["client_secret"], "scope": "https://attest.azure.net/.default"}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(
            context=ssl.create_default_context(cafile=self.ready["ca_file"])))
        url = f"{self.ready['authority_host']}/{self.ready['tenant_id']}/oauth2/v2.0/token"
        with opener.open(url, urllib.parse.urlencode(form).encode(), timeout=60) as reply:
            return self.file(f"{name}.token", json.load(reply)["access_token"] + "\n")

    def at(self, endpoint, name="contributor"):
        return ["--endpoint", endpoint, "--ca-file", self.ready["ca_file"], "--access-token-file",
                self.access_token(name)]

    def test_a_policy_is_set_read_and_reset(self):
        where, policy = self.at(self.aad), self.file("policy.txt", TEXT + " // é\n")
        default = self.expect(VALID, "policy", "get", "SgxEnclave", *where, says="not signed").stdout
        self.assertIn(b"permit()", default)
        self.assertEqual(default.decode(), self.document(VALID, "policy", "get", "SgxEnclave", *where)["policy"])
        for words in ([], signing("rsa"), signing("ec")):
            done = self.document(VALID, "policy", "set", "sgxenclave", "--policy-file", policy, *words, *where)
            self.assertEqual((done["policy_resolution"], done["policy_signer"] is None), ("Updated", not words))
            read = self.expect(VALID, "policy", "get", "SgxEnclave", *where,
                               says="azattest test" if words else "not signed")
            self.assertEqual(read.stdout, policy.read_bytes())
            document = self.document(VALID, "policy", "get", "SgxEnclave", *where)
            self.assertEqual(document["policy"], policy.read_text())
            self.assertEqual(b64url(hashlib.sha256(document["policy_token"].encode()).digest()),
                             done["policy_token_hash"])
            if words:
                self.assertEqual(document["policy_signer"], done["policy_signer"])
            self.expect(VALID, "policy", "reset", "SgxEnclave", *words, *where, says="Removed")
            self.assertEqual(self.expect(VALID, "policy", "get", "SgxEnclave", *where).stdout, default)

    def test_without_a_token_the_environment_has_the_credential(self):
        where = ["--endpoint", self.aad, "--ca-file", self.ready["ca_file"], "--scopes",
                 "https://attest.azure.net/.default"]
        variables = {"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_CLIENT_SECRET":
                     self.ready["client_secret"], "AZURE_AUTHORITY_HOST": self.ready["authority_host"],
                     "AZURE_TENANT_ID": self.ready["tenant_id"], "AZURE_CLIENT_ID": self.ready["client_id"]}
        done = run("policy", "get", "SgxEnclave", *where, **variables)
        self.assertEqual(done.returncode, VALID, done.stderr)
        self.assertIn(b"permit()", done.stdout)
        for change, code, says in (({"AZURE_CLIENT_SECRET": "wrong"}, NOT_VALID, b"secret"),
                                   ({"AZURE_TOKEN_CREDENTIALS": "none of them"}, WRONG_USE, b"AZURE_TOKEN_CREDENTIALS")):
            done = run("policy", "get", "SgxEnclave", *where, **{**variables, **change})
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(says, done.stderr)

    def test_what_the_service_refuses(self):
        policy = self.file("policy.txt", TEXT)
        for words in ([], signing("ec")):
            self.expect(NOT_VALID, "policy", "set", "SgxEnclave", "--policy-file", policy, *words, *self.at(self.isolated),
                        says="InvalidOperation")
        self.expect(NOT_VALID, "policy", "set", "SgxEnclave", "--policy-file", policy, *self.at(self.aad, "reader"),
                    says="403")
        self.expect(NOT_VALID, "policy", "get", "SgxEnclave", *self.at(self.aad, "none"), says="403")
        document = self.document(NOT_VALID, "policy", "reset", "SgxEnclave", *self.at(self.isolated))
        self.assertEqual(document["error"]["error_code"], "InvalidOperation")

    def test_certificates_are_rotated(self):
        where, other = self.at(self.isolated), FIXTURES / "ec.crt.pem"
        self.expect(VALID, "certificates", "list", *self.at(self.aad), says="isolated instances alone")
        for version in ("2020-10-01", "2025-06-01"):
            words = [*signing("rsa"), *where, "--api-version", version]
            done = self.document(VALID, "certificates", "add", other, *words)
            self.assertEqual(done["certificate_resolution"], "IsPresent")
            listed = self.expect(VALID, "certificates", "list", *where).stdout.decode()
            self.assertIn(other.read_text(), listed)
            self.assertEqual(len(self.document(VALID, "certificates", "list", *where)["certificates"]), 2)
            self.expect(VALID, "certificates", "remove", other, *words, says="IsAbsent")
            self.assertNotIn(other.read_text(), self.expect(VALID, "certificates", "list", *where).stdout.decode())
        self.expect(NOT_VALID, "certificates", "remove", FIXTURES / "rsa.crt.pem", *signing("rsa"), *where)
        self.expect(NOT_VALID, "certificates", "add", FIXTURES / "rsa.key.pem", *signing("rsa"), *where,
                    says="neither PEM text with a certificate nor DER")


if __name__ == "__main__":
    main()

"""The command `azattest`: secrets sealed to the key of an attested program, verifiers of several instances, keys for later."""

import json
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from command_support import (NOT_VALID, UNREACHED, VALID, WRONG_USE, CommandTest, Emulator, b64url, main, run,
                             unb64url)


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=True).stdout


class Secret(CommandTest):
    """From the enclave's key to the opened secret, with two local services."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-secret-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.services, cls.emulators = [], []
        for name in ("a", "b"):
            emulator = Emulator("--state", cls.shared / name)
            cls.addClassCleanup(emulator.stop)
            cls.emulators.append(emulator.ready)
        cas = b"".join(Path(ready["ca_file"]).read_bytes() for ready in cls.emulators)
        cls.ca_file = cls.shared / "cas.pem"
        cls.ca_file.write_bytes(cas)
        cls.key, cls.public = cls.shared / "key.pem", cls.shared / "public.pem"
        cls.key.write_bytes(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        cls.public.write_bytes(openssl("pkey", "-in", cls.key, "-pubout"))
        cls.tokens = [cls.attest(ready, name) for ready, name in zip(cls.emulators, ("a", "b"))]
        cls.endpoints = [ready["endpoint"] for ready in cls.emulators]

    @classmethod
    def attest(cls, ready, name):
        """A token whose held data is the enclave's public key."""
        quote, token = cls.shared / (name + ".quote"), cls.shared / (name + ".jwt")
        done = run("simulate", "sgx-quote", "--state", cls.shared / name, "--out", quote, "--runtime-data", cls.public)
        if done.returncode != VALID:
            raise AssertionError(done.stderr.decode())
        done = run("attest", "sgx-enclave", "--endpoint", ready["endpoint"], "--ca-file", ready["ca_file"], "--quote",
                   quote, "--runtime-data", cls.public, "--json")
        if done.returncode != VALID:
            raise AssertionError(done.stdout.decode() + done.stderr.decode())
        token.write_text(json.loads(done.stdout)["token"])
        return token

    def service(self, *which):
        words = ["--ca-file", self.ca_file]
        for index in which:
            words += ["--endpoint", self.endpoints[index]]
        return words

    def seal(self, *words, code=VALID, token=None, **more):
        secret = self.file("secret", b"the combination\x00 is 1234")
        return self.expect(code, "secret", "seal", secret, "--token", token or self.tokens[0], *words, **more)

    def test_a_secret_goes_to_the_attested_program_alone(self):
        sealed, opened = self.folder / "sealed", self.folder / "opened"
        self.seal(*self.service(0), "--out", sealed)
        header = json.loads(unb64url(sealed.read_text().split(".")[0]))
        self.assertEqual((header["alg"], header["enc"]), ("ECDH-ES", "A256GCM"))
        document = self.document(VALID, "secret", "open", sealed, "--key", self.key, "--out", opened)
        self.assertEqual(document["size"], 24)
        self.assertEqual(opened.read_bytes(), b"the combination\x00 is 1234")
        self.assertEqual(stat.S_IMODE(opened.stat().st_mode), 0o600)
        other = self.file("other.pem", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        self.expect(NOT_VALID, "secret", "open", sealed, "--key", other, "--out", opened, says="does not open")

    def test_an_encrypted_key_needs_its_passphrase(self):
        sealed = self.file("sealed", self.seal(*self.service(0)).stdout)
        key = self.file("key.pem", openssl("pkey", "-in", self.key, "-aes256", "-passout", "pass:p w"))
        words = ["secret", "open", sealed, "--key", key, "--out", "-"]
        self.expect(NOT_VALID, *words, says="give its passphrase")
        self.expect(NOT_VALID, *words, "--passphrase-file", self.file("wrong", "p"), says="does not open it")
        done = self.expect(VALID, *words, "--passphrase-file", self.file("right", "p w\n"))
        self.assertEqual(done.stdout, b"the combination\x00 is 1234")

    def test_nothing_is_sealed_to_a_refused_token(self):
        token = self.tokens[0].read_text()
        header, body, signature = token.split(".")
        claims = json.loads(unb64url(body))
        claims["x-ms-sgx-ehd"] = b64url(b"mine")
        forged = self.file("forged", ".".join([header, b64url(json.dumps(claims).encode()), signature]))
        self.seal(*self.service(0), token=forged, code=NOT_VALID, says="signature")
        unsigned = self.file("unsigned", ".".join([b64url(b'{"alg":"none"}'), body, ""]))
        self.seal(*self.service(0), token=unsigned, code=NOT_VALID, says="not signed")
        self.seal(*self.service(1), token=self.tokens[0], code=NOT_VALID)
        self.seal(*self.service(0), "--nonce", "n", code=NOT_VALID, says="nonce")
        self.seal(*self.service(0), "--kid", "k", code=NOT_VALID, says="no key has that key id")
        self.seal(code=WRONG_USE)

    def test_a_tampered_sealed_secret_is_refused(self):
        sealed = self.seal(*self.service(0)).stdout.decode().strip()
        parts = sealed.split(".")
        for index in range(5):
            changed = list(parts)
            text = changed[index] or "AAAA"
            changed[index] = ("B" if text[0] == "A" else "A") + text[1:]
            with self.subTest(part=index):
                path = self.file("changed", ".".join(changed))
                self.expect(NOT_VALID, "secret", "open", path, "--key", self.key, "--out", "-", says="sealed secret")

    def test_of_several_instances_the_named_one_judges(self):
        for token in self.tokens:
            for which in ((0, 1), (1, 0)):
                document = self.document(VALID, "token", "validate", token, *self.service(*which))
                self.assertIs(document["valid"], True)
        document = self.document(NOT_VALID, "token", "validate", self.tokens[0], *self.service(1), "--endpoint",
                                 "https://third.example")
        self.assertEqual([(p["code"], p["check"]) for p in document["problems"]], [("AZATTEST_E_TOKEN_ISSUER", "C3")])
        self.expect(WRONG_USE, "token", "validate", self.tokens[0], *self.service(0, 0), says="given twice")
        self.expect(WRONG_USE, "keys", "export", *self.service(0, 1), says="given twice")

    def test_keys_are_exported_for_later(self):
        keys = self.folder / "keys.json"
        document = self.document(VALID, "keys", "export", *self.service(0), "--out", keys)
        self.assertEqual(document["kind"], "signing_keys")
        offline = ["--signers", keys, "--issuer", self.endpoints[0]]
        self.assertIs(self.document(VALID, "token", "validate", self.tokens[0], *offline)["valid"], True)
        self.document(NOT_VALID, "token", "validate", self.tokens[1], *offline)
        sealed = self.file("sealed", self.seal(*offline).stdout)
        self.expect(VALID, "secret", "open", sealed, "--key", self.key, "--out", "-")
        self.assertEqual(self.expect(VALID, "keys", "export", *self.service(0)).stdout, keys.read_bytes())
        self.expect(WRONG_USE, "keys", "export", *self.service(0), "--json", says="both want standard output")
        self.expect(UNREACHED, "keys", "export", "--endpoint", "https://127.0.0.1:1", "--ca-file", self.ca_file)

    def test_expectations_are_options(self):
        claims = json.loads(unb64url(self.tokens[0].read_text().split(".")[1]))
        policy, signer = claims["x-ms-policy-hash"], claims["x-ms-sgx-mrsigner"]
        as_hex = unb64url(policy).hex()
        for words in (["--policy-hash", policy], ["--policy-hash", as_hex], ["--attestation-type", "sgx"],
                      ["--require-claim", "x-ms-sgx-mrsigner"], ["--require-claim", "x-ms-sgx-mrsigner=" + signer],
                      ["--require-claim", f'x-ms-sgx-mrsigner="{signer}"', "--require-claim", "iat"]):
            with self.subTest(words=words):
                self.document(VALID, "token", "validate", self.tokens[0], *self.service(0), *words)
        for words, code in ((["--policy-hash", "00" * 32], "AZATTEST_E_TOKEN_POLICY_HASH"),
                            (["--attestation-type", "sevsnpvm"], "AZATTEST_E_TOKEN_ATTESTATION_TYPE"),
                            (["--require-claim", "x-ms-sgx-svn=x"], "AZATTEST_E_TOKEN_CLAIM"),
                            (["--require-claim", "iat", "--require-claim", "other"], "AZATTEST_E_TOKEN_CLAIM")):
            with self.subTest(words=words):
                document = self.document(NOT_VALID, "token", "validate", self.tokens[0], *self.service(0), *words)
                self.assertEqual([problem["code"] for problem in document["problems"]], [code])
        for words in (["--policy-hash", "AAAA"], ["--policy-hash", "zz" * 32], ["--require-claim", "=1"],
                      ["--require-claim", ""]):
            with self.subTest(words=words):
                self.expect(WRONG_USE, "token", "validate", self.tokens[0], *self.service(0), *words)


if __name__ == "__main__":
    main()

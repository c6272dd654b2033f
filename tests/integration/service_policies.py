"""Modes, policies and policy certificates of the local service as a process: options, restarts, what it leaves open."""

import contextlib
import hashlib
import sqlite3
import stat
import threading

from command_support import CommandTest, Emulator, NOT_VALID, UNREACHED, VALID, WRONG_USE, b64url, main
from policy_support import (VERSION, Signer, ask, certificates, claims_of, policy_payload, stored_policy, unsecured)

PERMIT = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
SGX = f"/policies/SgxEnclave?{VERSION}"
RESET = f"/policies/SgxEnclave:reset?{VERSION}"


class ServicePolicyTest(CommandTest):
    def start(self, *words):
        emulator = Emulator(*words)
        self.addCleanup(lambda: emulator.process.poll() is None and emulator.stop())
        return emulator

    def test_the_ready_line_names_the_mode(self):
        signer = Signer(self.folder, "signer")
        for mode, *words in (["aad"], ["shared"], ["isolated", "--policy-certificate", signer.certificate]):
            with self.subTest(mode):
                emulator = self.start("--mode", mode, *words)
                self.assertEqual(emulator.ready["mode"], mode)
                self.assertEqual(emulator.ready["instances"],
                                 [{"name": "default", "mode": mode, "endpoint": emulator.ready["endpoint"]}])

    def test_wrong_use(self):
        signer = Signer(self.folder, "signer")
        no_certificate = self.file("none.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        broken = self.file("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        for words, code, says in (
                (["--mode", "private"], WRONG_USE, "--mode takes aad, isolated or shared"),
                (["--mode", "isolated"], WRONG_USE, "give --policy-certificate FILE"),
                (["--mode", "aad", "--policy-certificate", signer.certificate], WRONG_USE, "are for isolated instances"),
                (["--policy-certificate", signer.certificate], WRONG_USE, "this one is of mode aad"),
                (["--mode", "isolated", "--policy-certificate", no_certificate], WRONG_USE, "no certificate in PEM"),
                (["--mode", "isolated", "--policy-certificate", broken], WRONG_USE, "certificate"),
                (["--mode", "isolated", "--policy-certificate", self.folder / "x"], UNREACHED, "there is no file")):
            with self.subTest(words):
                self.expect(code, "emulator", *words, says=says)

    def test_a_state_keeps_mode_policies_and_certificates(self):
        state = self.folder / "state"
        owner, other = Signer(self.folder, "owner"), Signer(self.folder, "other")
        token = owner.token(policy_payload(PERMIT))
        emulator = self.start("--state", state, "--mode", "isolated", "--policy-certificate", owner.certificate)
        status, body = ask(emulator.ready, "PUT", SGX, token)
        self.assertEqual(status, 200, body)
        self.assertEqual(claims_of(body)["x-ms-policy-token-hash"], b64url(hashlib.sha256(token.encode()).digest()))
        status, body = ask(emulator.ready, "POST", f"/certificates:add?{VERSION}", owner.certificate_request(other))
        self.assertEqual(claims_of(body)["x-ms-certificate-thumbprint"], other.thumbprint)
        self.assertEqual(emulator.stop(), 0)
        database = state / "service.db"
        self.assertEqual(stat.S_IMODE(database.stat().st_mode), 0o600)
        for mode in ("aad", "shared"):
            self.expect(UNREACHED, "emulator", "--state", state, "--mode", mode, says="is of mode isolated, asked for was")
        stranger = Signer(self.folder, "stranger")
        words = ["--policy-certificate", owner.certificate, "--policy-certificate"]
        self.expect(UNREACHED, "emulator", "--state", state, *words, stranger.certificate, says="policy certificate 2 is none")
        emulator = self.start("--state", state, *words, other.certificate)
        self.assertEqual(emulator.ready["mode"], "isolated")
        self.assertEqual(stored_policy(emulator.ready, "SgxEnclave"), token)
        self.assertEqual(certificates(emulator.ready), [owner.x5c, other.x5c])
        # a policy by the new signer, the old one removed
        status, body = ask(emulator.ready, "POST", f"/certificates:remove?{VERSION}", other.certificate_request(owner))
        self.assertEqual((status, claims_of(body)["x-ms-policycertificates-result"]), (200, "IsAbsent"))
        status, body = ask(emulator.ready, "PUT", SGX, token)
        self.assertEqual((status, body["error"]["code"]), (400, "InvalidOperation"))
        status, _ = ask(emulator.ready, "POST", RESET, other.token(""))
        self.assertEqual(status, 200)
        self.assertNotEqual(stored_policy(emulator.ready, "SgxEnclave"), token)

    def test_a_file_that_is_no_database(self):
        state = self.folder / "state"
        state.mkdir()
        (state / "service.db").write_bytes(b"no database, but somebody's text\n" * 100)
        self.expect(UNREACHED, "emulator", "--state", state, says="service.db")
        self.assertTrue((state / "service.db").read_bytes().startswith(b"no database"))

    def test_the_content_type_does_not_matter(self):
        ready, token = self.start().ready, unsecured(policy_payload(PERMIT))
        for content_type in ("text/plain", "application/json", "application/json; charset=utf-8", "x", None):
            for body in (token, f'"{token}"', f"\r\n {token}\t"):
                with self.subTest((content_type, body[:4])):
                    headers = {} if content_type is None else {"Content-Type": content_type}
                    status, answer = ask(ready, "PUT", SGX, body, **headers)
                    self.assertEqual(status, 200, answer)
                    self.assertEqual(claims_of(answer)["x-ms-policy-token-hash"],
                                     b64url(hashlib.sha256(token.encode()).digest()))

    def test_the_stored_policy_governs_attestation(self):
        emulator = self.start()
        quote = self.folder / "quote"
        self.expect(VALID, "simulate", "sgx-quote", "--state", emulator.ready["state"], "--out", quote)
        words = ("attest", "sgx-enclave", "--quote", quote, "--endpoint", emulator.ready["endpoint"], "--ca-file",
                 emulator.ready["ca_file"])
        issues = PERMIT.replace("issuancerules{}", 'issuancerules{=> issue(type="colour", value="blue");}')
        for text, code, says in ((None, VALID, "is-debuggable"), (PERMIT, VALID, "x-ms-sgx"), (issues, VALID, "blue"),
                                 (PERMIT.replace("permit", "deny"), NOT_VALID, "A Deny claim was issued"),
                                 (PERMIT.replace("=> permit();", ""), NOT_VALID, "No Permit claim was issued")):
            with self.subTest(text):
                if text is not None:
                    self.assertEqual(ask(emulator.ready, "PUT", SGX, unsecured(policy_payload(text)))[0], 200)
                done = self.expect(code, *words, *(["--json"] if code == VALID else []))
                self.assertIn(says, (done.stdout if code == VALID else done.stderr).decode())
        self.assertEqual(ask(emulator.ready, "POST", RESET, unsecured(""))[0], 200)
        self.expect(VALID, *words)

    def test_a_policy_with_errors_is_refused(self):
        ready = self.start().ready
        before = stored_policy(ready, "SgxEnclave")
        status, body = ask(ready, "PUT", SGX, unsecured(policy_payload("version=1.0\n [")))
        self.assertEqual((status, body["error"]["code"]), (400, "PolicyParsingError"))
        self.assertIn("Offending symbol: '['\nLine: '2', Column: '1'\nFailure message: 'mismatched input '[' expecting ';''\n"
                      "Failing rule: 'policy > versionInfo'", body["error"]["message"])
        self.assertEqual(stored_policy(ready, "SgxEnclave"), before)

    def test_lenient_policies(self):
        text = PERMIT.replace("authorizationrules", "AuthorizationRules")
        for words, expected in ([], 400), (["--lenient-policies"], 200):
            with self.subTest(words):
                status, _ = ask(self.start(*words).ready, "PUT", SGX, unsecured(policy_payload(text)))
                self.assertEqual(status, expected)

    def test_a_state_with_a_policy_that_does_not_parse(self):
        """Of an older version: the service starts, gives it, and lets it govern nothing."""
        state, token = self.folder / "state", unsecured(policy_payload("version=9;"))
        emulator = self.start("--state", state)
        self.assertEqual(ask(emulator.ready, "PUT", SGX, unsecured(policy_payload(PERMIT)))[0], 200)
        emulator.stop()
        with contextlib.closing(sqlite3.connect(state / "service.db")) as database:
            database.execute("UPDATE policy SET token=?", (token,))
            database.commit()
        emulator = self.start("--state", state)
        quote = self.folder / "quote"
        self.expect(VALID, "simulate", "sgx-quote", "--state", state, "--out", quote)
        self.assertEqual(stored_policy(emulator.ready, "SgxEnclave"), token)
        self.expect(NOT_VALID, "attest", "sgx-enclave", "--quote", quote, "--endpoint", emulator.ready["endpoint"],
                    "--ca-file", emulator.ready["ca_file"], says="Invalid policy was specified")
        self.assertEqual(ask(emulator.ready, "PUT", SGX, unsecured(policy_payload(PERMIT)))[0], 200)

    def test_several_callers_change_at_once(self):
        """Each removes the other's certificate: one is refused, since its key is no longer registered or the last."""
        owner, other = Signer(self.folder, "owner"), Signer(self.folder, "other")
        ready = self.start("--mode", "isolated", "--policy-certificate", owner.certificate, "--policy-certificate",
                           other.certificate).ready
        for _ in range(5):
            answers = []

            def remove(signer, victim):
                answers.append(ask(ready, "POST", f"/certificates:remove?{VERSION}", signer.certificate_request(victim)))

            threads = [threading.Thread(target=remove, args=pair) for pair in ((owner, other), (other, owner))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertEqual(sorted(status for status, _ in answers), [200, 400])
            left, = certificates(ready)
            signer, lost = (owner, other) if left == owner.x5c else (other, owner)
            self.assertEqual(ask(ready, "POST", f"/certificates:add?{VERSION}", signer.certificate_request(lost))[0], 200)

    def test_signing_keys(self):
        key, certificate, passphrase = self.folder / "k", self.folder / "c", self.file("p", "a passphrase\n")
        words = ("simulate", "signing-key", "--out-key", key, "--out-certificate", certificate)
        self.assertEqual(self.document(VALID, *words)["type"], "RSA")
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertIn(b"BEGIN PRIVATE KEY", key.read_bytes())
        shown = self.document(VALID, *words, "--type", "ec", "--subject", "the owner", "--passphrase-file", passphrase)
        self.assertEqual((shown["type"], shown["subject"]), ("EC", "the owner"))
        self.assertIn(b"BEGIN ENCRYPTED PRIVATE KEY", key.read_bytes())
        self.assertIn(b"BEGIN CERTIFICATE", certificate.read_bytes())
        self.start("--mode", "isolated", "--policy-certificate", certificate)
        self.expect(WRONG_USE, *words, "--type", "dsa", says="neither rsa nor ec")
        self.expect(WRONG_USE, *words, "--passphrase-file", self.file("e", "\n"), says="passphrase is empty")
        self.expect(UNREACHED, *words, "--passphrase-file", self.folder / "none", says="none")
        self.expect(WRONG_USE, *words[:4], says="--out-certificate")
        self.expect(UNREACHED, *words[:5], self.folder / "no" / "folder", says="cannot write")


if __name__ == "__main__":
    main()

"""The command `azattest` with a service: attestation end to end by `azattest emulator`, and networks that fail."""

import base64
import json
import os
import pty
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from command_support import (COMMAND, EVIDENCE, INTERRUPTED, NOT_VALID, UNREACHED, VALID, WRONG_USE, Answers,
                             CommandTest, Emulator, b64url, environment, flipped, main, make_token, needs_evidence,
                             run, unb64url)


class Service(CommandTest):
    """Attestation end to end with the local service."""

    runtime_data = b"a public key, perhaps"

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-service-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.state = cls.shared / "state"
        cls.data = cls.shared / "runtime-data"
        cls.data.write_bytes(cls.runtime_data)
        cls.emulator = Emulator("--state", cls.state)
        cls.addClassCleanup(cls.emulator.stop)
        cls.endpoint = cls.emulator.ready["endpoint"]
        cls.service = ["--endpoint", cls.endpoint, "--ca-file", cls.emulator.ready["ca_file"]]
        cls.quote, cls.report = cls.shared / "quote", cls.shared / "report"
        for word, path in (("sgx-quote", cls.quote), ("open-enclave-report", cls.report)):
            done = run("simulate", word, "--state", cls.state, "--out", path, "--runtime-data", cls.data,
                       "--mr-enclave", "12" * 32, "--mr-signer", "34" * 32, "--product-id", 5, "--svn", 6)
            if done.returncode != VALID:
                raise AssertionError(done.stderr.decode())

    def attest(self, code=VALID, *words, quote=None, **more):
        return self.document(code, "attest", "sgx-enclave", *self.service, "--quote", quote or self.quote, *words,
                             **more)

    def keys(self):
        """The key set of the service, as a file."""
        context = ssl.create_default_context(cafile=self.emulator.ready["ca_file"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=context))
        with opener.open(self.endpoint + "/certs", timeout=30) as answer:
            return self.file("keys", answer.read())

    def test_attests_an_sgx_quote(self):
        document = self.attest(VALID, "--runtime-data", self.data, "--nonce", "n-1")
        self.assertIs(document["valid"], True)
        self.assertEqual(document["problems"], [])
        self.assertIs(document["is_draft"], False)
        claims = document["claims"]
        self.assertEqual(claims["x-ms-sgx-mrenclave"], "12" * 32)
        self.assertEqual(claims["x-ms-sgx-mrsigner"], "34" * 32)
        self.assertEqual((claims["x-ms-sgx-product-id"], claims["x-ms-sgx-svn"]), (5, 6))
        self.assertEqual(claims["iss"], self.endpoint)
        self.assertEqual(claims["nonce"], "n-1")
        self.assertEqual(unb64url(claims["x-ms-sgx-ehd"]), self.runtime_data)
        body = unb64url(document["token"].split(".")[1])
        self.assertEqual(json.loads(body), claims)
        text = self.expect(VALID, "attest", "sgx-enclave", *self.service, "--quote", self.quote, "--runtime-data",
                           self.data).stdout.decode()
        self.assertTrue(text.startswith("VALID"), text)
        self.assertIn("12" * 32, text)
        self.assertRegex(text, r"Expires .*\(in [78] hours\)")
        self.assertIn(self.runtime_data.decode(), text)

    def test_attests_an_open_enclave_report(self):
        document = self.document(VALID, "attest", "open-enclave", *self.service, "--report", self.report,
                                 "--runtime-data", self.data)
        self.assertIs(document["valid"], True)
        self.assertEqual(document["claims"]["x-ms-sgx-mrenclave"], "12" * 32)

    def test_the_endpoint_may_come_from_the_environment(self):
        done = self.expect(VALID, "attest", "sgx-enclave", "--ca-file", self.emulator.ready["ca_file"], "--quote", "-",
                           "--json", stdin=self.quote.read_bytes(), AZATTEST_ENDPOINT=self.endpoint)
        self.assertIs(json.loads(done.stdout)["valid"], True)

    def test_runtime_json_becomes_claims(self):
        text = b'{"keys":[{"kid":"1"}],"n":9007199254740993}'
        path, quote = self.file("runtime.json", text), self.folder / "q"
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.state, "--out", quote, "--runtime-data", path)
        document = self.attest(VALID, "--runtime-json", path, quote=quote)
        self.assertEqual(document["claims"]["x-ms-runtime"], json.loads(text))
        token = self.file("t", document["token"])
        self.document(VALID, "token", "validate", token, *self.service, "--runtime-json", path)
        other = self.file("other.json", b'{"keys":[],"n":9007199254740993}')
        document = self.document(NOT_VALID, "token", "validate", token, *self.service, "--runtime-json", other)
        self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_RUNTIME_DATA")
        self.attest(WRONG_USE, "--runtime-json", self.file("list.json", b"[1]"))
        self.attest(WRONG_USE, "--runtime-json", path, "--runtime-data", path)

    def test_held_data_is_mentioned_and_not_sent(self):
        content = json.dumps({"QuoteHex": self.quote.read_bytes().hex(),
                              "EnclaveHeldDataHex": self.runtime_data.hex()})
        done = self.expect(VALID, "attest", "sgx-enclave", *self.service, "--quote", self.file("q.json", content),
                           "--json", says="--runtime-data")
        self.assertNotIn("x-ms-sgx-ehd", json.loads(done.stdout)["claims"])

    def test_evidence_of_the_other_kind_names_the_other_word(self):
        self.expect(WRONG_USE, "attest", "sgx-enclave", *self.service, "--quote", self.report, says="open-enclave")
        self.expect(WRONG_USE, "attest", "open-enclave", *self.service, "--report", self.quote, says="sgx-enclave")

    def test_runtime_data_that_is_not_bound_is_refused(self):
        for wrong in (flipped(self.runtime_data, 5), b""):
            error = self.attest(NOT_VALID, "--runtime-data", self.file("wrong", wrong))["error"]
            self.assertEqual(error["code"], "AZATTEST_E_BINDING")

    def test_forged_evidence_is_refused(self):
        quote = self.quote.read_bytes()
        for offset in (50, 48 + 64, 368, 436, 436 + 70, 436 + 200, 436 + 520):
            with self.subTest(offset=offset):
                error = self.attest(NOT_VALID, quote=self.file("forged", flipped(quote, offset)))["error"]
                self.assertEqual((error["code"], error["status_code"]), ("AZATTEST_E_HTTP", 400))
                self.assertTrue(error["error_code"])
        text = self.expect(NOT_VALID, "attest", "sgx-enclave", *self.service, "--quote",
                           self.file("forged", flipped(quote, 60)))
        self.assertEqual(text.stdout, b"")
        self.assertIn(b"azattest: ", text.stderr)

    def test_malformed_evidence_is_not_sent(self):
        self.attest(NOT_VALID, quote=self.file("short", self.quote.read_bytes()[:600]))
        self.attest(NOT_VALID, quote=self.file("empty", b""))

    def test_evidence_of_an_unknown_platform_is_refused(self):
        other = self.folder / "other"
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.folder / "elsewhere", "--out", other)
        self.assertEqual(self.attest(NOT_VALID, quote=other)["error"]["status_code"], 400)

    def test_debug_is_a_warning_and_refused_on_request(self):
        quote = self.folder / "debug"
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.state, "--out", quote, "--debug")
        document = self.attest(VALID, quote=quote)
        self.assertIs(document["claims"]["x-ms-sgx-is-debuggable"], True)
        self.assertTrue(any("DEBUG" in warning for warning in document["warnings"]))
        token = self.file("t", document["token"])
        document = self.attest(NOT_VALID, "--no-debug", quote=quote)
        self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_DEBUGGABLE")
        document = self.document(NOT_VALID, "token", "validate", token, *self.service, "--no-debug")
        self.assertEqual(document["problems"][0]["check"], "D1")

    def test_validates_with_the_keys_of_the_service_and_of_a_file(self):
        document = self.attest(VALID, "--runtime-data", self.data, "--nonce", "n-2")
        token, keys = self.file("t", document["token"]), self.keys()
        offline = ["--signers", keys, "--issuer", self.endpoint]
        wrapped = self.file("wrapped", json.dumps(document))
        for source in (token, wrapped):
            for trust in (self.service, offline):
                checked = self.document(VALID, "token", "validate", source, *trust, "--nonce", "n-2",
                                        "--runtime-data", self.data)
                self.assertIs(checked["valid"], True)
                self.assertEqual(checked["claims"], document["claims"])
        text = self.expect(VALID, "token", "validate", token, *offline).stdout.decode()
        self.assertTrue(text.startswith("VALID"), text)
        late = int(time.time()) + 9 * 3600
        for trust in (self.service, offline):
            for words, code, check in (
                    (["--at", late], "AZATTEST_E_TOKEN_EXPIRED", "C1"),
                    (["--at", "2020-01-01T00:00:00Z"], "AZATTEST_E_TOKEN_NOT_YET_VALID", "C2"),
                    (["--nonce", "n-3"], "AZATTEST_E_TOKEN_NONCE", "N1"),
                    (["--runtime-data", self.file("w", b"other")], "AZATTEST_E_TOKEN_RUNTIME_DATA", "N2")):
                with self.subTest(words=words, trust=trust[0]):
                    refused = self.document(NOT_VALID, "token", "validate", token, *trust, *words)
                    self.assertIs(refused["valid"], False)
                    self.assertIn((code, check), [(p["code"], p["check"]) for p in refused["problems"]])
                    self.assertEqual(refused["claims"], document["claims"])
        other = self.document(NOT_VALID, "token", "validate", token, "--signers", keys, "--issuer", "https://b.example")
        self.assertIn(other["problems"][0]["code"], ("AZATTEST_E_TOKEN_KEY_URL", "AZATTEST_E_TOKEN_ISSUER"))
        text = self.expect(NOT_VALID, "token", "validate", token, *offline, "--at", late).stdout.decode()
        self.assertTrue(text.startswith("NOT VALID"), text)
        self.assertRegex(text, r"(?m)^  C1  ")
        # The environment's endpoint does not get in the way of --signers.
        self.expect(VALID, "token", "validate", token, *offline, AZATTEST_ENDPOINT="https://b.example")

    def test_a_flipped_bit_in_the_token_is_refused(self):
        parts = self.attest(VALID)["token"].split(".")
        keys = ["--signers", self.keys(), "--issuer", self.endpoint]
        for part in range(3):
            raw = unb64url(parts[part])
            for offset in range(0, len(raw), max(1, len(raw) // 12)):
                forged = list(parts)
                forged[part] = b64url(flipped(raw, offset))
                with self.subTest(part=part, offset=offset):
                    document = self.document(NOT_VALID, "token", "validate", "-", *keys,
                                             stdin=".".join(forged).encode())
                    self.assertIs(document["valid"], False)
                    self.assertTrue(document["problems"])
        for length in (len(parts[0]), -1, -100):
            self.document(NOT_VALID, "token", "validate", "-", *keys, stdin=".".join(parts)[:length].encode())

    def test_an_unknown_certificate_of_the_server_is_no_verdict(self):
        document = self.document(UNREACHED, "attest", "sgx-enclave", "--endpoint", self.endpoint, "--quote", self.quote,
                                 "--timeout", "3")
        self.assertIn(document["error"]["code"], ("AZATTEST_E_TRANSPORT", "AZATTEST_E_TIMEOUT"))
        self.assertNotIn("valid", document)

    def test_an_api_version_that_the_service_refuses(self):
        error = self.attest(NOT_VALID, "--api-version", "1999-01-01")["error"]
        self.assertEqual(error["status_code"], 400)

    def test_the_log_follows_azure_log_level(self):
        words = ["attest", "sgx-enclave", *self.service, "--quote", self.quote, "--json"]
        self.assertEqual(self.expect(VALID, *words).stderr, b"")
        done = self.expect(VALID, *words, AZURE_LOG_LEVEL="Informational")
        self.assertIn(b"azattest: info: ", done.stderr)
        self.assertIn(b"/attest/SgxEnclave", done.stderr)
        self.assertNotIn(json.loads(done.stdout)["token"].encode(), done.stderr)
        self.assertEqual(self.expect(VALID, *words, AZURE_LOG_LEVEL="error").stderr, b"")

    def test_a_broken_pipe_is_an_error_of_writing(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([COMMAND, "version"], stdout=writing, stderr=subprocess.PIPE, check=False)
        os.close(writing)
        self.assertEqual(done.returncode, UNREACHED)


class OddService(CommandTest):
    """What a service may answer besides a good token."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-odd-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.quote = cls.shared / "quote"
        done = run("simulate", "sgx-quote", "--state", cls.shared / "state", "--out", cls.quote, "--mr-enclave",
                   "12" * 32, "--mr-signer", "34" * 32)
        if done.returncode != VALID:
            raise AssertionError(done.stderr.decode())

    def serve(self, answer):
        server = Answers(answer)
        self.addCleanup(server.stop)
        return ["--endpoint", server.endpoint, "--ca-file", server.ca_file], server.endpoint

    def serve_token(self, make):
        """A service that answers attest calls with the token that `make(endpoint)` gives, and has a key of its own."""
        certificate = base64.b64encode(ssl.PEM_cert_to_DER_cert(
            Answers.ca_file.read_text()[Answers.ca_file.read_text().index("-----BEGIN CERTIFICATE"):])).decode()
        keys = json.dumps({"keys": [{"kid": "b", "kty": "EC", "x5c": [certificate]}]}).encode()

        def answer(method, _):
            if method == "GET":
                return 200, {}, keys
            return 200, {"x-ms-request-id": "r-1"}, json.dumps({"token": make(endpoint)}).encode()
        service, endpoint = self.serve(answer)
        return service

    def claims(self, endpoint):
        now = int(time.time())
        return {"iss": endpoint, "iat": now, "nbf": now, "exp": now + 600, "x-ms-attestation-type": "sgx",
                "x-ms-sgx-mrenclave": "12" * 32, "x-ms-sgx-mrsigner": "34" * 32, "x-ms-sgx-product-id": 0,
                "x-ms-sgx-svn": 0, "x-ms-sgx-is-debuggable": False, "x-ms-sgx-report-data": "00" * 64}

    def attest(self, code, service, *words):
        return self.document(code, "attest", "sgx-enclave", *service, "--quote", self.quote, *words)

    def test_a_draft_policy_gives_an_unsecured_reply(self):
        service = self.serve_token(lambda endpoint: make_token({"alg": "none"}, self.claims(endpoint)))
        policy = self.file("policy", "version= 1.0;authorizationrules{=> permit();};issuancerules{};")
        document = self.attest(VALID, service, "--draft-policy", policy)
        self.assertIsNone(document["valid"])
        self.assertIs(document["is_draft"], True)
        self.assertEqual((document["header"]["alg"], document["request_id"]), ("none", "r-1"))
        self.assertTrue(any("unsecured draft reply" in warning for warning in document["warnings"]))
        text = self.expect(VALID, "attest", "sgx-enclave", *service, "--quote", self.quote, "--draft-policy",
                           policy).stdout.decode()
        self.assertTrue(text.startswith("UNVERIFIED"), text)
        self.expect(WRONG_USE, "attest", "sgx-enclave", *service, "--quote", self.quote, "--draft-policy",
                    self.file("nul", b"a\0b"), says="NUL")

    def test_an_unsecured_token_without_a_draft_policy_is_refused(self):
        service = self.serve_token(lambda endpoint: make_token({"alg": "none"}, self.claims(endpoint)))
        document = self.attest(NOT_VALID, service)
        self.assertIs(document["valid"], False)
        self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_ALGORITHM")

    def test_a_token_that_no_key_verifies_is_refused(self):
        header = {"alg": "RS256", "kid": "a"}
        service = self.serve_token(lambda endpoint: make_token(header, self.claims(endpoint), b"x" * 256))
        document = self.attest(NOT_VALID, service)
        self.assertIs(document["valid"], False)
        self.assertTrue(document["problems"][0]["code"].startswith("AZATTEST_E_TOKEN_KEY"))
        text = self.expect(NOT_VALID, "attest", "sgx-enclave", *service, "--quote", self.quote).stdout.decode()
        self.assertTrue(text.startswith("NOT VALID"), text)

    def test_a_refusal_is_one_and_a_broken_service_three(self):
        error = b'{"error":{"code":"Odd","message":"\\u001b[31mno"}}'
        for status, code in ((400, NOT_VALID), (401, NOT_VALID), (403, NOT_VALID), (404, NOT_VALID), (301, UNREACHED),
                             (429, UNREACHED), (500, UNREACHED), (503, UNREACHED)):
            with self.subTest(status=status):
                service, _ = self.serve(lambda *_, s=status: (s, {"Location": "https://127.0.0.1:1/"}, error))
                document = self.attest(code, service, "--timeout", "2")
                self.assertNotIn("valid", document)
                self.assertEqual(document["error"]["status_code"], status)
                done = self.expect(code, "attest", "sgx-enclave", *service, "--quote", self.quote, "--timeout", "2")
                self.assertEqual(done.stdout, b"")
                self.assert_plain(done.stderr.decode())

    def test_an_answer_that_is_no_answer(self):
        for body in (b"", b"<html>", b"{}", b'{"token":1}', b"[" * 100000, b"x" * (5 << 20)):
            with self.subTest(body=body[:10]):
                service, _ = self.serve(lambda *_, b=body: (200, {}, b))
                document = self.attest(UNREACHED, service, "--timeout", "5")
                self.assertNotIn("valid", document)


class Network(CommandTest):
    def setUp(self):
        super().setUp()
        self.token = self.file("t", make_token({"alg": "RS256", "kid": "a"}, {"iss": "https://127.0.0.1"}, b"x" * 256))

    def listen(self):
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(30)
        self.addCleanup(server.close)
        return server, f"https://127.0.0.1:{server.getsockname()[1]}"

    def test_a_refused_connection_gives_three(self):
        server, endpoint = self.listen()
        server.close()
        document = self.document(UNREACHED, "token", "validate", self.token, "--endpoint", endpoint, "--timeout", "2")
        self.assertIn(document["error"]["code"], ("AZATTEST_E_TRANSPORT", "AZATTEST_E_TIMEOUT"))
        done = self.expect(UNREACHED, "token", "validate", self.token, "--endpoint", endpoint, "--timeout", "2")
        self.assertEqual(done.stdout, b"")
        self.assertTrue(done.stderr.startswith(b"azattest: "))

    def test_a_terminal_sees_the_next_try(self):
        server, endpoint = self.listen()
        server.close()
        ours, theirs = pty.openpty()
        words = [COMMAND, "token", "validate", self.token, "--endpoint", endpoint, "--timeout", "4"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, env=environment(), check=False)
        os.close(theirs)
        said = os.read(ours, 65536).decode()
        os.close(ours)
        self.assertEqual(done.returncode, UNREACHED)
        self.assertRegex(said, r"azattest: .*try 1 .*next in \d+ ms")

    def test_a_silent_server_runs_into_the_time_limit(self):
        _, endpoint = self.listen()
        document = self.document(UNREACHED, "token", "validate", self.token, "--endpoint", endpoint, "--timeout", "1")
        self.assertEqual(document["error"]["code"], "AZATTEST_E_TIMEOUT")

    def test_an_unreadable_ca_file_gives_three(self):
        for ca_file in (self.folder / "absent", self.file("ca", "nothing"), self.file("empty", "")):
            self.expect(UNREACHED, "token", "validate", self.token, "--endpoint", "https://127.0.0.1:1", "--ca-file",
                        ca_file, "--timeout", "2")

    def test_ctrl_c_ends_the_call(self):
        server, endpoint = self.listen()
        process = subprocess.Popen([COMMAND, "token", "validate", self.token, "--endpoint", endpoint],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        connection, _ = server.accept()  # the call is on its way
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)  # the call itself would wait for longer
        connection.close()
        self.assertEqual((process.returncode, output), (INTERRUPTED, b""))
        self.assertTrue(errors.startswith(b"azattest: "))


@needs_evidence
class RealEvidence(CommandTest):
    """A quote of a real machine, to the service and back."""

    def test_a_real_quote_is_attested_end_to_end(self):
        all_facts = json.loads((EVIDENCE / "facts.json").read_bytes())
        emulator = Emulator()
        try:
            service = ["--endpoint", emulator.ready["endpoint"], "--ca-file", emulator.ready["ca_file"]]
            name = "sgx/azure-intelsdk-2023-release.quote.bin"
            quote, data = EVIDENCE / name, self.file("held", bytes.fromhex("010203040506"))
            document = self.document(VALID, "attest", "sgx-enclave", *service, "--quote", quote, "--runtime-data", data)
            self.assertIs(document["valid"], True)
            self.assertEqual(document["claims"]["x-ms-sgx-mrenclave"], all_facts[name]["body"]["mrenclave"])
            self.assertEqual(document["claims"]["x-ms-sgx-product-id"], all_facts[name]["body"]["isvprodid"])
            wrong = self.file("wrong", bytes.fromhex("010203040507"))
            self.document(NOT_VALID, "attest", "sgx-enclave", *service, "--quote", quote, "--runtime-data", wrong)
            for forged in sorted((EVIDENCE / "sgx").glob("neg-*.bin")):
                with self.subTest(forged=forged.name):
                    self.document(NOT_VALID, "attest", "sgx-enclave", *service, "--quote", forged)
        finally:
            self.assertEqual(emulator.stop(), VALID)
        self.assertTrue(emulator.log)


if __name__ == "__main__":
    main()

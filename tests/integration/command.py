"""The command `azattest` from outside, without a service: files, tokens and evidence, what it prints and refuses."""

import base64
import binascii
import json
import os
import pty
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from command_support import (COMMAND, EVIDENCE, NOT_VALID, UNREACHED, VALID, CommandTest, environment, flipped,
                             main, make_token, needs_evidence, run)


class Files(CommandTest):
    def test_what_cannot_be_read_gives_three(self):
        absent = self.folder / "absent"
        token = self.file("t", make_token({"alg": "none"}, {}))
        for words in (["token", "inspect", absent], ["token", "inspect", self.folder], ["evidence", "inspect", absent],
                      ["evidence", "verify", absent], ["evidence", "verify", "-", "--root", absent],
                      ["evidence", "verify", "-", "--runtime-data", absent],
                      ["token", "validate", token, "--signers", absent, "--issuer", "https://a.example"],
                      ["attest", "sgx-enclave", "--endpoint", "https://a.example", "--quote", absent],
                      ["simulate", "sgx-quote", "--state", self.folder / "s", "--out", "-", "--runtime-data", absent]):
            with self.subTest(words=words):
                done = self.expect(UNREACHED, *words, says="cannot read")
                self.assertEqual(done.stdout, b"")
        error = self.document(UNREACHED, "evidence", "verify", absent)["error"]
        self.assertEqual(error["code"], "AZATTEST_E_STATE")

    def test_what_cannot_be_written_gives_three(self):
        self.expect(UNREACHED, "simulate", "sgx-quote", "--state", self.folder / "s", "--out",
                    self.folder / "no" / "folder", says="cannot write")
        self.expect(UNREACHED, "simulate", "sgx-quote", "--state", self.file("f", "") / "s", "--out", "-")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([COMMAND, "version"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, UNREACHED)
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_input_has_a_ceiling(self):
        huge = self.file("huge", b"")
        os.truncate(huge, 1 << 32)
        self.expect(NOT_VALID, "evidence", "verify", huge, says="bytes")
        self.expect(NOT_VALID, "token", "inspect", huge, says="bytes")
        self.expect(NOT_VALID, "token", "inspect", "/dev/zero", says="bytes")
        self.expect(UNREACHED, "evidence", "verify", "-", "--runtime-data", huge, says="has more than 1048576 bytes")

    def test_malformed_evidence_is_a_verdict(self):
        for content in (b"", b"\x03\x00", b"{}", b"not evidence", b"00" * 500, b"\xff" * 2000, b"{" * 2000):
            with self.subTest(content=content[:20]):
                for word in ("inspect", "verify"):
                    document = self.document(NOT_VALID, "evidence", word, self.file("e", content))
                    self.assertEqual([document["kind"], document["version"], document["verdict"], document["fields"]],
                                     [None, None, "invalid", {}])
                    [check] = document["checks"]
                    self.assertEqual((check["id"], check["ok"]), ("structure", False))
                    self.assertTrue(check["detail"])
                    self.assertTrue(document["error"]["code"].startswith("AZATTEST_E_"))
                    text = self.expect(NOT_VALID, "evidence", word, self.file("e", content)).stdout.decode()
                    self.assertTrue(text.startswith("NOT VALID"), text)


class Tokens(CommandTest):
    header = {"alg": "none", "typ": "JWT"}
    claims = '{"iss":"https://a.example","iat":1668649248,"exp":1668678048,"x-ms-sgx-is-debuggable":true,' \
             '"big":9007199254740993,"negative":-9223372036854775808,"evil":"\\u001b[31mred\\u009b\\u202e\\n",' \
             '"nested":{"deep":[1,2,{"x":null}]}}'

    def test_inspect_is_unverified_and_shows_everything(self):
        token = make_token(self.header, self.claims)
        document = self.document(VALID, "token", "inspect", self.file("t", token))
        self.assertIsNone(document["valid"])
        self.assertEqual(document["problems"], [])
        self.assertEqual(document["header"], self.header)
        self.assertEqual(document["claims"], json.loads(self.claims))
        self.assertTrue(any("DEBUG" in warning for warning in document["warnings"]))
        self.assertTrue(any("UNSECURED" in warning for warning in document["warnings"]))
        text = self.expect(VALID, "token", "inspect", self.file("t", token)).stdout.decode()
        self.assertTrue(text.startswith("UNVERIFIED"), text)
        for part in ("17 November 2022 01:40:48 UTC", "ago)", "DEBUG", "9007199254740993", "nested.deep",
                     "https://a.example"):
            self.assertIn(part, text)
        self.assert_plain(text)

    def test_json_holds_integers_exactly_and_no_terminal_sequences(self):
        token = make_token(self.header, self.claims).encode()
        done = self.expect(VALID, "token", "inspect", "-", "--json", stdin=token)
        text = done.stdout.decode()
        self.assertIn("9007199254740993", text)
        self.assertIn("-9223372036854775808", text)
        self.assert_plain(text)
        self.assertEqual(json.loads(text)["claims"]["evil"], "\x1b[31mred\x9b\u202e\n")

    def test_a_token_comes_from_a_file_or_standard_input_or_inside_json(self):
        token = make_token(self.header, self.claims).encode()
        for content in (token, b" \r\n\t" + token + b"\n\n", b'{"token":"' + token + b'"}',
                        b'\n{ "valid": null, "token": "' + token + b'" }\n'):
            with self.subTest(content=content[:20]):
                self.assertIsNone(self.document(VALID, "token", "inspect", "-", stdin=content)["valid"])
                self.assertIsNone(self.document(VALID, "token", "inspect", self.file("t", content))["valid"])

    def test_malformed_tokens_are_not_valid(self):
        good = make_token(self.header, self.claims)
        cases = ["", " ", "a.b", good + ".x", good.replace(".", " .", 1), good + "=", "\0" + good, '{"token":1}',
                 '{"tokens":"x"}', '{"token":"%s"' % good, '{"token":"a","token":"b"}',
                 make_token(self.header, '{"a":1,"a":2}'), make_token("[]", "{}"), make_token({"typ": "JWT"}, "{}")]
        for content in cases:
            with self.subTest(content=content[:30]):
                for words in (["inspect", "-"], ["validate", "-", "--endpoint", "https://a.example"]):
                    document = self.document(NOT_VALID, "token", *words, stdin=content.encode())
                    self.assertIs(document["valid"], False)
                    self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_MALFORMED")
                    self.assertEqual(document["problems"][0]["check"], "T1")
                    self.assertTrue(document["problems"][0]["detail"])
                    self.assertIsNone(document["claims"])
        text = self.expect(NOT_VALID, "token", "inspect", "-", stdin=b"a.b").stdout.decode()
        self.assertTrue(text.startswith("NOT VALID"), text)

    def test_a_truncated_token_never_passes(self):
        token = make_token(self.header, self.claims, b"signature").encode()
        for length in range(0, len(token), 7):
            done = run("token", "inspect", "-", "--json", stdin=token[:length])
            if done.returncode != VALID:  # what still has three well-formed parts is a token, unverified
                self.assertEqual(done.returncode, NOT_VALID)
            else:
                self.assertEqual(token[:length].count(b"."), 2)
                self.assertIsNone(json.loads(done.stdout)["valid"])

    def test_an_unreadable_key_set_is_no_verdict(self):
        token = self.file("t", make_token(self.header, self.claims))
        for content in ("<html>", "{}", '{"keys":{}}', ""):
            with self.subTest(content=content):
                document = self.document(UNREACHED, "token", "validate", token, "--signers", self.file("k", content),
                                         "--issuer", "https://a.example")
                self.assertNotIn("valid", document)
                self.assertIn("--signers", document["error"]["message"])

    def test_an_unsigned_token_is_refused(self):
        document = self.document(NOT_VALID, "token", "validate", self.file("t", make_token(self.header, self.claims)),
                                 "--signers", self.file("k", '{"keys":[]}'), "--issuer", "https://a.example", "--at",
                                 "1668649300")
        self.assertIs(document["valid"], False)
        self.assertEqual(document["claims"]["iss"], "https://a.example")
        self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_ALGORITHM")

    def test_colour_is_for_terminals_without_no_color(self):
        path = self.file("t", make_token(self.header, self.claims))
        for changes, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            ours, theirs = pty.openpty()
            env = environment(**{"TERM": "xterm", **changes})
            subprocess.run([COMMAND, "token", "inspect", path], stdout=theirs, env=env, check=True)
            os.close(theirs)
            self.assertEqual(b"\x1b[" in os.read(ours, 65536), coloured, changes)
            os.close(ours)
        self.assertNotIn(b"\x1b", self.expect(VALID, "token", "inspect", path).stdout)


class Simulated(CommandTest):
    """Evidence of a made-up platform, offline."""

    runtime_data = b"what the enclave says of itself"

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-simulated-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.state = cls.shared / "state"
        cls.data = cls.shared / "runtime-data"
        cls.data.write_bytes(cls.runtime_data)
        cls.root = cls.state / "simulator-root.pem"
        made = {}
        for word in ("sgx-quote", "open-enclave-report"):
            done = run("simulate", word, "--state", cls.state, "--out", "-", "--runtime-data", cls.data, "--mr-enclave",
                       "AB" * 32, "--mr-signer", "cd" * 32, "--product-id", 7, "--svn", 9)
            if done.returncode != VALID:
                raise AssertionError(done.stderr.decode())
            made[word] = done.stdout
        cls.quote, cls.report = made["sgx-quote"], made["open-enclave-report"]

    def verify(self, code, content, *words):
        return self.document(code, "evidence", "verify", self.file("evidence", content), *words)

    def test_verifies_only_under_the_root_that_was_passed(self):
        for content, kind in ((self.quote, "sgx_quote"), (self.report, "open_enclave_report")):
            document = self.verify(VALID, content, "--root", self.root)
            self.assertEqual((document["kind"], document["version"], document["verdict"]), (kind, 3, "valid"))
            self.assertTrue(document["checks"])
            for check in document["checks"]:
                self.assertEqual(set(check) >= {"id", "ok", "detail"}, True)
                self.assertIn(check["ok"], (True, None))
            self.assertEqual(set(document["not_checked"]), {"tcb", "revocation", "qe_identity"})
            self.assertIn("ab" * 32, json.dumps(document["fields"]))
            self.assertIn("cd" * 32, json.dumps(document["fields"]))
            document = self.verify(NOT_VALID, content)
            self.assertEqual(document["verdict"], "invalid")
            self.assertTrue([check for check in document["checks"] if check["ok"] is False])
        text = self.expect(VALID, "evidence", "verify", self.file("e", self.quote), "--root", self.root).stdout.decode()
        self.assertTrue(text.startswith("VALID"), text)
        self.assertIn("not by Intel's", text)
        self.assertIn("Not checked", text)
        text = self.expect(NOT_VALID, "evidence", "verify", self.file("e", self.quote)).stdout.decode()
        self.assertTrue(text.startswith("NOT VALID"), text)
        self.assertIn("FAILED", text)

    def test_an_unusable_root_is_no_verdict(self):
        document = self.document(UNREACHED, "evidence", "verify", self.file("e", self.quote), "--root",
                                 self.file("r", "no certificate"))
        self.assertNotIn("verdict", document)

    def test_an_unusable_root_is_named_with_its_option(self):
        broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        for content, says in (("no certificate", "no certificate in PEM"), ("", "no certificate in PEM"),
                              (b"\x30\x82\x01\x02", "no certificate in PEM"), (broken, "certificate 1: ")):
            path = self.file("root", content)
            for words in (["evidence", "verify", self.file("e", self.quote)], ["service", "verify", self.file("e", self.quote)]):
                error = self.document(UNREACHED, *words, "--root", path)["error"]
                self.assertTrue(error["message"].startswith(f"--root '{path}': {says}"), error)
                self.assertIn("PEM", error["hint"])

    def test_every_wrapping_is_taken(self):
        raw = self.quote
        base = base64.b64encode(raw)
        forms = {
            "raw": raw,
            "hex": binascii.hexlify(raw),
            "base64": base,
            "base64url": base64.urlsafe_b64encode(raw).rstrip(b"="),
            "pem": b"-----BEGIN QUOTE-----\n" + base64.encodebytes(raw) + b"-----END QUOTE-----\n",
            "json": json.dumps({"QuoteHex": raw.hex().upper(),
                                "EnclaveHeldDataHex": self.runtime_data.hex().upper()}).encode(),
        }
        for form, content in forms.items():
            with self.subTest(form=form):
                self.assertEqual(self.verify(VALID, content, "--root", self.root)["verdict"], "valid")
                document = self.document(VALID, "evidence", "inspect", "-", stdin=content)
                self.assertEqual((document["form"], document["kind"], document["verdict"]), (form, "sgx_quote", None))
                self.assertEqual(document["held_data"], self.runtime_data.hex() if form == "json" else None)
        for content in (forms["hex"] + b"\n", b"\n" + forms["hex"].upper(), base64.encodebytes(raw)):
            self.assertEqual(self.verify(VALID, content, "--root", self.root)["verdict"], "valid")

    def test_held_data_of_the_document_is_checked(self):
        good = {"QuoteHex": self.quote.hex(), "EnclaveHeldDataHex": self.runtime_data.hex()}
        self.verify(VALID, json.dumps(good).encode(), "--root", self.root)
        good["EnclaveHeldDataHex"] = flipped(self.runtime_data, 3).hex()
        self.verify(NOT_VALID, json.dumps(good).encode(), "--root", self.root)

    def test_runtime_data_has_to_be_bound(self):
        self.verify(VALID, self.quote, "--root", self.root, "--runtime-data", self.data)
        for wrong in (flipped(self.runtime_data, 0), self.runtime_data + b"\n", b""):
            document = self.verify(NOT_VALID, self.quote, "--root", self.root, "--runtime-data",
                                   self.file("wrong", wrong))
            self.assertEqual(document["verdict"], "invalid")

    def test_a_flipped_bit_anywhere_is_refused(self):
        end = 436 + int.from_bytes(self.quote[432:436], "little")
        for offset in [*range(0, 436, 23), *range(436, 1020, 31), *range(1020, end - 1, 211)]:
            with self.subTest(offset=offset):
                done = run("evidence", "verify", "-", "--root", self.root, "--json", stdin=flipped(self.quote, offset))
                document = json.loads(done.stdout)
                self.assertEqual((done.returncode, document["verdict"]), (NOT_VALID, "invalid"))

    def test_every_truncation_is_malformed(self):
        end = 436 + int.from_bytes(self.quote[432:436], "little")
        for length in [0, 1, 47, 48, 431, 432, 436, 1019, 1020, end - 500, end - 1]:
            document = self.verify(NOT_VALID, self.quote[:length], "--root", self.root)
            self.assertEqual(document["verdict"], "invalid")

    def test_certificates_have_a_life(self):
        document = self.verify(NOT_VALID, self.quote, "--root", self.root, "--at", "1971-01-01T00:00:00Z")
        self.assertEqual(document["verdict"], "invalid")
        self.verify(NOT_VALID, self.quote, "--root", self.root, "--at", "0")
        self.verify(VALID, self.quote, "--root", self.root, "--at", int(time.time()) + 60)

    def test_debug_is_a_warning_and_refused_on_request(self):
        path = self.folder / "debug"
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.state, "--out", path, "--debug")
        document = self.document(VALID, "evidence", "verify", path, "--root", self.root)
        self.assertTrue(any("DEBUG" in warning for warning in document["warnings"]))
        self.assertIn("DEBUG", self.expect(VALID, "evidence", "verify", path, "--root", self.root).stdout.decode())
        self.assertIn("DEBUG", self.expect(VALID, "evidence", "inspect", path).stdout.decode())
        document = self.document(NOT_VALID, "evidence", "verify", path, "--root", self.root, "--no-debug")
        self.assertEqual(document["verdict"], "invalid")
        self.verify(VALID, self.quote, "--root", self.root, "--no-debug")

    def test_inspect_is_unverified(self):
        text = self.expect(VALID, "evidence", "inspect", "-", stdin=self.report).stdout.decode()
        self.assertTrue(text.startswith("UNVERIFIED"), text)
        self.assertIn("ab" * 32, text)

    def test_simulate_says_what_it_made(self):
        out = self.folder / "out"
        document = self.document(VALID, "simulate", "sgx-quote", "--state", self.state, "--out", out)
        self.assertEqual((document["kind"], document["size"]), ("sgx_quote", out.stat().st_size))
        self.assertEqual(Path(document["simulator_root"]), self.root)
        text = self.expect(VALID, "simulate", "sgx-quote", "--state", self.state, "--out", out).stdout.decode()
        self.assertIn("azattest evidence verify", text)


@needs_evidence
class RealEvidence(CommandTest):
    """Quotes, reports and tokens of real machines and of the real service."""

    @classmethod
    def setUpClass(cls):
        cls.facts = json.loads((EVIDENCE / "facts.json").read_bytes())

    def test_a_quote_whose_certificates_live_verifies_now(self):
        for name in ("azure-intelsdk-2023-release.quote.bin", "azure-intelsdk-2023-release.json"):
            document = self.document(VALID, "evidence", "verify", EVIDENCE / "sgx" / name)
            body = self.facts["sgx/" + name]["body"]
            self.assertIn(body["mrenclave"], json.dumps(document["fields"]))
            self.assertIn(body["mrsigner"], json.dumps(document["fields"]))

    def test_quotes_and_reports_get_the_verdict_of_the_facts(self):
        judged = 0
        for name, facts in self.facts.items():
            if not name.startswith(("sgx/", "openenclave/")) or facts.get("kind") not in ("quote", "oe_report"):
                continue
            good = facts["checks"].get("intel_root") is True and all(facts["checks"].values())
            with self.subTest(name=name):
                done = run("evidence", "verify", EVIDENCE / name, "--at", "2024-06-01T00:00:00Z", "--json")
                verdict = json.loads(done.stdout)
                self.assertEqual((done.returncode, verdict["verdict"]),
                                 (VALID, "valid") if good else (NOT_VALID, "invalid"), verdict)
                judged += 1
        self.assertGreater(judged, 15)

    def test_tokens_get_the_verdict_of_the_facts(self):
        keys = EVIDENCE / "maa-certs" / "wus-shared-2022-11.jwks.json"
        token = EVIDENCE / "maa-tokens" / "sgx-shared-2022-11.jwt"
        trust = ["--signers", keys, "--issuer", "https://sharedwus.wus.attest.azure.net"]
        within = ["--at", "2022-11-17T02:00:00Z"]
        document = self.document(VALID, "token", "validate", token, *trust, *within)
        self.assertIs(document["valid"], True)
        self.assertEqual(document["claims"]["x-ms-sgx-mrenclave"],
                         self.facts["maa-tokens/sgx-shared-2022-11.jwt"]["x-ms-sgx-mrenclave"])
        document = self.document(NOT_VALID, "token", "validate", token, *trust)
        self.assertEqual(document["problems"][0]["code"], "AZATTEST_E_TOKEN_EXPIRED")
        self.document(NOT_VALID, "token", "validate", token, *trust, *within, "--no-debug")
        # What the instance says of its policies has the same key and issuer, and attests nothing.
        trust = ["--signers", EVIDENCE / "maa-certs" / "wus-aad-2022-11.jwks.json"]
        for name in ("policy-get-sgx", "policy-set-result", "policy-certs-get-aad"):
            path = EVIDENCE / "maa-tokens" / f"{name}.jwt"
            issuer = self.facts[f"maa-tokens/{name}.jwt"]["iss"]
            document = self.document(NOT_VALID, "token", "validate", path, *trust, *within, "--issuer", issuer)
            self.assertEqual([each["code"] for each in document["problems"]], ["AZATTEST_E_TOKEN_ATTESTATION_TYPE"])
            self.expect(NOT_VALID, "secret", "seal", self.file("secret", "s"), "--token", path, *trust, *within,
                        "--issuer", issuer, says="no attestation")
        trust = ["--signers", keys, "--issuer", "https://sharedwus.wus.attest.azure.net"]
        refused = sorted((EVIDENCE / "maa-tokens").glob("neg-*.jwt"))
        self.assertGreater(len(refused), 5)
        for path in refused:
            with self.subTest(path=path.name):
                document = self.document(NOT_VALID, "token", "validate", path, *trust, *within)
                self.assertIs(document["valid"], False)


if __name__ == "__main__":
    main()

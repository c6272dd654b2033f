"""Evidence: every real quote and report gets the verdict that its facts say; flipped bits are refused."""

import json
import pickle
import unittest
from datetime import datetime, timezone

import azattest
from azattest import Evidence, EvidenceError, Status, evidence

from support import evidence as read
from support import facts, needs_evidence

RELEASE = "sgx/azure-intelsdk-2023-release.quote.bin"
IN_LIFE = datetime(2024, 1, 1, tzinfo=timezone.utc)


@needs_evidence
class RealEvidence(unittest.TestCase):
    def test_every_quote_and_report_gets_the_verdict_of_its_facts(self):
        seen = {True: 0, False: 0}
        for name, fact in facts().items():
            if not name.startswith(("sgx/", "openenclave/")) or not name.endswith((".bin", ".json")):
                continue
            if fact.get("kind") not in ("quote", "oe_report") and not name.rpartition("/")[2].startswith("neg-"):
                continue
            checks = fact.get("checks", {})
            wanted = fact.get("kind") in ("quote", "oe_report") and bool(checks.get("intel_root")) and all(checks.values())
            try:
                found = evidence.load(read(name))
                verdict = found.verify(at=IN_LIFE)
                valid = verdict.is_valid
            except EvidenceError:
                valid = False
            with self.subTest(name):
                self.assertEqual(valid, wanted)
            seen[wanted] += 1
            if valid:
                with self.subTest(name):
                    self.assertEqual(verdict.root, "intel")
                    self.assertEqual(set(verdict.not_checked), {"tcb", "revocation", "qe_identity"})
                    self.assertEqual(bool(verdict.warnings), found.is_debuggable)
        self.assertGreaterEqual(min(seen.values()), 9)

    def test_readers(self):
        fact = facts()[RELEASE]
        quote = Evidence.parse(read(RELEASE))
        self.assertEqual((quote.kind, quote.form, quote.version), ("sgx_quote", "raw", 3))
        self.assertEqual((len(quote.mr_enclave), len(quote.mr_signer), len(quote.report_data)), (32, 32, 64))
        self.assertEqual(quote.mr_enclave.hex()[:16], "d37d983a85d63fb4")
        self.assertEqual(quote.report_data.hex()[:16], "7192385c3c0605de")
        self.assertEqual((quote.product_id, quote.svn, quote.is_debuggable), (1, 1, False))
        self.assertEqual(len(quote.cpu_svn), 16)
        self.assertTrue(quote.raw.startswith(quote.quote))
        self.assertIsNone(quote.held_data)
        self.assertIn(quote.mr_enclave.hex(), json.dumps(quote.fields()))
        self.assertIn(quote.mr_enclave.hex(), repr(quote))
        self.assertIsInstance(fact, dict)

    def test_json_of_the_samples_brings_its_held_data(self):
        found = evidence.load(read("sgx/azure-intelsdk-2023-release.json"))
        self.assertEqual(found.form, "json")
        self.assertIsNone(found.check_binding(found.held_data))
        with self.assertRaises(EvidenceError) as caught:
            found.check_binding(found.held_data + b"x")
        self.assertIs(caught.exception.code, Status.E_BINDING)
        self.assertTrue(found.verify(at=IN_LIFE, runtime_data=found.held_data).is_valid)
        self.assertFalse(found.verify(at=IN_LIFE, runtime_data=b"").is_valid)

    def test_a_flipped_bit_anywhere_that_is_signed_is_refused(self):
        raw = Evidence.parse(read(RELEASE)).quote
        for place in list(range(0, 436, 7)) + list(range(436, len(raw), 61)):
            flipped = bytearray(raw)
            flipped[place] ^= 1
            try:
                valid = Evidence.parse(flipped).verify(at=IN_LIFE).is_valid
            except EvidenceError:
                valid = False
            with self.subTest(place):
                self.assertFalse(valid)

    def test_truncation_is_refused_with_a_reason(self):
        raw = Evidence.parse(read(RELEASE)).quote
        for length in range(1, len(raw), 13):
            with self.assertRaises(EvidenceError) as caught:
                Evidence.parse(raw[:length])
            self.assertTrue(caught.exception.message)

    def test_time_debug_and_roots(self):
        quote = Evidence.parse(read(RELEASE))
        late = quote.verify(at=datetime(2040, 1, 1, tzinfo=timezone.utc))
        self.assertFalse(late.is_valid)
        self.assertIn("NOT VALID", repr(late))
        debug = Evidence.parse(read("sgx/azure-intelsdk-2023-debug.quote.bin"))
        self.assertTrue(debug.verify(at=IN_LIFE).is_valid)
        self.assertIn("DEBUG", debug.verify(at=IN_LIFE).warnings[0])
        self.assertFalse(debug.verify(at=IN_LIFE, allow_debug=False).is_valid)

    def test_a_verdict_is_a_plain_value(self):
        verdict = evidence.verify(read(RELEASE), at=IN_LIFE)
        self.assertTrue(verdict)
        again = pickle.loads(pickle.dumps(verdict))
        self.assertEqual((again.is_valid, again.checks), (verdict.is_valid, verdict.checks))
        document = verdict.to_dict()
        self.assertEqual([check["id"] for check in document["checks"]], [check.id for check in verdict.checks])
        self.assertEqual([check["ok"] for check in document["checks"]], [check.ok for check in verdict.checks])
        self.assertEqual([check["required"] for check in document["checks"]], [check.required for check in verdict.checks])
        self.assertEqual({check.required for check in verdict.checks}, {True, False})
        with self.assertRaises(AttributeError):
            verdict.is_valid = True
        bad = evidence.verify(read("sgx/neg-sgx-sig-bitflip.bin"), at=IN_LIFE)
        self.assertFalse(bad)
        self.assertIn(False, [check.ok for check in bad.checks])

    def test_a_required_check_that_was_not_run_is_told_from_one_that_nobody_asked_for(self):
        verdict = evidence.verify(read("snp/milan-v3.report.bin"))
        self.assertFalse(verdict.is_valid)
        self.assertNotIn(False, [check.ok for check in verdict.checks])
        self.assertIn("report_signature", [check.id for check in verdict.checks if check.required and check.ok is None])
        self.assertIn("not run: ", repr(verdict))
        self.assertNotIn("not run: ", repr(evidence.verify(read(RELEASE), at=IN_LIFE)))

    def test_inspect(self):
        seen = evidence.inspect(read("openenclave/azure-oesdk-release.json"))
        self.assertEqual((seen["kind"], seen["version"]), ("open_enclave_report", 3))

    def test_what_is_no_evidence_is_refused_by_name(self):
        with self.assertRaises(EvidenceError) as caught:
            evidence.load(read("maa-tokens/sgx-shared-2022-11.jwt"))
        self.assertIs(caught.exception.code, Status.E_UNSUPPORTED)
        self.assertIn("a token", str(caught.exception))

    def test_a_tdx_quote(self):
        seen = evidence.inspect(read("tdx/google-spr-e4-v4.bin"))
        self.assertEqual((seen["kind"], seen["version"]), ("tdx_quote", 4))


class Nonsense(unittest.TestCase):
    def test_wrong_types_raise(self):
        for wrong in ("text", None, 5, [1]):
            for call in (Evidence.parse, Evidence.load, evidence.verify, evidence.inspect):
                with self.subTest((wrong, call)), self.assertRaises(TypeError):
                    call(wrong)

    def test_bytes_that_are_no_evidence(self):
        for raw in (b"\0", b"{}", b"hello", bytes(600), b"\xff" * 5000):
            with self.subTest(raw[:5]), self.assertRaises(azattest.Error):
                evidence.load(raw)
        with self.assertRaisesRegex(EvidenceError, "empty"):
            evidence.parse(b"")


if __name__ == "__main__":
    unittest.main()

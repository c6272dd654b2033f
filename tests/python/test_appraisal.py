"""Appraisals: keywords, mappings and text make the same; nothing that is misspelt or of a wrong kind passes."""

import json
import pickle
import tempfile
import unittest
import uuid
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import azattest
from azattest import Appraisal, Evidence, InputError, evidence
from azattest._appraisal import MEMBERS

from support import CHECKOUT, needs_evidence
from support import evidence as read

SIGNER = bytes(range(32))
TDX, IN_LIFE = "tdx/phala-v4.bin", datetime(2025, 6, 25, tzinfo=timezone.utc)


class Members(unittest.TestCase):
    def test_keywords_mappings_and_text_make_the_same(self):
        text = json.dumps({"mr_signer": SIGNER.hex(), "product_id": 1, "min_svn": 2, "tcb_statuses": ["UpToDate"]})
        made = Appraisal(text)
        for other in (
            Appraisal(mr_signer=SIGNER, product_id=1, min_svn=2, tcb_statuses=["UpToDate"]),
            Appraisal(mr_signer=SIGNER.hex().upper(), product_id=1, min_svn=2, tcb_statuses=("UpToDate",)),
            Appraisal({"mr_signer": bytearray(SIGNER), "product_id": 1, "min_svn": 2, "tcb_statuses": {"UpToDate"}}),
            Appraisal(mr_signer=memoryview(SIGNER), product_id=1, min_svn=2, tcb_statuses=["UpToDate"], mr_enclave=None),
            Appraisal(text.encode()),
            Appraisal.load(text),
            Appraisal.load(text.encode()),
            pickle.loads(pickle.dumps(made)),
        ):
            self.assertEqual(other, made)
            self.assertEqual(hash(other), hash(made))
            self.assertEqual(other.to_dict()["mr_signer"], made.to_dict()["mr_signer"])
        self.assertNotEqual(Appraisal(product_id=2), made)
        self.assertNotEqual(made, text)
        self.assertIn(SIGNER.hex(), repr(made))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "appraisal.json")
            file.write_text('{"min_svn": 7}')
            for path in (file, str(file)):
                self.assertEqual(Appraisal.load(path), Appraisal(min_svn=7))
            with self.assertRaises(FileNotFoundError):
                Appraisal.load(Path(folder, "missing"))
        for wrong in (None, 5, {"min_svn": 7}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                Appraisal.load(wrong)

    def test_the_library_knows_every_member_and_no_other(self):
        header = (CHECKOUT / "core/src/evidence/verdict/appraisal.h").read_text()
        table = header.split("#define AZATTEST__APPRAISAL_MEMBERS(X)")[1].split("/* clang-format on */")[0]
        names = [line.split(",")[1].strip() for line in table.splitlines() if line.strip().startswith("X(")]
        self.assertEqual(tuple(names), MEMBERS)
        public = (CHECKOUT / "core/include/azattest/appraisal.h").read_text()
        for name in MEMBERS:
            with self.subTest(name):
                self.assertTrue("`%s`" % name in public or name.startswith("rtmr"), name)

    def test_what_is_not_known_is_refused_with_what_may_be_meant(self):
        for wrong, told in (({"mr_enclav": SIGNER}, "did you mean mr_enclave"), ({"debug": True}, "no member debug"),
                            ({"min_svn": 1, "tcb_status": "UpToDate"}, "did you mean tcb_statuses")):
            with self.subTest(wrong):
                with self.assertRaisesRegex(TypeError, told):
                    Appraisal(**wrong)
                with self.assertRaisesRegex(TypeError, told):
                    Appraisal(wrong)
                with self.assertRaises((TypeError, ValueError)):
                    Appraisal(json.dumps({name: "00" for name in wrong}))
        with self.assertRaisesRegex(TypeError, "either"):
            Appraisal({"min_svn": 1}, min_svn=1)

    def test_values_that_are_none_of_a_member(self):
        for wrong in ({"mr_enclave": b"short"}, {"mr_enclave": "00"}, {"mr_enclave": "zz" * 32}, {"mr_enclave": 5}, {"min_svn": -1},
                      {"min_svn": True}, {"allow_debug": 1}, {"tcb_statuses": "Revoked"}, {"tcb_statuses": "uptodate"},
                      {"kinds": []}, {"policy": {"smtt": False}}, {"pcrs": {"sha256": {24: bytes(32)}}}, {"pcrs": {"md5": {0: bytes(16)}}},
                      {"td_attributes": {"mask": 2**64, "value": 0}}, {"min_tcb_date": "yesterday"}, {"min_tcb_date": datetime(2025, 1, 1)}):
            with self.subTest(wrong), self.assertRaises(ValueError) as caught:
                Appraisal(**wrong)
            self.assertIn(next(iter(wrong)), str(caught.exception))
        for wrong in ({"mr_enclave": object()}, {"min_svn": 1.5}, {"policy": {"smt": None}}, {"kinds": [None]}):
            with self.subTest(wrong), self.assertRaisesRegex(TypeError, next(iter(wrong))):
                Appraisal(**wrong)
        for text in ("", "[]", "{", '{"min_svn": 1, "min_svn": 2}', "null"):
            with self.subTest(text), self.assertRaises(InputError):
                Appraisal(text)
        for wrong in (5, object()):
            with self.subTest(wrong), self.assertRaises(TypeError):
                Appraisal(wrong)

    def test_values_of_python(self):
        moment = datetime(2025, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))
        self.assertEqual(Appraisal(min_tcb_date=moment), Appraisal(min_tcb_date="2025-01-31T12:00:00Z"))
        self.assertEqual(Appraisal(min_tcb_date=date(2025, 1, 31)), Appraisal(min_tcb_date="2025-01-31"))
        name = uuid.UUID("5c2b213f-720e-4c29-9c2f-87376e11aad4")
        self.assertEqual(Appraisal(vm_unique_id=name), Appraisal(vm_unique_id=str(name)))
        self.assertEqual(Appraisal(td_attributes={"mask": 1, "value": 0}),
                         Appraisal(td_attributes={"mask": "0100000000000000", "value": bytes(8)}))
        self.assertEqual(Appraisal(pcrs={"sha256": {7: bytes(32)}}), Appraisal(pcrs={"sha256": {"7": "00" * 32}}))
        self.assertEqual(Appraisal().to_dict(), {})


@needs_evidence
class Judged(unittest.TestCase):
    def test_each_member_is_a_check_and_none_is_ignored(self):
        found = Evidence.parse(read(TDX))
        left = ["tcb", "revocation", "qe_identity", "tdx_module"]
        good = {"mr_td": found.mr_td, "rtmr1": [bytes(48), found.rtmr(1)], "report_data": found.report_data, "kinds": "tdx_quote",
                "td_attributes": {"mask": 2**64 - 1, "value": found.td_attributes}, "xfam": {"mask": 2**64 - 1, "value": found.xfam},
                "allow_not_checked": left}
        verdict = found.verify(at=IN_LIFE, appraisal=good)
        self.assertTrue(verdict.is_valid, verdict)
        self.assertTrue(verdict.is_appraised)
        self.assertFalse(found.verify(at=IN_LIFE).is_appraised)
        checks = {check.id: check.ok for check in verdict.checks}
        for name in good:
            self.assertIs(checks["appraisal." + name], True, name)
        for name, other in (("mr_td", bytes(48)), ("rtmr1", bytes(48)), ("report_data", bytes(64)), ("kinds", "sgx_quote"),
                            ("td_attributes", {"mask": 1 << 28, "value": 0}), ("allow_not_checked", left[1:]), ("mr_enclave", bytes(32)),
                            ("measurement", bytes(48)), ("pcrs", {"sha256": {0: bytes(32)}})):
            with self.subTest(name):
                verdict = evidence.verify(found, at=IN_LIFE, appraisal=Appraisal(dict(good, **{name: other})))
                self.assertFalse(verdict.is_valid)
                self.assertIs({check.id: check.ok for check in verdict.checks}["appraisal." + name], False)
                self.assertIn("appraisal." + name, repr(verdict))

    def test_options_that_are_none(self):
        found = Evidence.parse(read(TDX))
        for wrong in ({"appraisal": 5}, {"appraisal": [1]}, {"collateral": 5}, {"collateral": [5]}, {"collateral": {}}, {"nonce": "text"},
                      {"allow_masked_chip_id": 1}, {"refuse_unknown_bits": "yes"}, {"collateral_grace": "long"}, {"nonse": b""}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                found.verify(**wrong)
        for wrong in ({"collateral_grace": -1}, {"appraisal": {"min_svn": -1}}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                found.verify(**wrong)
        with self.assertRaises(azattest.Error):
            found.verify(collateral=b"nonsense")

    def test_readers_with_arguments(self):
        found = Evidence.parse(read(TDX))
        for wrong in (4, -1, 2**31):
            with self.subTest(wrong), self.assertRaises(ValueError):
                found.rtmr(wrong)
        for wrong in ("0", None, 1.0, True):
            with self.subTest(wrong), self.assertRaises(TypeError):
                found.rtmr(wrong)
        with self.assertRaises(TypeError):
            found.pcr(5, 0)
        self.assertIsNone(found.pcr("sha256", 0))
        self.assertIsNone(found.pcr("md5", 999))
        for wrong in ({}, {"tpm_message": b"x"}, {"hcl_report": b""}):
            with self.subTest(wrong), self.assertRaises(azattest.Error):
                Evidence.new_guest(**wrong)
        for wrong in ({"tpm_message": "text"}, {"pcrs": {"sha256": {0: "00"}}}, {"pcrs": {0: 5}}, {"event_log": 1}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                Evidence.new_guest(**wrong)


if __name__ == "__main__":
    unittest.main()

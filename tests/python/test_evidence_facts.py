"""Every file of the evidence gets, through Python, the verdict and the field values that its facts state, collateral
included. facts.json comes from an independent checker."""

import unittest
from datetime import datetime, timedelta, timezone

import azattest
from azattest import Appraisal, AttestationSigners, Collateral, Evidence, EvidenceError, evidence

from support import EVIDENCE, facts, needs_evidence
from support import evidence as read

FOLDERS = ("sgx/", "tdx/", "openenclave/", "snp/", "hcl/", "tpm/", "maa-certs/", "collateral/")
SNP_DAY = datetime(2026, 3, 1, tzinfo=timezone.utc)  # in the life of every VCEK
VLEK_DAY = datetime(2025, 9, 1, tzinfo=timezone.utc)  # and of the VLEK
OURS = {  # checks of Intel's evidence by the facts' names
    "quote_sig": "quote_signature",
    "qe_binding": "qe_report_binding",
    "qe_report_sig": "qe_report_signature",
    "chain_sigs": "pck_chain",
    "held_data_binding": "runtime_data",
    "MrEnclaveHex_matches": "document_fields",
    "report_sig": "report_signature",
    "chip_id_matches": "chip_id",
    "tcb_matches": "vcek_tcb",
    "chain_to_ark": "ark_root",
    "runtime_data_binding": "runtime_claims_binding",
    "tdinfo_hash": "hcl_structure",
    "tee_tcb_info_hash": "hcl_structure",
}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=timezone.utc)


def outcomes(verdict):
    return {check.id: check.ok for check in verdict.checks}


def little(text):
    return int.from_bytes(bytes.fromhex(text), "little")


def snp_certificates():
    """One set with the certificates of all machines: a report finds its own."""
    names = [name for name, fact in facts().items() if fact["kind"] == "certificates" and name.startswith(("snp/", "hcl/"))]
    return Collateral.load(*(EVIDENCE / name for name in names))


@needs_evidence
class Facts(unittest.TestCase):
    def files(self, *kinds):
        for name, fact in facts().items():
            if name.startswith(FOLDERS) and fact["kind"] in kinds:
                yield name, fact

    def same(self, seen, wanted, *names):
        """Readers of an object against facts of (perhaps) other names."""
        for name in names:
            ours, theirs = name if isinstance(name, tuple) else (name, name)
            if theirs in wanted:
                value = getattr(seen, ours)
                self.assertEqual(value.hex() if isinstance(value, bytes) else value, wanted[theirs], ours)

    def same_outcomes(self, verdict, checks, names):
        seen = outcomes(verdict)
        for theirs, ours in names.items():
            if theirs in checks:
                self.assertIs(seen[ours], checks[theirs], ours)

    # ---- Intel ----

    def test_quotes_and_reports(self):
        counts = {True: 0, False: 0}
        for name, fact in self.files("quote", "oe_report"):
            with self.subTest(name):
                checks = fact["checks"]
                wanted = bool(checks.get("intel_root")) and all(checks.values())
                valid = False
                try:
                    found = Evidence.load(EVIDENCE / name)
                except EvidenceError:
                    self.assertIs(checks.get("oe_size"), False)  # the one fault that is of the form
                else:
                    at = moment(fact["pck_notafter"]) - timedelta(days=1) if "pck_notafter" in fact else datetime(2023, 6, 1, tzinfo=timezone.utc)
                    verdict = found.verify(at=at)
                    valid = verdict.is_valid
                    self.intel_fields(found, fact)
                    self.same_outcomes(verdict, checks, {theirs: OURS[theirs] for theirs in OURS if theirs in checks})
                    if valid:
                        self.assertEqual(verdict.root, "intel")
                        left = {"tcb", "revocation", "qe_identity"} | ({"tdx_module"} if fact["tee"] == "tdx" else set())
                        self.assertEqual(set(verdict.not_checked), left)
                        self.assertFalse(verdict.is_complete)
                        self.assertEqual(any("DEBUG" in each for each in verdict.warnings), fact["body"]["debug"])
                        self.assertEqual(found.verify(at=at, allow_debug=False).is_valid, not fact["body"]["debug"])
                self.assertIs(valid, wanted)
                counts[wanted] += 1
        self.assertGreaterEqual(counts[True], 25)
        self.assertGreaterEqual(counts[False], 13)

    def intel_fields(self, found, fact):
        body = fact["body"]
        self.same(found, fact, "tee", "version", "fmspc", "pceid")
        self.same(found, body, "report_data", ("is_debuggable", "debug"))
        self.assertEqual(len(found.trailing or b""), fact["trailing_bytes"])
        self.assertEqual(found.fields()["signature"]["certification_data_type"], fact["cert_type"])
        if "PCK" in fact.get("chain", ["", ""])[1]:
            self.assertEqual(found.pck_ca, "platform" if "Platform" in fact["chain"][1] else "processor")
        if fact["tee"] == "sgx":
            self.same(found, body, ("mr_enclave", "mrenclave"), ("mr_signer", "mrsigner"), ("cpu_svn", "cpusvn"),
                      ("product_id", "isvprodid"), ("svn", "isvsvn"))
            self.assertEqual([len(found.config_id), len(found.isv_family_id), len(found.isv_extended_product_id)], [64, 16, 16])
            self.assertIsNotNone(found.config_svn)
            for name in ("mr_td", "td_attributes", "xfam", "measurement", "guest_policy", "vmpl", "guest_svn", "nonce"):
                self.assertIsNone(getattr(found, name), name)
            self.assertIsNone(found.rtmr(0))
        else:
            self.same(found, body, ("mr_td", "mrtd"), ("mr_seam", "mrseam"), ("mr_signer_seam", "mrsignerseam"),
                      ("mr_config_id", "mrconfigid"), ("mr_owner", "mrowner"), ("mr_service_td", "mrservicetd"), "tee_tcb_svn")
            self.assertEqual([found.rtmr(i).hex() for i in range(4)], [body["rtmr%d" % i] for i in range(4)])
            self.assertEqual(found.td_attributes, little(body["td_attributes"]))
            self.assertEqual(found.xfam, little(body["xfam"]))
            self.assertEqual(len(found.mr_owner_config), 48)
            self.assertEqual(found.mr_service_td is None, "mrservicetd" not in body)
            for name in ("mr_enclave", "mr_signer", "product_id", "svn", "config_svn", "measurement", "runtime_claims"):
                self.assertIsNone(getattr(found, name), name)

    def test_what_does_not_parse(self):
        for name, fact in self.files("rejected"):
            with self.subTest(name):
                try:
                    verdict = Evidence.load(EVIDENCE / name).verify()
                except EvidenceError as error:
                    self.assertTrue(error.message)
                else:  # a certificate reads as one, whatever is wrong with the evidence inside
                    self.assertTrue(name.endswith(".der"))
                    self.assertFalse(verdict.is_valid)

    # ---- collateral ----

    def test_every_sample_reaches_its_level(self):
        others = ("tcb-signing.der", "intel-root.der", "qe-identity-sgx.json", "qe-identity-td.json", "root-ca-crl-2025.der",
                  "pck-crl-platform-2025-08.der")
        count = 0
        for name, fact in self.files("quote", "oe_report"):
            with self.subTest(name):
                for level in fact.get("tcb_status") or ():
                    try:
                        found = Evidence.load(EVIDENCE / name)
                    except EvidenceError:
                        continue
                    files = [level["tcb_info"]] + ["collateral/" + other for other in others if "phala" not in level["tcb_info"]]
                    at = moment(level["issued"]) + timedelta(days=1, hours=12)
                    collateral = Collateral.load(*(EVIDENCE / file for file in files))
                    verdict = found.verify(collateral=collateral, at=at)
                    check = next(check for check in verdict.checks if check.id == "tcb_level")
                    if level["status"] == "no level matches":
                        self.assertIs(check.ok, False)
                        self.assertIsNone(verdict.tcb_status)
                    else:
                        self.assertIs(check.ok, True)
                        self.assertIn(" is %s; TDX module" % level["status"], check.detail)
                        self.assertIsNotNone(verdict.tcb_date)
                        self.assertEqual(verdict.tcb_evaluation_data_number, min(level["eval"], 17))
                    count += 1
        self.assertGreaterEqual(count, 30)

    def test_whole_sets_give_whole_verdicts(self):
        for quote, bundle, day, status, valid in (
            ("tdx/phala-v4.bin", "phala-tdx-b0c06f000000.json", "2025-06-25", "UpToDate", True),
            ("sgx/alibaba-quote.bin", "phala-sgx-00a067110000.json", "2025-06-25", "ConfigurationAndSWHardeningNeeded", False),
            ("tdx/phala-v5-outdated.bin", "phala-tdx-90c06f000000-2026-02.json", "2026-02-25", None, False),
            ("tdx/azure-cvm-v4.bin", "phala-tdx-90c06f000000-2026-02.json", "2026-02-25", None, False),
        ):
            at = moment(day) + timedelta(hours=12)
            with self.subTest(quote):
                collateral = Collateral(EVIDENCE / "collateral" / bundle)
                verdict = evidence.verify(EVIDENCE / quote, collateral=collateral, at=at)
                self.assertEqual(verdict.not_checked, ())
                self.assertEqual((verdict.is_valid, verdict.is_complete, verdict.tcb_status), (valid, valid, status))
                self.assertLess(at, verdict.earliest_expiration)
                self.assertGreater(at, verdict.latest_issue)
                self.assertEqual(verdict.earliest_expiration, collateral.expires)
                year_later = evidence.verify(EVIDENCE / quote, collateral=collateral, at=at + timedelta(days=365))
                self.assertIs(outcomes(year_later)["collateral_validity"], False)
                graced = evidence.verify(EVIDENCE / quote, collateral=collateral, at=at + timedelta(days=60), collateral_grace=60 * 86400)
                self.assertIs(outcomes(graced)["collateral_validity"], True)
                if status and not valid:
                    taken = evidence.verify(EVIDENCE / quote, collateral=collateral, at=at, appraisal={"tcb_statuses": status})
                    self.assertTrue(taken.is_valid)
                    self.assertTrue(taken.advisories)

    def test_the_synthetic_set_of_intel(self):
        folder = EVIDENCE / "collateral/intel-qvl-sample"
        root = (folder / "trustedRootCaCert.pem").read_text()
        found = Evidence.load(EVIDENCE / "sgx/intel-qvl-sample-certtype1.bin")
        at = datetime(2023, 2, 25, 12, tzinfo=timezone.utc)
        verdict = found.verify(collateral=Collateral.load(folder), extra_roots=root, at=at)
        self.assertEqual((verdict.is_complete, verdict.root, verdict.tcb_status), (True, "extra", "UpToDate"))
        self.assertFalse(found.verify(collateral=Collateral.load(folder), at=at).is_valid)

    def test_every_file_of_collateral_is_described(self):
        kinds = {"crl": "crl", "intel_tcbInfo": "tcb_info", "intel_enclaveIdentity": "qe_identity", "certificates": "certificate"}
        count = 0
        for name, fact in self.files(*kinds, "collateral_bundle"):
            with self.subTest(name):
                if not name.startswith("collateral/"):
                    continue
                count += 1
                issuers = (
                    ("intel-qvl-sample/pckSignChain.pem", "intel-qvl-sample/tcbSignChain.pem", "intel-qvl-sample/trustedRootCaCert.pem")
                    if "qvl-sample" in name
                    else ("tcb-signing.der", "intel-root.der", "phala-tdx-b0c06f000000.json")
                )
                collateral = Collateral.load(EVIDENCE / name, *(EVIDENCE / "collateral" / issuer for issuer in issuers))
                again = Collateral(collateral.save())
                items = collateral.describe()["items"]
                self.assertCountEqual(again.describe()["items"], items)
                if fact["kind"] == "collateral_bundle":
                    self.assertTrue(all(item["verifies"] and item["root"] == "intel" for item in items))
                    continue
                item = next(item for item in items if item["kind"] == kinds[fact["kind"]])
                self.assertIs(item["verifies"], all(fact["checks"].values()))
                if "nextUpdate" in fact:
                    self.assertEqual((item["from"], item["until"]), (fact["issueDate"], fact["nextUpdate"]))
                    self.assertEqual(item["tcb_evaluation_data_number"], fact["tcbEvaluationDataNumber"])
                if "next_update" in fact:
                    self.assertEqual(moment(item["until"]), moment(fact["next_update"]))
        self.assertGreaterEqual(count, 20)

    def test_forged_collateral_is_refused(self):
        forged = [EVIDENCE / "collateral" / name for name in ("neg-tcbinfo-status-changed.json", "tcb-signing.der", "intel-root.der")]
        quote, at = EVIDENCE / "sgx/azure-intelsdk-2023-release.quote.bin", datetime(2025, 9, 29, 12, tzinfo=timezone.utc)
        verdict = evidence.verify(quote, collateral=forged, at=at)
        self.assertIs(outcomes(verdict)["tcb_info"], False)
        self.assertIsNone(verdict.tcb_status)
        self.assertFalse(verdict.is_valid)

    # ---- AMD ----

    def test_snp_reports(self):
        collateral, counts = snp_certificates(), {True: 0, False: 0}
        for name, fact in self.files("snp_report"):
            with self.subTest(name):
                found = Evidence.load(EVIDENCE / name)
                wanted = all(fact["checks"].values())
                day = VLEK_DAY if fact["signing_key"] == "VLEK" else SNP_DAY
                self.assertEqual((found.kind, found.tee), ("snp_report", "snp"))
                self.same(found, fact, "measurement", "host_data", "id_key_digest", "chip_id", "report_id", "report_data", "reported_tcb",
                          "guest_svn", "vmpl", "version", ("is_debuggable", "debug_allowed"))
                self.assertEqual(found.guest_policy, int(fact["policy"], 16))
                self.assertEqual([len(found.family_id), len(found.image_id), len(found.author_key_digest)], [16, 16, 48])
                for absent in ("mr_enclave", "mr_td", "product_id", "td_attributes", "fmspc", "pcr_digest"):
                    self.assertIsNone(getattr(found, absent), absent)
                verdict = found.verify(collateral=collateral, at=day)
                self.assertEqual(verdict.is_valid, wanted, verdict)
                if wanted:
                    self.assertEqual(verdict.root, "amd")
                    self.assertEqual(verdict.not_checked, ("revocation",))
                    self.same_outcomes(verdict, fact["checks"], {theirs: OURS[theirs] for theirs in OURS if theirs in fact["checks"]})
                    allowed = {"max_vmpl": found.vmpl, "allow_debug": found.is_debuggable, "allow_not_checked": ["revocation"]}
                    bound = Appraisal(measurement=found.measurement, **allowed)
                    self.assertTrue(found.verify(collateral=collateral, at=day, appraisal=bound).is_valid)
                    other = Appraisal(measurement=bytes(48), **allowed)
                    self.assertFalse(found.verify(collateral=collateral, at=day, appraisal=other).is_valid)
                self.assertFalse(found.verify(at=day).is_valid)  # nothing is known without the key's certificate
                counts[wanted] += 1
        self.assertGreaterEqual(counts[True], 6)
        self.assertGreaterEqual(counts[False], 2)

    # ---- Azure guests and TPMs ----

    def test_hcl_reports_and_bundles(self):
        collateral, counts = snp_certificates(), {True: 0, False: 0}
        for name, fact in self.files("hcl_report", "json_with_evidence"):
            with self.subTest(name):
                if name == "hcl/neg-hcl-truncated.bin":
                    with self.assertRaises(EvidenceError):
                        Evidence.load(EVIDENCE / name)
                    continue
                found = Evidence.load(EVIDENCE / name)
                bundle = fact["kind"] == "json_with_evidence" or "at" in fact
                self.assertEqual(found.kind, "azure_guest" if bundle else "hcl_report")
                verdict = found.verify(collateral=collateral, at=SNP_DAY)
                hcl = fact["items"][0] if "items" in fact else fact
                self.assertEqual(found.tee, hcl["tee"])
                checks = hcl["checks"]
                self.assertEqual(len(found.runtime_claims), hcl["variable_size"])
                if "snp" in hcl:
                    self.same(found, hcl["snp"], "chip_id", "measurement", "report_data", "vmpl", "version")
                    if checks["report_sig"]:
                        self.same_outcomes(verdict, checks, {theirs: OURS[theirs] for theirs in OURS if theirs in checks})
                    wanted = all(checks.values())
                else:  # a TDREPORT is nothing without a quote over it
                    self.assertEqual(found.fields()["hcl"]["td_report"]["report_data"], hcl["td_report_data"])
                    wanted = bundle and all(fact["checks"].values())
                self.assertEqual(verdict.is_valid, wanted, verdict)
                counts[wanted] += 1
        self.assertGreaterEqual(counts[True], 3)
        self.assertGreaterEqual(counts[False], 3)

    def test_tpm_quotes(self):
        count = 0
        for name, fact in self.files("tpm_quote"):
            with self.subTest(name):
                count += 1
                stem = name[: -len(".msg")]
                kept = "tpm/azure-snp-genoa" if "neg" in name else stem
                pcrs = json_of((stem if (EVIDENCE / (stem + ".pcrs.json")).exists() else kept) + ".pcrs.json")
                found = Evidence.new_guest(
                    tpm_message=read(name), tpm_signature=read(stem + ".sig"), ak_public=read(kept + ".ak.pem"), pcrs=pcrs
                )
                self.assertEqual((found.kind, found.tee, found.form), ("tpm_quote", "tpm", "parts"))
                self.assertEqual(found.nonce.hex(), fact["extra_data"])
                self.assertEqual(found.pcr_digest.hex(), fact["pcr_digest"])
                for index, value in pcrs.items():
                    self.assertEqual(found.pcr("sha256", index), value)
                self.assertEqual(found.pcr(None, 0), pcrs[0])
                self.assertIsNone(found.pcr("sha384", 0))
                verdict = found.verify(nonce=found.nonce)
                seen = outcomes(verdict)
                self.assertIs(seen["tpm_quote_signature"], fact["checks"]["quote_sig"])
                if "pcr_digest" in fact["checks"]:
                    self.assertIs(seen["tpm_pcr_digest"], fact["checks"]["pcr_digest"])
                self.assertIs(verdict.is_valid, all(fact["checks"].values()))
                self.assertFalse(found.verify(nonce=b"another").is_valid)
                if verdict.is_valid:
                    expected = Appraisal(pcrs={"sha256": {7: pcrs[7]}}, allow_not_checked=verdict.not_checked)
                    self.assertTrue(found.verify(nonce=found.nonce, appraisal=expected).is_valid)
        self.assertEqual(count, 4)

    # ---- the service's own certificates ----

    def test_certificates_of_the_service(self):
        counts = {True: 0, False: 0}
        for name, fact in self.files("jwks", "certificates"):
            with self.subTest(name):
                if not name.startswith("maa-certs/"):
                    continue
                at = datetime(2022, 11, 17, tzinfo=timezone.utc) if "wus" in name else datetime(2020, 10, 1, tzinfo=timezone.utc)
                signers = AttestationSigners.parse(read(name))
                for signer, key in zip(signers, fact.get("keys") or fact["certs"]):
                    if "quote_ok" not in key:
                        if signer.certificates:
                            with self.assertRaises(azattest.Error):
                                evidence.verify_service_certificate(signer)
                        continue
                    # the keys of 2020 had 1024 bits, which are refused today
                    wanted = key["quote_ok"] and key["key_in_quote"] and signer.key_bits >= 2048
                    verdict = evidence.verify_service_certificate(signer, at=at, allow_debug=True)
                    self.assertEqual(verdict.is_valid, wanted, verdict)
                    counts[wanted] += 1
                    if not wanted:
                        continue
                    self.assertIn("identity", verdict.not_checked)
                    self.assertEqual(evidence.verify_service_certificate(signer, at=at).is_valid, not key["debug"])
                    for mr_enclave, accepted in ((key["mrenclave"], True), ("00" * 32, False)):
                        appraisal = {"mr_enclave": mr_enclave, "allow_debug": True, "allow_not_checked": ["tcb", "revocation", "qe_identity"]}
                        pinned = evidence.verify_service_certificate(
                            signer.certificates[0], at=at, allow_debug=True, appraisal=appraisal
                        )
                        self.assertEqual(pinned.is_valid, accepted, pinned)
                        self.assertNotIn("identity", pinned.not_checked)
        self.assertGreaterEqual(min(counts.values()), 2)


def json_of(name):
    """PCR values by index."""
    import json

    document = json.loads(read(name))
    values = document["pcrs"] if isinstance(document, dict) and "pcrs" in document else document
    items = values.items() if isinstance(values, dict) else enumerate(values)
    return {int(index): bytes.fromhex(value) for index, value in items}


if __name__ == "__main__":
    unittest.main()

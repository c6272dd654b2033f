"""The command `azattest`: evidence judged with collateral and appraisals, collateral itself, and the enclaves of a service."""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

from command_support import (CHECKOUT, EVIDENCE, NOT_VALID, UNREACHED, VALID, WRONG_USE, CommandTest, Emulator, main,
                             needs_evidence, run)

MR_ENCLAVE, MR_SIGNER = "ab" * 32, "cd" * 32
KINDS = {"sgx-quote": "sgx", "open-enclave-report": "sgx", "tdx-quote": "tdx", "snp-report": "snp"}


class Made(CommandTest):
    """Evidence and collateral of a made-up platform."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-evidence-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.state = cls.shared / "state"
        cls.roots = cls.state / "simulator-roots.pem"
        for kind in KINDS:
            words = ["--mr-enclave", MR_ENCLAVE, "--mr-signer", MR_SIGNER, "--product-id", 7, "--svn", 9]
            cls.make(kind, cls.shared / kind, *(words if KINDS[kind] == "sgx" else []))
        cls.make("azure-guest", cls.shared / "azure-guest")
        (cls.shared / "collateral").mkdir()
        for tee in ("sgx", "tdx", "snp"):
            cls.make("collateral", cls.shared / "collateral" / tee, "--with", f"tee={tee}")

    @classmethod
    def make(cls, kind, out, *words):
        done = run("simulate", kind, "--state", cls.state, "--out", out, *words)
        if done.returncode != VALID:
            raise AssertionError(done.stderr.decode())
        return out

    def verify(self, code, kind, *words, collateral=True):
        given = ["--collateral", self.shared / "collateral" / KINDS[kind]] if collateral else []
        return self.document(code, "evidence", "verify", self.shared / kind, "--root", self.roots, *given, *words)

    def appraisal(self, **members):
        return self.file("appraisal", json.dumps(members))

    @staticmethod
    def failed(document):
        return [check["id"] for check in document["checks"] if check["ok"] is False]


class Collateral(Made):
    def test_with_collateral_nothing_is_left_out(self):
        for kind in KINDS:
            document = self.verify(VALID, kind)
            self.assertEqual((document["verdict"], document["complete"], document["not_checked"]), ("valid", True, []))
            self.assertIs(document["appraised"], False)
            if kind != "snp-report":
                self.assertEqual((document["tcb"]["status"], document["tcb"]["evaluation_data_number"]), ("UpToDate", 17))
            self.assertRegex(document["earliest_expiration"], r"^20\d\d-")
            text = self.expect(VALID, "evidence", "verify", self.shared / kind, "--root", self.roots, "--collateral",
                               self.shared / "collateral" / KINDS[kind]).stdout.decode()
            self.assertNotIn("not fully checked", text.splitlines()[0])
            self.assertIn("first part expires", text)

    def test_without_it_the_first_line_says_what_was_left_out(self):
        done = self.expect(VALID, "evidence", "verify", self.shared / "tdx-quote", "--root", self.roots)
        line = done.stdout.decode().splitlines()[0]
        self.assertTrue(line.startswith("VALID"), line)
        for name in ("not fully checked", "tcb", "revocation", "qe_identity", "tdx_module"):
            self.assertIn(name, line)
        document = self.verify(VALID, "tdx-quote", collateral=False)
        self.assertEqual((document["verdict"], document["complete"]), ("valid", False))

    def test_a_folder_is_taken_whole(self):
        folder = self.shared / "collateral"
        for kind in KINDS:
            document = self.document(VALID, "evidence", "verify", self.shared / kind, "--root", self.roots,
                                     "--collateral", folder)
            self.assertIs(document["complete"], True)

    def test_what_is_none_is_passed_over_in_a_folder_and_refused_by_name(self):
        folder = self.folder / "collateral"
        folder.mkdir()
        (folder / "README").write_text("not collateral")
        (folder / ".hidden").write_text("nor this")
        (folder / "deeper").mkdir()
        words = ["evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--collateral"]
        self.expect(UNREACHED, *words, folder, says="no collateral in it")
        shutil.copy(self.shared / "collateral" / "sgx", folder)
        done = self.expect(VALID, *words, folder, says="passed over")
        self.assertIn(b"README", done.stderr)
        self.assertNotIn(b"hidden", done.stderr)
        self.expect(UNREACHED, *words, folder / "README", says="README")
        self.expect(UNREACHED, *words, folder / "absent", says="cannot read")
        self.assertNotIn("verdict", self.document(UNREACHED, *words, folder / "README"))

    def test_collateral_that_expired_fails_the_verdict(self):
        old = self.make("collateral", self.folder / "old", "--with", "tee=sgx", "--with", "from=2025-01-01T00:00:00Z",
                        "--with", "until=2025-02-01T00:00:00Z", "--with", "window=tcb-info")
        words = ["evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--collateral", old]
        self.assertEqual(self.failed(self.document(NOT_VALID, *words, "--at", "2025-03-01T00:00:00Z")),
                         ["collateral_validity"])
        for time in ("2025-01-15T00:00:00Z", "1736899200"):
            document = self.document(VALID, *words, "--at", time)
            self.assertEqual(document["earliest_expiration"], "2025-02-01T00:00:00Z")

    def test_a_platform_that_is_out_of_date_is_refused_unless_an_appraisal_takes_it(self):
        made = ["--with", "tcb-status=OutOfDate", "--with", "tcb-advisories=INTEL-SA-00615"]
        old = self.make("collateral", self.folder / "old", "--with", "tee=sgx", *made)
        words = ["evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--collateral", old]
        document = self.document(NOT_VALID, *words)
        self.assertEqual((document["tcb"]["status"], document["tcb"]["advisories"]), ("OutOfDate", ["INTEL-SA-00615"]))
        self.assertEqual(self.failed(document), ["tcb_status"])
        text = self.expect(NOT_VALID, *words).stdout.decode()
        self.assertRegex(text, r"TCB status +OutOfDate")
        self.assertRegex(text, r"advisories +INTEL-SA-00615")
        taken = {"mr_enclave": MR_ENCLAVE, "tcb_statuses": ["UpToDate", "OutOfDate"]}
        self.document(VALID, *words, "--appraisal", self.appraisal(**taken))
        document = self.document(NOT_VALID, *words, "--appraisal",
                                 self.appraisal(**taken, advisories_refused="INTEL-SA-00615"))
        self.assertEqual(self.failed(document), ["appraisal.advisories_refused"])

    def test_a_set_is_shown_and_written_as_one_file(self):
        paths = [word for tee in ("sgx", "tdx", "snp") for word in ("--collateral", self.shared / "collateral" / tee)]
        document = self.document(VALID, "evidence", "collateral", *paths)
        kinds = [item["kind"] for item in document["items"]]
        for kind in ("tcb_info", "qe_identity", "crl", "certificate", "vcek", "ask", "ark"):
            self.assertIn(kind, kinds)
        for item in document["items"]:
            self.assertIs(item["verifies"], True, item)
        self.assertNotIn("missing", document)
        text = self.expect(VALID, "evidence", "collateral", *paths).stdout.decode()
        self.assertEqual(len(text.splitlines()), len(kinds))
        self.assertIn("evaluation 17", text)
        out = self.folder / "set.json"
        self.expect(VALID, "evidence", "collateral", *paths, "--out", out, says="Written")
        again = self.document(VALID, "evidence", "collateral", "--collateral", out)
        self.assertEqual(sorted(map(json.dumps, again["items"])), sorted(map(json.dumps, document["items"])))
        piped = self.expect(VALID, "evidence", "collateral", *paths, "--out", "-").stdout
        self.assertEqual(piped, out.read_bytes())
        self.document(VALID, "evidence", "collateral", "--collateral", "-", stdin=piped)

    def test_a_set_is_compared_with_the_evidence(self):
        words = ["evidence", "collateral", "--root", self.roots, "--evidence", self.shared / "tdx-quote", "--collateral"]
        folder = self.shared / "collateral"
        self.assertEqual(self.document(VALID, *words, folder / "tdx")["missing"], [])
        self.expect(VALID, *words, folder / "tdx", says="Nothing is missing")
        document = self.document(NOT_VALID, *words, folder / "sgx")
        self.assertTrue(document["missing"])
        self.expect(NOT_VALID, *words, folder / "sgx", says="Missing")
        info = self.make("collateral", self.folder / "info", "--with", "tee=tdx", "--with", "item=tcb_info")
        missing = {item["id"] for item in self.document(NOT_VALID, *words, info)["missing"]}
        self.assertIn("qe_identity", missing)

    def test_wrong_use_names_the_next_step(self):
        evidence = self.shared / "sgx-quote"
        collateral = self.shared / "collateral" / "sgx"
        for words, says in (
                (["evidence", "collateral"], "add --collateral PATH"),
                (["evidence", "collateral", "--fetch"], "add --evidence FILE"),
                (["evidence", "collateral", "--collateral", collateral, "--json", "--out", "-"], "standard output"),
                (["evidence", "verify", evidence, "--source", "intel"], "add --fetch"),
                (["evidence", "verify", evidence, "--fetch", "--region", "x"], "add --source azure"),
                (["evidence", "verify", evidence, "--fetch", "--source", "pccs"], "pccs=https://"),
                (["evidence", "verify", evidence, "--fetch", "--source", "intell"], "intell"),
                (["evidence", "verify", evidence, "--nonce", "0xzz"], "0x00ff"),
                (["evidence", "verify", evidence, "--at", "tomorrow"], "2026-01-31T12:00:00Z"),
                (["service", "verify"], "needs an ENDPOINT")):
            self.expect(WRONG_USE, *words, says=says)


class Appraisals(Made):
    good = {
        "sgx-quote": {"mr_enclave": MR_ENCLAVE, "mr_signer": [MR_SIGNER, MR_ENCLAVE], "product_id": 7, "min_svn": 9,
                      "tcb_statuses": "UpToDate", "min_tcb_evaluation_data_number": 17},
        "open-enclave-report": {"kinds": ["open_enclave_report"], "mr_signer": MR_SIGNER, "allow_smt": True},
        "tdx-quote": {"kinds": "tdx_quote", "mr_signer_seam": "00" * 48, "tcb_statuses": ["UpToDate"]},
        "snp-report": {"products": ["Milan"], "max_vmpl": 0, "policy": {"migration_agent": False}},
    }

    def test_an_appraisal_that_fits_passes(self):
        for kind, members in self.good.items():
            document = self.verify(VALID, kind, "--appraisal", self.appraisal(**members))
            self.assertEqual((document["verdict"], document["appraised"]), ("valid", True))
            passed = {check["id"] for check in document["checks"] if check["ok"]}
            self.assertLessEqual({"appraisal." + name for name in members}, passed)

    def test_a_member_that_is_not_so_fails_alone(self):
        for kind, name, value in (("sgx-quote", "mr_enclave", "ac" * 32), ("sgx-quote", "min_svn", 10),
                                  ("sgx-quote", "kinds", "tdx_quote"), ("tdx-quote", "mr_td", "00" * 48),
                                  ("tdx-quote", "mr_enclave", MR_ENCLAVE), ("snp-report", "products", "Turin"),
                                  ("snp-report", "mr_td", "00" * 48), ("open-enclave-report", "product_id", [1, 2])):
            members = dict(self.good[kind], **{name: value})
            document = self.verify(NOT_VALID, kind, "--appraisal", self.appraisal(**members))
            self.assertEqual(self.failed(document), ["appraisal." + name], kind)

    def test_what_was_left_out_is_refused_unless_it_is_named(self):
        document = self.verify(NOT_VALID, "sgx-quote", "--appraisal", self.appraisal(mr_enclave=MR_ENCLAVE),
                               collateral=False)
        self.assertEqual(self.failed(document), ["appraisal.allow_not_checked"])
        named = self.appraisal(mr_enclave=MR_ENCLAVE, allow_not_checked=["tcb", "revocation", "qe_identity"])
        self.verify(VALID, "sgx-quote", "--appraisal", named, collateral=False)

    def test_debugging_is_refused_unless_it_is_allowed(self):
        path = self.make("sgx-quote", self.folder / "debug", "--debug")
        words = ["evidence", "verify", path, "--root", self.roots, "--collateral", self.shared / "collateral" / "sgx"]
        self.document(VALID, *words)
        document = self.document(NOT_VALID, *words, "--appraisal", self.appraisal(product_id=1))
        self.assertIn("appraisal.allow_debug", self.failed(document))
        document = self.document(NOT_VALID, *words, "--appraisal", self.appraisal(allow_debug=True), "--no-debug")
        self.assertEqual(self.failed(document), ["debug"])

    def test_what_the_appraisal_does_not_set_is_one_line_for_people(self):
        done = self.expect(VALID, "evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--collateral",
                           self.shared / "collateral" / "sgx", "--appraisal", self.appraisal(mr_enclave=MR_ENCLAVE))
        text = done.stdout.decode()
        line = next(line for line in text.splitlines() if line.startswith("The appraisal says nothing of"))
        self.assertIn("mr_signer", line)
        self.assertNotIn("mr_enclave", line)
        self.assertNotIn("does not set it", text)
        document = self.verify(VALID, "sgx-quote", "--appraisal", self.appraisal(mr_enclave=MR_ENCLAVE))
        self.assertIn("appraisal.mr_signer", [check["id"] for check in document["checks"] if check["ok"] is None])

    def test_a_mistake_in_the_appraisal_is_wrong_use(self):
        for text, says in (('{"mrenclave": ""}', "did you mean mr_enclave?"), ('{"mr_enclave": "ab"}', "expected 64"),
                           ("[]", "expected an object"), ("mr_enclave", "appraisal"), ("", "appraisal")):
            words = ["evidence", "verify", self.shared / "sgx-quote", "--appraisal", self.file("a", text)]
            self.expect(WRONG_USE, *words, says=says)
        self.expect(UNREACHED, "evidence", "verify", self.shared / "sgx-quote", "--appraisal", self.folder / "absent")

    def test_the_examples_are_read(self):
        names = sorted((CHECKOUT / "examples" / "appraisals").glob("*.json"))
        self.assertGreater(len(names), 4)
        for name in names:
            document = self.verify(NOT_VALID, "sgx-quote", "--appraisal", name)
            self.assertTrue(all(check.startswith("appraisal.") for check in self.failed(document)), name)

    def test_the_nonce_of_a_tpm(self):
        path = self.shared / "azure-guest"
        words = ["evidence", "verify", path, "--root", self.roots, "--collateral", self.shared / "collateral" / "snp"]
        self.assertEqual(self.document(VALID, *words)["not_checked"], ["tpm_nonce"])
        self.assertIn("tpm_nonce", self.failed(self.document(NOT_VALID, *words, "--nonce", "another")))
        self.assertIn("tpm_nonce", self.failed(self.document(NOT_VALID, *words, "--nonce", "0x00")))
        document = self.verify(NOT_VALID, "sgx-quote", "--nonce", "x")
        self.assertIn("tpm_nonce", [check["id"] for check in document["checks"] if check["ok"] is None])


class Fetched(Made):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator("--state", cls.state)
        cls.addClassCleanup(cls.emulator.stop)
        cls.at = ["--source", cls.emulator.ready["endpoint"], "--ca-file", cls.emulator.ready["ca_file"]]

    def test_what_the_evidence_needs_is_fetched_and_kept(self):
        cache = self.folder / "cache"
        for kind in KINDS:
            words = ["evidence", "verify", self.shared / kind, "--root", self.roots]
            self.assertIs(self.document(VALID, *words, "--fetch", *self.at)["complete"], True)
            self.assertIs(self.document(VALID, *words, "--fetch", *self.at, "--cache", cache)["complete"], True)
            offline = self.document(VALID, *words, "--cache", cache, *self.at[:2])
            self.assertIs(offline["complete"], True)

    def test_without_a_connection_and_without_what_was_kept_there_is_no_verdict(self):
        words = ["evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--cache", self.folder / "cache"]
        document = self.document(UNREACHED, *words)
        self.assertNotIn("verdict", document)
        self.expect(UNREACHED, *words, "--fetch", "--source", "http://127.0.0.1:9", "--timeout", 5)
        self.document(VALID, *words, "--fetch", *self.at)
        error = self.document(UNREACHED, *words)["error"]  # it is kept, but of another source
        self.assertIn("it is kept by source", error["message"])
        self.assertEqual(error["hint"], "add the --source that it was fetched from, or --fetch to fetch it now")
        self.document(VALID, *words, *self.at[:2])

    def test_the_sources_whose_collateral_is_kept_are_named(self):
        """The records are made those of Intel's own addresses: a record is named by the hash of its address."""
        cache = self.folder / "cache"
        words = ["evidence", "verify", self.shared / "sgx-quote", "--root", self.roots, "--cache", cache]
        self.document(VALID, *words, "--fetch", *self.at)
        endpoint = self.emulator.ready["endpoint"].rstrip("/")
        document = json.dumps(self.document(VALID, "evidence", "collateral", "--collateral", self.shared / "collateral" / "sgx"))
        fmspc = re.search(r'"fmspc": *"([0-9a-fA-F]{12})"', document)[1].upper()
        api = "https://api.trustedservices.intel.com"
        paths = {"/sgx/certification/v4/tcb?fmspc=" + fmspc: api, "/sgx/certification/v4/qe/identity": api,
                 "/sgx/certification/v4/pckcrl?ca=platform&encoding=der": api,
                 "/sgx/certification/v4/pckcrl?ca=processor&encoding=der": api,
                 "/IntelSGXRootCA.der": "https://certificates.trustedservices.intel.com"}
        renamed = 0
        for path, origin in paths.items():
            old, new = (hashlib.sha256((each + path).encode()).hexdigest()[:40] for each in (endpoint, origin))
            for file in cache.glob(f"*-{old}.collateral"):
                head, text = file.read_bytes().split(b"\n", 1)
                text = text.replace(old.encode(), new.encode())
                head = head[:-64] + hashlib.sha256(text).hexdigest().encode()
                file.with_name(file.name.replace(old, new)).write_bytes(head + b"\n" + text)
                file.unlink()
                renamed += 1
        self.assertEqual(renamed, 4, list(cache.iterdir()))
        self.document(VALID, *words)
        error = self.document(UNREACHED, *words, "--source", "azure")["error"]
        self.assertEqual(error["hint"], "the folder has it from --source intel")

    def test_a_set_is_fetched_into_a_file(self):
        out = self.folder / "set.json"
        self.expect(VALID, "evidence", "collateral", "--evidence", self.shared / "tdx-quote", "--root", self.roots,
                    "--fetch", *self.at, "--out", out, says="Nothing is missing")
        document = self.document(VALID, "evidence", "verify", self.shared / "tdx-quote", "--root", self.roots,
                                 "--collateral", out)
        self.assertIs(document["complete"], True)


class Service(Made):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.shared / "key.pem"
        done = run("simulate", "signing-key", "--out-key", cls.key, "--out-certificate", cls.shared / "plain.pem",
                   "--type", "rsa")
        if done.returncode != VALID:
            raise AssertionError(done.stderr.decode())
        cls.certificate = cls.make("attested-certificate", cls.shared / "attested", "--key", cls.key)

    def test_a_certificate_with_evidence_is_judged(self):
        words = ["service", "verify", self.certificate, "--root", self.roots]
        document = self.document(VALID, *words)
        self.assertEqual((document["verdict"], document["keys"], document["keys_valid"]), ("valid", 1, 1))
        verification = document["certificates"][0]["verification"]
        self.assertEqual((verification["kind"], verification["complete"]), ("attested_certificate", False))
        self.assertIn("identity", verification["not_checked"])
        text = self.expect(VALID, *words).stdout.decode()
        self.assertTrue(text.startswith("VALID  1 of 1 signing key verified, not fully\n"), text)
        self.assertIn("Without --appraisal", text)
        complete = self.document(VALID, *words, "--collateral", self.shared / "collateral" / "sgx")
        self.assertEqual(complete["certificates"][0]["verification"]["not_checked"], ["identity"])

    def test_the_enclave_has_to_be_the_one_that_is_expected(self):
        words = ["service", "verify", self.certificate, "--root", self.roots, "--collateral",
                 self.shared / "collateral" / "sgx"]
        report = self.document(VALID, *words)["certificates"][0]["verification"]["fields"]["report"]
        good = self.appraisal(mr_enclave=report["mr_enclave"])
        verification = self.document(VALID, *words, "--appraisal", good)["certificates"][0]["verification"]
        self.assertIs(verification["complete"], True)
        document = self.document(NOT_VALID, *words, "--appraisal", self.appraisal(mr_enclave="00" * 32))
        self.assertEqual(self.failed(document["certificates"][0]["verification"]), ["appraisal.mr_enclave"])

    def test_no_evidence_is_no_proof(self):
        document = self.document(NOT_VALID, "service", "verify", self.shared / "plain.pem")
        self.assertEqual((document["verdict"], document["keys_with_evidence"]), ("invalid", 0))
        self.assertIsNone(document["certificates"][0]["verdict"])
        self.expect(NOT_VALID, "service", "verify", self.shared / "plain.pem", says="no evidence")

    def test_no_key_set_is_no_verdict(self):
        self.expect(UNREACHED, "service", "verify", self.file("keys", "no keys"), says="no key set")
        self.expect(UNREACHED, "service", "verify", self.folder / "absent")
        self.expect(UNREACHED, "service", "verify", "https://127.0.0.1:9", "--timeout", 5)
        self.expect(WRONG_USE, "service", "verify", "http://example.org", says="https")


@needs_evidence
class Real(CommandTest):
    def test_real_quotes_with_their_collateral(self):
        for quote, collateral, at, code, status in (
                ("sgx/azure-intelsdk-2023-release.quote.bin", "phala-sgx-00a067110000.json", "2025-07-01", None, None),
                ("tdx/phala-v4.bin", "phala-tdx-b0c06f000000.json", "2025-07-01", VALID, "UpToDate"),
                ("tdx/phala-v5-outdated.bin", "phala-tdx-90c06f000000-2026-02.json", "2026-03-01", NOT_VALID, None)):
            done = run("evidence", "verify", EVIDENCE / quote, "--collateral", EVIDENCE / "collateral" / collateral,
                       "--at", at + "T00:00:00Z", "--json")
            document = json.loads(done.stdout)
            if code is None:  # another platform's
                self.assertEqual(done.returncode, NOT_VALID)
                self.assertIn("tcb_info_match", [check["id"] for check in document["checks"] if check["ok"] is False])
                continue
            self.assertEqual(done.returncode, code, document)
            if status is not None:
                self.assertEqual((document["tcb"]["status"], document["complete"]), (status, True))

    def test_an_item_whose_issuer_is_not_in_the_set_does_not_look_forged(self):
        folder = EVIDENCE / "collateral"
        words = ["evidence", "collateral", "--collateral", folder / "tcb-signing.der"]
        text = self.expect(VALID, *words).stdout.decode()
        self.assertIn("issuer not here: ", text)
        self.assertNotIn("DOES NOT VERIFY", text)
        words += ["--collateral", folder / "intel-root.der", "--collateral", folder / "neg-tcbinfo-status-changed.json"]
        text = self.expect(VALID, *words).stdout.decode()
        self.assertIn("DOES NOT VERIFY: ", text)
        self.assertNotIn("issuer not here", text)

    def test_the_first_line_names_the_required_checks_that_were_not_run(self):
        words = ["evidence", "verify", EVIDENCE / "snp" / "milan-v3.report.bin"]
        text = self.expect(NOT_VALID, *words).stdout.decode()
        self.assertRegex(text.splitlines()[0], r"^NOT VALID  .*: .*report_signature.* not run$")
        self.assertRegex(text, r"(?m)^ *report_signature +MISSING ")
        self.assertNotIn("FAILED", text)
        checks = {check["id"]: check for check in self.document(NOT_VALID, *words)["checks"]}
        self.assertEqual((checks["report_signature"]["ok"], checks["report_signature"]["required"]), (None, True))
        text = self.expect(VALID, "evidence", "verify", EVIDENCE / "sgx" / "azure-intelsdk-2023-release.quote.bin", "--at",
                           "2024-01-01T00:00:00Z").stdout.decode()
        self.assertNotIn("MISSING", text)  # what is left out is not required
        text = self.expect(NOT_VALID, "evidence", "verify", EVIDENCE / "sgx" / "neg-sgx-sig-bitflip.bin", "--at",
                           "2024-01-01T00:00:00Z").stdout.decode()
        self.assertIn(": quote_signature failed", text.splitlines()[0])

    def test_every_kind_is_detected(self):
        for name, kind in (("sgx/alibaba-quote.bin", "sgx_quote"), ("tdx/oe-v5.bin", "tdx_quote"),
                           ("openenclave/sdk-cpp-oe-report.bin", "open_enclave_report"),
                           ("snp/milan-v3.report.bin", "snp_report"), ("hcl/azure-snp-milan.hcl.bin", "hcl_report"),
                           ("hcl/azure-tdx-v0.evidence.json", "azure_guest"), ("tpm/azure-tdx-v0.msg", "tpm_quote"),
                           ("maa-certs/maa.prod.uks.signing.cert.pem", "attested_certificate")):
            document = self.document(VALID, "evidence", "inspect", EVIDENCE / name)
            self.assertEqual((document["kind"], document["verdict"]), (kind, None), name)
            text = self.expect(VALID, "evidence", "inspect", EVIDENCE / name).stdout.decode()
            self.assertTrue(text.startswith("UNVERIFIED"), text)
            self.assert_plain(text)

    def test_the_service_of_2022_is_an_enclave_and_that_of_2020_was_debuggable(self):
        words = ["service", "verify", EVIDENCE / "maa-certs" / "wus-shared-2022-11.jwks.json", "--at", "2024-01-01T00:00:00Z"]
        document = self.document(VALID, *words)
        self.assertEqual((document["keys"], document["keys_with_evidence"], document["keys_valid"]), (3, 1, 1))
        text = self.expect(VALID, *words).stdout.decode()
        self.assertEqual(text.splitlines()[0], "VALID  1 of 3 signing keys verified, not fully; 2 have no evidence: tokens "
                                               "that they sign are not covered")
        text = " ".join(self.expect(VALID, "help", "service", "verify").stdout.decode().split())
        self.assertIn("tokens that they sign are not covered", text)
        words[2] = EVIDENCE / "maa-certs" / "neg-wus-quote-bitflip.jwks.json"
        self.document(NOT_VALID, *words)
        text = self.expect(NOT_VALID, *words).stdout.decode()
        self.assertRegex(text.splitlines()[0], r"^NOT VALID  0 of \d signing keys? verified; 1 does not verify")
        words[2] = EVIDENCE / "maa-certs" / "maa.prod.uks.signing.cert.pem"
        document = self.document(NOT_VALID, *words[:3], "--at", "2021-01-01T00:00:00Z")
        checks = document["certificates"][0]["verification"]["checks"]
        self.assertIn("debug", [check["id"] for check in checks if check["ok"] is False])


if __name__ == "__main__":
    main()

"""Collateral: sets, a folder that keeps it, and fetching it from the local service, blocking and awaited."""

import asyncio
import os
import pickle
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import azattest
from azattest import (
    AttestationSigners, AttestationToken, AttestationTokenValidationException, AttestationTokenValidationOptions, Collateral,
    CollateralCache, Error, Evidence, InputError, ServiceRequestError, Status, aio, evidence,
)

from support import (
    COMMAND, EVIDENCE, THEN, AsyncScript, Emulator, Script, answer, key_set, levels_off, needs_command, needs_evidence, token_text,
)
from support import evidence as read

BUNDLE = "collateral/phala-tdx-b0c06f000000.json"
OF_SERVICE = "a89f001d64b369c11fedf59eab65e4cedde6befa1b4dea1480ece184b07cdda4"  # MRENCLAVE of the service, November 2022
LEFT = ["tcb", "revocation", "qe_identity"]


class Sets(unittest.TestCase):
    def test_an_empty_set(self):
        empty = Collateral()
        self.assertIsNone(empty.expires)
        self.assertEqual(empty.describe()["items"], [])
        self.assertEqual(repr(empty), "Collateral()")
        self.assertEqual(pickle.loads(pickle.dumps(Collateral())).describe()["items"], [])

    def test_what_is_none(self):
        for wrong in (5, None, [b"x"], object()):
            with self.subTest(wrong), self.assertRaises(TypeError):
                Collateral(wrong)
        for wrong in (b"\0\1\2", b"{}", "nonsense"):
            with self.subTest(wrong), self.assertRaises(Error):
                Collateral(wrong)
        with self.assertRaises(ValueError):
            Collateral().add_response("tcb_inf", b"{}")
        with self.assertRaises(TypeError):
            Collateral().add_response(5, b"{}")

    @needs_evidence
    def test_bytes_text_and_paths_are_the_same_content(self):
        items = Collateral(read(BUNDLE)).describe()["items"]
        for other in (Collateral(read(BUNDLE).decode()), Collateral(EVIDENCE / BUNDLE), Collateral.load(str(EVIDENCE / BUNDLE)),
                      Collateral(read(BUNDLE), EVIDENCE / BUNDLE), pickle.loads(pickle.dumps(Collateral(read(BUNDLE))))):
            self.assertCountEqual(other.describe()["items"], items)

    @needs_evidence
    def test_a_folder_is_all_of_its_files_and_what_is_no_collateral_is_passed_over(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "bundle.json").write_bytes(read(BUNDLE))
            Path(folder, ".hidden").write_bytes(b"nonsense")
            Path(folder, "below").mkdir()
            self.assertTrue(Collateral.load(folder).describe()["items"])
            items = Collateral.load(folder).describe()["items"]
            for name, content in (("other", b"nonsense"), ("empty", b"")):
                Path(folder, name).write_bytes(content)
                for given in (folder, os.fsencode(folder)):
                    with self.assertLogs("azattest", "WARNING") as logged:
                        self.assertCountEqual(Collateral.load(given).describe()["items"], items)
                    self.assertIn("passed over: %s: " % Path(folder, name), "\n".join(logged.output))
                with self.assertRaises(InputError) as caught:
                    Collateral.load(Path(folder, name))
                self.assertTrue(str(caught.exception).startswith(str(Path(folder, name))))
            Path(folder, "bundle.json").unlink()
            with self.assertLogs("azattest", "WARNING"), self.assertRaises(InputError) as caught:
                Collateral.load(folder)
            self.assertEqual(caught.exception.message, folder + ": the folder has no collateral in it")
            with self.assertRaises(FileNotFoundError):
                Collateral.load(Path(folder, "missing"))

    @needs_evidence
    def test_from_its_first_use_on_a_set_does_not_change(self):
        used = Collateral(read(BUNDLE))
        self.assertIn("2025-07-19", repr(used))  # which is no use
        used.add(read("collateral/root-ca-crl-2025.der"))
        used.describe()
        with self.assertRaises(Error) as caught:
            used.add(read(BUNDLE))
        self.assertIs(caught.exception.code, Status.E_STATE)

    @needs_evidence
    def test_answers_with_the_chain_of_their_headers(self):
        import json

        bundle = json.loads(read(BUNDLE))
        body = '{"tcbInfo":%s,"signature":"%s"}' % (bundle["tcb_info"], bundle["tcb_info_signature"])
        made = Collateral()
        made.add_response("tcb_info", body, bundle["tcb_info_issuer_chain"])
        made.add_response("root_ca_crl", bytes.fromhex(bundle["root_ca_crl"]))
        self.assertTrue(all(item["verifies"] for item in made.describe()["items"]))
        with self.assertRaises(Error):
            Collateral().add_response("qe_identity", body, bundle["tcb_info_issuer_chain"])

    @needs_evidence
    def test_threads_share_a_set(self):
        shared, found, wrong = Collateral(read(BUNDLE)), Evidence.parse(read("tdx/phala-v4.bin")), []

        def verify():
            for _ in range(50):
                if not found.verify(collateral=shared, at=1750852800).is_complete:
                    wrong.append(1)

        threads = [threading.Thread(target=verify) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


@needs_evidence
class Memory(unittest.TestCase):
    def test_nothing_is_left_behind(self):
        bundle, raw = read(BUNDLE), read("tdx/phala-v4.bin")
        message, signature, key = (read("tpm/azure-snp-genoa." + each) for each in ("msg", "sig", "ak.pem"))
        signer = AttestationSigners.parse(key_set())[0]

        def work():
            for _ in range(20):
                collateral, found = Collateral(bundle), Evidence.parse(raw)
                verdict = found.verify(collateral=collateral, at=1750852800, appraisal={"mr_td": found.mr_td}, nonce=b"x")
                pickle.loads(pickle.dumps((verdict, found, collateral))), verdict.to_dict(), collateral.describe()
                [getattr(found, name) for name in dir(found)]
                evidence.verify_service_certificate(signer)
                Evidence.new_guest(tpm_message=message, tpm_signature=signature, ak_public=key, pcrs={0: bytes(32)}).pcr(None, 0)
                for wrong in (lambda: azattest.Appraisal(mr_td="00"), lambda: Collateral(b"{}"), lambda: collateral.add(bundle),
                              lambda: found.verify(appraisal={"min_svn": -1}), lambda: azattest.guest_answer_key("x"),
                              lambda: Evidence.new_guest(pcrs={0: b"x"}), lambda: azattest.fetch_collateral(found, source="x")):
                    with self.assertRaises((Error, ValueError)):
                        wrong()

        levels_off(self, work)


@needs_evidence
class ServiceEvidence(unittest.TestCase):
    def options(self, mr_enclave=OF_SERVICE, **more):
        expected = {"mr_enclave": mr_enclave, "allow_not_checked": LEFT}
        own = {"verify_service_evidence": True, "service_appraisal": expected, "signers": key_set(), "at": THEN}
        return {**own, "issuer": azattest.inspect(token_text()).issuer, **more}

    def test_the_enclave_behind_the_key(self):
        text = token_text()
        AttestationToken.parse(text).validate(**self.options())
        for wrong in (self.options("00" * 32), self.options(service_appraisal={"mr_enclave": OF_SERVICE})):
            with self.assertRaises(AttestationTokenValidationException) as caught:
                AttestationToken.parse(text).validate(**wrong)
            self.assertIs(caught.exception.code, Status.E_TOKEN_SERVICE_EVIDENCE)
        with self.assertRaises(ValueError):
            AttestationToken.parse(text).validate(**self.options(service_appraisal=None))

    def test_options_keep_what_they_were_given(self):
        options = AttestationTokenValidationOptions(**self.options())
        for each in (options, pickle.loads(pickle.dumps(options))):
            self.assertIsInstance(each.service_appraisal, azattest.Appraisal)
            self.assertIs(each.verify_service_evidence, True)
            AttestationToken.parse(token_text()).validate(validation_options=each)
        with azattest.Verifier(azattest.inspect(token_text()).issuer, validation_options=options, transport=Script()) as verifier:
            self.assertTrue(verifier.validate(token_text()).token.is_validated)
        of_others = AttestationTokenValidationOptions(service_collateral=[read(BUNDLE)])
        for each in (of_others, pickle.loads(pickle.dumps(of_others))):
            self.assertIsInstance(each.service_collateral, Collateral)
            with self.assertRaisesRegex(AttestationTokenValidationException, "the TCB info is for TDX"):
                AttestationToken.parse(token_text()).validate(validation_options=each, **self.options())
        for wrong in ({"service_appraisal": 5}, {"service_collateral": 5}, {"signer_roots": 5}, {"verify_service_evidence": 1}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                AttestationTokenValidationOptions(**wrong)

    def test_certificates_that_are_none(self):
        signers = AttestationSigners.parse(key_set())
        issued = next(signer for signer in signers if len(signer) == 3)
        with self.assertRaises(Error) as caught:
            evidence.verify_service_certificate(issued)
        self.assertIs(caught.exception.code, Status.E_UNSUPPORTED)
        for wrong in (5, None, []):
            with self.subTest(wrong), self.assertRaises(TypeError):
                evidence.verify_service_certificate(wrong)
        with self.assertRaises(Error):
            evidence.verify_service_certificate(b"nonsense")


@needs_command
class Fetched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.state = cls.folder.name + "/state"
        Path(cls.state).mkdir(mode=0o700)
        cls.service = Emulator("--state", cls.state)
        cls.source = {"endpoint": cls.service.endpoint, "ca_file": cls.service.ca_file}
        cls.evidence = {}
        for kind, root in (("sgx-quote", "simulator-root.pem"), ("tdx-quote", "simulator-root.pem"), ("snp-report", "simulator-roots.pem")):
            made = [COMMAND, "simulate", kind, "--state", cls.state, "--out", "-"]
            raw = subprocess.run(made, check=True, capture_output=True).stdout
            cls.evidence[kind] = (raw, Path(cls.state, root).read_text())

    @classmethod
    def tearDownClass(cls):
        cls.service.stop()
        cls.folder.cleanup()

    def cache(self, name):
        return CollateralCache(Path(self.folder.name, name))

    def test_what_is_fetched_makes_the_verdict_complete(self):
        for kind, (raw, root) in self.evidence.items():
            with self.subTest(kind):
                found = Evidence.parse(raw)
                self.assertFalse(found.verify(extra_roots=root).is_complete)
                for collateral in (azattest.fetch_collateral(found, **self.source),
                                   azattest.fetch_collateral(raw, **self.source),
                                   asyncio.run(aio.fetch_collateral(raw, **self.source))):
                    verdict = found.verify(extra_roots=root, collateral=collateral)
                    self.assertTrue(verdict.is_complete, verdict)
                    self.assertEqual(verdict.root, "extra")
                    self.assertIsNotNone(verdict.earliest_expiration)

    def test_many_at_once(self):
        async def main():
            raw = self.evidence["tdx-quote"][0]
            return await asyncio.gather(*(aio.fetch_collateral(raw, **self.source) for _ in range(8)))

        for collateral in asyncio.run(main()):
            self.assertTrue(collateral.describe()["items"])

    def test_a_folder_keeps_it(self):
        for kind, (raw, root) in self.evidence.items():
            with self.subTest(kind):
                found, cache = Evidence.parse(raw), self.cache("kept-" + kind)
                with self.assertRaisesRegex(ServiceRequestError, "offline"):
                    azattest.fetch_collateral(found, endpoint=self.service.endpoint, cache=cache, offline=True)
                azattest.fetch_collateral(found, cache=cache, **self.source)
                nobody = Script()
                again = pickle.loads(pickle.dumps(cache))
                for collateral in (azattest.fetch_collateral(found, endpoint=self.service.endpoint, cache=cache, offline=True),
                                   azattest.fetch_collateral(found, endpoint=self.service.endpoint, cache=again, transport=nobody),
                                   asyncio.run(aio.fetch_collateral(found, endpoint=self.service.endpoint, cache=cache, offline=True)),
                                   asyncio.run(aio.fetch_collateral(found, endpoint=self.service.endpoint, cache=cache,
                                                                    transport=AsyncScript()))):
                    self.assertTrue(found.verify(extra_roots=root, collateral=collateral).is_complete)
                self.assertEqual(nobody.requests, [])

    def test_when_nobody_answers(self):
        raw = self.evidence["sgx-quote"][0]
        for cache in (None, self.cache("nobody")):
            with self.assertRaises(ServiceRequestError) as caught:
                azattest.fetch_collateral(raw, cache=cache, transport=Script(OSError("no route")), retry_total=0)
            self.assertIn("no route", str(caught.exception))
            with self.assertRaises(ServiceRequestError):
                asyncio.run(aio.fetch_collateral(raw, cache=cache, transport=AsyncScript(OSError("no route")), retry_total=0))
        refused = Script(answer(b"", 404))
        with self.assertRaises(azattest.HttpResponseError):
            azattest.fetch_collateral(raw, transport=refused, cache=self.cache("nobody"))
        self.assertEqual(len(refused.requests), 1)

    def test_what_goes_out_names_nobody(self):
        script = Script(OSError("enough"))
        with self.assertRaises(ServiceRequestError):
            azattest.fetch_collateral(self.evidence["tdx-quote"][0], transport=script, retry_total=0, update="early")
        request = script.requests[0]
        self.assertTrue(request.url.startswith("https://api.trustedservices.intel.com/tdx/certification/v4/"), request.url)
        self.assertIn("update=early", request.url)
        names = {name.lower() for name, _ in request.headers}
        self.assertFalse(names & {"authorization", "cookie", "x-ms-client-request-id", "ocp-apim-subscription-key"})

    def test_evidence_is_checked_before_it_is_sent(self):
        raw, root = self.evidence["sgx-quote"]
        collateral = azattest.fetch_collateral(raw, **self.source)
        broken = bytearray(raw)
        broken[500] ^= 1  # inside the signature
        full = {"check_evidence": "full", "evidence_collateral": collateral, "evidence_roots": root}
        with azattest.AttestationClient(ca_file=self.service.ca_file, endpoint=self.service.endpoint) as client:
            for given in ({}, full, {"check_evidence": "off"}):
                self.assertTrue(client.attest_sgx_enclave(raw, **given).token.is_validated)
            for given in ({}, {"check_evidence": "binding"}):
                with self.assertRaises(azattest.HttpResponseError):
                    client.attest_sgx_enclave(broken, **given)
            with self.assertRaises(azattest.EvidenceError) as caught:
                client.attest_sgx_enclave(broken, **full)
            self.assertIs(caught.exception.code, Status.E_EVIDENCE_INVALID)
            self.assertIn("quote_signature", str(caught.exception))
            with self.assertRaises(azattest.EvidenceError):
                client.attest_sgx_enclave(raw, runtime_data=b"unbound")
            with self.assertRaises(azattest.HttpResponseError):
                client.attest_sgx_enclave(raw, runtime_data=b"unbound", check_evidence="off")
        script = Script()
        with azattest.AttestationClient(self.service.endpoint, transport=script, **full) as client:
            with self.assertRaises(azattest.EvidenceError):
                client.attest_sgx_enclave(broken)
            self.assertEqual(script.requests, [])
        for wrong, error in (({"check_evidence": "all"}, ValueError), ({"check_evidence": True}, TypeError), ({"evidence_collateral": 5}, TypeError),
                             ({"evidence_roots": 5}, TypeError)):
            with self.subTest(wrong), self.assertRaises(error):
                azattest.AttestationClient("https://x", **wrong)

    def test_wrong_use(self):
        raw = self.evidence["sgx-quote"][0]
        for wrong in ({"sorce": "intel"}, {"source": 5}, {"credential": "x"}, {"offline": 1}, {"cache": 5}, {"transport": 5},
                      {"transport": Script(), "ca_file": "x"}, {"crls_only": "yes"}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                azattest.fetch_collateral(raw, **wrong)
            with self.subTest(wrong), self.assertRaises(TypeError):
                asyncio.run(aio.fetch_collateral(raw, **wrong))
        for wrong in ({"source": "intl"}, {"offline": True}, {"source": "pccs"}, {"endpoint": "http://example.com"}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                azattest.fetch_collateral(raw, **wrong)
        with self.assertRaisesRegex(TypeError, "did you mean source"):
            azattest.fetch_collateral(raw, sourc="intel")
        with self.assertRaises(TypeError):
            azattest.fetch_collateral("text")
        with self.assertRaises(Error):
            CollateralCache(Path(self.folder.name, "no", "such", "folder"))


@needs_command
class GuestAnswers(unittest.TestCase):
    def test_what_is_no_answer(self):
        for call in (lambda text: azattest.guest_answer_key(text), lambda text: azattest.open_guest_answer(text, bytes(32))):
            for wrong in ("", "nonsense", b"{}", "a.b.c"):
                with self.subTest(wrong), self.assertRaises(Error):
                    call(wrong)
            for wrong in (5, None):
                with self.subTest(wrong), self.assertRaises(TypeError):
                    call(wrong)
        with self.assertRaises(TypeError):
            azattest.open_guest_answer("x", "text")

    def test_an_answer_is_opened(self):
        with tempfile.TemporaryDirectory() as folder:
            with_state = ["--state", folder, "--out"]
            info = subprocess.run([COMMAND, "simulate", "azure-guest", *with_state, "-", "--with", "form=attestation_info"],
                                  check=True, capture_output=True).stdout
            service = Emulator("--state", folder)
            try:
                with azattest.AttestationClient(service.endpoint, ca_file=service.ca_file) as client:
                    sealed = client.attest_azure_guest(info)
                self.assertTrue(azattest.guest_answer_key(sealed))
                with self.assertRaises(Error) as caught:
                    azattest.open_guest_answer(sealed, bytes(32))
                self.assertIs(caught.exception.code, Status.E_SECRET)
                opened = []
                for key in Path(folder, "simulator-tpm.pem").read_text().split("-----BEGIN")[1:]:
                    try:
                        opened.append(azattest.open_guest_answer_with_key(sealed, "-----BEGIN" + key))
                    except Error:  # another key of the TPM
                        continue
                self.assertEqual(len(opened), 1)
                with azattest.Verifier(service.endpoint, ca_file=service.ca_file) as verifier:
                    self.assertEqual(verifier.validate(opened[0]).value.claims()["x-ms-attestation-type"], "azurevm")
            finally:
                service.stop()


if __name__ == "__main__":
    unittest.main()

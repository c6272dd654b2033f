"""The typed claims of every kind of evidence, sealed secrets, AttestationData, a verifier of several instances."""

import json
import pickle
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone

import azattest
from azattest import AttestationData, AttestationToken, AttestationTokenValidationException, Status, Verifier

from support import (ONE_KEY, THEN, WUS, Emulator, Script, answer, from_base64url, key_set, make_token,
                     needs_command, needs_evidence, simulate, token_text)

AAD = "https://cpgearamaattestationaad.wus.attest.azure.net"
SNP = {
    "x-ms-attestation-type": "sevsnpvm",
    "x-ms-compliance-status": "azure-compliant-cvm",
    "x-ms-sevsnpvm-authorkeydigest": "00" * 48,
    "x-ms-sevsnpvm-bootloader-svn": 3,
    "x-ms-sevsnpvm-familyId": "01" + "00" * 15,
    "x-ms-sevsnpvm-guestsvn": 4.0,
    "x-ms-sevsnpvm-hostdata": "AB" * 32,
    "x-ms-sevsnpvm-idkeydigest": "03" * 48,
    "x-ms-sevsnpvm-imageId": "02" + "00" * 15,
    "x-ms-sevsnpvm-is-debuggable": False,
    "x-ms-sevsnpvm-launchmeasurement": "89" * 48,
    "x-ms-sevsnpvm-microcode-svn": 115,
    "x-ms-sevsnpvm-migration-allowed": False,
    "x-ms-sevsnpvm-reportdata": "9b" * 64,
    "x-ms-sevsnpvm-reportid": "b9" * 32,
    "x-ms-sevsnpvm-smt-allowed": True,
    "x-ms-sevsnpvm-snpfw-svn": 8,
    "x-ms-sevsnpvm-tee-svn": 0,
    "x-ms-sevsnpvm-vmpl": 1,
}
SNP_READ = {
    "author_key_digest": bytes(48), "bootloader_svn": 3, "family_id": b"\x01" + bytes(15), "guest_svn": 4,
    "host_data": b"\xab" * 32, "id_key_digest": b"\x03" * 48, "image_id": b"\x02" + bytes(15), "is_debuggable": False,
    "launch_measurement": b"\x89" * 48, "microcode_svn": 115, "is_migration_allowed": False,
    "report_data": b"\x9b" * 64, "report_id": b"\xb9" * 32, "is_smt_allowed": True, "snp_firmware_svn": 8, "tee_svn": 0,
    "vmpl": 1, "compliance_status": "azure-compliant-cvm",
}


def result_of(claims):
    return AttestationToken.parse(make_token({"alg": "none"}, claims)).result(unverified=True)


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


def key_pair(*words):
    private = openssl("genpkey", *words)
    return private, openssl("pkey", "-pubout", stdin=private)


class TypedClaims(unittest.TestCase):
    def test_a_sev_snp_token_and_a_guest_around_one_read_alike(self):
        guest = {"x-ms-attestation-type": "azurevm", "x-ms-isolation-tee": SNP}
        for claims, kind in ((SNP, "sevsnpvm"), (guest, "azurevm")):
            result = result_of(claims)
            self.assertEqual(result.verifier_type, kind)
            for name, value in SNP_READ.items():
                with self.subTest(kind=kind, name=name):
                    self.assertEqual(getattr(result, name), value)
        inner = result_of(guest).isolation_tee
        self.assertIsInstance(inner, azattest.AttestationResult)
        self.assertEqual(inner.verifier_type, "sevsnpvm")
        self.assertEqual(inner.claims(), SNP)
        self.assertFalse(inner.is_validated)
        self.assertIsNone(inner.isolation_tee)
        self.assertIn("UNVERIFIED", repr(inner))
        again = pickle.loads(pickle.dumps(inner))
        self.assertEqual(again.claims(), SNP)

    def test_a_missing_claim_is_none_and_a_wrong_one_an_error(self):
        readers = [name for name in dir(azattest.AttestationResult)
                   if isinstance(getattr(azattest.AttestationResult, name), property) and name != "is_validated"]
        self.assertGreater(len(readers), 100)
        empty = result_of({})
        for name in readers:
            with self.subTest(name):
                self.assertIsNone(getattr(empty, name))
        for claim, reader in (("x-ms-sevsnpvm-vmpl", "vmpl"), ("tdx_mrtd", "mr_td"), ("secureboot", "secure_boot"),
                              ("aikPubHash", "aik_pub_hash"), ("x-ms-azurevm-attested-pcrs", "attested_pcrs"),
                              ("x-ms-isolation-tee", "isolation_tee"), ("cnf", "confirmation"), ("exp", "expires_on")):
            with self.subTest(reader):
                with self.assertRaises(azattest.Error) as caught:
                    getattr(result_of({claim: "no"}), reader)
                self.assertEqual(caught.exception.code, Status.E_TYPE)
                self.assertIn('%s: claim "%s" is a string, expected ' % (reader, claim), str(caught.exception))

    def test_unknown_claims_are_kept(self):
        result = result_of(dict(SNP, mine={"a": [1]}))
        self.assertEqual(result.claim("mine"), {"a": [1]})
        self.assertIsNone(result.claim("yours"))

    def test_a_guests_payload_is_decoded(self):
        result = result_of({"x-ms-runtime": {"client-payload": {"nonce": "bi0x", "key": "AAH/"}}})
        self.assertEqual(result.client_payload, {"nonce": b"n-1", "key": b"\x00\x01\xff"})
        self.assertEqual(result.nonce, "n-1")
        self.assertIsNone(result_of({"x-ms-runtime": {}}).client_payload)

    def test_times_are_aware(self):
        self.assertEqual(result_of({"exp": 0}).expires_on, datetime(1970, 1, 1, tzinfo=timezone.utc))

    @needs_evidence
    def test_a_real_guest(self):
        result = azattest.inspect(token_text("azurevm-snp-weu-2023-03")).result(unverified=True)
        self.assertEqual(result.vm_id, "70F5CE9A-2BDC-4B6B-8401-E9B964D3AEB7")
        self.assertEqual(result.attested_pcrs, [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13])
        self.assertEqual(result.client_payload, {"nonce": b"ADE0101"})
        self.assertEqual(result.isolation_tee.runtime_claims["vm-configuration"]["tpm-enabled"], True)
        self.assertEqual(result.launch_measurement.hex()[:8], "89625359")

    @needs_evidence
    def test_a_real_guest_validates_with_all_expectations(self):
        options = dict(signers=key_set("sharedweu.keys-only"), issuer="https://sharedweu.weu.attest.azure.net",
                       at=1680173400, expected_nonce="ADE0101", expected_type="azurevm", allow_debug=False,
                       require_claims={"x-ms-sevsnpvm-vmpl": 0, "secureboot": True},
                       expected_policy_hash=from_base64url("wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs"))
        token = azattest.inspect(token_text("azurevm-snp-weu-2023-03")).validate(**options)
        self.assertTrue(token.result().isolation_tee.is_validated)
        for name, value, code in (("expected_nonce", "ADE0102", Status.E_TOKEN_NONCE),
                                  ("expected_type", "sevsnpvm", Status.E_TOKEN_ATTESTATION_TYPE),
                                  ("expected_policy_hash", bytes(32), Status.E_TOKEN_POLICY_HASH),
                                  ("require_claims", {"x-ms-sevsnpvm-vmpl": 1}, Status.E_TOKEN_CLAIM)):
            with self.subTest(name):
                problems = azattest.inspect(str(token)).problems(**dict(options, **{name: value}))
                self.assertEqual([problem.code for problem in problems], [code])


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pairs = {"RSA": key_pair("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")}
        for curve in ("P-256", "P-384", "P-521"):
            cls.pairs[curve] = key_pair("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve)

    def test_each_kind_of_key_seals_and_opens(self):
        for name, (private, public) in self.pairs.items():
            with self.subTest(name):
                sealed = azattest.seal_secret(public, b"\x00secret\xff")
                header = json.loads(from_base64url(sealed.split(".")[0]))
                self.assertEqual(header["alg"], "RSA-OAEP-256" if name == "RSA" else "ECDH-ES")
                self.assertEqual(azattest.open_secret(private, sealed), b"\x00secret\xff")
                self.assertEqual(azattest.open_secret(private.decode(), sealed.encode()), b"\x00secret\xff")

    def test_the_right_key_alone_opens(self):
        sealed = azattest.seal_secret(self.pairs["P-256"][1], b"s")
        other, _ = key_pair("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        for private in (other, self.pairs["RSA"][0], self.pairs["P-384"][0]):
            with self.assertRaises(azattest.Error) as caught:
                azattest.open_secret(private, sealed)
            self.assertEqual(caught.exception.code, Status.E_SECRET)

    def test_an_encrypted_key_takes_a_passphrase(self):
        private, public = self.pairs["RSA"]
        locked = openssl("pkey", "-aes256", "-passout", "pass:geheim", stdin=private)
        sealed = azattest.seal_secret(public, b"s")
        self.assertEqual(azattest.open_secret(locked, sealed, "geheim"), b"s")
        self.assertEqual(azattest.open_secret(locked, sealed, passphrase="geheim"), b"s")
        for passphrase in (None, "falsch"):
            with self.assertRaises(azattest.Error):
                azattest.open_secret(locked, sealed, passphrase)

    def test_wrong_use_raises(self):
        public = self.pairs["RSA"][1]
        for call, kind in ((lambda: azattest.seal_secret(public, "text"), TypeError),
                           (lambda: azattest.seal_secret(public, b""), ValueError),
                           (lambda: azattest.seal_secret(public, b"s", key_id=1), TypeError),
                           (lambda: azattest.seal_secret(1, b"s"), TypeError),
                           (lambda: azattest.open_secret(self.pairs["RSA"][0], 1), TypeError),
                           (lambda: azattest.open_secret(self.pairs["RSA"][0], "a", 1), TypeError)):
            with self.assertRaises(kind):
                call()

    def test_an_unverified_result_seals_nothing(self):
        with self.assertRaises(azattest.Error) as caught:
            result_of({"x-ms-runtime": ONE_KEY}).seal_secret(b"s")
        self.assertEqual(caught.exception.code, Status.E_STATE)

    @needs_command
    def test_key_release_end_to_end(self):
        private, public = self.pairs["P-384"]
        with tempfile.TemporaryDirectory() as folder:
            data = folder + "/data"
            with open(data, "wb") as file:
                file.write(public)
            emulator = Emulator("--state", folder)
            self.addCleanup(emulator.stop)
            quote = simulate(folder, "--runtime-data", data)
            with azattest.AttestationClient(emulator.endpoint, ca_file=emulator.ca_file) as client:
                token = client.attest_sgx_enclave(quote, runtime_data=AttestationData(public)).raw_token
            with Verifier(emulator.endpoint, ca_file=emulator.ca_file) as verifier:
                sealed = verifier.validate(token).value.seal_secret(b"the secret")
            self.assertEqual(azattest.open_secret(private, sealed), b"the secret")
            quote = simulate(folder, "--runtime-data", data, "--debug")
            with azattest.AttestationClient(emulator.endpoint, ca_file=emulator.ca_file) as client:
                value = client.attest_sgx_enclave(quote, runtime_data=AttestationData(public)).value
            self.assertTrue(value.is_validated and value.is_debuggable)
            for options in ({}, {"allow_debug": False}, {"allow_debug": None}):
                with self.assertRaises(azattest.Error) as caught:
                    value.seal_secret(b"the secret", **options)
                self.assertEqual(caught.exception.code, Status.E_TOKEN_DEBUGGABLE)
            sealed = value.seal_secret(b"the secret", allow_debug=True)
            self.assertEqual(azattest.open_secret(private, sealed), b"the secret")
            with self.assertRaises(TypeError):
                value.seal_secret(b"the secret", allow_debug="yes")


class Data(unittest.TestCase):
    def test_json_is_found_out(self):
        for data, wanted in ((b"{}", True), ('{"a":1}', True), (b"[1]", False), (b"{}\0", False), (b"", False),
                             (bytearray(b"{}"), True)):
            with self.subTest(data):
                self.assertIs(AttestationData(data).is_json, wanted)
        self.assertIs(AttestationData(b"{}", is_json=False).is_json, False)
        self.assertIs(AttestationData(b"{}\0", is_json=True).is_json, True)
        with self.assertRaises(ValueError):
            AttestationData(b"[1]", is_json=True)
        with self.assertRaises(TypeError):
            AttestationData(b"{}", is_json=1)
        with self.assertRaises(TypeError):
            AttestationData(7)
        data = AttestationData(b"\x00\x01")
        self.assertEqual((data.bytes, pickle.loads(pickle.dumps(data))), (b"\x00\x01", data))

    def sent(self, **options):
        script = Script((400, {}, b""))
        client = azattest.AttestationClient(WUS, transport=script, retry_total=0)
        with self.assertRaises(azattest.HttpResponseError):
            client.attest_sgx_enclave(b"no quote", check_binding=False, **options)
        return json.loads(script.requests[0].body)

    def test_it_is_taken_wherever_such_data_is(self):
        body = self.sent(runtime_data=AttestationData('{"a":1}'), inittime_data=AttestationData(b"x"))
        self.assertEqual(body["runtimeData"], {"data": "eyJhIjoxfQ", "dataType": "JSON"})
        self.assertEqual(body["initTimeData"], {"data": "eA", "dataType": "Binary"})
        body = self.sent(runtime_data=AttestationData(b""))
        self.assertEqual(body["runtimeData"], {"data": "", "dataType": "Binary"})

    def test_it_excludes_the_plain_forms(self):
        client = azattest.AttestationClient(WUS, transport=Script())
        for options in ({"runtime_data": AttestationData(b"x"), "runtime_json": "{}"},
                        {"inittime_data": AttestationData(b"{}"), "inittime_json": "{}"}):
            with self.assertRaises(ValueError):
                client.attest_sgx_enclave(b"no quote", **options)


@needs_evidence
class VerifierOfSeveral(unittest.TestCase):
    def keys(self, url):
        return answer(key_set("wus-shared-2022-11" if url.startswith(WUS) else "wus-aad-2022-11"))

    def verifier(self, **options):
        case = self

        class Keys(Script):
            def send(self, request):
                self.requests.append(request.url)
                return case.keys(request.url)

        self.script = Keys()
        return Verifier([WUS + "/", AAD], transport=self.script, **options)

    def test_the_issuer_chooses(self):
        verifier = self.verifier()
        self.assertEqual(verifier.endpoints, (WUS, AAD))
        self.assertEqual(verifier.endpoint, WUS)
        for name, issuer in (("oe-aad-2022-11", AAD), ("sgx-shared-2022-11", WUS), ("sgx-runtime-data-2022-11", AAD)):
            self.assertEqual(verifier.validate(token_text(name), at=THEN + 10).value.issuer, issuer)
        self.assertEqual([url.split("/certs")[0] for url in self.script.requests], [AAD, WUS])

    def test_a_token_of_none_is_refused(self):
        verifier = self.verifier()
        with self.assertRaises(AttestationTokenValidationException) as caught:
            verifier.validate(token_text("azurevm-snp-weu-2023-03"), at=1680173400)
        self.assertEqual(caught.exception.code, Status.E_TOKEN_ISSUER)
        self.assertEqual([problem.code for problem in caught.exception.problems], [Status.E_TOKEN_ISSUER])
        self.assertEqual(self.script.requests, [])

    def test_keys_are_exported_for_later(self):
        verifier = self.verifier()
        with self.assertRaises(ValueError):
            verifier.export_keys()
        self.assertIsNone(verifier.export_keys(WUS))
        verifier.validate(token_text(), at=THEN)
        exported = verifier.export_keys(WUS)
        self.assertIsNone(verifier.export_keys(AAD))
        token = azattest.inspect(token_text()).validate(exported, issuer=WUS, at=THEN)
        self.assertTrue(token.is_validated)

    def test_wrong_use_raises(self):
        for endpoints, kind in (([], ValueError), ([WUS, WUS + ":443"], ValueError), ([WUS, 1], TypeError),
                                (7, TypeError), ([WUS] * 65, ValueError)):
            with self.subTest(endpoints=str(endpoints)[:80]):
                with self.assertRaises(kind):
                    Verifier(endpoints)


@needs_evidence
class Unverified(unittest.TestCase):
    def test_a_call_that_could_not_be_made_says_nothing_for_the_token(self):
        for options, kind in (({"max_age": -1}, ValueError), ({"no_such": 1}, TypeError), ({"issuer": []}, ValueError),
                              ({"expected_policy_hash": b"short"}, ValueError), ({"clock": 1}, TypeError)):
            for method in ("validate", "problems"):
                with self.subTest(options=options, method=method):
                    token = azattest.inspect(token_text()).validate(key_set(), issuer=WUS, at=THEN)
                    self.assertTrue(token.is_validated)
                    with self.assertRaises(kind):
                        getattr(token, method)(key_set(), **{"issuer": WUS, "at": THEN, **options})
                    self.assertFalse(token.is_validated)
                    self.assertIsNone(token.signer)
                    self.assertEqual(str(token), token_text())


if __name__ == "__main__":
    unittest.main()

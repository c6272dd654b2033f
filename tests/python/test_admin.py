"""The administration client: against a made-up service that says what a test wants, and against the local one."""

import base64
import hashlib
import json
import os
import pickle
import time
import unittest
from unittest import mock

import azattest
from azattest import (
    AttestationAdministrationClient, AttestationSigningKey, AttestationToken, AttestationType, CertificateModification,
    PolicyModification, Status, StoredAttestationPolicy, certificates, policy,
)

from support import CHECKOUT, Emulator, answer, base64url, from_base64url, needs_command

ENDPOINT = "https://test.wus.attest.azure.net"
TEXT = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
TOKEN = (
    "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM3M5UGlC"
    "d1pYSnRhWFFvS1R0OU95QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9."
)


def pem(name):
    return (CHECKOUT / "tests/fixtures/signing" / name).read_text()


def pair(name):
    return {"signing_key": pem(name + ".key.pem"), "signing_certificate": pem(name + ".crt.pem")}


def der(name):
    return base64.b64decode("".join(pem(name + ".crt.pem").splitlines()[1:-1]))


def jwk(name, kty="RSA"):
    return {"kty": kty, "x5c": [base64.b64encode(der(name)).decode()]}


class Service:
    """Signs what it is told to say: a function of the request's body gives the claims."""

    def __init__(self, claims, **over):
        self.claims, self.over = claims, over
        self.requests = []
        self.key = AttestationSigningKey(pem("p384.key.pem"), pem("p384.crt.pem"))

    def send(self, request):
        if request.url.split("?")[0].endswith("/certs"):
            assert "authorization" not in {name.lower() for name, _ in request.headers}
            return answer({"keys": [jwk("p384", "EC")]})
        self.requests.append(request)
        now = int(time.time())
        claims = {"iss": ENDPOINT, "iat": now, "nbf": now, "exp": now + 3600, **self.claims(request.body), **self.over}
        return answer({"token": AttestationToken.create(claims, self.key).serialize()}, x_ms_request_id="r-1")

    def sleep(self, seconds):
        raise AssertionError("nothing to wait for")


def updated(body):
    """What the real service says after a policy was set."""
    header = json.loads(from_base64url(body.split(b".")[0].decode()))
    claims = {
        "x-ms-policy-result": "Updated",
        "x-ms-policy-token-hash": base64url(hashlib.sha256(body).digest()),
    }
    if "x5c" in header:
        kty = "EC" if header["alg"].startswith("E") else "RSA"
        claims["x-ms-policy-signer"] = {"kty": kty, "x5c": header["x5c"], "use": "sig"}
    return claims


def client(service, **options):
    return AttestationAdministrationClient(ENDPOINT, "access-token", transport=service, **options)


class Policies(unittest.TestCase):
    def test_an_unsigned_policy_is_set(self):
        service = Service(updated)
        response = client(service).set_policy(AttestationType.SGX_ENCLAVE, TEXT)
        request = service.requests[0]
        self.assertEqual((request.method, request.body), ("PUT", TOKEN.encode()))
        self.assertEqual(request.url, ENDPOINT + "/policies/SgxEnclave?api-version=2025-06-01")
        self.assertEqual(dict(request.headers)["Authorization"], "Bearer access-token")
        self.assertEqual(dict(request.headers)["Content-Type"], "text/plain")
        result, token = response
        self.assertIs(result, response.body)
        self.assertIs(result.policy_resolution, PolicyModification.UPDATED)
        self.assertEqual(result.policy_resolution, "Updated")
        self.assertEqual(result.policy_token_hash, hashlib.sha256(TOKEN.encode()).digest())
        self.assertIsNone(result.policy_signer)
        self.assertTrue(token.is_validated)
        self.assertEqual((response.request_id, response.is_draft, response.policy_token), ("r-1", False, None))
        with self.assertRaises(TypeError):
            pickle.dumps(response)

    def test_signed_policies_with_every_kind_of_key(self):
        for name in ("rsa", "ec", "p384", "p521"):
            with self.subTest(name):
                response = client(Service(updated)).set_policy("sgxenclave", TEXT, **pair(name))
                self.assertEqual(response.value.policy_signer.certificates, [pem(name + ".crt.pem")])
                self.assertEqual(list(response.value.policy_signer), [pem(name + ".crt.pem")])

    def test_bytes_will_do_and_so_will_an_object(self):
        key = AttestationSigningKey(pem("rsa-encrypted.key.pem").encode(), pem("rsa.crt.pem").encode(), passphrase=b"correct-horse")
        for options in ({"signing_key": key}, {name: value.encode() for name, value in pair("rsa").items()}):
            response = client(Service(updated)).set_policy("Tpm", TEXT.encode(), **options)
            self.assertIsNotNone(response.value.policy_signer)

    def test_the_constructor_has_the_default_key(self):
        signed = client(Service(updated), **pair("ec"))
        self.assertEqual(len(signed.set_policy("Tpm", TEXT).value.policy_signer), 1)
        other = signed.set_policy("Tpm", TEXT, **pair("rsa"))
        self.assertEqual(other.value.policy_signer.key_type, "RSA")

    def test_text_beyond_ascii(self):
        text = "version=1.0; authorizationrules { /* é € 🔑 */ => permit(); };"
        service = Service(updated)
        client(service).set_policy("SgxEnclave", text)
        self.assertEqual(StoredAttestationPolicy.parse(service.requests[0].body).attestation_policy, text)

    def test_a_policy_is_read_with_its_signer(self):
        stored = policy.create_policy_token(TEXT, **pair("rsa"))
        for text, said, signer in ((TEXT, TOKEN, None), (TEXT, stored.serialize(), "RSA"), ("", "", None),
                                   ("", "eyJhbGciOiJub25lIn0..", None)):
            response = client(Service(lambda body: {"x-ms-policy": said})).get_policy("SgxEnclave")
            self.assertEqual(response.value, text)
            self.assertEqual(response.policy_signer and response.policy_signer.key_type, signer)
            self.assertEqual(response.policy_token and response.policy_token.serialize(), said or None)
            value, token = response
            self.assertEqual((value, token.is_validated), (text, True))

    def test_a_reset_names_what_was_done(self):
        service = Service(lambda body: {"x-ms-policy-result": "Removed"})
        result = client(service).reset_policy("OPENENCLAVE").value
        self.assertIs(result.policy_resolution, PolicyModification.REMOVED)
        self.assertIsNone(result.policy_token_hash)
        self.assertEqual(service.requests[0].body, b"eyJhbGciOiJub25lIn0..")
        self.assertEqual(service.requests[0].url, ENDPOINT + "/policies/OpenEnclave:reset?api-version=2025-06-01")

    def test_answers_that_contradict_the_call(self):
        other = {"x-ms-policy-token-hash": base64url(b"\0" * 32)}
        signer = {"x-ms-policy-signer": jwk("rsa")}
        for call, over, status in (
            (lambda c: c.set_policy("Tpm", TEXT), other, Status.E_POLICY_HASH),
            (lambda c: c.set_policy("Tpm", TEXT), signer, Status.E_POLICY_SIGNER),
            (lambda c: c.set_policy("Tpm", TEXT, **pair("ec")), signer, Status.E_POLICY_SIGNER),
            (lambda c: c.set_policy("Tpm", TEXT), {"x-ms-policy-result": "Removed"}, Status.E_RESPONSE),
            (lambda c: c.reset_policy("Tpm"), {}, Status.E_RESPONSE),
        ):
            with self.subTest(over=over), self.assertRaises(azattest.Error) as caught:
                call(client(Service(updated, **over)))
            self.assertEqual(caught.exception.code, status)

    def test_a_callback_has_the_last_word(self):
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client(Service(updated)).set_policy("Tpm", TEXT, validation_callback=lambda token, signer: False)
        self.assertEqual(caught.exception.code, Status.E_TOKEN_CALLBACK)

    def test_the_token_of_the_answer_is_validated(self):
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client(Service(updated, iss="https://other.wus.attest.azure.net")).set_policy("Tpm", TEXT)
        self.assertEqual(caught.exception.code, Status.E_TOKEN_ISSUER)
        service = Service(updated, iss="https://other.wus.attest.azure.net")
        client(service).set_policy("Tpm", TEXT, validation_options={"validate_issuer": False})

    def test_wrong_use(self):
        for error, call in (
            (ValueError, lambda: AttestationAdministrationClient(ENDPOINT, None)),
            (TypeError, lambda: AttestationAdministrationClient(ENDPOINT)),
            (TypeError, lambda: client(Service(updated), no_such_option=1)),
            (ValueError, lambda: client(Service(updated), signing_key=pem("rsa.key.pem"))),
            (ValueError, lambda: client(Service(updated), **{**pair("rsa"), "signing_key": pem("ec.key.pem")})),
            (TypeError, lambda: client(Service(updated)).set_policy("Tpm", TEXT, no_such_option=1)),
            (TypeError, lambda: client(Service(updated)).set_policy("Tpm", None)),
            (ValueError, lambda: client(Service(updated)).set_policy("../certs", TEXT)),
            (ValueError, lambda: client(Service(updated)).set_policy("Tpm", b"\xff")),
            (ValueError, lambda: client(Service(updated)).add_policy_management_certificate(pem("ec.crt.pem"))),
            (ValueError, lambda: AttestationSigningKey(pem("rsa.key.pem"), pem("ec.crt.pem"))),
            (ValueError, lambda: AttestationSigningKey(pem("rsa.key.pem"), pem("rsa.crt.pem"), algorithm="ES256")),
            (TypeError, lambda: pickle.dumps(AttestationSigningKey(pem("rsa.key.pem"), pem("rsa.crt.pem")))),
            (TypeError, lambda: azattest.PolicyResult()),
            (TypeError, lambda: azattest.PolicyCertificatesModificationResult()),
        ):
            with self.assertRaises(error):
                call()
        # Files that cannot be read: errors of the package with a status, and ValueErrors as in the official SDK.
        for error in (azattest.Error, ValueError):
            for key, certificate, more in (("text", pem("rsa.crt.pem"), {}), (pem("rsa.key.pem"), "text", {}),
                                           (pem("rsa-encrypted.key.pem"), pem("rsa.crt.pem"), {}),
                                           (pem("rsa-encrypted.key.pem"), pem("rsa.crt.pem"), {"passphrase": "wrong"})):
                with self.assertRaises(error) as caught:
                    AttestationSigningKey(key, certificate, **more)
                self.assertIs(caught.exception.code, azattest.Status.E_MALFORMED)
        closed = client(Service(updated))
        closed.close()
        with self.assertRaises(ValueError):
            closed.get_policy("Tpm")
        self.assertEqual(repr(closed), "AttestationAdministrationClient(closed)")


class Interrupted(unittest.TestCase):
    """What ends a call from inside keeps no later one waiting, however long the exception and its traceback live."""

    def test_a_credential_that_ends_the_program(self):
        tokens = iter([SystemExit("enough"), "access-token"])

        def credential(*scopes):
            token = next(tokens)
            if isinstance(token, BaseException):
                raise token
            return token

        service = Service(lambda body: {"x-ms-policy": ""})
        admin = AttestationAdministrationClient(ENDPOINT, credential, transport=service)
        try:
            admin.get_policy("Tpm")
        except SystemExit:
            self.assertEqual(admin.get_policy("Tpm").value, "")
        else:
            self.fail("the exception was swallowed")

    def test_a_transport_that_raises_while_keys_are_fetched(self):
        service = Service(lambda body: {"x-ms-policy": ""})
        send, kept = service.send, []

        def once(request):
            service.send = send if "/certs" in request.url else once
            if "/certs" in request.url:
                raise RuntimeError("no keys")
            return send(request)

        service.send = once
        admin = client(service)
        try:
            admin.get_policy("Tpm")
        except RuntimeError as error:
            kept.append(error)
        self.assertEqual(str(kept[0]), "no keys")
        self.assertEqual(admin.get_policy("Tpm").value, "")


class Certificates(unittest.TestCase):
    def test_the_list_reads_as_lists_of_pem(self):
        response = client(Service(lambda body: {"x-ms-policy-certificates": {"keys": [jwk("rsa"), jwk("ec", "EC")]}})) \
            .get_policy_management_certificates()
        self.assertEqual([list(chain) for chain in response.value], [[pem("rsa.crt.pem")], [pem("ec.crt.pem")]])
        nobody = client(Service(lambda body: {"x-ms-policy-certificates": {"keys": []}}))
        self.assertEqual(len(nobody.get_policy_management_certificates().value), 0)

    def test_certificates_are_added_and_removed(self):
        thumbprint = hashlib.sha1(der("ec")).hexdigest().upper()
        for method, state, given in (("add", CertificateModification.IS_PRESENT, pem("ec.crt.pem")),
                                     ("remove", CertificateModification.IS_ABSENT, der("ec"))):
            service = Service(lambda body: {
                "x-ms-certificate-thumbprint": thumbprint, "x-ms-policycertificates-result": str(state)})
            call = getattr(client(service, **pair("rsa")), method + "_policy_management_certificate")
            result = call(given).value
            self.assertEqual(result.certificate_thumbprint, thumbprint)
            self.assertIs(result.certificate_resolution, state)
            sent = json.loads(service.requests[0].body)["policyCertificateTo" + method.capitalize()]
            token = AttestationToken.parse(sent)
            self.assertEqual(token.body(), {"policyCertificate": jwk("ec", "EC")})
            self.assertEqual(token.algorithm, "RS256")

    def test_the_older_form_of_the_body(self):
        service = Service(lambda body: {
            "x-ms-certificate-thumbprint": hashlib.sha1(der("ec")).hexdigest(),
            "x-ms-policycertificates-result": "IsPresent"})
        client(service, api_version="2022-08-01", **pair("rsa")).add_policy_management_certificate(pem("ec.crt.pem"))
        self.assertIsInstance(json.loads(service.requests[0].body), str)

    def test_an_answer_about_another_certificate(self):
        service = Service(lambda body: {
            "x-ms-certificate-thumbprint": "00" * 20, "x-ms-policycertificates-result": "IsPresent"})
        with self.assertRaises(azattest.Error) as caught:
            client(service, **pair("rsa")).add_policy_management_certificate(pem("ec.crt.pem"))
        self.assertEqual(caught.exception.code, Status.E_CERTIFICATE_THUMBPRINT)


class Objects(unittest.TestCase):
    def test_policy_tokens(self):
        token = azattest.create_policy_token(TEXT)
        self.assertEqual(str(token), TOKEN)
        self.assertEqual(azattest.AttestationPolicyToken(TEXT).serialize(), TOKEN)
        self.assertEqual(policy.policy_token_hash(token), hashlib.sha256(TOKEN.encode()).digest())
        self.assertEqual(policy.policy_token_hash(TOKEN), policy.policy_token_hash(TOKEN.encode()))
        self.assertEqual(base64url(policy.policy_hash(TEXT)), "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU")
        signed = azattest.AttestationPolicyToken(TEXT, **pair("rsa"))
        self.assertEqual(signed, azattest.create_policy_token(TEXT, AttestationSigningKey(*pair("rsa").values())))
        self.assertEqual(signed.header()["x5c"], jwk("rsa")["x5c"])

    def test_stored_policies(self):
        stored = StoredAttestationPolicy(TEXT)
        self.assertEqual(stored, StoredAttestationPolicy.parse(TOKEN))
        self.assertEqual(json.loads(stored.json), {"AttestationPolicy": base64url(TEXT.encode())})
        self.assertEqual(pickle.loads(pickle.dumps(stored)), stored)
        empty = StoredAttestationPolicy.parse("eyJhbGciOiJub25lIn0..")
        self.assertEqual((empty.attestation_policy, empty.json), ("", None))
        with self.assertRaises(azattest.Error):
            StoredAttestationPolicy.parse("eyJhbGciOiJub25lIn0.e30.")

    def test_tokens_of_ones_own(self):
        self.assertEqual(str(AttestationToken.create()), "eyJhbGciOiJub25lIn0..")
        self.assertEqual(AttestationToken.create({"a": [1, "é"]}).body(), {"a": [1, "é"]})
        self.assertEqual(AttestationToken.create('{"a": 1}').body_bytes, b'{"a": 1}')
        signed = AttestationToken.create({"a": 1}, AttestationSigningKey(pem("ec.key.pem"), pem("ec.crt.pem")))
        self.assertFalse(signed.is_validated)
        signed.validate(pem("ec.crt.pem"), validate_issuer=False, require_expiration=False)
        self.assertTrue(signed.is_validated)
        for body in ("[]", "{", 5, {"a": float("nan")}):
            with self.assertRaises((TypeError, ValueError)):
                AttestationToken.create(body)

    def test_names_of_types_are_open(self):
        self.assertEqual(AttestationType("sgxenclave"), AttestationType.SGX_ENCLAVE)
        self.assertEqual("%s" % AttestationType.TDX_VM, "TdxVm")
        self.assertIs(pickle.loads(pickle.dumps(AttestationType.TPM)), AttestationType.TPM)
        with self.assertRaises(ValueError):
            AttestationType("Pluton")
        service = Service(updated)
        client(service).set_policy("Pluton", TEXT)
        self.assertIn("/policies/Pluton?", service.requests[0].url)


class OneLine(unittest.TestCase):
    def test_by_endpoint_or_environment_or_client(self):
        made = dict(credential="access-token", transport=Service(updated))
        self.assertEqual(policy.set_policy("Tpm", TEXT, endpoint=ENDPOINT, **made).value.policy_resolution, "Updated")
        with mock.patch.dict(os.environ, AZATTEST_ENDPOINT=ENDPOINT):
            self.assertIsNotNone(policy.set_policy("Tpm", TEXT, **made, **pair("ec")).value.policy_signer)
        removed = client(Service(lambda body: {"x-ms-policy-result": "Removed"}))
        self.assertEqual(policy.reset_policy("Tpm", client=removed).value.policy_resolution, "Removed")
        read = client(Service(lambda body: {"x-ms-policy": TOKEN}))
        self.assertEqual(policy.get_policy("Tpm", client=read).value, TEXT)
        listed = client(Service(lambda body: {"x-ms-policy-certificates": {"keys": []}}))
        self.assertEqual(len(certificates.get_policy_management_certificates(client=listed).value), 0)
        with self.assertRaises(TypeError):
            policy.get_policy("Tpm", client=read, endpoint=ENDPOINT)
        with mock.patch.dict(os.environ, AZATTEST_ENDPOINT=""), self.assertRaises(TypeError):
            policy.get_policy("Tpm")

    def test_the_modules_have_their_classes(self):
        for module, names in (
            (azattest.attest, "AttestationClient AttestationData AttestationResponse AttestationResult AttestationToken"),
            (policy, "AttestationAdministrationClient AttestationSigningKey PolicyResult StoredAttestationPolicy"),
            (certificates, "AttestationAdministrationClient AttestationSigner AttestationSigners AttestationSigningKey "
                           "PolicyCertificatesModificationResult"),
        ):
            for name in names.split():
                self.assertIs(getattr(module, name), getattr(azattest, name))
                self.assertIn(name, module.__all__)

    def test_without_a_credential_the_default_chain_is_asked(self):
        wrong = mock.patch.dict(os.environ, AZURE_TOKEN_CREDENTIALS="none of them")
        with wrong, self.assertRaisesRegex(ValueError, "AZURE_TOKEN_CREDENTIALS"):
            certificates.get_policy_management_certificates(endpoint=ENDPOINT)
        service = Service(lambda body: {"x-ms-policy": TOKEN})
        with mock.patch("azattest.credentials.DefaultAzureCredential", lambda: "access-token"):
            self.assertEqual(policy.get_policy("Tpm", endpoint=ENDPOINT, transport=service).value, TEXT)
        self.assertIn(("Authorization", "Bearer access-token"), service.requests[0].headers)


@needs_command
class LocalService(unittest.TestCase):
    """An isolated and an AAD instance of the local service."""

    @classmethod
    def setUpClass(cls):
        signer = str(CHECKOUT / "tests/fixtures/signing/rsa.crt.pem")
        cls.service = Emulator("--mode", "isolated", "--policy-certificate", signer, "--instance", "aad=aad")
        ready = cls.service.ready
        cls.aad = next(each["endpoint"] for each in ready["instances"] if each["name"] == "aad")

    @classmethod
    def tearDownClass(cls):
        cls.service.stop()

    def token(self, name="contributor"):
        import ssl
        import urllib.parse
        import urllib.request

        ready = self.service.ready
        identity = next(each for each in ready["identities"] if each["name"] == name)
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_id": identity["client_id"],
            "client_secret": identity["client_secret"], "scope": "https://attest.azure.net/.default"}).encode()
        context = ssl.create_default_context(cafile=ready["ca_file"])
        url = "%s/%s/oauth2/v2.0/token" % (ready["authority_host"], ready["tenant_id"])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        with opener.open(url, form, timeout=60) as reply:
            return json.load(reply)["access_token"]

    def client(self, endpoint, name="contributor", **options):
        return AttestationAdministrationClient(
            endpoint, self.token(name), ca_file=self.service.ca_file, scopes="https://attest.azure.net/.default",
            proxy="", **options)

    def test_policies_of_an_aad_instance(self):
        with self.client(self.aad) as admin:
            default = admin.get_policy("SgxEnclave").value
            self.assertIn("permit()", default)
            for options in ({}, pair("rsa"), pair("ec"), pair("p384")):
                response = admin.set_policy("SgxEnclave", TEXT + " // é", **options)
                self.assertEqual(response.value.policy_signer is not None, bool(options))
                read = admin.get_policy("sgxenclave")
                self.assertEqual(read.value, TEXT + " // é")
                self.assertEqual(policy.policy_token_hash(read.policy_token), response.value.policy_token_hash)
                self.assertEqual(read.policy_signer is not None, bool(options))
                admin.reset_policy("SgxEnclave", **options)
                self.assertEqual(admin.get_policy("SgxEnclave").value, default)
            self.assertEqual(len(admin.get_policy_management_certificates().value), 0)

    def test_an_isolated_instance_takes_signed_policies_only(self):
        with self.client(self.service.endpoint) as admin:
            for options in ({}, pair("ec")):
                with self.assertRaises(azattest.HttpResponseError) as caught:
                    admin.set_policy("SgxEnclave", TEXT, **options)
                self.assertEqual(caught.exception.error_code, "InvalidOperation")
            admin.set_policy("SgxEnclave", TEXT, **pair("rsa"))
            admin.reset_policy("SgxEnclave", **pair("rsa"))

    def test_certificates_are_rotated(self):
        for version in ("2020-10-01", "2022-08-01", "2025-06-01"):
            with self.subTest(version), self.client(self.service.endpoint, api_version=version, **pair("rsa")) as admin:
                admin.add_policy_management_certificate(pem("ec.crt.pem"))
                self.assertEqual(len(admin.get_policy_management_certificates().value), 2)
                admin.set_policy("OpenEnclave", TEXT, **pair("ec"))
                admin.reset_policy("OpenEnclave", **pair("ec"))
                admin.remove_policy_management_certificate(pem("ec.crt.pem"))
                self.assertEqual([list(each) for each in admin.get_policy_management_certificates().value],
                                 [[pem("rsa.crt.pem")]])
                with self.assertRaises(azattest.HttpResponseError):
                    admin.remove_policy_management_certificate(pem("rsa.crt.pem"))

    def test_a_reader_may_not_write(self):
        with self.client(self.aad, "reader") as admin:
            admin.get_policy("SgxEnclave")
            with self.assertRaises(azattest.ClientAuthenticationError) as caught:
                admin.set_policy("SgxEnclave", TEXT)
            self.assertEqual(caught.exception.status_code, 403)


if __name__ == "__main__":
    unittest.main()

"""What a program for Azure's Python SDK for attestation finds here under its own names; sends nothing.

The whole of such a program runs in tests/integration/witness, where the official packages can be installed.
"""

import json
import os
import subprocess
import tempfile
import unittest

import azattest
from azattest import AttestationClient, AttestationSigner, AttestationToken, ClientSecretCredential

from support import COMMAND, Script, answer, make_token, needs_command

ENDPOINT = "https://sharedweu.weu.attest.azure.net"


class Tokens(unittest.TestCase):
    def test_made_of_text_and_read_under_both_names(self):
        text = make_token({"alg": "none"}, {"iss": "x", "exp": 2000000000, "iat": 1700000000})
        token = AttestationToken(token=text)
        self.assertEqual(token.to_jwt_string(), token.serialize())
        self.assertEqual((token.expires, token.issued), (token.expires_on, token.issued_on))
        self.assertEqual(token.expires.timestamp(), 2000000000)

    def test_made_of_a_body(self):
        self.assertEqual(AttestationToken(body={"a": 1}).serialize(), AttestationToken.create({"a": 1}).serialize())

    def test_wrong_use(self):
        for wrong in ({}, {"token": "a.b.c", "body": {}}, {"text": "a.b.c"}):
            with self.subTest(wrong), self.assertRaises(TypeError):
                AttestationToken(**wrong)

    def test_a_malformed_token_is_a_value_error_too(self):
        for kind in (ValueError, azattest.Error, azattest.AttestationTokenValidationException):
            with self.subTest(kind.__name__), self.assertRaises(kind):
                AttestationToken(token="no.token")


class Signers(unittest.TestCase):
    def test_wrong_certificates_are_refused(self):
        for wrong in (["no certificate"], ["-----BEGIN CERTIFICATE-----\nAAAA\n"], [""]):
            with self.subTest(wrong), self.assertRaises(ValueError):
                AttestationSigner(wrong)

    @needs_command
    def test_made_of_certificates(self):
        for kind in ("rsa", "ec"):
            with self.subTest(kind), tempfile.TemporaryDirectory() as folder:
                paths = [os.path.join(folder, name) for name in ("key", "certificate")]
                subprocess.run([COMMAND, "simulate", "signing-key", "--type", kind, "--out-key", paths[0],
                                "--out-certificate", paths[1]], check=True, capture_output=True)
                with open(paths[1], encoding="ascii") as file:
                    pem = file.read()
                signer = AttestationSigner([pem], "a-key")
                self.assertEqual((signer.key_id, signer.key_type, signer.problem), ("a-key", kind.upper(), None))
                self.assertEqual([text.split() for text in signer.certificates], [pem.split()])
                self.assertIsNone(AttestationSigner([pem]).key_id)


class Clients(unittest.TestCase):
    def test_checks_stand_alone_in_the_constructor(self):
        client = AttestationClient(ENDPOINT, transport=Script(), validate_issuer=False, validation_slack=5)
        self.assertEqual((client._validation.validate_issuer, client._validation.validation_slack), (False, 5))
        with self.assertRaises(TypeError):
            AttestationClient(ENDPOINT, validate_isuer=True)

    def test_keywords_of_azure_core_mean_ours(self):
        from azattest._options import translated

        for theirs, ours in (({"connection_verify": "ca.pem"}, {"ca_file": "ca.pem"}),
                             ({"connection_verify": True}, {"ca_file": None}),
                             ({"connection_timeout": 3, "read_timeout": 4}, {"connect_timeout": 3, "read_timeout": 4}),
                             ({"credential_scopes": ["a", "b"]}, {"scopes": "a b"}),
                             ({"proxies": {"https": "http://p", "http": "http://q"}}, {"proxy": "http://p"}),
                             ({"retry_backoff_factor": 1, "retry_backoff_max": 9}, {"retry_delay": 1, "retry_max_delay": 9}),
                             ({"user_agent": "me", "logging_enable": True}, {"application_id": "me", "trace_bodies": True})):
            with self.subTest(theirs):
                self.assertEqual(translated(theirs), ours)

    def test_keywords_of_azure_identity_mean_ours(self):
        for theirs, text in (({"authority": "http://127.0.0.1:9"}, "authority_host"),
                             ({"authority": "localhost:9", "connection_verify": "/nowhere/ca.pem"}, "nowhere"),
                             ({"authority": "localhost:9", "connection_verify": False}, "never switched off")):
            with self.subTest(theirs), self.assertRaisesRegex((ValueError, OSError), text):
                ClientSecretCredential("tenant", "client", "secret", **theirs).get_token("https://attest.azure.net/.default")
        with self.assertRaisesRegex(TypeError, "say the same"):
            ClientSecretCredential("tenant", "client", "secret", authority="a.example", authority_host="b.example")

    def test_the_certificate_check_is_never_switched_off(self):
        with self.assertRaisesRegex(ValueError, "never switched off"):
            AttestationClient(ENDPOINT, connection_verify=False)

    def test_the_same_said_twice_is_refused(self):
        with self.assertRaisesRegex(TypeError, "say the same"):
            AttestationClient(ENDPOINT, ca_file="a", connection_verify="b")

    def test_metadata_reads_as_a_dictionary(self):
        document = {"issuer": ENDPOINT, "jwks_uri": ENDPOINT + "/certs", "claims_supported": ["iss"]}
        metadata = AttestationClient(ENDPOINT, transport=Script(answer(document))).get_open_id_metadata()
        self.assertEqual(dict(metadata), document)
        self.assertEqual((metadata["issuer"], metadata.get("jwks_uri"), len(metadata)), (ENDPOINT, ENDPOINT + "/certs", 3))
        self.assertEqual((list(metadata), metadata.get("other", 7)), (list(document), 7))
        self.assertTrue("issuer" in metadata and "other" not in metadata)
        self.assertEqual(json.loads(json.dumps(metadata.to_dict())), document)
        with self.assertRaises(KeyError):
            metadata["other"]

    def test_classes_have_their_official_names(self):
        self.assertIs(azattest.AttestationPolicyResult, azattest.PolicyResult)
        self.assertIs(azattest.AttestationPolicyCertificateResult, azattest.PolicyCertificatesModificationResult)

    def test_the_administration_needs_a_credential(self):
        with self.assertRaises(ValueError):
            azattest.AttestationAdministrationClient(ENDPOINT, None)


if __name__ == "__main__":
    unittest.main()

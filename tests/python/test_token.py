"""Tokens: real ones at their time, hostile ones at any time; what they show of themselves; signers."""

import asyncio
import json
import pickle
import unittest
from datetime import datetime, timedelta, timezone

import azattest
from azattest import AttestationSigners, AttestationToken, AttestationTokenValidationException, Status

from support import THEN, WUS, evidence, facts, from_base64url, key_set, make_token, needs_evidence, token_text


def refused(case, code, text, call, *arguments, **options):
    """Status and a part of the text, both."""
    with case.assertRaises(AttestationTokenValidationException) as caught:
        call(*arguments, **options)
    case.assertIn(text, str(caught.exception))
    case.assertIn(code, [caught.exception.code] + [problem.code for problem in caught.exception.problems])
    return caught.exception


@needs_evidence
class RealTokens(unittest.TestCase):
    def setUp(self):
        self.signers = AttestationSigners.parse(key_set())
        self.at = {"signers": self.signers, "issuer": WUS, "at": THEN}

    def test_every_token_of_the_folder_gets_the_verdict_of_its_facts(self):
        key_sets = ["wus-shared-2022-11", "wus-aad-2022-11", "sharedweu.keys-only"]
        seen = {True: 0, False: 0}
        for name, fact in facts().items():
            if not name.startswith("maa-tokens/"):
                continue
            wanted = bool(fact["checks"].get("jws_sig")) and not fact["has_x5c"]
            text = evidence(name).decode().strip()
            accepted = False
            for keys in key_sets:
                try:
                    token = AttestationToken.parse(text)
                    token.validate(key_set(keys), issuer=fact.get("iss") or WUS, at=fact.get("iat") or THEN)
                    accepted = accepted or token.is_validated
                except AttestationTokenValidationException:
                    pass
            with self.subTest(name):
                self.assertEqual(accepted, wanted)
            seen[wanted] += 1
        self.assertGreaterEqual(min(seen.values()), 8)

    def test_a_validated_token_says_so_and_gives_typed_claims(self):
        token = AttestationToken.parse(token_text())
        self.assertFalse(token.is_validated)
        self.assertIsNone(token.signer)
        self.assertTrue(repr(token).startswith("UNVERIFIED "))
        self.assertIs(token.validate(**self.at), token)
        self.assertTrue(token.is_validated)
        self.assertTrue(repr(token).startswith("verified "), repr(token))
        self.assertIn('type="sgx"', repr(token))
        self.assertEqual(token.signer.key_id, token.key_id)
        fact = facts()["maa-tokens/sgx-shared-2022-11.jwt"]
        result = token.result()
        self.assertTrue(result.is_validated)
        self.assertTrue(repr(result).startswith("verified AttestationResult("))
        self.assertEqual(result.mr_enclave, fact["x-ms-sgx-mrenclave"])
        self.assertEqual(result.mr_enclave_bytes.hex(), fact["x-ms-sgx-mrenclave"])
        self.assertEqual(result.mr_signer, fact["x-ms-sgx-mrsigner"])
        self.assertEqual((result.product_id, result.svn), (1, 1))
        self.assertIs(result.is_debuggable, True)
        self.assertEqual(result.verifier_type, "sgx")
        self.assertEqual(result.version, "1.0")
        self.assertEqual(result.policy_hash, from_base64url(fact["x-ms-policy-hash"]))
        self.assertEqual(result.issuer, WUS)
        self.assertEqual(result.expires_on, datetime.fromtimestamp(fact["exp"], timezone.utc))
        self.assertEqual(result.expires_on - result.issued_on, timedelta(hours=8))
        self.assertEqual(result.not_before.utcoffset(), timedelta(0))
        self.assertIsNone(result.nonce)
        self.assertIsNone(result.runtime_claims)
        self.assertEqual(result.claims(), json.loads(from_base64url(token_text().split(".")[1])))
        self.assertEqual(result.claim("x-ms-sgx-svn"), 1)
        self.assertIsNone(result.claim("no-such-claim"))
        self.assertEqual(len(result.sgx_collateral), len(result.claim("x-ms-sgx-collateral")))

    def test_the_readers_give_what_stands_in_the_token(self):
        text = token_text()
        token = AttestationToken.parse(text)
        header, body, signature = text.split(".")
        self.assertEqual((str(token), token.serialize()), (text, text))
        self.assertEqual(token.header_bytes, from_base64url(header))
        self.assertEqual(token.body_bytes, from_base64url(body))
        self.assertEqual(token.signature_bytes, from_base64url(signature))
        self.assertEqual(token.signed_elements, (header + "." + body).encode())
        self.assertEqual(token.header(), json.loads(from_base64url(header)))
        self.assertEqual(token.body()["iss"], token.issuer)
        self.assertEqual((token.algorithm, token.type, token.key_url), ("RS256", "JWT", WUS + "/certs"))
        for absent in ("content_type", "x509_url", "certificate_thumbprint", "certificate_sha256_thumbprint", "critical",
                       "x509_certificate_chain"):
            self.assertIsNone(getattr(token, absent), absent)
        self.assertTrue(token.is_secured)
        self.assertEqual(token.issued_on, datetime(2022, 11, 17, 1, 40, 48, tzinfo=timezone.utc))

    def test_runtime_data_and_runtime_claims(self):
        held = AttestationToken.parse(token_text("sgx-runtime-data-2022-11")).result(unverified=True)
        self.assertEqual(held.enclave_held_data, evidence("sgx/sdk-cpp-sgx-quote.runtime-data.bin"))
        claims = AttestationToken.parse(token_text("oe-runtime-claims-2022-11")).result(unverified=True)
        self.assertIsInstance(claims.runtime_claims, dict)
        self.assertIsNone(claims.enclave_held_data)

    def test_each_check_refuses_with_its_own_status(self):
        hour = 3600
        cases = [
            ("expired", dict(at=THEN + 9 * hour), Status.E_TOKEN_EXPIRED, "exp"),
            ("not yet valid", dict(at=THEN - hour), Status.E_TOKEN_NOT_YET_VALID, "nbf"),
            ("another instance", dict(issuer="https://a.example"), Status.E_TOKEN_ISSUER, "a.example"),
            ("a nonce that is not there", dict(expected_nonce="1"), Status.E_TOKEN_NONCE, "nonce"),
            ("other runtime data", dict(expected_runtime_data=b"1"), Status.E_TOKEN_RUNTIME_DATA, "x-ms-sgx-ehd"),
            ("another policy", dict(expected_policy_hash=bytes(32)), Status.E_TOKEN_POLICY_HASH, "policy"),
            ("none of two policies", dict(expected_policy_hash=[bytes(32)] * 2), Status.E_TOKEN_POLICY_HASH, "of the list"),
            ("debuggable", dict(allow_debug=False), Status.E_TOKEN_DEBUGGABLE, "debug"),
            ("another type", dict(expected_type="tpm"), Status.E_TOKEN_ATTESTATION_TYPE, "tpm"),
            ("a claim that is missing", dict(require_claims=["no-such"]), Status.E_TOKEN_CLAIM, "no-such"),
            ("a claim that differs", dict(require_claims={"x-ms-sgx-svn": 2}), Status.E_TOKEN_CLAIM, "x-ms-sgx-svn"),
            ("too old", dict(at=THEN + hour, max_age=60), Status.E_TOKEN_AGE, "60 s"),
            ("an algorithm that is not allowed", dict(algorithms=["PS256"]), Status.E_TOKEN_ALGORITHM, "RS256"),
            ("keys of another place", dict(signers=key_set("sharedweu.keys-only")), Status.E_TOKEN_KEY_UNKNOWN, "key"),
        ]
        for name, changes, code, text in cases:
            with self.subTest(name):
                token = AttestationToken.parse(token_text())
                refused(self, code, text, token.validate, **{**self.at, **changes})
                self.assertFalse(token.is_validated)
                with self.assertRaises(azattest.Error):
                    token.result()

    def test_slack_and_switches(self):
        token = AttestationToken.parse(token_text())
        exp = 1668678048
        refused(self, Status.E_TOKEN_EXPIRED, "exp", token.validate, **{**self.at, "at": exp + 61})
        token.validate(**{**self.at, "at": exp + 59})
        refused(self, Status.E_TOKEN_EXPIRED, "exp", token.validate, **{**self.at, "at": exp + 2, "validation_slack": 0})
        self.assertFalse(token.is_validated, "a validation that failed takes back the one before")
        token.validate(**{**self.at, "at": exp + 10**6, "validate_expiration": False})
        token.validate(**{**self.at, "at": exp + 10**6, "validate_expiration_time": False})
        token.validate(**{**self.at, "at": datetime.fromtimestamp(THEN, timezone.utc)})
        token.validate(signers=self.signers, issuer=["https://a.example", WUS], clock=lambda: THEN)
        self.assertTrue(token.is_validated)

    def test_checks_that_are_switched_off_leave_the_token_unverified(self):
        for switch in ("validate_token", "validate_signature"):
            token = AttestationToken.parse(token_text("neg-sig-bitflip"))
            token.validate(**{**self.at, switch: False})
            self.assertFalse(token.is_validated)
            self.assertTrue(repr(token).startswith("UNVERIFIED"))
            with self.assertRaises(azattest.Error):
                token.result()

    def test_an_answer_about_policies_is_no_attestation_when_one_is_required(self):
        token = AttestationToken.parse(token_text("policy-get-sgx"))
        at = {"signers": key_set("wus-aad-2022-11"), "issuer": token.issuer, "at": THEN + 3600}
        token.validate(**at)
        for required in (dict(at, require_attestation=True),
                         dict(at, validation_options={"require_attestation": True})):
            refused(self, Status.E_TOKEN_ATTESTATION_TYPE, "about policies", token.validate, **required)
            self.assertFalse(token.is_validated)
        AttestationToken.parse(token_text()).validate(require_attestation=True, **self.at)

    def test_problems_lists_all_failures_at_once(self):
        token = AttestationToken.parse(token_text())
        problems = token.problems(self.signers, issuer=WUS, at=THEN + 10**6, expected_nonce="1", allow_debug=False)
        codes = [problem.code for problem in problems]
        self.assertEqual(codes, [Status.E_TOKEN_EXPIRED, Status.E_TOKEN_NONCE, Status.E_TOKEN_DEBUGGABLE])
        self.assertTrue(str(problems[0]).startswith("AZATTEST_E_TOKEN_EXPIRED (C1): "))
        self.assertEqual(token.problems(**self.at), [])
        self.assertTrue(token.is_validated)

    def test_signers_without_an_issuer_are_wrong_use(self):
        token = AttestationToken.parse(token_text())
        with self.assertRaisesRegex(ValueError, "issuer"):
            token.validate(self.signers, at=THEN)
        token.validate(self.signers, at=THEN, validate_issuer=False)

    def test_flipping_any_character_of_the_token_is_noticed(self):
        text = token_text()
        for place in range(0, len(text), 37):
            if text[place] == ".":
                continue
            other = "A" if text[place] != "A" else "B"
            with self.subTest(place), self.assertRaises(azattest.Error):
                AttestationToken.parse(text[:place] + other + text[place + 1 :]).validate(**self.at)

    def test_truncation_at_every_byte(self):
        text = token_text()
        for length in range(len(text)):
            with self.assertRaises((azattest.Error, ValueError)):
                AttestationToken.parse(text[:length]).validate(**self.at)

    def test_pickles_come_back_unverified(self):
        token = AttestationToken.parse(token_text()).validate(**self.at)
        result = token.result()
        again, result_again, signers = pickle.loads(pickle.dumps((token, result, self.signers)))
        self.assertEqual(again, token)
        self.assertFalse(again.is_validated)
        self.assertEqual(result_again.claims(), result.claims())
        self.assertFalse(result_again.is_validated)
        self.assertTrue(repr(result_again).startswith("UNVERIFIED"))
        self.assertEqual([s.key_id for s in signers], [s.key_id for s in self.signers])

    def test_callback_comes_last_and_refuses_in_three_ways(self):
        seen = []

        def keep(token, signer):
            seen.append((token.is_validated, signer.key_id))

        token = AttestationToken.parse(token_text())
        token.validate(validation_callback=keep, **self.at)
        self.assertEqual(seen, [(True, token.key_id)])
        for answer, text in ((False, "gave False"), (["not today"], "not today"), ("no", "no")):
            token = AttestationToken.parse(token_text())
            call = dict(self.at, validation_callback=lambda *_: answer)
            error = refused(self, Status.E_TOKEN_CALLBACK, text, token.validate, **call)
            self.assertEqual(len(error.problems), 1)
            self.assertFalse(token.is_validated)
            self.assertEqual([p.code for p in token.problems(**call)], [Status.E_TOKEN_CALLBACK])
            self.assertFalse(token.is_validated)

        refusing = asyncio.Future(loop=asyncio.new_event_loop())
        self.addCleanup(refusing.get_loop().close)
        refusing.set_result("no")  # nobody awaits it here, and iterated it gives nothing
        for answer in (0, 1, object(), refusing):
            with self.assertRaisesRegex(TypeError, "validation_callback: None, True, False or problems expected"):
                token.validate(validation_callback=lambda *_: answer, **self.at)
            self.assertFalse(token.is_validated)

        def explode(token, signer):
            raise RuntimeError("mine")

        with self.assertRaisesRegex(RuntimeError, "mine"):
            token.validate(validation_callback=explode, **self.at)
        self.assertFalse(token.is_validated)
        del seen[:]
        token = AttestationToken.parse(token_text())
        refused(self, Status.E_TOKEN_EXPIRED, "exp", token.validate, validation_callback=keep, **dict(self.at, at=THEN + 10**6))
        self.assertEqual(seen, [], "the callback is not asked about a token that is refused anyway")

    def test_pretty_and_html(self):
        token = AttestationToken.parse(token_text())
        lines = token.pretty().splitlines()
        self.assertEqual(lines[0], "UNVERIFIED AttestationToken")
        self.assertRegex(token.pretty(), r"exp +2022-11-17 09:40:48 UTC \(\d+ days ago\)")
        token.validate(**self.at)
        self.assertEqual(token.pretty().splitlines()[0], "verified AttestationToken")
        self.assertEqual(token.result().pretty().splitlines()[0], "verified AttestationResult")
        self.assertIn("<b>verified</b>", token._repr_html_())


class HostileTokens(unittest.TestCase):
    claims = {"iss": WUS, "iat": THEN, "nbf": THEN, "exp": THEN + 60}

    @needs_evidence
    def test_headers_that_want_to_be_believed(self):
        signers = AttestationSigners.parse(key_set())
        pem = signers[0].public_key_pem.encode()
        kid = signers[0].key_id
        cases = [
            ("alg none", {"alg": "none"}, Status.E_TOKEN_ALGORITHM),
            ("alg nOnE", {"alg": "nOnE"}, Status.E_TOKEN_ALGORITHM),
            ("HS256 with the key as secret", {"alg": "HS256", "kid": kid}, Status.E_TOKEN_ALGORITHM),
            ("RS256 without signature", {"alg": "RS256", "kid": kid}, Status.E_TOKEN_SIGNATURE),
            ("crit", {"alg": "RS256", "kid": kid, "crit": ["exp"]}, Status.E_TOKEN_CRITICAL),
            ("typ", {"alg": "RS256", "kid": kid, "typ": "at+jwt"}, Status.E_TOKEN_TYPE),
            ("jku elsewhere", {"alg": "RS256", "kid": kid, "jku": "https://a.example/certs"}, Status.E_TOKEN_KEY_URL),
            ("unknown kid with own jwk", {"alg": "RS256", "kid": "x", "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
             Status.E_TOKEN_KEY_UNKNOWN),
        ]
        for name, header, code in cases:
            with self.subTest(name):
                import hashlib
                import hmac

                text = make_token(header, self.claims)
                if header["alg"] == "HS256":
                    signed = text.rsplit(".", 1)[0]
                    from support import base64url

                    text = signed + "." + base64url(hmac.new(pem, signed.encode(), hashlib.sha256).digest())
                token = AttestationToken.parse(text)
                refused(self, code, "", token.validate, signers, issuer=WUS, at=THEN)
                self.assertFalse(token.is_validated)

    def test_an_unsecured_token_passes_only_on_demand_and_stays_unverified(self):
        token = AttestationToken.parse(make_token({"alg": "none"}, self.claims))
        self.assertFalse(token.is_secured)
        signers = AttestationSigners.parse('{"keys":[]}')
        refused(self, Status.E_TOKEN_ALGORITHM, "none", token.validate, signers, issuer=WUS, at=THEN)
        token.validate(signers, issuer=WUS, at=THEN, allow_unsecured=True)
        self.assertFalse(token.is_validated)
        self.assertTrue(repr(token).startswith("UNVERIFIED"))

    def test_texts_that_are_no_tokens(self):
        good = make_token({"alg": "none"}, self.claims)
        head, body, _ = good.split(".")
        for name, text in (
            ("empty", ""), ("one part", "a"), ("four parts", good + "."), ("blank in front", " " + good),
            ("newline behind", good + "\n"), ("padding", head + "=." + body + "."), ("no alg", make_token({}, {})),
            ("duplicate member", "eyJhbGciOiJub25lIiwiYWxnIjoiUlMyNTYifQ." + body + "."),
            ("not base64url", head + "." + body[:-1] + "+."), ("NUL", good + "\0"), ("bytes", b"\xff.\xff."),
        ):
            with self.subTest(name), self.assertRaises((AttestationTokenValidationException, ValueError)):
                AttestationToken.parse(text)

    def test_claims_cannot_pass_themselves_off_as_something_else(self):
        claims = dict(self.claims, iss="x\nverified AttestationToken", **{"<b>\x1b[31m": "<script>alert(1)</script>"})
        token = AttestationToken.parse(make_token({"alg": "none"}, claims))
        for text in (repr(token), token.pretty()):
            self.assertTrue(text.startswith("UNVERIFIED"))
            self.assertNotIn("\nverified", text)
            self.assertNotIn("\x1b", text)
        self.assertNotIn("<script>", token._repr_html_())
        self.assertNotIn("<b>\x1b", token._repr_html_())

    def test_a_claim_of_a_wrong_type_is_an_error_and_a_missing_one_none(self):
        claims = dict(self.claims, exp="soon")
        claims["x-ms-sgx-svn"] = "one"
        claims["x-ms-sgx-product-id"] = 2**53 + 1
        token = azattest.inspect(make_token({"alg": "none"}, claims))
        with self.assertRaisesRegex(azattest.Error, "expires_on"):
            token.expires_on
        result = token.result(unverified=True)
        with self.assertRaisesRegex(azattest.Error, "svn") as caught:
            result.svn
        self.assertIs(caught.exception.code, Status.E_TYPE)
        self.assertEqual(result.claim("x-ms-sgx-product-id"), 2**53 + 1)
        self.assertIsNone(result.mr_enclave)
        self.assertIsNone(result.unique_id)

    def test_dates_beyond_the_calendar(self):
        token = azattest.inspect(make_token({"alg": "none"}, dict(self.claims, exp=10**15)))
        with self.assertRaisesRegex(ValueError, "exp"):
            token.expires_on
        self.assertIn("1000000000000000", token.pretty())
        repr(token)

    def test_claims_are_reached_by_name_never_as_attributes(self):
        token = azattest.inspect(make_token({"alg": "none"}, {"keys": [1], "items": 2}))
        self.assertEqual(token.claim("keys"), [1])
        self.assertEqual(token.body()["items"], 2)
        with self.assertRaises(AttributeError):
            token.keys


class Manners(unittest.TestCase):
    def test_wrong_types(self):
        for call in (
            lambda: AttestationToken.parse(None), lambda: AttestationToken.parse(1), lambda: AttestationToken(),
            lambda: AttestationSigners.parse(None), lambda: azattest.inspect(None), lambda: azattest.AttestationResult(),
        ):
            with self.assertRaises(TypeError):
                call()

    def test_a_misspelt_attribute_fails(self):
        token = azattest.inspect(make_token({"alg": "none"}, {}))
        for name in ("issuers", "is_validatd"):
            with self.assertRaises(AttributeError):
                setattr(token, name, True)
        with self.assertRaises(AttributeError):
            token.is_validated = True
        with self.assertRaises(AttributeError):
            token.result(unverified=True).mr_enclave = "00"

    def test_tokens_from_bytes_like_objects(self):
        text = make_token({"alg": "none"}, {}).encode()
        for form in (text, bytearray(text), memoryview(text)):
            self.assertEqual(AttestationToken.parse(form).serialize().encode(), text)
        with self.assertRaises(BufferError):
            AttestationToken.parse(memoryview(text)[::2])


@needs_evidence
class Signers(unittest.TestCase):
    def test_a_key_set_is_a_sequence(self):
        signers = AttestationSigners.parse(key_set())
        wanted = [key["kid"] for key in json.loads(key_set())["keys"]]
        self.assertEqual([signer.key_id for signer in signers], wanted)
        self.assertEqual((len(signers), signers.count), (len(wanted), len(wanted)))
        self.assertEqual(signers[-1].key_id, wanted[-1])
        self.assertEqual([s.key_id for s in signers[:2]], wanted[:2])
        self.assertIsNone(signers.at(len(wanted)))
        with self.assertRaises(IndexError):
            signers[len(wanted)]
        signer = signers[0]
        self.assertEqual((signer.key_type, signer.key_bits, signer.problem), ("RSA", 2048, None))
        self.assertTrue(signer.certificates[0].startswith("-----BEGIN CERTIFICATE-----"))
        self.assertEqual(len(signer.certificates), len(signer.certificates_der))
        self.assertTrue(signer.public_key_pem.startswith("-----BEGIN PUBLIC KEY-----"))
        self.assertIn(signer.key_id, repr(signer))

    def test_a_signer_outlives_its_set(self):
        signer = AttestationSigners.parse(key_set())[0]
        self.assertEqual(signer.key_bits, 2048)

    def test_text_that_is_no_key_set(self):
        for text in ("", "{}", '{"keys":{}}', "<html>", '{"keys":[1]}'):
            with self.subTest(text), self.assertRaises((azattest.Error, ValueError)):
                AttestationSigners.parse(text)


if __name__ == "__main__":
    unittest.main()

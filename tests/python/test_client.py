"""The client without a network: recorded conversations, scripts, retry, errors, options, the life of objects."""

import json
import math
import os
import pickle
import types
import unittest
from datetime import datetime, timezone
from unittest import mock

import azattest
from azattest import AttestationClient, AttestationTokenValidationOptions, Status, Verifier

from support import (
    CHECKOUT, ONE_KEY, THEN, WUS, Recording, Script, answer, evidence, from_base64url, key_set, make_token, needs_evidence,
    run_python, token_text,
)


@needs_evidence
class Replay(unittest.TestCase):
    """The real service's answers, at their time, give the claims that it gave."""

    def attest(self, name, call=0, **options):
        recording = Recording(name)
        asked = recording.asked(call)
        script = recording.script(call)
        client = AttestationClient(recording.endpoint, api_version=recording.api_version, transport=script)
        for member, option in (("runtimeData", "runtime"), ("initTimeData", "inittime")):
            if member in asked:
                data = from_base64url(asked[member]["data"])
                options[option + ("_json" if asked[member]["dataType"] == "JSON" else "_data")] = data
        if "draftPolicyForAttestation" in asked:
            options["draft_policy"] = asked["draftPolicyForAttestation"]
        if "quote" in asked:
            response = client.attest_sgx_enclave(from_base64url(asked["quote"]), at=recording.at, **options)
        else:
            response = client.attest_open_enclave(from_base64url(asked["report"]), at=recording.at, **options)
        return recording, script, response

    def test_recorded_conversations(self):
        for name in ("attest-sgx-shared.json", "attest-sgx-runtime-data.json", "attest-oe-aad.json",
                     "attest-oe-runtime-data-json.json"):
            with self.subTest(name):
                recording, script, response = self.attest(name)
                self.assertEqual(response.value.claims(), recording.claims)
                self.assertTrue(response.value.is_validated)
                self.assertTrue(response.token.is_validated)
                self.assertEqual(response.raw_token, recording.calls[0]["ResponseBody"]["token"])
                self.assertEqual(response.request_id, recording.calls[0]["ResponseHeaders"]["x-ms-request-id"])
                value, token = response
                self.assertIs(value, response.value)
                self.assertIs(response.body, response.value)
                self.assertIs(token, response.token)
                self.assertEqual((response.is_draft, response.warning, len(response)), (False, None, 2))
                sent = next(r for r in script.requests if r.method == "POST")
                self.assertEqual(json.loads(sent.body), recording.asked())
                self.assertTrue(sent.url.endswith("api-version=" + recording.api_version))
                again = pickle.loads(pickle.dumps(response))
                self.assertEqual(again.value.claims(), recording.claims)
                self.assertFalse(again.value.is_validated)

    def test_a_draft_policy_gives_claims_that_are_not_verified(self):
        recording, _, response = self.attest("attest-sgx-draft-policy.json")
        self.assertTrue(response.is_draft)
        self.assertFalse(response.token.is_secured)
        self.assertFalse(response.value.is_validated)
        self.assertTrue(repr(response.token).startswith("UNVERIFIED"))
        self.assertEqual(response.value.claims(), recording.claims)

    def test_a_draft_policy_that_denies(self):
        with self.assertRaises(azattest.HttpResponseError) as caught:
            self.attest("attest-sgx-draft-policy.json", call=1)
        error = caught.exception
        self.assertEqual((error.status_code, error.code, error.error_code), (400, Status.E_HTTP, "PolicyEvaluationError"))
        self.assertEqual(error.error.code, "PolicyEvaluationError")
        self.assertIn("PolicyEvaluationError", str(error))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), again.error_code, str(again)), (type(error), error.error_code, str(error)))

    def test_other_runtime_data_is_refused_before_anything_is_sent(self):
        recording = Recording("attest-sgx-runtime-data.json")
        quote = from_base64url(recording.asked()["quote"])
        script = Script()
        client = AttestationClient(recording.endpoint, transport=script)
        with self.assertRaises(azattest.EvidenceError) as caught:
            client.attest_sgx_enclave(quote, runtime_data=b"something else")
        self.assertIs(caught.exception.code, Status.E_BINDING)
        self.assertEqual(script.requests, [])

    def test_the_callback_refuses_after_everything_else(self):
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            self.attest("attest-sgx-shared.json", validation_callback=lambda token, signer: False)
        self.assertIs(caught.exception.code, Status.E_TOKEN_CALLBACK)

    def test_options_given_with_a_credential_are_kept(self):
        """In JS they are dropped altogether, validation options included."""
        recording = Recording("attest-sgx-shared.json")
        script = recording.script()
        client = AttestationClient(recording.endpoint, "access-token", api_version="2020-10-01", transport=script,
                                   application_id="mine", validation_options={"expected_type": "AzureGuest"})
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client.attest_sgx_enclave(from_base64url(recording.asked()["quote"]), at=recording.at)
        self.assertIs(caught.exception.code, Status.E_TOKEN_ATTESTATION_TYPE)
        asked = dict(script.requests[0].headers)
        self.assertEqual(asked["Authorization"], "Bearer access-token")
        self.assertTrue(asked["User-Agent"].startswith("mine azattest-python/"))
        self.assertIn("api-version=2020-10-01", script.requests[0].url)

    def test_json_is_text_and_is_not_written_anew(self):
        client = AttestationClient("https://a.example", transport=Script())
        for name in ("runtime_json", "inittime_json", "expected_runtime_json"):
            with self.assertRaisesRegex(TypeError, name + ": the JSON text itself expected, not dict"):
                client.attest_sgx_enclave(b"x", **{name: {"a": 1}})

    def test_a_token_that_the_callback_kept_and_refused_is_not_verified(self):
        for answer in (False, ["no"], 0):
            kept = []
            with self.assertRaises((azattest.AttestationTokenValidationException, TypeError)):
                self.attest("attest-sgx-shared.json", validation_callback=lambda t, s: kept.append(t) or answer)
            self.assertFalse(kept[0].is_validated)
            self.assertTrue(repr(kept[0]).startswith("UNVERIFIED"))

    def test_somebody_elses_token_is_refused(self):
        """The instance answers with a genuine token for other evidence."""
        recording = Recording("attest-sgx-shared.json")
        quote = evidence("sgx/azure-intelsdk-2023-release.quote.bin")
        client = AttestationClient(recording.endpoint, api_version="2020-10-01", transport=recording.script())
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client.attest_sgx_enclave(quote, at=recording.at)
        self.assertIn(Status.E_TOKEN_MEASUREMENT, [problem.code for problem in caught.exception.problems])
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client.attest_sgx_enclave(from_base64url(recording.asked()["quote"]), at=recording.at, nonce="7")
        self.assertIn(Status.E_TOKEN_NONCE, [problem.code for problem in caught.exception.problems])

    def test_client_options_are_overridden_one_by_one(self):
        recording = Recording("attest-sgx-shared.json")
        quote = from_base64url(recording.asked()["quote"])
        asked = []

        def clock():
            asked.append(1)
            return recording.at

        client = AttestationClient(recording.endpoint, api_version="2020-10-01", transport=recording.script(),
                                   validation_options={"allow_debug": False, "clock": clock})
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client.attest_sgx_enclave(quote)
        self.assertEqual([problem.code for problem in caught.exception.problems], [Status.E_TOKEN_DEBUGGABLE])
        self.assertTrue(client.attest_sgx_enclave(quote, allow_debug=True).value.is_validated)
        self.assertEqual(len(asked), 2)
        with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
            client.attest_sgx_enclave(quote, allow_debug=True, at=recording.at + 10**6)
        self.assertEqual([problem.code for problem in caught.exception.problems], [Status.E_TOKEN_EXPIRED])
        self.assertEqual(len(asked), 2)

    def test_a_verifier_fetches_once_and_then_needs_nobody(self):
        script = Script(answer(key_set()))
        with Verifier(WUS, transport=script, validation_options=AttestationTokenValidationOptions(at=THEN)) as verifier:
            self.assertIsNone(verifier.export_keys())
            first = verifier.validate(token_text())
            for form in (token_text(), token_text().encode(), first.token):
                self.assertTrue(verifier.validate(form).token.is_validated)
            self.assertEqual(len(script.requests), 1)
            self.assertEqual(script.requests[0].url.partition("?")[0], WUS + "/certs")
            self.assertEqual(verifier.validate(token_text()).value.product_id, 1)
            with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
                verifier.validate(token_text("neg-sig-bitflip"))
            self.assertIs(caught.exception.code, Status.E_TOKEN_SIGNATURE)
            with self.assertRaises(azattest.AttestationTokenValidationException):
                verifier.validate(token_text(), validation_callback=lambda token, signer: ["no"])
            keys = azattest.AttestationSigners.parse(verifier.export_keys())
            self.assertEqual([k.key_id for k in keys], [k.key_id for k in azattest.AttestationSigners.parse(key_set())])

    def test_signing_certificates(self):
        client = AttestationClient(WUS, transport=Script(answer(key_set())))
        signers = client.get_signing_certificates()
        self.assertEqual(len(signers), len(json.loads(key_set())["keys"]))

    def test_metadata(self):
        entries = json.loads(evidence("recordings/openid-metadata-aad.json"))["Entries"]
        document = next(e for e in entries if "openid" in e["RequestUri"])["ResponseBody"]
        endpoint = document["issuer"]
        if "REDACTED" in endpoint:
            endpoint = WUS
            document = json.loads(json.dumps(document).replace("REDACTED.wus", "sharedwus.wus"))
        client = AttestationClient(endpoint, transport=Script(answer(document)))
        metadata = client.get_open_id_metadata()
        self.assertEqual(metadata.to_dict(), document)
        self.assertEqual(metadata.jwks_uri, document["jwks_uri"])
        self.assertEqual(metadata.claims_supported, document["claims_supported"])
        self.assertIsNone(metadata.revocation_endpoint if "revocation_endpoint" not in document else None)

    def test_requests_carry_what_the_service_wants(self):
        script = Script(answer(key_set()))
        AttestationClient(WUS, transport=script, application_id="mine").get_signing_certificates()
        headers = {name.lower(): value for name, value in script.requests[0].headers}
        self.assertTrue(headers["user-agent"].startswith("mine azattest-python/" + azattest.version()))
        self.assertRegex(headers["x-ms-client-request-id"], "^[0-9a-f-]{36}$")
        self.assertNotIn("authorization", headers)
        self.assertGreater(script.requests[0].timeout, 0)
        self.assertGreater(script.requests[0].response_limit, 10**6)


class Failures(unittest.TestCase):
    def call(self, script, **options):
        with AttestationClient(WUS, transport=script, **options) as client:
            return client.get_signing_certificates()

    def failure(self, script, cls, **options):
        with self.assertRaises(cls) as caught:
            self.call(script, **options)
        self.assertIs(type(caught.exception), cls)
        return caught.exception

    def test_each_layer_has_its_class(self):
        body = {"error": {"code": "NotFound", "message": "no such thing", "target": "it", "details": [{"code": "1"}]}}
        error = self.failure(Script(answer(body, 404, x_ms_request_id="r-1")), azattest.ResourceNotFoundError)
        self.assertEqual((error.status_code, error.error_code, error.request_id), (404, "NotFound", "r-1"))
        self.assertEqual((error.service_message, error.target, error.details), ("no such thing", "it", [{"code": "1"}]))
        self.assertRegex(error.client_request_id, "^[0-9a-f-]{36}$")
        self.assertEqual(error.attempts, 1)
        self.failure(Script(answer(body, 401)), azattest.ClientAuthenticationError)
        self.assertEqual(self.failure(Script(answer(b"gone", 410)), azattest.HttpResponseError).body, "gone")
        self.failure(Script(answer(b"<html>")), azattest.ServiceResponseError)
        self.failure(Script(ConnectionRefusedError("no")), azattest.ServiceRequestError, retry_total=0)
        self.failure(Script(TimeoutError("slow")), azattest.ServiceResponseError, retry_total=0)
        for cls in (azattest.ResourceNotFoundError, azattest.ClientAuthenticationError):
            self.assertTrue(issubclass(cls, azattest.HttpResponseError))
        for cls in (azattest.HttpResponseError, azattest.ServiceRequestError, azattest.ServiceResponseError,
                    azattest.CredentialUnavailableError, azattest.AttestationTokenValidationException,
                    azattest.EvidenceError):
            self.assertTrue(issubclass(cls, azattest.Error))

    def test_retries_wait_as_told_and_then_give_up(self):
        script = Script(OSError("one"), answer({}, 503), answer({}, 429, Retry_After="7"), answer(ONE_KEY))
        self.assertEqual(len(self.call(script)), 1)
        self.assertEqual(len(script.waits), 3)
        self.assertTrue(0.6 <= script.waits[0] <= 1.1, script.waits)
        self.assertEqual(script.waits[2], 7)
        script = Script(*[answer({}, 503)] * 4)
        error = self.failure(script, azattest.HttpResponseError)
        self.assertEqual((error.attempts, len(script.waits)), (4, 3))
        script = Script(answer({}, 503))
        self.failure(script, azattest.HttpResponseError, retry_total=0)
        self.assertEqual(script.waits, [])

    def test_an_exception_of_the_transport_passes(self):
        with self.assertRaises(KeyboardInterrupt):
            self.call(Script(KeyboardInterrupt()))
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            self.call(Script(ZeroDivisionError("mine")))

    def test_answers_that_are_none(self):
        for wrong in (None, (200, {}), ("200", {}, b""), (200, {}, "text"), (200, [("a",)], b""), (200, {"a\0": "b"}, b"")):
            with self.subTest(wrong), self.assertRaises((TypeError, ValueError, IndexError)):
                self.call(Script(wrong))

    def test_errors_hold_no_secrets(self):
        token = make_token({"alg": "RS256"}, {"iss": WUS}, b"signature")
        error = self.failure(Script(answer({"keys": token})), azattest.ServiceResponseError)
        self.assertNotIn(token, repr(error) + str(error))

    def test_azures_classes_are_inherited_once_they_are_imported(self):
        code = """
import sys, types
import azattest
assert not [m for m in sys.modules if m.split(".")[0] == "azure"]
def script(answer):
    class Script:
        def send(self, request): return answer
        def sleep(self, seconds): pass
    return Script()
azure, core, exceptions = (types.ModuleType(n) for n in ("azure", "azure.core", "azure.core.exceptions"))
class AzureError(Exception): pass
class HttpResponseError(AzureError): pass
class ResourceNotFoundError(HttpResponseError): pass
class ClientAuthenticationError(HttpResponseError): pass
class ServiceRequestError(AzureError): pass
class ServiceResponseError(AzureError): pass
vars(exceptions).update({k: v for k, v in globals().items() if k.endswith("Error") and isinstance(v, type)})
sys.modules.update({"azure": azure, "azure.core": core, "azure.core.exceptions": exceptions})
for status, name in ((404, "ResourceNotFoundError"), (401, "ClientAuthenticationError"), (400, "HttpResponseError")):
    try:
        client = azattest.AttestationClient("https://a.example", transport=script((status, {}, b"{}")))
        client.get_signing_certificates()
    except AzureError as error:
        assert isinstance(error, getattr(exceptions, name)) and isinstance(error, getattr(azattest, name)), error
        assert isinstance(error, azattest.Error) and error.status_code == status
        print(type(error).__name__)
"""
        done = run_python(code)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.split(), ["ResourceNotFoundError", "ClientAuthenticationError", "HttpResponseError"])


class Options(unittest.TestCase):
    def test_unknown_keywords_raise(self):
        client = AttestationClient(WUS, transport=Script())
        for call in (
            lambda: AttestationClient(WUS, tiemout=1),
            lambda: AttestationClient(WUS, validation_options={"validate_signatur": False}),
            lambda: Verifier(WUS, runtime_data=b""),
            lambda: client.attest_sgx_enclave(b"x", runtime_date=b""),
            lambda: client.attest_sgx_enclave(b"x", validate_not_befor=False),
            lambda: azattest.inspect(make_token({"alg": "none"}, {})).validate(issuers="x"),
            lambda: AttestationTokenValidationOptions(validate=False),
            lambda: AttestationTokenValidationOptions(validate_expiration=True, validate_expiration_time=True),
        ):
            with self.assertRaises(TypeError):
                call()

    def test_wrong_values_raise_before_anything_is_sent(self):
        client = AttestationClient(WUS, transport=Script())
        quote = b"quote"
        for error, options in (
            (TypeError, dict(runtime_data="text")), (TypeError, dict(runtime_data=5)), (TypeError, dict(nonce=b"1")),
            (TypeError, dict(runtime_json={"a": 1})), (TypeError, dict(draft_policy=b"")), (TypeError, dict(check_binding=1)),
            (ValueError, dict(runtime_json="[1]")), (ValueError, dict(runtime_json="{")), (ValueError, dict(nonce="a\0b")),
            (ValueError, dict(runtime_data=b"1", runtime_json="{}")), (TypeError, dict(validation_slack="1")),
            (ValueError, dict(validation_slack=-1)), (ValueError, dict(at=datetime(2022, 1, 1))), (TypeError, dict(at="now")),
            (ValueError, dict(at=0)), (TypeError, dict(validate_issuer="no")), (TypeError, dict(signers=[1])),
            (TypeError, dict(clock=5)), (ValueError, dict(clock=lambda: -1)), (TypeError, dict(clock=lambda: None)),
            (TypeError, dict(validation_callback=1)), (ValueError, dict(expected_policy_hash=b"short")),
            (ValueError, dict(expected_policy_hash=[])), (ValueError, dict(expected_policy_hash=[b"x" * 16] * 2)),
            (TypeError, dict(expected_policy_hash=["x" * 32])), (ValueError, dict(expected_policy_hash=b"a" * 64)),
            (ValueError, dict(issuer=[])), (TypeError, dict(issuer=[1])), (ValueError, dict(issuer=["x"] * 65)),
            (TypeError, dict(validation_options=5)), (ValueError, dict(max_age=0)),
        ):
            with self.subTest(options), self.assertRaises(error):
                client.attest_sgx_enclave(quote, **options)
        for wrong in ("quote", None, 5):
            with self.assertRaises(TypeError):
                client.attest_sgx_enclave(wrong)
        with self.assertRaises(ValueError):
            client.attest_sgx_enclave(b"")

    def test_wrong_constructions(self):
        for error, arguments, options in (
            (TypeError, (None,), {}), (TypeError, (5,), {}), (TypeError, (), {}), (ValueError, ("http://a.example",), {}),
            (ValueError, ("ftp://a.example",), {}), (ValueError, ("https://a.example?x",), {}), (ValueError, ("",), {}),
            (ValueError, ("https://a.example\0",), {}), (TypeError, (WUS, 5), {}), (ValueError, (WUS, "two words"), {}),
            (ValueError, ("https://a.example", "token"), {}),
            (TypeError, (WUS,), dict(api_version=1)), (ValueError, (WUS,), dict(timeout=0)),
            (ValueError, (WUS,), dict(retry_total=-1)), (TypeError, (WUS,), dict(retry_total=True)),
            (ValueError, (WUS,), dict(timeout=math.nan)), (TypeError, (WUS,), dict(transport=Script(), ca_file="x")),
        ):
            with self.subTest((arguments, options)), self.assertRaises(error):
                AttestationClient(*arguments, **options)
        AttestationClient(WUS, timeout=math.inf, retry_total=0, connect_timeout=0.5, proxy="")

    def test_endpoint_is_normalised(self):
        client = AttestationClient("HTTPS://SharedWus.wus.attest.azure.net:443/")
        self.assertEqual((client.endpoint, client.api_version), (WUS, "2025-06-01"))
        self.assertEqual(repr(client), "AttestationClient('%s', api_version='2025-06-01')" % WUS)

    def test_validation_options_are_values(self):
        options = AttestationTokenValidationOptions(issuer=WUS, validation_slack=5)
        self.assertEqual((options.issuer, options.validation_slack, options.max_age), (WUS, 5, None))
        self.assertEqual(options, pickle.loads(pickle.dumps(options)))
        self.assertIn("validation_slack=5", repr(options))
        with self.assertRaises(AttributeError):
            options.issuer = "x"
        with self.assertRaises(AttributeError):
            options.no_such
        issuers = [WUS]
        options = AttestationTokenValidationOptions(issuer=issuers)
        issuers.append("https://evil.example")
        self.assertEqual(options.issuer, (WUS,))


class Life(unittest.TestCase):
    def test_close_is_idempotent_and_final(self):
        for cls in (AttestationClient, Verifier):
            with cls(WUS, transport=Script()) as it:
                pass
            it.close()
            self.assertEqual(repr(it), cls.__name__ + "(closed)")
            with self.assertRaisesRegex(ValueError, "closed"):
                it.endpoint
            with self.assertRaisesRegex(ValueError, "closed"):
                with it:
                    pass
        with self.assertRaisesRegex(ValueError, "closed"):
            it.validate("x")

    def test_closed_while_a_call_runs(self):
        class Closing(Script):
            def send(inner, request):
                client.close()
                return answer(ONE_KEY)

        client = AttestationClient(WUS, transport=Closing())
        self.assertEqual(len(client.get_signing_certificates()), 1)
        with self.assertRaisesRegex(ValueError, "closed"):
            client.get_signing_certificates()

    def test_modules_make_a_client_for_one_call(self):
        script = Script(answer(ONE_KEY), answer(ONE_KEY))
        self.assertEqual(len(azattest.certificates.get_signing_certificates(endpoint=WUS, transport=script)), 1)
        with mock.patch.dict(os.environ, AZATTEST_ENDPOINT=WUS):
            self.assertEqual(len(azattest.certificates.get_signing_certificates(transport=script)), 1)
        with mock.patch.dict(os.environ):
            os.environ.pop("AZATTEST_ENDPOINT", None)
            with self.assertRaisesRegex(TypeError, "AZATTEST_ENDPOINT"):
                azattest.attest.get_open_id_metadata()
            client = AttestationClient(WUS, transport=Script(answer(ONE_KEY)))
            self.assertEqual(len(azattest.certificates.get_signing_certificates(client=client)), 1)
            with self.assertRaises(TypeError):
                azattest.attest.attest_sgx_enclave(b"x", client=client, endpoint=WUS)
            with self.assertRaises(TypeError):
                azattest.attest.attest_sgx_enclave(b"x", client=client, no_such=1)


class Package(unittest.TestCase):
    def test_the_manual_has_every_default(self):
        section = (CHECKOUT / "README.md").read_text().split("\n## Defaults\n")[1].split("\n## ")[0]
        rows = [[cell.strip(" `") for cell in line.split("|")[2:4]] for line in section.splitlines() if "| `" in line]
        self.assertEqual({name: json.loads(value) for name, value in rows}, azattest.defaults())
        self.assertEqual(len(rows), len(azattest.defaults()))

    def test_functions(self):
        self.assertEqual(azattest.version(), azattest.__version__)
        self.assertIn("api_version", json.dumps(azattest.defaults()))
        azattest.defaults().clear()
        self.assertTrue(azattest.defaults(), "a dictionary of one's own")
        self.assertEqual(azattest.status_name(Status.E_TOKEN_EXPIRED), "AZATTEST_E_TOKEN_EXPIRED")
        self.assertEqual(azattest.status_check(Status.E_TOKEN_EXPIRED), "C1")
        self.assertTrue(azattest.status_text(Status.E_HTTP))
        self.assertEqual(Status(54), Status.E_TOKEN_EXPIRED)

    def test_the_wheel_has_the_version_of_the_library(self):
        with open(os.path.join(os.path.dirname(__file__), "../../python/pyproject.toml")) as file:
            self.assertIn('version = "%s"' % azattest.version(), file.read())

    def test_import_is_light(self):
        done = run_python("import sys; before = set(sys.modules); import azattest; print(*sorted(set(sys.modules) - before))")
        self.assertEqual(done.stderr, "")
        loaded = done.stdout.split()
        heavy = {"azure", "asyncio", "ssl", "socket", "http", "urllib", "json", "logging", "typing", "inspect", "subprocess",
                 "dataclasses", "datetime", "threading", "re", "enum", "collections"}
        self.assertEqual(heavy & {name.split(".")[0] for name in loaded}, set())

    def test_everything_public_says_what_it_is(self):
        for name in azattest.__all__:
            self.assertTrue(getattr(azattest, name).__doc__, name)
        for cls in (azattest.AttestationClient, azattest.AttestationToken, azattest.AttestationResult, azattest.Evidence,
                    azattest.Verifier, azattest.AttestationSigner, azattest.AttestationResponse, azattest.OpenIdMetadata):
            for name, member in vars(cls).items():
                if not name.startswith("_"):
                    self.assertTrue(member.__doc__, "%s.%s" % (cls.__name__, name))

    def test_every_object_has_slots(self):
        for cls in vars(azattest).values():
            if isinstance(cls, type) and not issubclass(cls, (Exception, int)):
                for base in cls.__mro__[:-1]:
                    if base is not tuple:
                        self.assertIn("__slots__", vars(base), base)

    def test_native_functions_survive_none(self):
        """None is NULL for every handle: an error or nothing, never a crash."""
        code = """
from azattest import swig as s
import inspect
for name, function in sorted(vars(s).items()):
    if inspect.isfunction(function) and name.startswith("azattest_") and name != "azattest_py_set_raiser":
        count = len(inspect.signature(function).parameters)
        for filler in (None, 0, "", b"", {}):
            try:
                function(*[filler if i else None for i in range(count)])
            except Exception as error:
                assert not isinstance(error, SystemError), (name, error)
print("alive")
"""
        done = run_python(code)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "alive"), done.stderr)


if __name__ == "__main__":
    unittest.main()

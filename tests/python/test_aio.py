"""azattest.aio without a network: every call as the blocking client does it, transports, what is given up."""

import asyncio
import hashlib
import inspect
import logging
import os
import pickle
import unittest
from unittest import mock

import azattest
from azattest import Status, aio

from support import (
    ONE_KEY, WUS, AsyncScript, Recording, Script, answer, base64url, from_base64url, needs_evidence, run_python,
)
from test_admin import ENDPOINT, TEXT, TOKEN, Service, der, jwk, pair, pem, updated

PREVIEW = "2026-03-11-preview"
TOKENS = {aio.Verifier: (), aio.AttestationClient: ("token",), aio.AttestationAdministrationClient: ("token",)}
KINDS = ((azattest.AttestationClient, aio.AttestationClient), (azattest.Verifier, aio.Verifier),
         (azattest.AttestationAdministrationClient, aio.AttestationAdministrationClient))


def outcome(function):
    """What a call gave, or how it failed, in a form that compares."""
    try:
        result = function()
    except Exception as error:
        return type(error), str(error), getattr(error, "code", None), getattr(error, "problems", None)
    return result


def shown(result):
    """Results without an equality of their own, as far as they can be told apart."""
    if isinstance(result, azattest.AttestationResponse):
        policy_token = result.policy_token and str(result.policy_token)
        return repr(result.value), str(result.token), result.token.is_validated, result.request_id, policy_token
    if isinstance(result, azattest.AttestationSigners):
        return [list(signer) for signer in result], repr(result)
    return result.to_dict() if isinstance(result, azattest.OpenIdMetadata) else result


class SameAsBlocking(unittest.TestCase):
    """One script, played to both: the same requests, the same waits, the same outcome."""

    def compare(self, method, arguments=(), options=None, answers=(), kind=0, **of_client):
        options = options or {}
        blocking, asynchronous = KINDS[kind]
        scripts = [Script(*answers), AsyncScript(*answers), Script(*answers)]
        results = []
        with blocking(WUS, transport=scripts[0], **of_client) as client:
            results.append(outcome(lambda: shown(getattr(client, method)(*arguments, **options))))

        async def call(script):
            async with asynchronous(WUS, transport=script, **of_client) as client:
                return await getattr(client, method)(*arguments, **options)

        for script in scripts[1:]:  # coroutine functions, and plain ones in a thread
            results.append(outcome(lambda: shown(asyncio.run(call(script)))))
        for script, result in zip(scripts[1:], results[1:]):
            self.assertEqual([(r.method, r.url, r.body) for r in script.requests],
                             [(r.method, r.url, r.body) for r in scripts[0].requests])
            self.assertEqual(len(script.waits), len(scripts[0].waits))
            self.assertEqual(result, results[0])
        return results[0], scripts[0]

    def test_calls_without_a_token(self):
        sealed, data = answer({"token": "c2VhbGVk"}), answer({"data": "eyJhIjoxfQ"})
        for method, argument, reply, expected in (
            ("attest_azure_guest", "{}", sealed, "c2VhbGVk"), ("attest_key_guard", b"{}", sealed, "c2VhbGVk"),
            ("attest_tpm", "{}", data, '{"a":1}'), ("attest_pluton", "{}", data, b'{"a":1}'),
            ("get_open_id_metadata", None, answer({"issuer": WUS}), {"issuer": WUS}),
            ("get_signing_certificates", None, answer(ONE_KEY), None),
            ("get_tcb_baseline", "Tpm", answer({"tcbBaselines": []}), []),
        ):
            with self.subTest(method):
                arguments = () if argument is None else (argument,)
                result, script = self.compare(method, arguments, {}, [reply], api_version=PREVIEW)
                self.assertEqual(len(script.requests), 1)
                if expected is not None:
                    self.assertEqual(result, expected)

    def test_failures(self):
        refused = answer({"error": {"code": "InvalidParameter", "message": "no"}}, 400)
        for name, method, arguments, options, answers, of_client, error in (
            ("the service refuses", "attest_sgx_enclave", (b"quote",), {}, [refused], {}, azattest.HttpResponseError),
            ("the service refuses a report", "attest_open_enclave", (b"r",), {}, [refused], {}, azattest.HttpResponseError),
            ("... a machine", "attest_sev_snp_vm", (bytes(1184),), {"vcek_chain": pem("ec.crt.pem")}, [refused], {},
             azattest.HttpResponseError),
            ("a machine's document lacks its report", "attest_sev_snp_vm", (b"{}",), {}, [], {}, ValueError),
            ("... a domain", "attest_tdx_vm", (b"quote",), {}, [refused], {}, azattest.HttpResponseError),
            ("... a device", "attest_mdep_tz", (b"r",), {}, [refused], {"api_version": PREVIEW}, azattest.HttpResponseError),
            ("nobody is there", "get_signing_certificates", (), {}, [OSError("no")] * 4, {}, azattest.ServiceRequestError),
            ("the second try works", "get_signing_certificates", (), {}, [OSError("no"), answer(ONE_KEY)], {}, None),
            ("the wait is over", "get_signing_certificates", (), {}, [answer({}, 503), answer(ONE_KEY)], {}, None),
            ("no time is left", "get_signing_certificates", (), {}, [TimeoutError("late")] * 4, {}, azattest.Error),
            ("the answer is no JSON", "get_open_id_metadata", (), {}, [answer(b"<html>")], {}, azattest.ServiceResponseError),
            ("the answer is no text", "attest_tpm", ("{}",), {}, [answer({"data": "_w"})], {}, azattest.ServiceResponseError),
            ("an option is unknown", "attest_tpm", ("{}",), {"validate_issuer": True}, [], {}, TypeError),
            ("an option is unknown to attest", "attest_sgx_enclave", (b"x",), {"nonsense": 1}, [], {}, TypeError),
            ("evidence is text", "attest_sgx_enclave", ("x",), {}, [], {}, TypeError),
            ("the transport is broken", "get_signing_certificates", (), {}, [RuntimeError("broken")], {}, RuntimeError),
            ("the transport gives nonsense", "get_signing_certificates", (), {}, [None], {}, TypeError),
            ("an argument is missing", "attest_sgx_enclave", (), {}, [], {}, TypeError),
        ):
            with self.subTest(name):
                result, _ = self.compare(method, arguments, options, answers, **of_client)
                if error is not None:
                    self.assertTrue(issubclass(result[0], error), result)

    def test_constructors_refuse_the_same(self):
        for name, arguments, options in (
            ("an unknown option", (WUS,), {"misspelt": True}),
            ("an endpoint that is none", ("http://example.org",), {}),
            ("an endpoint that is no text", (5,), {}),
            ("a time that is none", (WUS,), {"timeout": -1}),
            ("a file of authorities that is not there", (WUS,), {"ca_file": "/nonexistent/ca.pem"}),
            ("two places of authorities", (WUS,), {"ca_file": "ca.pem", "ca_pem": "x"}),
            ("a transport that is none", (WUS,), {"transport": object()}),
            ("no endpoint", (), {}),
            ("a transport and a proxy", (WUS,), {"transport": Script(), "proxy": "http://p"}),
            ("a credential that is none", (WUS, 5), {}),
        ):
            with self.subTest(name):
                results = [outcome(lambda: repr(cls(*arguments, **options))) for cls in KINDS[0]]
                self.assertIsInstance(results[0][0], type, results[0])
                self.assertIs(results[0][0], results[1][0])
                self.assertEqual(results[0][1], results[1][1])
        with self.assertRaisesRegex(TypeError, r"^AttestationClient\.__init__\(\) missing"):
            aio.AttestationClient()
        with self.assertRaisesRegex(ValueError, "needs one"):
            aio.AttestationAdministrationClient(WUS, None)

    @needs_evidence
    def test_recorded_conversations(self):
        for name in ("attest-sgx-shared.json", "attest-oe-aad.json"):
            with self.subTest(name):
                recording = Recording(name)
                asked, play = recording.asked(), recording.script()

                async def call(**options):
                    client = aio.AttestationClient(recording.endpoint, api_version=recording.api_version, transport=play)
                    async with client:
                        if "quote" in asked:
                            return await client.attest_sgx_enclave(from_base64url(asked["quote"]), at=recording.at, **options)
                        data = asked.get("runtimeData")
                        if data is not None:
                            options["runtime_json" if data["dataType"] == "JSON" else "runtime_data"] = from_base64url(data["data"])
                        return await client.attest_open_enclave(from_base64url(asked["report"]), at=recording.at, **options)

                response = asyncio.run(call())
                self.assertEqual(response.value.claims(), recording.claims)
                self.assertTrue(response.token.is_validated)
                value, token = response
                self.assertIs(token, response.token)
                self.assertEqual(pickle.loads(pickle.dumps(response)).value.claims(), recording.claims)
                with self.assertRaises(azattest.AttestationTokenValidationException) as caught:
                    asyncio.run(call(expected_type="AzureGuest"))
                self.assertIn(Status.E_TOKEN_ATTESTATION_TYPE, [problem.code for problem in caught.exception.problems])


class Administration(unittest.IsolatedAsyncioTestCase):
    def admin(self, claims, **options):
        service = Service(claims)
        return aio.AttestationAdministrationClient(ENDPOINT, "access-token", transport=service, **options)

    async def test_every_call(self):
        certificate = jwk("ec", "EC")
        response = await self.admin(updated, **pair("ec")).set_policy("SgxEnclave", TEXT)
        self.assertEqual((response.value.policy_resolution, len(response.value.policy_signer)), ("Updated", 1))
        removed = self.admin(lambda body: {"x-ms-policy-result": "Removed"})
        self.assertEqual((await removed.reset_policy("SgxEnclave")).value.policy_resolution, "Removed")
        read = await self.admin(lambda body: {"x-ms-policy": TOKEN}).get_policy("SgxEnclave")
        self.assertEqual((read.value, str(read.policy_token)), (TEXT, TOKEN))
        listed = self.admin(lambda body: {"x-ms-policy-certificates": {"keys": [certificate]}})
        self.assertEqual(len((await listed.get_policy_management_certificates()).value), 1)
        present = {"x-ms-policycertificates-result": "IsPresent",
                   "x-ms-certificate-thumbprint": hashlib.sha1(der("ec")).hexdigest()}
        admin = self.admin(lambda body: present, **pair("rsa"))
        added = await admin.add_policy_management_certificate(pem("ec.crt.pem"))
        self.assertEqual(added.value.certificate_resolution, "IsPresent")
        absent = dict(present, **{"x-ms-policycertificates-result": "IsAbsent"})
        admin = self.admin(lambda body: absent, **pair("rsa"))
        gone = await admin.remove_policy_management_certificate(pem("ec.crt.pem"))
        self.assertEqual(gone.value.certificate_resolution, "IsAbsent")

    async def test_an_answer_that_contradicts_the_call(self):
        other = base64url(bytes(32))
        admin = self.admin(lambda body: dict(updated(body), **{"x-ms-policy-token-hash": other}))
        with self.assertRaises(azattest.Error) as caught:
            await admin.set_policy("SgxEnclave", TEXT)
        self.assertIs(caught.exception.code, Status.E_POLICY_HASH)


class OneLine(unittest.IsolatedAsyncioTestCase):
    async def test_by_endpoint_or_environment_or_client(self):
        reply = answer({"data": "eyJhIjoxfQ"})
        self.assertEqual(await aio.attest.attest_tpm("{}", endpoint=WUS, transport=Script(reply)), '{"a":1}')
        with mock.patch.dict(os.environ, AZATTEST_ENDPOINT=WUS):
            self.assertEqual(await aio.attest.attest_tpm(content="{}", transport=AsyncScript(reply)), '{"a":1}')
        async with aio.AttestationClient(WUS, transport=AsyncScript(answer(ONE_KEY))) as client:
            self.assertEqual(len(await aio.certificates.get_signing_certificates(client=client)), 1)
        made = dict(credential="access-token", transport=Service(lambda body: {"x-ms-policy": TOKEN}))
        self.assertEqual((await aio.policy.get_policy("Tpm", endpoint=ENDPOINT, **made)).value, TEXT)
        with mock.patch("azattest.credentials.DefaultAzureCredential", lambda: "access-token"):
            del made["credential"]
            self.assertEqual((await aio.policy.get_policy("Tpm", endpoint=ENDPOINT, **made)).value, TEXT)

    async def test_wrong_use(self):
        async with aio.AttestationClient(WUS, transport=Script()) as client:
            for name, options, text in (
                ("a blocking client", {"client": azattest.AttestationClient(WUS, transport=Script())},
                 "client: azattest.aio.AttestationClient expected, not azattest.AttestationClient"),
                ("both", {"client": client, "endpoint": WUS}, "exclude"),
                ("neither", {}, "AZATTEST_ENDPOINT"),
            ):
                with self.subTest(name), self.assertRaisesRegex(TypeError, text):
                    await aio.attest.attest_tpm("{}", **options)
            with self.assertRaisesRegex(TypeError, "not azattest.aio.AttestationClient"):
                azattest.attest.attest_tpm("{}", client=client)
        with self.assertRaisesRegex(AttributeError, "it is azattest.DefaultAzureCredential"):
            aio.DefaultAzureCredential
        with self.assertRaisesRegex(AttributeError, "no attribute 'Nonsense'$"):
            aio.Nonsense

    def test_they_are_the_functions_of_the_blocking_modules(self):
        for name in ("attest", "policy", "certificates"):
            blocking, awaited = getattr(azattest, name), getattr(aio, name)
            self.assertEqual(awaited.__all__, blocking.__all__)
            for each in blocking.__all__:
                one, other = getattr(blocking, each), getattr(awaited, each)
                if not inspect.isfunction(one) or "client" not in inspect.signature(one).parameters:
                    continue
                self.assertTrue(inspect.iscoroutinefunction(other), each)
                self.assertEqual(inspect.signature(other), inspect.signature(one))


class GivenUp(unittest.IsolatedAsyncioTestCase):
    async def test_a_cancelled_call_leaves_no_lease_behind(self):
        """Two validations need the keys: the one that fetches them is cancelled, and the other fetches them instead."""
        started = asyncio.Event()

        class Slow(AsyncScript):
            async def send(self, request):
                self.requests.append(request)
                if len(self.requests) == 1:
                    started.set()
                    await asyncio.sleep(3600)
                return answer(ONE_KEY)

            async def sleep(self, seconds):
                await asyncio.sleep(0)

        transport = Slow()
        text = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im9uZSJ9.e30.AAAA"
        async with aio.Verifier(WUS, transport=transport) as verifier:
            first = asyncio.ensure_future(verifier.validate(text))
            await started.wait()
            second = asyncio.ensure_future(verifier.validate(text))
            await asyncio.sleep(0.01)
            first.cancel()
            results = await asyncio.gather(first, second, return_exceptions=True)
            self.assertIsInstance(results[0], asyncio.CancelledError)
            self.assertIsInstance(results[1], azattest.AttestationTokenValidationException)
        self.assertEqual(len(transport.requests), 2)

    async def test_the_time_limit_cancels_the_transport(self):
        ended = []

        class Hangs(AsyncScript):
            async def send(self, request):
                try:
                    await asyncio.sleep(3600)
                finally:
                    ended.append(True)

        async with aio.AttestationClient(WUS, transport=Hangs(), timeout=0.05, retry_total=0) as client:
            with self.assertRaises(azattest.ServiceResponseError) as caught:
                await client.get_signing_certificates()
        self.assertIs(caught.exception.code, Status.E_TIMEOUT)
        await asyncio.sleep(0)
        self.assertEqual(ended, [True])

    async def test_a_call_whose_client_is_closed_meanwhile_says_so(self):
        client = aio.AttestationClient(WUS, transport=AsyncScript(answer({}, 503), answer(ONE_KEY)))

        class Closing(AsyncScript):
            async def send(self, request):
                await client.aclose()
                return answer({}, 503)

        client._transport = Closing()
        with self.assertRaisesRegex(azattest.Error, "was closed while this call ran") as caught:
            await client.get_signing_certificates()
        self.assertIs(caught.exception.code, Status.E_CANCELLED)


class Callback(unittest.IsolatedAsyncioTestCase):
    """The caller's own check of a token may be a coroutine function, and is never passed over."""

    async def attest(self, callback):
        recorded = Service(lambda body: {"x-ms-policy": TOKEN})
        async with aio.AttestationAdministrationClient(ENDPOINT, "t", transport=recorded) as client:
            return await client.get_policy("Tpm", validation_callback=callback)

    async def test_what_it_may_give(self):
        def said(value):
            async def check(token, signer):
                await asyncio.sleep(0)
                return value

            return check

        for value in (None, True, []):
            self.assertEqual((await self.attest(said(value))).value, TEXT)
        for value, error in ((False, azattest.AttestationTokenValidationException), ("no", azattest.AttestationTokenValidationException), (5, TypeError)):
            for callback in (said(value), lambda token, signer: value):
                with self.assertRaises(error):
                    await self.attest(callback)

    async def test_a_token_that_is_refused_does_not_stay_verified(self):
        kept = []

        async def check(token, signer):
            kept.append(token)
            raise ValueError("mine")

        with self.assertRaisesRegex(ValueError, "mine"):
            await self.attest(check)
        self.assertFalse(kept[0].is_validated)

    def test_a_blocking_client_does_not_take_a_coroutine_for_yes(self):
        async def check(token, signer):
            return False

        recorded = Service(lambda body: {"x-ms-policy": TOKEN})
        client = azattest.AttestationAdministrationClient(ENDPOINT, "t", transport=recorded)
        with self.assertWarns(RuntimeWarning), self.assertRaises(TypeError):
            client.get_policy("Tpm", validation_callback=check)


class Objects(unittest.IsolatedAsyncioTestCase):
    async def test_life(self):
        for _, cls in KINDS:
            client = cls(WUS, *TOKENS[cls], transport=Script())
            async with client as same:
                self.assertIs(same, client)
                self.assertIn(WUS, repr(client))
                self.assertEqual(client.endpoint, WUS)
            await client.aclose()
            await client.close()
            self.assertEqual(repr(client), cls.__name__ + "(closed)")
            name = "validate" if cls is aio.Verifier else "get_policy" if "Admin" in cls.__name__ else "attest_tpm"
            with self.assertRaisesRegex(ValueError, "is closed"):
                await getattr(client, name)("x")
            with self.assertRaisesRegex(ValueError, "is closed"):
                async with client:
                    pass
            with self.assertRaisesRegex(TypeError, "async with"), cls(WUS, *TOKENS[cls]) as client:
                pass
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                with self.assertRaisesRegex(TypeError, "is not pickled"):
                    pickle.dumps(client, protocol)

    def test_the_calls_are_coroutine_functions_that_say_what_they_do(self):
        for blocking, awaited in KINDS:
            self.assertFalse(issubclass(awaited, blocking))
            self.assertTrue(awaited.__doc__)
            for name in [name for name in dir(blocking) if not name.startswith("_")]:
                one, other = getattr(blocking, name), getattr(awaited, name)
                self.assertTrue(other.__doc__, name)
                if inspect.isfunction(one) and name not in ("close", "export_keys"):
                    self.assertTrue(inspect.iscoroutinefunction(other), name)
                    self.assertEqual(inspect.signature(other), inspect.signature(one))

    def test_a_mistake_is_told_with_the_next_step(self):
        client, verifier = aio.AttestationClient(WUS, transport=Script()), aio.Verifier(WUS, transport=Script())
        for name, call, text in (
            ("a call's option", lambda: client.attest_sgx_enclave(b"x", nonse="1"), r"^no such option: nonse \(did you mean nonce\?\)$"),
            ("a client's option", lambda: verifier.validate("x", timeout=1), r"^no such option: timeout \(it is one of a client's"),
            ("an option of nobody", lambda: verifier.validate("x", colour=1), "^no such option: colour$"),
            ("several", lambda: client.attest_tpm("{}", b=1, nonc="1"), r"^no such option: b, nonc \(did you mean nonce\?\)$"),
            ("an argument too much", lambda: client.attest_sgx_enclave(1, 2), r"^AttestationClient\.attest_sgx_enclave\(\) takes"),
        ):
            with self.subTest(name), self.assertRaisesRegex(TypeError, text):
                asyncio.run(call())
        for cls in (azattest.AttestationClient, aio.AttestationClient):
            with self.assertRaisesRegex(TypeError, r"^transport: an object with send.*; object has no send\(\)$"):
                cls(WUS, transport=object())

    def test_misspelt_attributes_fail(self):
        for _, cls in KINDS:
            with self.assertRaises(AttributeError):
                cls(WUS, *TOKENS[cls], transport=Script()).timeuot = 5

    def test_import_is_light(self):
        code = "import sys; before = set(sys.modules); import azattest%s; print(*sorted(set(sys.modules) - before))"
        done = run_python(code % "")
        self.assertNotIn("azattest.aio", done.stdout.split())
        done = run_python(code % ".aio")
        self.assertEqual(done.stderr, "")
        heavy = {"asyncio", "ssl", "socket", "logging", "concurrent", "inspect", "json", "typing", "selectors"}
        self.assertEqual(heavy & {name.split(".")[0] for name in done.stdout.split()}, set())

    async def test_messages_reach_the_logger_behind_each_call(self):
        logger = logging.getLogger("azattest")
        with self.assertLogs(logger, logging.INFO) as seen:
            async with aio.AttestationClient(WUS, transport=AsyncScript(answer(ONE_KEY))) as client:
                await client.get_signing_certificates()
        self.assertIn("GET " + WUS + "/certs", "\n".join(seen.output))


if __name__ == "__main__":
    unittest.main()

"""azattest.aio without a network: every call as the blocking client does it, transports, credentials, what is given up."""

import asyncio
import hashlib
import inspect
import logging
import os
import pickle
import shutil
import tempfile
import threading
import time
import unittest
from types import SimpleNamespace
from unittest import mock

import azattest
from azattest import Status, aio

from support import (
    ONE_KEY, WUS, AsyncScript, Recording, Script, answer, base64url, from_base64url, needs_evidence, run_python,
)
from test_admin import ENDPOINT, TEXT, TOKEN, Service, der, jwk, pair, pem, updated
from test_credentials import SCOPE, clean_environment

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
            ("a transport and a proxy", (WUS,), {"transport": Script(), "proxy": "http://p"}),
            ("a credential that is none", (WUS, 5), {}),
        ):
            with self.subTest(name):
                results = [outcome(lambda: repr(cls(*arguments, **options))) for cls in KINDS[0]]
                self.assertIsInstance(results[0][0], type, results[0])
                self.assertIs(results[0][0], results[1][0])
                # they name themselves: "curl transport: ...", "multi: ..."
                self.assertEqual(results[0][1].split(": ", 1)[1:], results[1][1].split(": ", 1)[1:])
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
                ("a blocking client", {"client": azattest.AttestationClient(WUS, transport=Script())}, "azattest.aio.Attest"),
                ("both", {"client": client, "endpoint": WUS}, "exclude"),
                ("neither", {}, "AZATTEST_ENDPOINT"),
            ):
                with self.subTest(name), self.assertRaisesRegex(TypeError, text):
                    await aio.attest.attest_tpm("{}", **options)

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


class Token:
    token, expires_on = "a.b.c", 2**33


class Credentials(unittest.IsolatedAsyncioTestCase):
    """What may stand at credential=, and where it runs."""

    async def sent(self, credential, *answers, **options):
        transport = AsyncScript(*(answers or [answer({"error": {"code": "x"}}, 400)]))
        async with aio.AttestationClient(WUS, credential, transport=transport, **options) as client:
            with self.assertRaises(azattest.HttpResponseError):
                await client.attest_sgx_enclave(b"no quote")
        return [dict(request.headers).get("Authorization") for request in transport.requests]

    async def test_every_kind_of_source(self):
        where = []

        def note():
            where.append((threading.current_thread() is threading.main_thread(), asyncio._get_running_loop()))

        class Asynchronous:
            async def get_token(self, *scopes, claims=None, tenant_id=None, **kwargs):
                await asyncio.sleep(0)
                note()
                return SimpleNamespace(token="asynchronous", expires_on=int(time.time()) + 3600)

        class Synchronous:
            def get_token(self, *scopes, **kwargs):
                note()
                return SimpleNamespace(token="synchronous", expires_on=int(time.time()) + 3600)

        class Newer(Asynchronous):
            async def get_token_info(self, *scopes, options=None):
                note()
                return SimpleNamespace(token="newer", expires_on=int(time.time()) + 3600, refresh_on=None)

        class Called:
            async def __call__(self, *scopes):
                note()
                return "called", time.time() + 60

        async def coroutine_function(*scopes):
            note()
            return "-".join(scopes)

        def gives_a_coroutine(scope):
            return coroutine_function("given")

        loop = asyncio.get_running_loop()
        here, thread = (True, loop), (False, None)
        for source, token, place in (
            ("text", "text", None), (azattest.StaticTokenCredential("static"), "static", None),
            (Asynchronous(), "asynchronous", here), (Newer(), "newer", here), (Called(), "called", here),
            (coroutine_function, SCOPE, here), (gives_a_coroutine, "given", here),
            (azattest.CallbackCredential(Asynchronous()), "asynchronous", here),
            (Synchronous(), "synchronous", thread), (lambda *scopes: note() or "plain", "plain", thread),
        ):
            with self.subTest(token):
                where.clear()
                self.assertEqual(await self.sent(source), ["Bearer " + token])
                self.assertEqual(where, [place] if place else [])

    async def test_failures_are_what_the_caller_sees(self):
        class Mine(Exception):
            pass

        async def asynchronous(*scopes):
            raise Mine("secret words")

        def synchronous(*scopes):
            raise Mine("secret words")

        async def nonsense(*scopes):
            return 5

        for credential, error in ((asynchronous, Mine), (synchronous, Mine), (nonsense, TypeError), (lambda s: "two words", Exception)):
            async with aio.AttestationClient(WUS, credential, transport=AsyncScript()) as client:
                with self.subTest(error), self.assertRaises(error) as caught:
                    await client.attest_sgx_enclave(b"x")
                self.assertIsNone(caught.exception.__cause__)

    async def test_a_401_gets_another_token(self):
        tokens = iter(["one", "two"])

        async def next_token(*scopes):
            return next(tokens), time.time() + 3600

        self.assertEqual(await self.sent(next_token, answer({}, 401), answer({}, 400)), ["Bearer one", "Bearer two"])

    async def test_one_token_serves_many_calls_at_once(self):
        asked = []

        async def slow(*scopes):
            asked.append(scopes)
            await asyncio.sleep(0.05)
            return "token", time.time() + 3600

        class Service(AsyncScript):
            async def send(self, request):
                self.requests.append(request)
                return answer({}, 400)

            async def sleep(self, seconds):
                await asyncio.sleep(seconds)

        service = Service()
        async with aio.AttestationClient(WUS, slow, transport=service) as client:
            calls = [client.attest_sgx_enclave(b"x") for _ in range(30)]
            results = await asyncio.gather(*calls, return_exceptions=True)
        self.assertEqual({type(result) for result in results}, {azattest.HttpResponseError})
        self.assertEqual((len(asked), len(service.requests)), (1, 30))

    async def test_an_early_refresh_that_fails_keeps_the_token(self):
        answers = [SimpleNamespace(token="one", expires_on=time.time() + 3600, refresh_on=1), RuntimeError("no")]

        async def get(*scopes):
            given = answers.pop(0)
            if isinstance(given, Exception):
                raise given
            return given

        transport = AsyncScript(answer({}, 400), answer({}, 400))
        async with aio.AttestationClient(WUS, get, transport=transport) as client:
            for _ in range(2):
                with self.assertRaises(azattest.HttpResponseError):
                    await client.attest_sgx_enclave(b"x")
        self.assertEqual(answers, [])

    async def test_one_that_never_answers_is_given_up_with_the_call(self):
        """And the next call asks again at once, instead of waiting for the one that was given up."""
        ended = []

        async def hangs(*scopes):
            if ended:
                return "token"
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append(True)

        transport = AsyncScript(answer({}, 400))
        async with aio.AttestationClient(WUS, hangs, transport=transport) as client:
            task = asyncio.ensure_future(client.attest_sgx_enclave(b"x"))
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError) as kept:
                await task
            self.assertEqual(ended, [True])
            with self.assertRaises(azattest.HttpResponseError):
                await client.attest_sgx_enclave(b"x")
            self.assertEqual(transport.waits, [])
            del kept

    async def test_the_time_of_the_call_is_the_time_of_the_credential(self):
        async def hangs(*scopes):
            await asyncio.sleep(3600)

        async with aio.AttestationClient(WUS, hangs, transport=AsyncScript(), timeout=0.05) as client:
            with self.assertRaises((azattest.Error, TimeoutError)) as caught:
                await client.attest_sgx_enclave(b"x")
            self.assertRegex(str(caught.exception), "time")

    def az(self):
        """A program az that answers once somebody has said so, and how to say it."""
        folder = tempfile.mkdtemp(prefix="azattest-aio-")
        self.addCleanup(shutil.rmtree, folder)
        fifo = os.path.join(folder, "go")
        os.mkfifo(fifo)
        with open(os.path.join(folder, "az"), "w") as file:
            file.write("#!/bin/sh\nread line < %s\necho '{\"accessToken\":\"tok-1\",\"expires_on\":4102444800}'" % fifo)
        os.chmod(file.name, 0o755)
        environment = clean_environment(PATH=folder + os.pathsep + os.environ["PATH"])
        environment.start()
        self.addCleanup(environment.stop)

        async def go():
            while True:
                try:
                    os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
                    return
                except OSError:  # it does not listen yet
                    await asyncio.sleep(0.01)

        return go

    async def test_files_and_processes_are_not_the_loops_business(self):
        """The program answers when the loop has turned a few times: it never would, if the loop waited for it."""
        go = self.az()
        sent, _ = await asyncio.gather(self.sent(azattest.AzureCliCredential()), go())
        self.assertEqual(sent, ["Bearer tok-1"])

    async def test_a_process_of_a_call_that_was_given_up_leaves_no_lease_behind(self):
        go, credential = self.az(), azattest.AzureCliCredential()
        first = asyncio.ensure_future(self.sent(credential))
        await asyncio.sleep(0.1)
        first.cancel()
        with self.assertRaises(asyncio.CancelledError) as kept:
            await first
        await go()
        sent, _ = await asyncio.gather(self.sent(credential), go())
        self.assertEqual(sent, ["Bearer tok-1"])
        del kept


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

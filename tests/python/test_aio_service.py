"""The engine of azattest.aio, against the local service and small servers of our own: every call, many at once, what is
given up, several loops."""

import asyncio
import contextlib
import functools
import gc
import os
import shutil
import subprocess
import tempfile
import threading
import unittest
import warnings
import weakref

import azattest
from azattest import Status, aio

from aio_server import Server, answers_keys, never_answers, reply
from support import ONE_KEY, Emulator, base64url, in_use, needs_command, simulate
from test_admin import TEXT, pair, pem

SCOPE = "https://attest.azure.net/.default"
VOLATILE = ("iat", "exp", "nbf", "jti")


def engines():
    return [thread for thread in threading.enumerate() if thread.name == "azattest.aio"]


class EngineTest(unittest.IsolatedAsyncioTestCase):
    """No test leaves a thread or an unclosed client behind."""

    def setUp(self):
        caught = warnings.catch_warnings()
        caught.__enter__()
        self.addCleanup(caught.__exit__, None, None, None)
        warnings.simplefilter("error", ResourceWarning)

    def tearDown(self):
        self.assertEqual(engines(), [])


@needs_command
class LocalService(EngineTest):
    """What the blocking client gives, the awaited one gives."""

    @classmethod
    def setUpClass(cls):
        cls.state = tempfile.mkdtemp(prefix="azattest-aio-")
        cls.addClassCleanup(shutil.rmtree, cls.state, True)
        cls.emulator = Emulator("--state", cls.state, "--instance", "iso=isolated", "--policy-certificate",
                                cls.file("signer.pem", pem("rsa.crt.pem")))
        cls.addClassCleanup(cls.emulator.stop)
        ready = cls.emulator.ready
        cls.isolated = next(each["endpoint"] for each in ready["instances"] if each["name"] == "iso")
        cls.data = b'{"answer":42}'
        cls.quote = simulate(cls.state, "--runtime-data", cls.file("data", cls.data.decode()), "--svn", "3")
        report = subprocess.run([os.environ["AZATTEST_COMMAND"], "simulate", "open-enclave-report", "--state", cls.state,
                                 "--out", "-"], capture_output=True)
        cls.report = report.stdout
        cls.common = {"ca_file": cls.emulator.ca_file, "proxy": ""}

    @classmethod
    def file(cls, name, text):
        path = os.path.join(cls.state, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def credential(self, kind=azattest.ClientSecretCredential):
        ready = self.emulator.ready
        return kind(ready["tenant_id"], ready["client_id"], ready["client_secret"], authority_host=ready["authority_host"],
                    ca_file=self.emulator.ca_file, proxy="")

    async def compare(self, cls, method, arguments=(), options=None, endpoint=None, credential=None, **of_client):
        """Both outcomes, without what differs from one second to the next."""
        where = [endpoint or self.emulator.endpoint] + ([credential] if credential is not None else [])
        options, of_client = options or {}, dict(self.common, **of_client)
        with getattr(azattest, cls)(*where, **of_client) as client:
            call = functools.partial(getattr(client, method), *arguments, **options)
            blocking = await asyncio.to_thread(self.outcome, call)
        async with getattr(aio, cls)(*where, **of_client) as client:
            try:
                result = await getattr(client, method)(*arguments, **options)
            except Exception as error:
                awaited = self.failure(error)
            else:
                awaited = self.outcome(lambda: result)
        self.assertEqual(awaited, blocking, method)
        return awaited

    def failure(self, error):
        return type(error), getattr(error, "code", None), getattr(error, "status_code", None), str(error)[:60]

    def outcome(self, function):
        try:
            result = function()
        except Exception as error:
            return self.failure(error)
        if isinstance(result, azattest.AttestationSigners):
            return [list(signer) for signer in result]
        if isinstance(result, azattest.OpenIdMetadata):
            return result.to_dict()
        if not isinstance(result, azattest.AttestationResponse):
            return result
        claims = {name: value for name, value in result.token.body().items() if name not in VOLATILE}
        value = result.value
        if isinstance(value, azattest.AttestationResult):
            value = type(value), value.is_validated
        elif isinstance(value, azattest.AttestationSigners):
            value = [list(signer) for signer in value]
        return claims, repr(value), result.token.is_validated, result.warning

    async def test_every_call_of_the_client(self):
        for name, method, arguments, options in (
            ("a quote", "attest_sgx_enclave", (self.quote,), {"runtime_data": self.data, "nonce": "n"}),
            ("a quote with JSON", "attest_sgx_enclave", (self.quote,), {"runtime_json": self.data}),
            ("a report", "attest_open_enclave", (self.report,), {}),
            ("a forged quote", "attest_sgx_enclave", (self.quote[:112] + b"x" + self.quote[113:],), {}),
            ("a quote that binds other data", "attest_sgx_enclave", (self.quote,), {"runtime_data": b"other"}),
            ("a machine that is none", "attest_sev_snp_vm", (bytes(1184),), {"vcek_chain": pem("rsa.crt.pem")}),
            ("a domain that is none", "attest_tdx_vm", (b"quote",), {}),
            ("a guest", "attest_azure_guest", ("{}",), {}),
            ("a TPM", "attest_tpm", ('{"payload": {"type": "aikcert"}}',), {}),
            ("baselines", "get_tcb_baseline", ("SgxEnclave",), {}),
            ("keys", "get_signing_certificates", (), {}),
            ("metadata", "get_open_id_metadata", (), {}),
        ):
            with self.subTest(name):
                await self.compare("AttestationClient", method, arguments, options)
        for method in ("attest_key_guard", "attest_pluton", "attest_mdep_tz"):
            with self.subTest(method):
                await self.compare("AttestationClient", method, (b"{}",), api_version="2026-03-11-preview")

    async def test_every_call_of_the_administration_client(self):
        for name, method, arguments, options in (
            ("read", "get_policy", ("SgxEnclave",), {}),
            ("set", "set_policy", ("SgxEnclave", TEXT), {}),
            ("set by a key", "set_policy", ("SgxEnclave", TEXT), pair("rsa")),
            ("read what was set", "get_policy", ("SgxEnclave",), {}),
            ("reset", "reset_policy", ("SgxEnclave",), {}),
            ("list", "get_policy_management_certificates", (), {}),
            ("add where it cannot be", "add_policy_management_certificate", (pem("ec.crt.pem"),), pair("rsa")),
        ):
            with self.subTest(name):
                await self.compare("AttestationAdministrationClient", method, arguments, options,
                                   credential=self.credential(), scopes=SCOPE)
        for name, method, arguments, options in (
            ("unsigned where it must be signed", "set_policy", ("SgxEnclave", TEXT), {}),
            ("add", "add_policy_management_certificate", (pem("ec.crt.pem"),), pair("rsa")),
            ("list two", "get_policy_management_certificates", (), {}),
            ("remove", "remove_policy_management_certificate", (pem("ec.crt.pem"),), pair("rsa")),
        ):
            with self.subTest(name):
                await self.compare("AttestationAdministrationClient", method, arguments, options, self.isolated,
                                   credential=self.credential(), scopes=SCOPE)

    async def test_the_verifier(self):
        async with aio.AttestationClient(self.emulator.endpoint, **self.common) as client:
            token = (await client.attest_sgx_enclave(self.quote, runtime_data=self.data)).token
        for name, given, options in (
            ("a token", token, {}), ("its text", str(token), {}), ("as bytes", str(token).encode(), {}),
            ("another nonce", token, {"expected_nonce": "x"}), ("a bent signature", str(token)[:-8] + "AAAAAAAA", {}),
            ("no token", "nonsense", {}),
        ):
            with self.subTest(name):
                await self.compare("Verifier", "validate", (given,), options)
        async with aio.Verifier(self.emulator.endpoint, **self.common) as verifier:
            self.assertIsNone(verifier.export_keys())
            self.assertEqual((await verifier.validate(token)).value.svn, 3)
            keys = verifier.export_keys()
        self.assertEqual(len(azattest.AttestationSigners.parse(keys)), 1)

    async def test_with_keys_that_are_there_nothing_but_the_callers_thread_validates(self):
        async with aio.AttestationClient(self.emulator.endpoint, **self.common) as client:
            token = (await client.attest_sgx_enclave(self.quote)).token
        async with aio.Verifier(self.emulator.endpoint, **self.common) as verifier:
            await verifier.validate(token)
            driver, verifier._driver = verifier._driver, None
            self.assertTrue((await verifier.validate(token)).token.is_validated)
            self.assertIsNone(verifier._driver)
            verifier._driver = driver

    async def test_the_one_line_functions(self):
        where = dict(self.common, endpoint=self.emulator.endpoint)
        response = await aio.attest.attest_sgx_enclave(self.quote, **where)
        self.assertTrue(response.token.is_validated)
        self.assertEqual(len(await aio.certificates.get_signing_certificates(**where)), 1)
        admin = dict(where, credential=self.credential(), scopes=SCOPE)
        self.assertIn("permit", (await aio.policy.get_policy("SgxEnclave", **admin)).value)
        self.assertEqual(engines(), [])

    async def test_two_hundred_calls_at_once_need_two_threads(self):
        seen = []
        async with aio.AttestationClient(self.emulator.endpoint, **self.common) as client:

            async def call(number):
                response = await client.attest_sgx_enclave(self.quote, nonce=str(number))
                seen.append(threading.active_count())
                return response.value.nonce

            before = threading.active_count()
            nonces = await asyncio.gather(*(call(number) for number in range(200)))
        self.assertEqual(nonces, [str(number) for number in range(200)])
        self.assertEqual(set(seen), {before + 1})
        self.assertEqual(threading.active_count(), before)

    async def test_clients_leave_no_memory_and_no_descriptor_behind(self):
        async def one(client, number):
            call = asyncio.ensure_future(client.attest_sgx_enclave(self.quote))
            if number % 3 == 0:
                for _ in range(number):
                    await asyncio.sleep(0)
                call.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                (await call).value.claims()

        async def round_of_clients():
            for _ in range(5):
                async with aio.AttestationClient(self.emulator.endpoint, **self.common) as client:
                    await asyncio.gather(*(one(client, number) for number in range(20)))
            return in_use(), len(os.listdir("/proc/self/fd"))

        for _ in range(3):
            before, descriptors = await round_of_clients()
        for _ in range(4):
            after, descriptors_after = await round_of_clients()
        self.assertEqual(descriptors_after, descriptors)
        self.assertLess(after[0] - before[0], 100000, "bytes of C memory more after 20 more clients and 400 more calls")
        self.assertLess(after[1] - before[1], 400, "blocks of Python memory more")

    async def test_credentials_of_every_kind(self):
        blocking = self.credential()

        async def asynchronous(*scopes):
            await asyncio.sleep(0)
            return await asyncio.to_thread(blocking.get_token, *scopes)

        async def fails(*scopes):
            raise LookupError("no token today")

        ready = self.emulator.ready
        workload = azattest.WorkloadIdentityCredential(
            tenant_id=ready["tenant_id"], client_id=ready["client_id"], token_file_path=ready["federated_token_file"],
            authority_host=ready["authority_host"], ca_file=self.emulator.ca_file, proxy="")
        for name, credential in (("of the package", self.credential()), ("a file of a token", workload), ("asynchronous", asynchronous),
                                 ("in a thread", blocking.get_token), ("text", blocking.get_token(SCOPE).token)):
            with self.subTest(name):
                async with aio.AttestationAdministrationClient(
                        self.emulator.endpoint, credential, scopes=SCOPE, **self.common) as client:
                    policies = await asyncio.gather(*(client.get_policy("SgxEnclave") for _ in range(10)))
                    self.assertEqual({"permit" in policy.value for policy in policies}, {True})
        for credential, error in ((fails, LookupError), ("no-token-of-theirs", azattest.Error)):
            async with aio.AttestationAdministrationClient(
                    self.emulator.endpoint, credential, scopes=SCOPE, **self.common) as client:
                with self.assertRaises(error):
                    await client.get_policy("SgxEnclave")

    async def test_without_its_ca_the_service_is_not_trusted(self):
        async with aio.AttestationClient(self.emulator.endpoint, retry_total=0, proxy="") as client:
            with self.assertRaises(azattest.ServiceRequestError) as caught:
                await client.get_signing_certificates()
        self.assertIn("certificate", str(caught.exception).lower())


@needs_command
class Faults(EngineTest):
    """The local service slow, and in tatters."""

    async def emulator(self, *faults):
        options = [word for fault in faults for word in ("--fault", fault)]
        emulator = await asyncio.to_thread(Emulator, *options)
        self.addCleanup(emulator.stop)
        return emulator, {"ca_file": emulator.ca_file, "proxy": ""}

    async def test_what_is_slow_is_given_up_in_time(self):
        emulator, common = await self.emulator("certs:delay;ms=20000", "metadata:drip;bytes=1;ms=1000")
        async with aio.AttestationClient(emulator.endpoint, timeout=0.3, **common) as client:
            for call in (client.get_signing_certificates, client.get_open_id_metadata):
                with self.assertRaises(azattest.ServiceResponseError) as caught:
                    await call()
                self.assertIs(caught.exception.code, Status.E_TIMEOUT)
        async with aio.AttestationClient(emulator.endpoint, **common) as client:
            for call in (client.get_signing_certificates, client.get_open_id_metadata):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(call(), 0.3)

    async def test_what_fails_is_tried_again(self):
        emulator, common = await self.emulator("certs:1-2=503,3=reset", "metadata:1=cut")
        async with aio.AttestationClient(emulator.endpoint, retry_delay=0.001, **common) as client:
            self.assertEqual(len(await client.get_signing_certificates()), 1)
            self.assertEqual((await client.get_open_id_metadata()).jwks_uri, emulator.endpoint + "/certs")


class Cancellation(EngineTest):
    async def test_a_cancelled_call_ends_its_connection(self):
        for name, cancel in (("task.cancel()", False), ("a time limit around it", True)):
            with self.subTest(name):
                async with Server(never_answers) as server, aio.AttestationClient(server.endpoint, **server.options) as client:
                    if cancel:
                        with self.assertRaises(asyncio.TimeoutError):
                            await asyncio.wait_for(client.get_signing_certificates(), 0.3)
                    else:
                        task = asyncio.ensure_future(client.get_signing_certificates())
                        await server.arrived.wait()
                        task.cancel()
                        with self.assertRaises(asyncio.CancelledError):
                            await task
                    await asyncio.wait_for(server.left.wait(), 20)
                    self.assertEqual((server.requests, server.ended), (1, 1))

    async def test_the_clients_own_time_limit_ends_the_connection(self):
        async with Server(never_answers) as server:
            async with aio.AttestationClient(server.endpoint, timeout=0.3, **server.options) as client:
                with self.assertRaises(azattest.ServiceResponseError):
                    await client.get_signing_certificates()
                await asyncio.wait_for(server.left.wait(), 20)

    async def test_cancelled_while_it_waits_for_the_next_try(self):
        async def busy(reader, writer, number):
            reply(writer, {}, 503, Retry_After=60)

        async with Server(busy) as server, aio.AttestationClient(server.endpoint, **server.options) as client:
            task = asyncio.ensure_future(client.get_signing_certificates())
            await server.arrived.wait()
            await asyncio.sleep(0.1)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

    async def test_the_fetch_of_keys_that_many_wait_for_is_taken_over(self):
        """Whoever fetches the keys is cancelled; the exception is kept, and with it the call. Another fetches them."""

        async def first_never(reader, writer, number):
            if number == 1:
                await never_answers(reader, writer, number)
            reply(writer, ONE_KEY)

        text = ".".join([base64url(b'{"alg":"RS256","kid":"one"}'), base64url(b"{}"), "AAAA"])
        async with Server(first_never) as server, aio.Verifier(server.endpoint, **server.options) as verifier:
            first = asyncio.ensure_future(verifier.validate(text))
            await server.arrived.wait()
            others = [asyncio.ensure_future(verifier.validate(text)) for _ in range(20)]
            await asyncio.sleep(0.1)
            first.cancel()
            results = await asyncio.gather(first, *others, return_exceptions=True)
            self.assertIsInstance(results[0], asyncio.CancelledError)
            self.assertEqual({type(each) for each in results[1:]}, {azattest.AttestationTokenValidationException})
            self.assertEqual(server.requests, 2)

    async def test_many_are_cancelled_at_any_moment(self):
        async def some(reader, writer, number):
            if number % 3 == 0:
                await asyncio.sleep(0.01)
            reply(writer, ONE_KEY)

        async with Server(some) as server, aio.AttestationClient(server.endpoint, **server.options) as client:
            for turn in range(20):
                tasks = [asyncio.ensure_future(client.get_signing_certificates()) for _ in range(10)]
                for _ in range(turn):
                    await asyncio.sleep(0.0005)
                for task in tasks[::2]:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                for task, result in zip(tasks[1::2], results[1::2]):
                    self.assertEqual(len(result), 1)
            self.assertEqual(len(await client.get_signing_certificates()), 1)


class Closing(EngineTest):
    async def test_calls_under_way_fail_with_a_sentence(self):
        async with Server(never_answers) as server:
            client = aio.AttestationClient(server.endpoint, **server.options)
            calls = [asyncio.ensure_future(client.get_signing_certificates()) for _ in range(5)]
            await server.arrived.wait()
            await client.aclose()
            for result in await asyncio.gather(*calls, return_exceptions=True):
                self.assertIsInstance(result, azattest.Error)
                self.assertIs(result.code, Status.E_CANCELLED)
                self.assertIn("the client was closed while this call ran", str(result))
            await client.aclose()
            with self.assertRaisesRegex(ValueError, "AttestationClient is closed"):
                await client.get_signing_certificates()

    async def test_several_may_close_at_once(self):
        async with Server(answers_keys) as server:
            client = aio.AttestationClient(server.endpoint, **server.options)
            await client.get_signing_certificates()
            await asyncio.gather(*(client.aclose() for _ in range(5)))

    async def test_one_that_was_never_used_has_no_thread(self):
        async with aio.AttestationClient("https://localhost:1") as client:
            self.assertEqual(engines(), [])
        self.assertIn("closed", repr(client))

    async def test_one_that_is_thrown_away_warns_and_ends(self):
        async with Server(answers_keys) as server:
            client = aio.AttestationClient(server.endpoint, **server.options)
            await client.get_signing_certificates()
            (thread,) = engines()
            ref = weakref.ref(client)
            with self.assertWarnsRegex(ResourceWarning, "unclosed AttestationClient.*aclose"):
                del client
                gc.collect()
            self.assertIsNone(ref())
            await asyncio.to_thread(thread.join, 20)
            self.assertFalse(thread.is_alive())


class Loops(EngineTest):
    async def test_several_loops_use_one_client_at_once(self):
        async with Server(answers_keys) as server, aio.AttestationClient(server.endpoint, **server.options) as client:
            counts, failures = [], []

            async def work():
                for _ in range(5):
                    counts.extend(map(len, await asyncio.gather(*(client.get_signing_certificates() for _ in range(10)))))

            def run():
                try:
                    asyncio.run(work())
                except BaseException as error:  # looked at below
                    failures.append(error)

            threads = [threading.Thread(target=run) for _ in range(4)]
            for thread in threads:
                thread.start()
            await work()
            for thread in threads:
                await asyncio.to_thread(thread.join)
            self.assertEqual((failures, counts), ([], [1] * 250))
            self.assertEqual(len(engines()), 1)

    async def test_a_loop_that_is_closed_meanwhile_does_no_harm(self):
        """Its calls go on to nobody; other loops go on as well."""
        go = threading.Event()

        async def waits(reader, writer, number):
            await asyncio.get_running_loop().run_in_executor(None, go.wait)
            reply(writer, ONE_KEY)

        async with Server(waits) as server, aio.AttestationClient(server.endpoint, **server.options) as client:
            loop = asyncio.new_event_loop()

            def abandon():
                task = loop.create_task(client.get_signing_certificates())
                loop.run_until_complete(asyncio.sleep(0.2))
                loop.close()
                return task

            task = await asyncio.to_thread(abandon)
            await server.arrived.wait()
            go.set()
            self.assertEqual(len(await client.get_signing_certificates()), 1)
            task._log_destroy_pending = False  # this test left it pending
            del task

    def test_one_loop_after_another(self):
        client = None

        async def use():
            async with Server(answers_keys) as server:
                nonlocal client
                if client is None:
                    client = aio.AttestationClient(server.endpoint, retry_total=0, **server.options)
                    return len(await client.get_signing_certificates())
                with self.assertRaises(azattest.ServiceRequestError):  # the first server is gone
                    await client.get_signing_certificates()
                await client.aclose()

        self.assertEqual(asyncio.run(use()), 1)
        asyncio.run(use())


if __name__ == "__main__":
    unittest.main()

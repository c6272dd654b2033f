"""Credentials of azattest.aio: of every kind, where they run, how they fail, and what is given up. Without a network."""

import asyncio
import os
import shutil
import tempfile
import threading
import time
import unittest
from types import SimpleNamespace

import azattest
from azattest import aio

from support import WUS, AsyncScript, answer
from test_credentials import SCOPE, clean_environment


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


if __name__ == "__main__":
    unittest.main()

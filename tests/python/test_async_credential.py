"""An asynchronous credential in a blocking client: run in a loop of the package's own, whatever loop the caller has."""

import asyncio
import os
import signal
import threading
import unittest

from azattest import CallbackCredential

SCOPE = "https://attest.azure.net/.default"


class Token:
    token, expires_on = "a.b.c", 2**33


class Asynchronous:
    def __init__(self, failure=None):
        self.loops, self.failure = [], failure

    async def get_token(self, *scopes, **options):
        await asyncio.sleep(0)
        self.loops.append(asyncio.get_running_loop())
        if self.failure is not None:
            raise self.failure
        return Token()


class AsynchronousCredential(unittest.TestCase):
    def test_the_token_is_that_of_the_coroutine(self):
        self.assertEqual(CallbackCredential(Asynchronous()).get_token(SCOPE), ("a.b.c", 2**33))

    def test_all_calls_run_in_one_loop_that_is_not_the_callers(self):
        first, second = Asynchronous(), Asynchronous()

        async def main():
            CallbackCredential(second).get_token(SCOPE)  # blocks its loop, as a blocking client does
            return asyncio.get_running_loop()

        thread = threading.Thread(target=lambda: CallbackCredential(first).get_token(SCOPE))
        thread.start()
        thread.join()
        mine = asyncio.run(main())
        self.assertIs(first.loops[0], second.loops[0])
        self.assertIsNot(mine, first.loops[0])

    def test_its_failure_is_the_failure_of_the_call(self):
        with self.assertRaisesRegex(ValueError, "not today"):
            CallbackCredential(Asynchronous(ValueError("not today"))).get_token(SCOPE)

    def test_one_that_asks_a_blocking_client_is_told_instead_of_waiting_for_ever(self):
        class Circle(Asynchronous):
            async def get_token(self, *scopes, **options):
                return CallbackCredential(Asynchronous()).get_token(*scopes)

        with self.assertRaisesRegex(RuntimeError, "waits for"):
            CallbackCredential(Circle()).get_token(SCOPE)

    def test_after_a_fork_there_is_a_new_loop(self):
        CallbackCredential(Asynchronous()).get_token(SCOPE)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(0 if CallbackCredential(Asynchronous()).get_token(SCOPE).token == "a.b.c" else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


if __name__ == "__main__":
    unittest.main()

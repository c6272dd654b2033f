"""azattest.aio in programs of their own: forks, Ctrl-C, the end of the interpreter, stress in development mode."""

import asyncio
import os
import subprocess
import sys
import threading
import unittest

from aio_server import Server, never_answers, reply
from support import ONE_KEY


class Processes(unittest.TestCase):
    """Forks, the end of the interpreter: programs of their own."""

    @classmethod
    def setUpClass(cls):
        ready, cls.stopped = threading.Event(), None
        cls.ports = []

        async def behave(reader, writer, number):
            cls.ports.append(writer.get_extra_info("peername")[1])
            if cls.silent:
                await never_answers(reader, writer, number)
            reply(writer, ONE_KEY)

        async def serve():
            cls.loop, cls.stop = asyncio.get_running_loop(), asyncio.Event()
            async with Server(behave) as server:
                cls.endpoint = server.endpoint
                ready.set()
                await cls.stop.wait()

        cls.silent = False
        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        cls.addClassCleanup(thread.join)
        ready.wait()
        cls.addClassCleanup(lambda: cls.loop.call_soon_threadsafe(cls.stop.set))

    def setUp(self):
        self.ports.clear()
        type(self).silent = False

    def run_program(self, body, *options):
        code = """
import asyncio, gc, os, signal, sys, threading, time, warnings, azattest
from azattest import aio
warnings.filterwarnings("ignore", ".* is multi-threaded, use of fork", DeprecationWarning)  # Python 3.12 says so of every fork
def new(**options):
    return aio.AttestationClient(sys.argv[1], allow_insecure_http=True, proxy="", **options)
""" + body
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        return subprocess.run([sys.executable, *options, "-c", code, self.endpoint], env=env, capture_output=True, text=True,
                              timeout=120)

    def assert_quiet(self, done, out=""):
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", out))

    def test_a_forked_child_opens_its_own_connection(self):
        done = self.run_program("""
async def one(client):
    assert len(await client.get_signing_certificates()) == 1
client = new()
asyncio.run(one(client))
child = os.fork()
asyncio.run(one(client))
if child:
    assert os.waitpid(child, 0)[1] == 0
    asyncio.run(one(client))
asyncio.run(client.aclose())
""")
        self.assert_quiet(done)
        self.assertEqual(sorted(map(self.ports.count, set(self.ports))), [1, 3], "the parent kept its connection")

    def test_a_fork_in_the_middle_of_calls(self):
        """The child is forked inside the parent's loop while calls run; both go on, each by itself, again and again."""
        done = self.run_program("""
async def many(client, count):
    for signers in await asyncio.gather(*(client.get_signing_certificates() for _ in range(count))):
        assert len(signers) == 1
async def main():
    async with new() as client:
        for turn in range(10):
            running = asyncio.ensure_future(many(client, 20))
            await asyncio.sleep(0.002 * turn)
            child = os.fork()
            if child == 0:
                signal.alarm(60)
                try:
                    asyncio.run(many(client, 3))
                    asyncio.run(client.aclose())
                except BaseException:
                    import traceback
                    traceback.print_exc()
                    os._exit(1)
                os._exit(0)
            await running
            status = (await asyncio.to_thread(os.waitpid, child, 0))[1]
            assert status == 0, status
asyncio.run(main())
""")
        self.assert_quiet(done)

    def test_a_fork_right_behind_another_waits_for_no_time_limit(self):
        """The engine is still about to wait for the end of the first when the second begins."""
        done = self.run_program("""
from azattest import _engine
client = new()
asyncio.run(client.get_signing_certificates())
stood = []
class Slow(threading.Event):
    def set(self):
        super().set()
        time.sleep(0.3)
    def wait(self, limit):
        stood.append(super().wait(limit))
client._driver._stands_still = Slow()
for _ in range(2):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
asyncio.run(client.aclose())
print(stood)
""")
        self.assert_quiet(done, "[True, True]\n")

    def test_a_child_ends_by_itself(self):
        """It neither waits for the parent's thread nor closes the parent's connection."""
        done = self.run_program("""
client = new()
asyncio.run(client.get_signing_certificates())
child = os.fork()
if child == 0:
    signal.alarm(60)
    del client
    gc.collect()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
asyncio.run(client.get_signing_certificates())
asyncio.run(client.aclose())
""")
        self.assert_quiet(done)
        self.assertEqual(len(set(self.ports)), 1)

    def test_the_interpreter_ends_with_a_client_that_nobody_closed(self):
        for name, rest in (("idle", ""), ("in a cycle", "client_list = [client]; client_list.append(client_list)"),
                           ("thrown away at the end", "del client")):
            with self.subTest(name):
                done = self.run_program("client = new()\nasyncio.run(client.get_signing_certificates())\n" + rest)
                self.assert_quiet(done)

    def test_the_interpreter_ends_while_calls_run(self):
        type(self).silent = True
        for name, body in (
            ("the loop was given up", """
loop = asyncio.new_event_loop()
client = new()
task = loop.create_task(client.get_signing_certificates())
loop.run_until_complete(asyncio.sleep(0.2))
task._log_destroy_pending = False
"""), ("in a thread that is a daemon", """
client = new()
threading.Thread(target=lambda: asyncio.run(client.get_signing_certificates()), daemon=True).start()
time.sleep(0.3)
"""), ("sys.exit() in the loop", """
async def main():
    async with new() as client:
        asyncio.ensure_future(client.get_signing_certificates())
        await asyncio.sleep(0.2)
        sys.exit(0)
asyncio.run(main())
""")):
            for turn in range(3):
                with self.subTest(name):
                    done = self.run_program(body)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotIn("Fatal", done.stderr)

    def test_no_thread_begins_while_the_interpreter_ends(self):
        """What is registered before the engine is there runs after the engines have ended, as daemons do."""
        done = self.run_program("""
import atexit
client = new()
def late():
    try:
        asyncio.run(client.get_signing_certificates())
    except RuntimeError as error:
        print(error, threading.active_count())
atexit.register(late)
asyncio.run(client.get_signing_certificates())
""")
        self.assert_quiet(done, "the interpreter is shutting down: nothing can be sent any more 1\n")

    def test_a_client_that_nobody_closed_ends_its_thread_where_warnings_are_errors(self):
        done = self.run_program("""
sys.unraisablehook = lambda what: print(what.exc_type.__name__)
client = new()
asyncio.run(client.get_signing_certificates())
thread, = (t for t in threading.enumerate() if t.name == "azattest.aio")
del client
gc.collect()
thread.join(60)
print(thread.is_alive())
""", "-W", "error")
        self.assert_quiet(done, "ResourceWarning\nFalse\n")

    def test_ctrl_c_ends_the_program(self):
        type(self).silent = True
        done = self.run_program("""
async def main():
    async with new() as client:
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        await asyncio.gather(*(client.get_signing_certificates() for _ in range(5)))
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("stopped", threading.active_count())
""")
        self.assert_quiet(done, "stopped 1\n")

    def test_under_stress_in_development_mode(self):
        """Calls, cancellations, credentials, closed clients and forks, with every check of Python's on."""
        done = self.run_program("""
import logging, random
random.seed(4)
logging.getLogger("asyncio").setLevel(logging.ERROR)  # it also warns when a machine is busy
async def token(*scopes):
    await asyncio.sleep(0.001)
    return "token", time.time() + 3600
async def user(client, turns):
    for _ in range(turns):
        task = asyncio.ensure_future(client.get_signing_certificates())
        if random.random() < 0.3:
            await asyncio.sleep(random.random() * 0.004)
            task.cancel()
        try:
            assert len(await task) == 1
        except asyncio.CancelledError:
            pass
async def main():
    for turn in range(8):
        async with new(credential=random.choice((None, token, lambda *s: "token")), scopes="s") as client:
            await asyncio.gather(*(user(client, 10) for _ in range(20)))
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
    client = new()
    loops = [threading.Thread(target=lambda: asyncio.run(user(client, 30))) for _ in range(4)]
    for thread in loops:
        thread.start()
    await user(client, 30)
    for thread in loops:
        await asyncio.to_thread(thread.join)
    await client.aclose()
    print("done", len([t for t in threading.enumerate() if t.name == "azattest.aio"]))
asyncio.run(main())
""", "-X", "dev", "-W", "error")
        self.assert_quiet(done, "done 0\n")


if __name__ == "__main__":
    unittest.main()

"""Many threads share one client and one verifier over TLS, against the local service with faults."""

import http.server
import tempfile
import threading
import unittest

import azattest
from support import Emulator, needs_command, run_python, simulate

THREADS = 32
ROUNDS = 12


def run_all(work, count=THREADS):
    """Starts `work(number)` in so many threads at once; gives what they raised."""
    start, failures = threading.Barrier(count), []

    def begin(number):
        start.wait()
        try:
            work(number)
        except BaseException as error:  # whatever it is, the test wants to know
            failures.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads, failures


def join(threads):
    for thread in threads:
        thread.join(120)
    return [thread for thread in threads if thread.is_alive()]


@needs_command
class ThreadsTest(unittest.TestCase):
    # tries that wait for milliseconds; a key that changes once, since a cache asks for newer ones each 30 s at most
    FAULTS = ("attest:%29=503;retry-after-ms=1,%41=reset,%67=drip;bytes=700;ms=1", "attest:150=rotate-key",
              "certs:1=503;retry-after-ms=1")
    OPTIONS = {"retry_total": 30, "retry_delay": 0.001}

    def start(self, *faults):
        log = tempfile.TemporaryFile()
        self.addCleanup(log.close)
        service = Emulator(*(word for fault in faults for word in ("--fault", fault)), log=log)
        self.addCleanup(service.stop)
        return service, log, simulate(service.ready["state"], "--svn", "3")

    def test_one_client_and_one_verifier_serve_32_threads(self):
        service, log, quote = self.start(*self.FAULTS)
        client = azattest.AttestationClient(service.endpoint, ca_file=service.ca_file, **self.OPTIONS)
        verifier = azattest.Verifier(service.endpoint, ca_file=service.ca_file, **self.OPTIONS)
        done = []

        def work(number):
            for i in range(ROUNDS):
                nonce = "%d-%d" % (number, i)
                value, token = client.attest_sgx_enclave(quote, nonce=nonce)
                again = verifier.validate(token, expected_nonce=nonce)
                done.append((value.nonce, value.svn, again.value.nonce, again.token.is_validated))

        threads, failures = run_all(work)
        self.assertEqual(join(threads), [])
        self.assertEqual(failures, [])
        expected = ["%d-%d" % (number, i) for number in range(THREADS) for i in range(ROUNDS)]
        self.assertEqual(sorted(done), sorted((nonce, 3, nonce, True) for nonce in expected))
        log.seek(0)
        fetches = [line.split()[3] for line in log if b" GET /certs " in line]
        self.assertEqual(sorted(fetches), [b"200"] * 4 + [b"503"], "each cache: one fetch, and one for the new key")

    def test_close_in_one_thread_while_others_call(self):
        service, _, quote = self.start()
        for _ in range(8):
            client = azattest.AttestationClient(service.endpoint, ca_file=service.ca_file)
            verifier = azattest.Verifier(service.endpoint, ca_file=service.ca_file)
            reached, ended, right = threading.Semaphore(0), [], []

            def work(number):
                try:
                    while True:
                        token = client.attest_sgx_enclave(quote, nonce="n").token
                        right.append(verifier.validate(token).value.nonce == "n")
                        reached.release()
                except ValueError as error:
                    ended.append(str(error))

            threads, failures = run_all(work, 16)
            for _ in range(20):
                reached.acquire()
            verifier.close()
            client.close()
            self.assertEqual(join(threads), [])
            self.assertEqual(failures, [])
            self.assertEqual(set(ended) | {"AttestationClient is closed", "Verifier is closed"},
                             {"AttestationClient is closed", "Verifier is closed"})
            self.assertEqual((len(ended), all(right)), (16, True))

    def test_fork_while_other_threads_call(self):
        service, _, quote = self.start()
        with tempfile.NamedTemporaryFile() as file:
            file.write(quote)
            file.flush()
            done = run_python(FORKING, service.endpoint, service.ca_file, file.name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "children: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\nfailures: []\n")

    def test_calls_overlap_at_the_service(self):
        """None is answered before all have come: with the interpreter's lock held by one nothing would ever move."""
        everybody = threading.Barrier(THREADS, timeout=60)

        class Waiting(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                everybody.wait()
                self.send_response(200)
                self.send_header("Content-Length", "14")
                self.end_headers()
                self.wfile.write(b'{"issuer":"x"}')

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 2 * THREADS
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Waiting)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        client = azattest.AttestationClient("http://127.0.0.1:%d" % server.server_port, allow_insecure_http=True, proxy="",
                                            retry_total=0)
        threads, failures = run_all(lambda number: client.get_open_id_metadata())
        self.assertEqual(join(threads), [])
        self.assertEqual(failures, [])
        self.assertEqual((everybody.n_waiting, everybody.broken), (0, False))


# Its own process: a child that hangs is ended by its alarm, and nothing of the tests is forked.
FORKING = """
import os, signal, sys, threading, azattest
endpoint, ca_file, quote = sys.argv[1], sys.argv[2], open(sys.argv[3], "rb").read()
client = azattest.AttestationClient(endpoint, ca_file=ca_file)
verifier = azattest.Verifier(endpoint, ca_file=ca_file)
over, failures, ready = threading.Event(), [], threading.Semaphore(0)

def attest(nonce):
    value, token = client.attest_sgx_enclave(quote, nonce=nonce)
    assert value.nonce == verifier.validate(token, expected_nonce=nonce).value.nonce == nonce

def work(number):
    try:
        while not over.is_set():
            attest("parent-%d" % number)
            ready.release()
    except BaseException as error:
        failures.append(error)

threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
children = []
for i in range(10):
    for _ in range(8):
        ready.acquire(timeout=30)
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            for _ in range(3):
                attest("child-%d" % i)
            client.close()
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
over.set()
for thread in threads:
    thread.join()
print("children:", codes)
print("failures:", failures)
"""


if __name__ == "__main__":
    unittest.main()

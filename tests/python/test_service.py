"""Against the local service and small servers of our own: TLS, threads, signals, memory."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import azattest
from azattest import AttestationClient, Verifier

from support import COMMAND, ONE_KEY, Emulator, evidence, levels_off, needs_command, needs_evidence, run_python, simulate


@needs_command
class LocalService(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.state = tempfile.mkdtemp(prefix="azattest-python-")
        cls.addClassCleanup(shutil.rmtree, cls.state, True)
        cls.emulator = Emulator("--state", cls.state)
        cls.addClassCleanup(cls.emulator.stop)
        cls.data = os.path.join(cls.state, "runtime-data")
        with open(cls.data, "wb") as file:
            file.write(b'{"answer":42}')
        cls.quote = simulate(cls.state, "--runtime-data", cls.data, "--product-id", "7", "--svn", "3")

    def client(self, **options):
        return AttestationClient(self.emulator.endpoint, ca_file=self.emulator.ca_file, **options)

    def test_a_simulated_quote_end_to_end(self):
        with self.client() as client:
            response = client.attest_sgx_enclave(self.quote, runtime_data=b'{"answer":42}', nonce="n-1")
            self.assertTrue(repr(response.token).startswith("verified "))
            result = response.value
            self.assertEqual((result.product_id, result.svn, result.is_debuggable), (7, 3, False))
            self.assertEqual(result.enclave_held_data, b'{"answer":42}')
            self.assertEqual(result.nonce, "n-1")
            self.assertEqual(result.mr_enclave_bytes, azattest.Evidence.parse(self.quote).mr_enclave)
            claims = client.attest_sgx_enclave(self.quote, runtime_json='{"answer":42}').value
            self.assertEqual(claims.runtime_claims, {"answer": 42})

    @needs_evidence
    def test_a_real_quote_and_a_real_report(self):
        at = 1704067200  # 2024-01-01: inside the life of the certificates
        emulator = Emulator("--at", str(at))
        self.addCleanup(emulator.stop)
        with AttestationClient(emulator.endpoint, ca_file=emulator.ca_file) as client:
            sample = azattest.evidence.load(evidence("sgx/azure-intelsdk-2023-release.json"))
            response = client.attest_sgx_enclave(sample.raw, runtime_data=sample.held_data, clock=lambda: at)
            self.assertEqual(response.value.mr_enclave, sample.mr_enclave.hex())
            report = azattest.evidence.load(evidence("openenclave/azure-oesdk-release.json"))
            response = client.attest_open_enclave(report.raw, runtime_data=report.held_data, clock=lambda: at)
            self.assertEqual(response.value.mr_enclave, report.mr_enclave.hex())
            flipped = bytearray(sample.raw)
            flipped[500] ^= 1
            with self.assertRaises(azattest.HttpResponseError) as caught:
                client.attest_sgx_enclave(flipped, clock=lambda: at)
            self.assertEqual(caught.exception.status_code, 400)
            self.assertTrue(caught.exception.error_code)

    def test_a_forged_quote_is_refused_by_the_service(self):
        forged = bytearray(self.quote)
        forged[112] ^= 1  # MRENCLAVE
        with self.client() as client, self.assertRaises(azattest.HttpResponseError) as caught:
            client.attest_sgx_enclave(forged)
        self.assertEqual(caught.exception.status_code, 400)

    def test_a_verifier_and_the_one_line_functions(self):
        where = {"endpoint": self.emulator.endpoint, "ca_file": self.emulator.ca_file}
        token = azattest.attest.attest_sgx_enclave(self.quote, **where).raw_token
        signers = azattest.certificates.get_signing_certificates(**where)
        self.assertTrue(azattest.inspect(token).validate(signers, issuer=self.emulator.endpoint).is_validated)
        metadata = azattest.attest.get_open_id_metadata(**where)
        self.assertEqual(metadata.jwks_uri, self.emulator.endpoint + "/certs")
        with Verifier(**where) as verifier:
            self.assertEqual(verifier.validate(token).value.svn, 3)
            self.assertEqual(len(azattest.AttestationSigners.parse(verifier.export_keys())), len(signers))

    def test_without_its_ca_the_service_is_not_trusted(self):
        with AttestationClient(self.emulator.endpoint, retry_total=0) as client:
            with self.assertRaises(azattest.ServiceRequestError) as caught:
                client.get_signing_certificates()
        self.assertIn("certificate", str(caught.exception).lower())
        with open(self.emulator.ca_file) as file:
            pem = file.read()
        with AttestationClient(self.emulator.endpoint, ca_pem=pem) as client:
            self.assertGreater(len(client.get_signing_certificates()), 0)

    def test_one_client_in_eight_threads(self):
        failures = []
        with self.client() as client:

            def work():
                try:
                    for _ in range(10):
                        result = client.attest_sgx_enclave(self.quote).value
                        assert result.product_id == 7 and result.is_validated
                except BaseException as error:  # reported by the main thread
                    failures.append(error)

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])

    def test_calls_leave_no_memory_behind(self):
        """Calls over TLS, failures of each layer, tokens and results, many times over."""
        text = azattest.attest.attest_sgx_enclave(
            self.quote, endpoint=self.emulator.endpoint, ca_file=self.emulator.ca_file).raw_token
        with self.client() as client, Verifier(self.emulator.endpoint, ca_file=self.emulator.ca_file) as verifier:

            def round_of_everything():
                for _ in range(10):
                    response = client.attest_sgx_enclave(self.quote, runtime_data=b'{"answer":42}')
                    response.value.claims(), response.token.pretty(), response.token.signer.certificates
                for _ in range(100):
                    verifier.validate(text).value.claims()
                    for wrong in (lambda: verifier.validate(text[:-8]), lambda: azattest.Evidence.parse(self.quote[:99]),
                                  lambda: client.attest_sgx_enclave(self.quote, runtime_data=b"other"),
                                  lambda: verifier.validate(text, expected_nonce="x")):
                        try:
                            wrong()
                        except azattest.Error:
                            pass
                        else:
                            raise AssertionError("should have failed")
                    azattest.Evidence.parse(self.quote).fields()
                for _ in range(10):
                    azattest.evidence.verify(self.quote).to_dict()
                    azattest.AttestationSigners.parse(verifier.export_keys())[0].public_key_pem

            levels_off(self, round_of_everything)


class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.2)
        body = json.dumps(ONE_KEY).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Waiting(unittest.TestCase):
    def test_eight_calls_wait_at_the_same_time(self):
        """A server in this very process answers none of the calls before all eight are there: it could not answer at
        all if a call held the interpreter's lock, and nobody would be answered if the calls went one by one."""
        meeting = threading.Barrier(8, timeout=30)

        class Together(Slow):
            def do_GET(self):
                meeting.wait()
                super().do_GET()

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Together)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        endpoint = "http://127.0.0.1:%d" % server.server_port
        done = []
        with AttestationClient(endpoint, allow_insecure_http=True, proxy="", retry_total=0) as client:

            def work():
                done.append(len(client.get_signing_certificates()))

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(done, [1] * 8)

    def test_a_forked_child_opens_its_own_connection(self):
        ports = []

        class Counting(Slow):
            def do_GET(self):
                ports.append(self.client_address[1])
                super().do_GET()

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        code = """
import os, sys, azattest
client = azattest.AttestationClient(sys.argv[1], allow_insecure_http=True, proxy="")
client.get_signing_certificates()
child = os.fork()
client.get_signing_certificates()
if child:
    assert os.waitpid(child, 0)[1] == 0
    client.get_signing_certificates()
"""
        done = run_python(code, "http://127.0.0.1:%d" % server.server_port)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(ports), 4)
        self.assertEqual(sorted(map(ports.count, set(ports))), [1, 3], "the parent kept its connection, the child made one")

    def interrupt(self, code):
        """Runs code in a child that prints a line when it is about to wait, and presses Ctrl-C."""
        env = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
        child = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(child.stdout.readline(), "waiting\n")
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        return child.communicate(timeout=30)  # half of what the call would wait by itself

    def test_ctrl_c_ends_a_call_that_waits_for_an_answer(self):
        out, err = self.interrupt("""
import socket, azattest
server = socket.create_server(("127.0.0.1", 0))
client = azattest.AttestationClient("http://127.0.0.1:%d" % server.getsockname()[1], allow_insecure_http=True, proxy="")
print("waiting", flush=True)
try:
    client.get_signing_certificates()
except KeyboardInterrupt as error:
    print("stopped", error.__context__)
server.close()
""")
        self.assertEqual((out, err), ("stopped None\n", ""))

    def test_ctrl_c_ends_the_wait_between_two_tries(self):
        out, err = self.interrupt("""
import azattest
client = azattest.AttestationClient("http://127.0.0.1:1", allow_insecure_http=True, proxy="", retry_delay=60)
print("waiting", flush=True)
try:
    client.get_signing_certificates()
except KeyboardInterrupt:
    print("stopped")
""")
        self.assertEqual((out, err), ("stopped\n", ""))

    def test_a_signal_handler_that_returns_lets_the_call_go_on(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        seen = []
        old = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with AttestationClient("http://127.0.0.1:%d" % server.server_port, allow_insecure_http=True, proxy="") as client:
            self.assertEqual(len(client.get_signing_certificates()), 1)
        self.assertEqual(seen, [1])


class AsACommand(unittest.TestCase):
    @needs_command
    def test_python_m_azattest_is_the_command(self):
        env = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p), AZATTEST_COMMAND=COMMAND)
        done = subprocess.run([sys.executable, "-m", "azattest", "version"], env=env, capture_output=True, text=True)
        own = subprocess.run([COMMAND, "version"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (own.returncode, own.stdout))

    def test_without_the_command_it_says_what_to_do(self):
        done = run_python("import runpy, sys; sys.argv = ['azattest', 'version']; runpy.run_module('azattest', run_name='__main__')",
                          PATH="/nonexistent", AZATTEST_COMMAND="")
        self.assertEqual(done.returncode, 3)
        self.assertIn("AZATTEST_COMMAND", done.stderr)


if __name__ == "__main__":
    unittest.main()

"""What the tests of the command `azattest` share.

AZATTEST_COMMAND names the program. Real evidence comes from AZATTEST_EVIDENCE, else ../shared/evidence beside the
checkout; without it those tests are skipped, loudly. Python's standard library only.
"""

import base64
import http.server
import json
import os
import select
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

COMMAND = os.environ.get("AZATTEST_COMMAND", "")
CHECKOUT = Path(__file__).resolve().parents[2]
EVIDENCE = Path(os.environ.get("AZATTEST_EVIDENCE") or CHECKOUT.parent / "shared" / "evidence")

VALID, NOT_VALID, WRONG_USE, UNREACHED, INTERRUPTED = 0, 1, 2, 3, 130

needs_evidence = unittest.skipUnless(EVIDENCE.is_dir(), f"SKIPPED: no real evidence at {EVIDENCE}")


OURS = ("AZATTEST_ENDPOINT", "AZURE_", "IDENTITY_", "IMDS_", "MSI_", "NO_COLOR")  # what changes an answer


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if not k.startswith(OURS)
           and not k.lower().endswith("_proxy")}
    env.update(changes)
    return env


def run(*words, stdin=b"", timeout=120, **changes):
    return subprocess.run([COMMAND, *map(str, words)], input=stdin, capture_output=True, timeout=timeout,
                          env=environment(**changes), check=False)


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"member names are not unique: {names}")
    return dict(pairs)


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_token(header, claims, signature=b""):
    texts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    return ".".join([*(b64url(text.encode()) for text in texts), b64url(signature)])


def flipped(data, offset):
    data = bytearray(data)
    data[offset] ^= 1
    return bytes(data)


class CommandTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="azattest-command-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def expect(self, code, *words, says=None, **more):
        """Runs, compares the exit code, and looks for text in what was printed."""
        done = run(*words, **more)
        shown = f"\n$ azattest {' '.join(map(str, words))}\n{done.stdout.decode(errors='replace')}" \
                f"{done.stderr.decode(errors='replace')}"
        self.assertEqual(done.returncode, code, shown)
        if says is not None:
            self.assertIn(says, shown)
        return done

    def document(self, code, *words, **more):
        """Runs with --json: standard output is exactly one JSON document."""
        done = self.expect(code, *words, "--json", **more)
        return json.loads(done.stdout.decode("utf-8"), object_pairs_hook=unique)

    def assert_plain(self, text):
        """No control characters, no terminal sequences, no direction marks."""
        bad = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) <= 0x9f or c in "\u202e\u2066\u200f"]
        self.assertEqual(bad, [])


class Emulator:
    """A running local service."""

    def __init__(self, *words):
        self.process = subprocess.Popen([COMMAND, "emulator", *map(str, words)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment())
        self.log = []
        readable, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.process.kill()
            raise AssertionError(f"the emulator did not start: {self.process.stderr.read().decode()}")
        self.ready = json.loads(line)
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Answers:
    """An HTTPS server that says what it is told: `answer(method, path)` gives status, headers and body."""

    ca_file = CHECKOUT / "tests" / "fixtures" / "loopback-tls.pem"

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def reply(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, body = answer(self.command, self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = reply

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.endpoint = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def main():
    if not os.access(COMMAND, os.X_OK):
        sys.exit("set AZATTEST_COMMAND to the program azattest")
    if not EVIDENCE.is_dir():
        print(f"*** SKIPPED: no real evidence at {EVIDENCE}; the tests on it do not run ***", file=sys.stderr)
    unittest.main(verbosity=2)

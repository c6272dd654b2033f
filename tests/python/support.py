"""What the tests share: real evidence, a transport that plays a script, recorded conversations, the local service.

Real evidence comes from AZATTEST_EVIDENCE, else from ../shared/evidence beside the checkout; tests that need it are
skipped, loudly, where there is none. AZATTEST_COMMAND names the command `azattest`.
"""

import base64
import ctypes
import gc
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EVIDENCE = Path(os.environ.get("AZATTEST_EVIDENCE") or CHECKOUT.parent / "shared" / "evidence")
COMMAND = os.environ.get("AZATTEST_COMMAND", "")

needs_evidence = unittest.skipUnless((EVIDENCE / "facts.json").is_file(), "SKIPPED: no real evidence at AZATTEST_EVIDENCE")
needs_command = unittest.skipUnless(COMMAND, "SKIPPED: AZATTEST_COMMAND does not name the command azattest")

WUS = "https://sharedwus.wus.attest.azure.net"
THEN = 1668649250  # the day of the recordings: 2022-11-17 01:40:50 UTC


# A key set of one key that signs nothing.
ONE_KEY = {"keys": [{"kid": "one", "kty": "RSA", "n": base64.urlsafe_b64encode(b"\xc1" * 255 + b"\x01").decode().rstrip("="), "e": "AQAB"}]}


def evidence(name):
    return (EVIDENCE / name).read_bytes()


def token_text(name="sgx-shared-2022-11"):
    return evidence("maa-tokens/%s.jwt" % name).decode().strip()


def key_set(name="wus-shared-2022-11"):
    return evidence("maa-certs/%s.jwks.json" % name)


def facts():
    return json.loads(evidence("facts.json"))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_token(header, claims, signature=b""):
    """A token that nobody signed."""
    return ".".join([base64url(json.dumps(header).encode()), base64url(json.dumps(claims).encode()), base64url(signature)])


class Script:
    """A transport that answers what it was told to, and remembers what was asked and how long was waited."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.waits = []

    def send(self, request):
        self.requests.append(request)
        if not self.answers:
            raise AssertionError("the script has no answer to %r" % request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def sleep(self, seconds):
        self.waits.append(seconds)


class AsyncScript(Script):
    """The same with coroutine functions."""

    async def send(self, request):
        return super().send(request)

    async def sleep(self, seconds):
        super().sleep(seconds)


def answer(body, status=200, **headers):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return status, {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}, body


class Recording:
    """A recorded conversation with the real service. Its hosts were redacted at their source: the endpoint comes from
    `iss` of the token."""

    def __init__(self, name):
        entries = json.loads(evidence("recordings/" + name))["Entries"]
        self.certs = next(e for e in entries if "/certs" in e["RequestUri"])
        self.calls = [e for e in entries if "/attest/" in e["RequestUri"]]
        self.api_version = self.calls[0]["RequestUri"].split("api-version=")[1]
        self.claims = json.loads(from_base64url(self.calls[0]["ResponseBody"]["token"].split(".")[1]))
        self.endpoint = self.claims["iss"]
        self.at = self.claims["iat"] + 1

    def asked(self, call=0):
        return self.calls[call]["RequestBody"]

    def script(self, call=0):
        recording = self

        class Play(Script):
            def send(self, request):
                self.requests.append(request)
                entry = recording.certs if request.url.endswith("/certs") else recording.calls[call]
                body = json.dumps(entry["ResponseBody"]).encode()
                return entry["StatusCode"], entry["ResponseHeaders"], body

        return Play()


class Emulator:
    """The local service, for the tests of one class."""

    def __init__(self, *options, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [COMMAND, "emulator", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE, stderr=log
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the emulator ended at once with %s" % self.process.wait())
        self.ready = json.loads(line)
        self.endpoint, self.ca_file = self.ready["endpoint"], self.ready["ca_file"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def simulate(state, *options):
    return subprocess.run(
        [COMMAND, "simulate", "sgx-quote", "--state", state, "--out", "-", *options], check=True, capture_output=True
    ).stdout


def in_use():
    """Bytes that malloc has given out, and blocks that Python has."""
    fields = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()

    class Mallinfo2(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in fields]

    function = ctypes.CDLL(None).mallinfo2
    function.restype = Mallinfo2
    gc.collect()
    info = function()
    return info.uordblks + info.hblkhd, sys.getallocatedblocks()


def levels_off(test, work):
    """Fails when memory goes on growing with more rounds of `work`. What grows up to a bound (caches, what malloc keeps for
    the next call) has time to reach it."""
    for _ in range(2):
        work()
    seen = []
    while not seen or len(seen) < 8 and (seen[-1][0] >= 8000 or seen[-1][1] >= 200):
        before = in_use()
        for _ in range(4):
            work()
        after = in_use()
        seen.append((after[0] - before[0], after[1] - before[1]))
    test.assertLess(seen[-1][0], 8000, "bytes of C memory more after four more rounds: %r" % seen)
    test.assertLess(seen[-1][1], 200, "blocks of Python memory more after four more rounds: %r" % seen)


def run_python(code, *arguments, **environment):
    """A fresh interpreter that sees the package under test."""
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    env.update(environment)
    return subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, timeout=120)

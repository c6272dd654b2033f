"""The workers in Python of run.py: attest and validate, compare every outcome, print what was done and what is held.

    python3 worker.py threads|asyncio ENDPOINT CA_FILE QUOTE_FILE ATTESTS VALIDATIONS EVERY_MS

threads: eight share one client and one verifier. asyncio: 64 calls at once on one loop. SIGTERM ends it early, in order.
Exit code: 0 all outcomes were right, 1 one was not.
"""

import asyncio
import ctypes
import gc
import itertools
import json
import os
import signal
import sys
import threading
import time

import azattest

THREADS, IN_FLIGHT, TRIES = 8, 64, 4
OPTIONS = {"retry_delay": 0.005}  # the waits are real
WEEK = 7 * 86400


class Wrong(Exception):
    """An outcome that is not the right one."""


class _Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]


def _heap_kb():
    """What malloc has given out and not got back; Python's own arenas are part of RSS."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return 0
    mallinfo2.restype = _Mallinfo2
    return mallinfo2().uordblks // 1024


class Soak:
    def __init__(self, endpoint, attests, validations):
        self.endpoint, self.attests, self.validations = endpoint, attests, validations
        self.tickets, self.stop = itertools.count(), False
        self.outcomes = dict.fromkeys(("good", "exhausted", "broken", "issuer", "valid", "forged", "nonce", "expired"), 0)
        self.lock = threading.Lock()

    def ticket(self):
        """A number and a nonce of its own; None when all are given out."""
        number = next(self.tickets)
        return None if self.stop or number >= self.attests else (number, "n-%d-%d" % (os.getpid(), number))

    def count(self, outcome):
        with self.lock:
            self.outcomes[outcome] += 1

    def took(self, response, nonce):
        value, token = response
        if (value.nonce, value.svn, value.issuer, token.is_validated) != (nonce, 3, self.endpoint, True):
            raise Wrong("the answer to another call was taken: %r" % value)
        self.count("good")

    def failed(self, error):
        """Only what the faults explain."""
        status = azattest.Status
        if error.code == status.E_TOKEN_ISSUER:
            self.count("issuer")
        elif error.code == status.E_RESPONSE:
            self.count("broken")
        elif error.code in (status.E_HTTP, status.E_TRANSPORT) and error.attempts == TRIES:
            self.count("exhausted")
        else:
            raise Wrong("attest: %r, %s tries" % (error, error.attempts)) from error

    def owed(self, number):
        return self.validations * (number + 1) // self.attests - self.validations * number // self.attests

    @staticmethod
    def way(number):
        """Seven of ten as they are; then with another signature, for another nonce, a week later."""
        return ("valid", "forged", "nonce", "expired")[max(number % 10 - 6, 0)]

    def question(self, token, nonce, way):
        """(token, options) of a validation, and the status that it has to have."""
        text, status = str(token), azattest.Status
        if way == "forged":
            place = len(text) - 100
            return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1:], {"expected_nonce": nonce}, status.E_TOKEN_SIGNATURE
        if way == "nonce":
            return text, {"expected_nonce": "another"}, status.E_TOKEN_NONCE
        if way == "expired":
            return text, {"expected_nonce": nonce, "at": int(time.time()) + WEEK}, status.E_TOKEN_EXPIRED
        return text, {"expected_nonce": nonce}, None

    def judged(self, way, expected, outcome):
        code = outcome.code if isinstance(outcome, Exception) else None
        if code != expected or (code is None and not outcome.token.is_validated):
            raise Wrong("a %s token: %r" % (way, outcome))
        self.count(way)

    def report(self, done=False):
        gc.collect()
        done_attest = sum(self.outcomes[name] for name in ("good", "exhausted", "broken", "issuer"))
        line = {"attest": done_attest, "validate": sum(self.outcomes.values()) - done_attest, "outcomes": dict(self.outcomes),
                "rss_kb": int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024,
                "heap_kb": _heap_kb(), "fds": len(os.listdir("/proc/self/fd")) - 1, "done": done}
        print(json.dumps(line), flush=True)


def in_threads(soak, endpoint, ca_file, quote, every):
    client = azattest.AttestationClient(endpoint, ca_file=ca_file, **OPTIONS)
    verifier = azattest.Verifier(endpoint, ca_file=ca_file, **OPTIONS)
    failures = []

    def validate(token, nonce, number):
        way = soak.way(number)
        text, options, expected = soak.question(token, nonce, way)
        try:
            outcome = verifier.validate(text, **options)
        except azattest.Error as error:
            outcome = error
        soak.judged(way, expected, outcome)

    def work():
        last, owed, done = None, 0, itertools.count()
        while (ticket := soak.ticket()) is not None:
            number, nonce = ticket
            try:
                response = client.attest_sgx_enclave(quote, nonce=nonce)
            except azattest.Error as error:
                soak.failed(error)
            else:
                soak.took(response, nonce)
                last = response.token, nonce
            owed += soak.owed(number)
            while last and owed and not soak.stop:
                validate(*last, next(done))
                owed -= 1

    def watched():
        try:
            work()
        except BaseException as error:
            failures.append(error)
            soak.stop = True

    threads = [threading.Thread(target=watched) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(every)
            soak.report()
    client.close()
    verifier.close()
    if failures:
        raise failures[0]


async def in_tasks(soak, endpoint, ca_file, quote, every):
    from azattest import aio

    async def validate(verifier, token, nonce, number):
        way = soak.way(number)
        text, options, expected = soak.question(token, nonce, way)
        try:
            outcome = await verifier.validate(text, **options)
        except azattest.Error as error:
            outcome = error
        soak.judged(way, expected, outcome)

    async def work(client, verifier):
        last, owed, done = None, 0, itertools.count()
        while (ticket := soak.ticket()) is not None:
            number, nonce = ticket
            try:
                response = await client.attest_sgx_enclave(quote, nonce=nonce)
            except azattest.Error as error:
                soak.failed(error)
            else:
                soak.took(response, nonce)
                last = response.token, nonce
            owed += soak.owed(number)
            while last and owed and not soak.stop:
                await validate(verifier, *last, next(done))
                owed -= 1

    async def report():
        while True:
            await asyncio.sleep(every)
            soak.report()

    async with aio.AttestationClient(endpoint, ca_file=ca_file, **OPTIONS) as client, \
            aio.Verifier(endpoint, ca_file=ca_file, **OPTIONS) as verifier:
        reporter = asyncio.ensure_future(report())
        try:
            await asyncio.gather(*(work(client, verifier) for _ in range(IN_FLIGHT)))
        finally:
            reporter.cancel()


def main():
    way, endpoint, ca_file, quote_file, attests, validations, every_ms = sys.argv[1:]
    soak = Soak(endpoint, int(attests), int(validations))
    signal.signal(signal.SIGTERM, lambda *_: setattr(soak, "stop", True))
    with open(quote_file, "rb") as file:
        quote = file.read()
    every = int(every_ms) / 1000
    try:
        if way == "threads":
            in_threads(soak, endpoint, ca_file, quote, every)
        else:
            asyncio.run(in_tasks(soak, endpoint, ca_file, quote, every))
    except Wrong as error:
        sys.exit("soak: %s" % error)
    soak.report(done=True)


if __name__ == "__main__":
    main()

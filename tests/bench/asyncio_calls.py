"""Many attest calls in flight from one event loop. Usage: asyncio_calls.py PACKAGE FOLDER ENDPOINT CA_FILE WIDTH CALLS

PACKAGE: azattest.aio, or azure.security.attestation.aio. WIDTH tasks make one call after the other; a first round, which
connects, is not counted. Prints {"rate", "cpu_us", "lag_ms", "peak_kb"}: calls a second, CPU of one call, by how much the
loop was late at worst for a task that only sleeps, peak memory of the process.
"""

import asyncio
import importlib
import json
import pathlib
import sys
import time

TICK = 0.002


class Credential:
    """A token that is good for long: the official client takes none without one. Ours gets the same."""

    async def get_token(self, *scopes, **options):
        from collections import namedtuple

        return namedtuple("AccessToken", "token expires_on")("bench", 4102444800)

    async def close(self):
        pass


def client(package, endpoint, ca_file):
    cls = importlib.import_module(package).AttestationClient
    if package.startswith("azattest"):
        return cls(endpoint, Credential(), scopes=["https://attest.azure.net/.default"], ca_file=ca_file)
    return cls(endpoint, Credential(), connection_verify=ca_file)


async def watch(worst):
    """Sleeps over and over, and keeps how late it was woken at worst."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        worst[0] = max(worst[0], loop.time() - due)


async def call_on(one, quote, calls, mr_enclave):
    for _ in range(calls):
        response = await one.attest_sgx_enclave(quote)
        result = response.value if hasattr(response, "value") else response[0]  # theirs is a pair
        assert result.mr_enclave == mr_enclave


async def run(package, endpoint, ca_file, quote, width, calls):
    mr_enclave = "%064x" % 1
    async with client(package, endpoint, ca_file) as one:
        await call_on(one, quote, 1, mr_enclave)  # alone: see suites/asyncio.py
        await asyncio.gather(*(call_on(one, quote, 1, mr_enclave) for _ in range(width)))
        worst = [0.0]
        watching = asyncio.create_task(watch(worst))
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(call_on(one, quote, calls // width, mr_enclave) for _ in range(width)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        watching.cancel()
    made = calls // width * width
    return {"rate": made / wall, "cpu_us": cpu * 1e6 / made, "lag_ms": worst[0] * 1e3}


def peak_kb():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])


def main():
    package, folder, endpoint, ca_file, width, calls = sys.argv[1:]
    quote = pathlib.Path(folder, "quote.bin").read_bytes()
    numbers = asyncio.run(run(package, endpoint, ca_file, quote, int(width), int(calls)))
    print(json.dumps({**numbers, "peak_kb": peak_kb()}))


main()

"""Attests many SGX quotes at the same time, with asyncio: one client, one thread beside the loop, however many run at once.

Every quote file is attested as often as --times says, with a nonce of its own each time. Ctrl-C stops: calls that still
run are cancelled, and their transfers end.
"""

import argparse
import asyncio
import collections
import sys
import time

import azattest
from azattest.aio import AttestationClient


async def attest(client, name, quote, number, outcomes):
    """One call; what became of it is counted by what the service says of the enclave, or by why it failed."""
    try:
        value, token = await client.attest_sgx_enclave(quote, nonce=f"{name}-{number}")
        outcomes[f"valid: mr_enclave {value.mr_enclave}, svn {value.svn}"] += 1
    except azattest.Error as error:
        outcomes[f"failed: {name}: {type(error).__name__}: {error}"] += 1


async def main(options, outcomes):
    work = ((path, quote, number) for number in range(options.times) for path, quote in options.quotes)

    async def worker(client):
        for path, quote, number in work:  # shared: each worker takes the next one
            await attest(client, path, quote, number, outcomes)

    ca_file = None if options.ca_file == "-" else options.ca_file
    async with AttestationClient(options.endpoint, ca_file=ca_file, timeout=options.timeout) as client:
        await asyncio.gather(*(worker(client) for _ in range(options.at_once)))


def quote_file(path):
    with open(path, "rb") as file:
        return path, azattest.evidence.load(file.read()).raw  # raw, hexadecimal, base64, or a JSON sample


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("endpoint", help="of the instance, for instance https://sharedweu.weu.attest.azure.net")
    parser.add_argument("ca_file", help='certificates to trust; "-": the system\'s')
    parser.add_argument("quotes", metavar="quote_file", nargs="+", help="SGX quote")
    parser.add_argument("--times", type=int, default=100, help="how often each quote is attested (%(default)s)")
    parser.add_argument("--at-once", type=int, default=50, help="how many calls run at the same time (%(default)s)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds that one call may take (%(default)s)")
    options = parser.parse_args()
    try:
        options.quotes = [quote_file(path) for path in options.quotes]
    except (OSError, azattest.Error) as error:
        parser.error(str(error))
    return options


if __name__ == "__main__":
    options, outcomes, begun, stopped = arguments(), collections.Counter(), time.monotonic(), False
    try:
        asyncio.run(main(options, outcomes))
    except KeyboardInterrupt:
        stopped = True
    for outcome, count in outcomes.most_common():
        print(f"{count:6}  {outcome}")
    total = sum(outcomes.values())
    print(f"{total:6}  in {time.monotonic() - begun:.1f} seconds, {options.at_once} at once{', stopped' if stopped else ''}")
    sys.exit(130 if stopped else any(outcome.startswith("failed") for outcome in outcomes))

"""One validation of a token through the Python module, TIMES times. Usage: validate.py FOLDER [claim|claims] TIMES

claim: and one typed claim is read; claims: and all of them are read, as a dictionary.
"""

import pathlib
import sys
import time

import azattest

ENDPOINT = "https://bench.wus.attest.azure.net"


class Keys:
    """Answers the one request for the keys from a file."""

    def __init__(self, jwks):
        self.jwks = jwks

    def send(self, request):
        return 200, {"Content-Type": "application/json"}, self.jwks

    def sleep(self, seconds):
        raise AssertionError("nothing to wait for")


def main():
    folder, reads, times = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[-1])
    token = (folder / "token.jwt").read_text()
    verifier = azattest.Verifier(ENDPOINT, transport=Keys((folder / "keys.jwks").read_bytes()))
    verifier.validate(token)
    validate = {
        "claim": lambda text: verifier.validate(text).value.mr_signer,
        "claims": lambda text: verifier.validate(text).value.claims(),
    }.get(reads, verifier.validate)
    validate(token)
    start = time.process_time_ns()
    for _ in range(times):
        validate(token)
    print(round((time.process_time_ns() - start) / times))


main()

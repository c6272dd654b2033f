"""One validation of a token through the Python module, TIMES times. Usage: validate.py FOLDER TIMES"""

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
    folder, times = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    token = (folder / "token.jwt").read_text()
    verifier = azattest.Verifier(ENDPOINT, transport=Keys((folder / "keys.jwks").read_bytes()))
    verifier.validate(token)
    validate = verifier.validate
    start = time.process_time_ns()
    for _ in range(times):
        validate(token)
    print(round((time.process_time_ns() - start) / times))


main()

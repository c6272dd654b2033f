"""Attest calls through a Python package, over kept connections to the benchmark's service.

Usage: attest.py PACKAGE ENDPOINT FOLDER TIMES    prints {"cpu_us", "wall_us"} of one call, after some that are not counted
       attest.py PACKAGE ENDPOINT FOLDER 0        makes one call: prints {"peak_kb"}, or ends with 3 when it is refused

PACKAGE: azattest; azure (azure-security-attestation); requests (the same POST alone, nothing is validated). FOLDER has
quote.bin and ca.pem. Modules are imported where they are needed: with 0 the start of the process is what is measured.
"""

import sys


class Credential:
    """A token that is good for long: azure-security-attestation takes no client without one. Ours gets the same."""

    def get_token(self, *scopes, **options):
        from collections import namedtuple

        return namedtuple("AccessToken", "token expires_on")("bench", 4102444800)


def azattest(endpoint, ca_file, quote):
    import azattest

    scope = "https://attest.azure.net/.default"  # an address on this machine tells none
    client = azattest.AttestationClient(endpoint, Credential(), scopes=[scope], ca_file=ca_file)
    return lambda: client.attest_sgx_enclave(quote).value.mr_enclave


def azure(endpoint, ca_file, quote):
    from azure.security.attestation import AttestationClient

    client = AttestationClient(endpoint, Credential(), connection_verify=ca_file)
    return lambda: client.attest_sgx_enclave(quote)[0].mr_enclave


def requests(endpoint, ca_file, quote):
    import base64

    import requests

    session = requests.Session()
    body = {"quote": base64.urlsafe_b64encode(quote).decode()}
    url = endpoint + "/attest/SgxEnclave?api-version=2020-10-01"
    return lambda: session.post(url, json=body, verify=ca_file).json()["token"]


def peak_kb():
    with open("/proc/self/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])


def main():
    package, endpoint, folder, times = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    with open(folder + "/quote.bin", "rb") as file:
        quote = file.read()
    call = {"azattest": azattest, "azure": azure, "requests": requests}[package](endpoint, folder + "/ca.pem", quote)
    if times == 0:
        try:
            call()
        except Exception as problem:  # each has exceptions of its own
            sys.stderr.write(f"refused: {type(problem).__name__}: {problem}\n")
            sys.exit(3)
        print('{"peak_kb": %d}' % peak_kb())
        return
    import json
    import time

    for _ in range(max(3, times // 20)):
        if not call():
            sys.exit("a call gave nothing")
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(times):
        call()
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    print(json.dumps({"cpu_us": cpu / times / 1000, "wall_us": wall / times / 1000}))


main()

"""Attest calls one after the other through the Python module. Usage: attest.py FOLDER ENDPOINT CA_FILE TIMES

Prints {"cpu_us", "wall_us", "peak_kb"}: of one call, and of the process.
"""

import json
import pathlib
import sys
import time

import azattest


def peak_kb():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("no VmHWM in /proc/self/status")


def main():
    folder, endpoint, ca_file, times = sys.argv[1:]
    quote, times = pathlib.Path(folder, "quote.bin").read_bytes(), int(times)
    with azattest.AttestationClient(endpoint, ca_file=ca_file) as client:
        for _ in range(3):
            assert client.attest_sgx_enclave(quote).token.is_validated
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        for _ in range(times):
            client.attest_sgx_enclave(quote)
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    print(json.dumps({"cpu_us": cpu / 1000 / times, "wall_us": wall / 1000 / times, "peak_kb": peak_kb()}))


main()

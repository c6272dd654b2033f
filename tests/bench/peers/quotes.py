"""Times the verification of one quote with its collateral by the native dcap-qvl of PyPI, everything parsed each time.

Usage: quotes.py QUOTE COLLATERAL NOW STATUS TIMES    prints the CPU nanoseconds of one
       quotes.py QUOTE COLLATERAL NOW STATUS 0        prints its version

Before either, the quote has to have that TCB status, and to be refused with one bit changed.
"""

import sys
import time

import dcap_qvl


def main():
    quote, now, times = open(sys.argv[1], "rb").read(), int(sys.argv[3]), int(sys.argv[5])
    text = open(sys.argv[2], encoding="utf-8").read()

    def verify(raw):
        return dcap_qvl.verify(raw, dcap_qvl.QuoteCollateralV3.from_json(text), now)

    status = verify(quote).status
    if status != sys.argv[4]:
        sys.exit(f"the quote has the status {status}, expected {sys.argv[4]}")
    changed = bytearray(quote)
    changed[0x70] ^= 1
    try:
        verify(bytes(changed))
        sys.exit("a quote with a changed bit was accepted")
    except ValueError:
        pass
    if times == 0:
        print("dcap-qvl", dcap_qvl.__version__)
        return
    for _ in range(1 + times // 10):
        verify(quote)
    start = time.process_time_ns()
    for _ in range(times):
        verify(quote)
    print(round((time.process_time_ns() - start) / times))


main()

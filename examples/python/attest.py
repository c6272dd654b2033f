"""Attests an SGX quote and prints what the service says about the enclave, after checking that it is true.

Usage: attest.py ENDPOINT CA_FILE QUOTE_FILE      (CA_FILE "-": the system's certificates)
"""

import sys

import azattest


def main():
    endpoint, ca_file, quote_file = sys.argv[1:]
    with open(quote_file, "rb") as file:
        evidence = azattest.evidence.load(file.read())  # raw, hexadecimal, base64 or one of the service's JSON samples
    with azattest.AttestationClient(endpoint, ca_file=None if ca_file == "-" else ca_file) as client:
        value, token = client.attest_sgx_enclave(evidence.raw, nonce="from-python")
    print("mr_enclave    ", value.mr_enclave)
    print("mr_signer     ", value.mr_signer)
    print("svn           ", value.svn)
    print("is_debuggable ", str(value.is_debuggable).lower())


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main()
    except azattest.Error as error:
        sys.exit(f"{type(error).__name__}: {error}")

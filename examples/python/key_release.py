"""Secure key release: a secret that only the attested program can open.

Usage: key_release.py seal ENDPOINT CA_FILE TOKEN_FILE < secret > sealed    the relying party (CA_FILE "-": the system's)
       key_release.py open KEY_FILE < sealed > secret                       the program, with the key it put into its token
"""

import sys

import azattest


def seal(endpoint, ca_file, token_file):
    with open(token_file) as file:
        token = file.read().strip()
    with azattest.Verifier(endpoint, ca_file=None if ca_file == "-" else ca_file) as verifier:
        value = verifier.validate(token, allow_debug=False).value  # add require_claims: which program it must be
    print(value.seal_secret(sys.stdin.buffer.read()))


def open_(key_file):
    with open(key_file, "rb") as file:
        key = file.read()
    sys.stdout.buffer.write(azattest.open_secret(key, sys.stdin.read().strip()))


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["seal"] and len(sys.argv) == 5:
            seal(*sys.argv[2:])
        elif sys.argv[1:2] == ["open"] and len(sys.argv) == 3:
            open_(*sys.argv[2:])
        else:
            sys.exit(__doc__)
    except azattest.Error as error:
        sys.exit(f"{type(error).__name__}: {error}")

"""Validates a token without a connection, with keys that were exported before (`azattest keys export`).

Usage: offline.py KEYS_FILE ISSUER TOKEN_FILE
"""

import sys

import azattest


def main():
    keys_file, issuer, token_file = sys.argv[1:]
    with open(keys_file) as keys, open(token_file) as token:
        value = azattest.inspect(token.read().strip()).validate(keys.read(), issuer=issuer).result()
    print("mr_signer", value.mr_signer)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main()
    except azattest.Error as error:
        sys.exit(f"{type(error).__name__}: {error}")

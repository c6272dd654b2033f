"""Validates a token where there is no network, with the keys of the instance from a file.

Usage: offline.py collect ENDPOINT CA_FILE QUOTE_FILE NONCE KEYS_FILE TOKEN_FILE             (CA_FILE "-": the system's)
       offline.py validate ENDPOINT KEYS_FILE TOKEN_FILE NONCE POLICY_FILE MR_SIGNER

`collect` attests a quote and writes down the token and the keys of the instance. `validate` may run later and elsewhere,
and sends nothing. The file of keys is what it trusts: bring it there on a way that you trust. A token that is signed by
a key that is not in the file is refused; the service changes its keys now and then, so renew the file.
"""

import sys
from pathlib import Path

import azattest


def collect(endpoint, ca_file, quote_file, nonce, keys_file, token_file):
    with azattest.AttestationClient(endpoint, ca_file=None if ca_file == "-" else ca_file) as client:
        response = client.attest_sgx_enclave(Path(quote_file).read_bytes(), nonce=nonce)
        signers = client.get_signing_certificates()
    Path(keys_file).write_text(signers.jwks)
    Path(token_file).write_text(response.raw_token)
    print(f"{len(signers)} keys of {endpoint} in {keys_file}, a token in {token_file}")


def validate(endpoint, keys_file, token_file, nonce, policy_file, mr_signer):
    token = azattest.AttestationToken.parse(Path(token_file).read_text())
    token.validate(
        azattest.AttestationSigners.parse(Path(keys_file).read_text()),
        issuer=endpoint,  # keys alone do not say whose they are
        expected_nonce=nonce,
        expected_policy_hash=azattest.policy.policy_hash(Path(policy_file).read_bytes()),
        require_claims={"x-ms-sgx-mrsigner": mr_signer},
    )
    print("valid until   ", token.expires_on.isoformat())
    print("signed by     ", token.signer.key_id)
    print("mr_enclave    ", token.result().mr_enclave)


def main():
    task = {"collect": collect, "validate": validate}.get(sys.argv[1] if len(sys.argv) == 8 else None)
    if task is None:
        sys.exit(__doc__)
    try:
        task(*sys.argv[2:])
    except azattest.AttestationTokenValidationException as error:
        sys.exit("\n".join(f"refused: {problem.code.name}: {problem.detail}" for problem in error.problems))
    except (azattest.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

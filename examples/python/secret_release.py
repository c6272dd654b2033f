"""Secure key release: a relying party gives a secret to an attested enclave, and to nobody else.

Usage: secret_release.py ENDPOINT CA_FILE MR_SIGNER POLICY_FILE ENCLAVE OTHER_ENCLAVE      (CA_FILE "-": the system's)

ENCLAVE and OTHER_ENCLAVE are folders that stand for two programs in enclaves of different signers: private.pem, the key
that never leaves the enclave; public.pem, its public key (or certificate); quote.bin, whose report data is the SHA-256
of public.pem. The relying party wants the signer MR_SIGNER and the policy in POLICY_FILE.
"""

import sys
from pathlib import Path

import azattest

SECRET = b"the key of the database"


class Enclave:
    def __init__(self, folder):
        self._private_key = Path(folder, "private.pem").read_bytes()
        self.public_key = Path(folder, "public.pem").read_bytes()
        self.quote = Path(folder, "quote.bin").read_bytes()

    def attest(self, client):
        """A token that says what runs here, and which public key it has."""
        return client.attest_sgx_enclave(self.quote, runtime_data=self.public_key).raw_token

    def open(self, sealed):
        return azattest.open_secret(self._private_key, sealed)


def release(verifier, token):
    """The relying party: its conditions are the verifier's, and only the key of a token that meets them is used."""
    return verifier.validate(token).value.seal_secret(SECRET)


def release_unvalidated(token):
    """What a relying party would do that reads a token and does not validate it."""
    return azattest.AttestationToken.parse(token).result(unverified=True).seal_secret(SECRET)


def expect_refusal(what, code, call, *arguments):
    try:
        call(*arguments)
    except azattest.Error as error:
        if error.code != code:
            raise
        print(f"refused: {what}: {error}")
    else:
        sys.exit(f"not refused: {what}")


def main():
    endpoint, ca_file, mr_signer, policy_file, folder, other_folder = sys.argv[1:]
    ca_file = None if ca_file == "-" else ca_file
    enclave, other = Enclave(folder), Enclave(other_folder)
    conditions = azattest.AttestationTokenValidationOptions(
        require_claims={"x-ms-sgx-mrsigner": mr_signer},
        allow_debug=False,
        expected_policy_hash=azattest.policy.policy_hash(Path(policy_file).read_bytes()),
    )
    with azattest.AttestationClient(endpoint, ca_file=ca_file) as client:
        token, others_token = enclave.attest(client), other.attest(client)

    # The token goes to the relying party, the sealed secret comes back: both on any way, neither is a secret.
    with azattest.Verifier(endpoint, ca_file=ca_file, validation_options=conditions) as verifier:
        sealed = release(verifier, token)
        if enclave.open(sealed) != SECRET:
            sys.exit("the enclave opened another secret")
        print(f"the enclave has the secret: {len(SECRET)} bytes")

        status = azattest.Status
        expect_refusal("the same token, not validated", status.E_STATE, release_unvalidated, token)
        expect_refusal("the token of the other enclave", status.E_TOKEN_CLAIM, release, verifier, others_token)
        expect_refusal("the key of the other enclave", status.E_SECRET, other.open, sealed)


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    try:
        main()
    except (azattest.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")

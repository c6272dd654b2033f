"""Replaces the SGX policy of an isolated instance while relying parties go on working.

Usage: policy_rollover.py ENDPOINT CA_FILE POLICY_FILE KEY_FILE CERTIFICATE_FILE QUOTE_FILE [reset]

KEY_FILE and CERTIFICATE_FILE (PEM) are those of a policy signer that the instance knows. QUOTE_FILE is an enclave whose
tokens the relying parties look at. With "reset" the instance goes back to its default policy at the end.
Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a managed identity, or
`az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
"""

import sys
from pathlib import Path

import azattest
from azattest import AttestationType

SGX = AttestationType.SGX_ENCLAVE
# The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud.
SCOPE = "https://attest.azure.net/.default"


def expect(holds, otherwise):
    if not holds:
        sys.exit(f"stopped: {otherwise}")


def read_policy(admin):
    response = admin.get_policy(SGX)
    print("policy hash       ", azattest.policy.policy_hash(response.value).hex())
    print("signed            ", "no" if response.policy_signer is None else "yes")
    return response


def set_policy(admin, policy, key):
    # What will be sent. With an RSA key and RS256 it is the same each time; ECDSA signs differently each time.
    token_hash = azattest.policy.policy_token_hash(azattest.create_policy_token(policy, key))
    print("policy token hash ", token_hash.hex())
    # The call raises unless the service says that it stored this token, and whose signature it has.
    result = admin.set_policy(SGX, policy).value
    print("stored            ", result.policy_token_hash.hex())
    if key.algorithm == "RS256":
        expect(result.policy_token_hash == token_hash, "another policy token was stored than was looked at")
    # And what it gives back from now on.
    stored = read_policy(admin)
    expect(stored.value == policy, "the instance has another policy than was set")
    signer = stored.policy_signer
    expect(
        signer is not None and signer.certificates[0] == key.certificate_pem,
        "the stored policy is not signed by the key that signed it here",
    )


def main():
    endpoint, ca_file, policy_file, key_file, certificate_file, quote_file = sys.argv[1:7]
    ca_file = None if ca_file == "-" else ca_file
    policy, quote = Path(policy_file).read_bytes().decode(), Path(quote_file).read_bytes()
    key = azattest.AttestationSigningKey(Path(key_file).read_bytes(), Path(certificate_file).read_bytes())
    credential = azattest.DefaultAzureCredential()
    with azattest.AttestationAdministrationClient(
        endpoint, credential, scopes=SCOPE, signing_key=key, ca_file=ca_file
    ) as admin, azattest.AttestationClient(endpoint, ca_file=ca_file) as client, azattest.Verifier(
        endpoint, ca_file=ca_file
    ) as verifier:
        old_hash = azattest.policy.policy_hash(read_policy(admin).value)
        new_hash = azattest.policy.policy_hash(policy)
        expect(old_hash != new_hash, "the policy is in force already")
        old_token = client.attest_sgx_enclave(quote).token
        set_policy(admin, policy, key)
        new_token = client.attest_sgx_enclave(quote).token

        # Tokens of the old policy live on for hours: both are good meanwhile. Then the old hash is taken off the list.
        for token in (old_token, new_token):
            verifier.validate(token, expected_policy_hash=[old_hash, new_hash])
        print("meanwhile          tokens of both policies are accepted")
        verifier.validate(new_token, expected_policy_hash=new_hash)
        try:
            verifier.validate(old_token, expected_policy_hash=new_hash)
        except azattest.AttestationTokenValidationException as error:
            expect([problem.code for problem in error.problems] == [azattest.Status.E_TOKEN_POLICY_HASH], str(error))
            print(f"refused: the token of the old policy: {error}")
        else:
            sys.exit("not refused: the token of the old policy")

        if sys.argv[7:]:
            print("reset             ", admin.reset_policy(SGX).value.policy_resolution)
            read_policy(admin)


if __name__ == "__main__":
    if len(sys.argv) != 7 and sys.argv[7:] != ["reset"]:
        sys.exit(__doc__)
    try:
        main()
    except (azattest.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")

"""Times the validation of one token by a Python package that is not ours.

Usage: validate.py PEER FOLDER TIMES    prints the CPU nanoseconds of one validation
       validate.py PEER FOLDER 0        prints what it does with an expired token, "accepts" or "refuses", and its version

Before either, token.jwt has to be accepted and forged.jwt (one character of the signature differs) refused.
"""

import json
import pathlib
import sys
import time

ENDPOINT = "https://bench.wus.attest.azure.net"


def pyjwt(folder):
    """The key parsed once and kept; signature, exp, nbf, iss; the claims as a dictionary."""
    import jwt
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key((folder / "key.pem").read_bytes())
    return lambda token: jwt.decode(token, key, algorithms=["RS256"], issuer=ENDPOINT), "PyJWT " + jwt.__version__


def azure(folder):
    """What every attest call of the package does: takes the token apart, finds the signer by its kid, parses that
    certificate, verifies, checks the times, decodes the claims. The list of signers is kept, as in its client."""
    import azure.security.attestation as sdk

    keys = json.loads((folder / "keys.jwks").read_bytes())["keys"]
    signers = [sdk.AttestationSigner(key["x5c"], key["kid"]) for key in keys]

    def validate(text):
        token = sdk.AttestationToken(token=text)
        token._validate_token(signers, validate_issuer=True, issuer=ENDPOINT)  # signature, exp and nbf by default
        return token._get_body()

    return validate, "azure-security-attestation " + sdk.__version__


def accepted(validate, token):
    try:
        return bool(validate(token))
    except Exception:  # each has exceptions of its own
        return False


def main():
    folder, times = pathlib.Path(sys.argv[2]), int(sys.argv[3])
    validate, version = {"pyjwt": pyjwt, "azure": azure}[sys.argv[1]](folder)
    token, forged, expired = ((folder / f"{name}.jwt").read_text() for name in ("token", "forged", "expired"))
    if not validate(token):
        sys.exit("the good token gave no claims")
    if accepted(validate, forged):
        sys.exit("a token with a changed signature was accepted")
    if times == 0:
        print("accepts" if accepted(validate, expired) else "refuses", version)
        return
    start = time.process_time_ns()
    for _ in range(times):
        validate(token)
    print(round((time.process_time_ns() - start) / times))


main()

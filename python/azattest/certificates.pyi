from typing import Any

from . import AttestationClient, AttestationSigners

def get_signing_certificates(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationSigners: ...

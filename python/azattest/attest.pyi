from typing import Any

from . import AttestationClient, AttestationResponse, OpenIdMetadata
from . import _Bytes

def attest_sgx_enclave(
    quote: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def attest_open_enclave(
    report: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def get_open_id_metadata(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> OpenIdMetadata: ...

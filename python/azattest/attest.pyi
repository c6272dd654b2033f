from typing import Any

from . import AttestationClient as AttestationClient
from . import AttestationData as AttestationData
from . import AttestationResponse as AttestationResponse
from . import AttestationResult as AttestationResult
from . import AttestationToken as AttestationToken
from . import OpenIdMetadata as OpenIdMetadata
from . import TcbBaseline
from . import _Bytes, _Text

def attest_sgx_enclave(
    quote: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def attest_open_enclave(
    report: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def attest_sev_snp_vm(
    report: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def attest_tdx_vm(
    quote: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def attest_azure_guest(
    attestation_info: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
def attest_tpm(
    content: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
def attest_pluton(
    content: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> bytes: ...
def attest_key_guard(
    attestation_info: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
def attest_mdep_tz(
    report: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def get_tcb_baseline(
    attestation_type: str, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> list[TcbBaseline]: ...
def get_open_id_metadata(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> OpenIdMetadata: ...

from typing import Any

from .. import AttestationData as AttestationData
from .. import AttestationResponse as AttestationResponse
from .. import AttestationResult as AttestationResult
from .. import AttestationToken as AttestationToken
from .. import OpenIdMetadata as OpenIdMetadata
from .. import TcbBaseline, _Bytes, _Text
from . import AttestationClient as AttestationClient

async def attest_sgx_enclave(
    quote: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def attest_open_enclave(
    report: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def attest_sev_snp_vm(
    report: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def attest_tdx_vm(
    quote: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def attest_azure_guest(
    attestation_info: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
async def attest_tpm(
    content: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
async def attest_pluton(
    content: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> bytes: ...
async def attest_key_guard(
    attestation_info: _Text, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> str: ...
async def attest_mdep_tz(
    report: _Bytes, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def get_tcb_baseline(
    attestation_type: str, *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> list[TcbBaseline]: ...
async def get_open_id_metadata(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> OpenIdMetadata: ...

from datetime import datetime
from os import PathLike
from typing import Any, NamedTuple, Union

from . import AttestationSigner, _AnyAppraisal, _AnyCollateral
from . import Evidence as Evidence
from . import VerificationResult as VerificationResult

_Bytes = Union[bytes, bytearray, memoryview]

class _Check(NamedTuple):
    id: str
    ok: bool | None
    detail: str
    required: bool

def parse(raw: _Bytes) -> Evidence: ...
def load(file: _Bytes | PathLike[str]) -> Evidence: ...
def verify(
    evidence: Evidence | _Bytes | PathLike[str],
    *,
    at: datetime | float | None = None,
    extra_roots: str | _Bytes | None = None,
    runtime_data: _Bytes | None = None,
    allow_debug: bool | None = None,
    collateral: _AnyCollateral | None = None,
    collateral_grace: float | None = None,
    appraisal: _AnyAppraisal | None = None,
    nonce: _Bytes | None = None,
    allow_masked_chip_id: bool | None = None,
    refuse_unknown_bits: bool | None = None,
) -> VerificationResult: ...
def verify_service_certificate(
    certificate: AttestationSigner | str | _Bytes | PathLike[str],
    *,
    at: datetime | float | None = None,
    extra_roots: str | _Bytes | None = None,
    runtime_data: _Bytes | None = None,
    allow_debug: bool | None = None,
    collateral: _AnyCollateral | None = None,
    collateral_grace: float | None = None,
    appraisal: _AnyAppraisal | None = None,
    nonce: _Bytes | None = None,
    allow_masked_chip_id: bool | None = None,
    refuse_unknown_bits: bool | None = None,
) -> VerificationResult: ...
def inspect(file: Evidence | _Bytes | PathLike[str]) -> dict[str, Any]: ...

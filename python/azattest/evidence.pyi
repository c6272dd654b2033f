from datetime import datetime
from typing import Any, NamedTuple, Union

from . import Evidence as Evidence
from . import VerificationResult as VerificationResult

_Bytes = Union[bytes, bytearray, memoryview]

class _Check(NamedTuple):
    id: str
    ok: bool | None
    detail: str

def parse(raw: _Bytes) -> Evidence: ...
def load(file: _Bytes) -> Evidence: ...
def verify(
    evidence: Evidence | _Bytes,
    *,
    at: datetime | float | None = None,
    extra_roots: str | _Bytes | None = None,
    runtime_data: _Bytes | None = None,
    allow_debug: bool | None = None,
) -> VerificationResult: ...
def inspect(file: Evidence | _Bytes) -> dict[str, Any]: ...

from os import PathLike
from types import TracebackType
from typing import Awaitable, Iterable, Mapping, Protocol, Union

from typing_extensions import Self, Unpack

from .. import (
    AttestationResponse, AttestationSigners, AttestationToken, Collateral, CollateralCache, Evidence, OpenIdMetadata, TcbBaseline,
    _Attest, _AttestForText, _Bytes, _Client, _Constructed, _Credential, _Fetch, _Key, _Options, _Policy, _Request, _TcbBaseline,
    _AnyPolicy, _Text, _Validation,
    _Verdict as _Answered,
)
from . import attest as attest
from . import certificates as certificates
from . import policy as policy

_Verdict = Union[_Answered, Awaitable[_Answered]]
_Answer = tuple[int, Union[Mapping[str, str], Iterable[tuple[str, str]]], bytes]

class _Transport(Protocol):
    def send(self, request: _Request, /) -> _Answer | Awaitable[_Answer]: ...
    def sleep(self, seconds: float, /) -> Awaitable[object] | object: ...

class _Awaited:
    async def aclose(self) -> None: ...
    async def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class AttestationClient(_Awaited):
    def __init__(
        self,
        endpoint: str,
        credential: _Credential | None = None,
        *,
        validation_options: _Options | None = None,
        transport: _Transport | None = None,
        **options: Unpack[_Constructed[_Verdict]],
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    async def attest_sgx_enclave(
        self, quote: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest[_Verdict]]
    ) -> AttestationResponse: ...
    async def attest_open_enclave(
        self, report: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest[_Verdict]]
    ) -> AttestationResponse: ...
    async def attest_sev_snp_vm(
        self, report: _Text, *, validation_options: _Options | None = None, **options: Unpack[_Attest[_Verdict]]
    ) -> AttestationResponse: ...
    async def attest_tdx_vm(
        self, quote: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest[_Verdict]]
    ) -> AttestationResponse: ...
    async def attest_mdep_tz(
        self, report: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest[_Verdict]]
    ) -> AttestationResponse: ...
    async def attest_azure_guest(self, attestation_info: _Text, **options: Unpack[_AttestForText]) -> str: ...
    async def attest_key_guard(self, attestation_info: _Text, **options: Unpack[_AttestForText]) -> str: ...
    async def attest_tpm(self, content: _Text, **options: Unpack[_AttestForText]) -> str: ...
    async def attest_pluton(self, content: _Text, **options: Unpack[_AttestForText]) -> bytes: ...
    async def get_tcb_baseline(self, attestation_type: str, **options: Unpack[_TcbBaseline]) -> list[TcbBaseline]: ...
    async def get_signing_certificates(self) -> AttestationSigners: ...
    async def get_open_id_metadata(self) -> OpenIdMetadata: ...

class AttestationAdministrationClient(_Awaited):
    def __init__(
        self,
        endpoint: str,
        credential: _Credential,
        *,
        signing_key: _Key | None = None,
        signing_certificate: _Text | None = None,
        validation_options: _Options | None = None,
        transport: _Transport | None = None,
        **options: Unpack[_Client],
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    async def get_policy(
        self, attestation_type: str, *, validation_options: _Options | None = None, **options: Unpack[_Policy[_Verdict]]
    ) -> AttestationResponse: ...
    async def set_policy(
        self,
        attestation_type: str,
        attestation_policy: _AnyPolicy,
        *,
        signing_key: _Key | None = None,
        signing_certificate: _Text | None = None,
        validation_options: _Options | None = None,
        **options: Unpack[_Policy[_Verdict]],
    ) -> AttestationResponse: ...
    async def reset_policy(
        self,
        attestation_type: str,
        *,
        signing_key: _Key | None = None,
        signing_certificate: _Text | None = None,
        validation_options: _Options | None = None,
        **options: Unpack[_Policy[_Verdict]],
    ) -> AttestationResponse: ...
    async def get_policy_management_certificates(
        self, *, validation_options: _Options | None = None, **options: Unpack[_Policy[_Verdict]]
    ) -> AttestationResponse: ...
    async def add_policy_management_certificate(
        self,
        certificate_to_add: _Text,
        *,
        signing_key: _Key | None = None,
        signing_certificate: _Text | None = None,
        validation_options: _Options | None = None,
        **options: Unpack[_Policy[_Verdict]],
    ) -> AttestationResponse: ...
    async def remove_policy_management_certificate(
        self,
        certificate_to_remove: _Text,
        *,
        signing_key: _Key | None = None,
        signing_certificate: _Text | None = None,
        validation_options: _Options | None = None,
        **options: Unpack[_Policy[_Verdict]],
    ) -> AttestationResponse: ...

class Verifier(_Awaited):
    def __init__(
        self,
        endpoint: str | Iterable[str],
        *,
        validation_options: _Options | None = None,
        transport: _Transport | None = None,
        **options: Unpack[_Constructed[_Verdict]],
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def endpoints(self) -> tuple[str, ...]: ...
    async def validate(
        self,
        token: _Text | AttestationToken,
        *,
        validation_options: _Options | None = None,
        **options: Unpack[_Validation[_Verdict]],
    ) -> AttestationResponse: ...
    def export_keys(self, endpoint: str | None = None) -> str | None: ...

async def fetch_collateral(
    evidence: Evidence | _Bytes | PathLike[str],
    *,
    cache: CollateralCache | str | PathLike[str] | None = None,
    offline: bool = False,
    transport: _Transport | None = None,
    **options: Unpack[_Fetch],
) -> Collateral: ...

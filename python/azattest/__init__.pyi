from datetime import datetime
from enum import IntEnum
from os import PathLike
from types import TracebackType
from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Protocol, Sequence, TypedDict, Union, overload

from typing_extensions import Self, Unpack

from . import attest as attest
from . import certificates as certificates
from . import credentials as credentials
from . import evidence as evidence
from .evidence import _Check

__version__: str

_Bytes = Union[bytes, bytearray, memoryview]
_Text = Union[str, bytes, bytearray, memoryview]
_Time = Union[datetime, float]

class Status(IntEnum):
    OK = 0
    ABSENT = 1
    E_ARGUMENT = 2
    E_MEMORY = 3
    E_LIMIT = 4
    E_MALFORMED = 5
    E_TYPE = 6
    E_STATE = 7
    E_CRYPTO = 8
    E_UNSUPPORTED = 9
    E_HTTP = 20
    E_AUTH = 21
    E_TRANSPORT = 22
    E_TIMEOUT = 23
    E_RESPONSE = 24
    E_CANCELLED = 25
    E_CREDENTIAL_UNAVAILABLE = 26
    E_EVIDENCE = 30
    E_EVIDENCE_INVALID = 31
    E_BINDING = 32
    E_TOKEN_MALFORMED = 40
    E_TOKEN_TYPE = 41
    E_TOKEN_ALGORITHM = 42
    E_TOKEN_CRITICAL = 43
    E_TOKEN_KEY_UNTRUSTED = 44
    E_TOKEN_KEY_URL = 45
    E_TOKEN_KEY_UNKNOWN = 46
    E_TOKEN_KEY_AMBIGUOUS = 47
    E_TOKEN_KEY_UNFIT = 48
    E_TOKEN_KEY_MISMATCH = 49
    E_TOKEN_CERTIFICATE = 50
    E_TOKEN_CERTIFICATE_NAME = 51
    E_TOKEN_KEY_ID = 52
    E_TOKEN_SIGNATURE = 53
    E_TOKEN_EXPIRED = 54
    E_TOKEN_NOT_YET_VALID = 55
    E_TOKEN_ISSUER = 56
    E_TOKEN_NONCE = 57
    E_TOKEN_RUNTIME_DATA = 58
    E_TOKEN_MEASUREMENT = 59
    E_TOKEN_POLICY_HASH = 60
    E_TOKEN_DEBUGGABLE = 61
    E_TOKEN_CLAIM = 62
    E_TOKEN_ATTESTATION_TYPE = 63
    E_TOKEN_AGE = 64
    E_TOKEN_CALLBACK = 65

def status_name(code: int) -> str: ...
def status_text(code: int) -> str: ...
def status_check(code: int) -> str: ...

class Problem(NamedTuple):
    code: Status
    detail: str

class Error(Exception):
    code: Status
    message: str
    hint: str | None
    status_code: int
    reason: str | None
    error_code: str | None
    service_message: str | None
    target: str | None
    details: Any
    inner_error: Any
    client_request_id: str | None
    request_id: str | None
    retry_after: float | None
    attempts: int
    body: str | None
    problems: tuple[Problem, ...]
    def __init__(self, message: str = "", **fields: Any) -> None: ...

class _ServiceError(NamedTuple):
    code: str | None
    message: str | None
    target: str | None
    details: Any
    innererror: Any

class HttpResponseError(Error):
    response: None
    model: None
    @property
    def error(self) -> _ServiceError: ...

class ClientAuthenticationError(HttpResponseError): ...
class ResourceNotFoundError(HttpResponseError): ...
class ServiceRequestError(Error): ...
class ServiceResponseError(Error): ...
class CredentialUnavailableError(ClientAuthenticationError): ...
class EvidenceError(Error): ...
class AttestationTokenValidationException(Error): ...

_Callback = Callable[["AttestationToken", "AttestationSigner | None"], "bool | None | Iterable[str | Problem]"]

class _Checks(TypedDict, total=False):
    validate_token: bool | None
    validate_signature: bool | None
    validate_expiration: bool | None
    validate_expiration_time: bool | None
    validate_not_before: bool | None
    validate_not_before_time: bool | None
    validate_issuer: bool | None
    require_expiration: bool | None
    allow_unsecured: bool | None
    allow_debug: bool | None
    issuer: str | Sequence[str] | None
    validation_slack: float | None
    max_age: float | None
    at: _Time | None
    clock: Callable[[], float] | None
    algorithms: Sequence[str] | None
    expected_nonce: str | None
    expected_runtime_data: _Bytes | None
    expected_runtime_json: _Text | None
    expected_policy_hash: _Bytes | None
    expected_type: str | None
    require_claims: str | Iterable[str] | Mapping[str, Any] | None
    validation_callback: _Callback | None

class _Validation(_Checks, total=False):
    signers: AttestationSigners | str | bytes | None

class _Attest(_Validation, total=False):
    runtime_data: _Bytes | None
    runtime_json: _Text | None
    inittime_data: _Bytes | None
    inittime_json: _Text | None
    draft_policy: str | None
    nonce: str | None
    check_binding: bool | None
    client_request_id: str | None

class _Connection(TypedDict, total=False):
    ca_file: str | PathLike[str] | None
    ca_path: str | PathLike[str] | None
    ca_pem: _Text | None
    proxy: str | None
    connect_timeout: float | None
    read_timeout: float | None

class _Client(_Connection, total=False):
    api_version: str | None
    allow_insecure_http: bool | None
    application_id: str | None
    retry_total: int | None
    retry_delay: float | None
    retry_max_delay: float | None
    retry_after_max: float | None
    timeout: float | None
    key_cache_life: float | None
    scopes: str | Iterable[str] | None
    tenant_id: str | None

class _Request(Protocol):
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes | None
    response_limit: int
    timeout: float | None
    bypasses_proxy: bool
    connect_timeout: float | None
    server_thumbprint: str | None

class _Transport(Protocol):
    def send(self, request: Any, /) -> tuple[int, Mapping[str, str] | Iterable[tuple[str, str]], bytes]: ...
    def sleep(self, seconds: float, /) -> object: ...

class AttestationTokenValidationOptions:
    def __init__(self, **options: Unpack[_Validation]) -> None: ...
    def __getattr__(self, name: str) -> Any: ...

_Options = Union[AttestationTokenValidationOptions, Mapping[str, Any]]

class AttestationSigner:
    @property
    def key_id(self) -> str | None: ...
    @property
    def key_type(self) -> str | None: ...
    @property
    def key_bits(self) -> int: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def certificates(self) -> list[str]: ...
    @property
    def certificates_der(self) -> list[bytes]: ...
    @property
    def public_key_pem(self) -> str | None: ...

class AttestationSigners:
    @staticmethod
    def parse(text: _Text) -> AttestationSigners: ...
    @property
    def count(self) -> int: ...
    @property
    def jwks(self) -> str: ...
    def at(self, index: int) -> AttestationSigner | None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[AttestationSigner]: ...
    @overload
    def __getitem__(self, index: int) -> AttestationSigner: ...
    @overload
    def __getitem__(self, index: slice) -> list[AttestationSigner]: ...

class AttestationToken:
    @staticmethod
    def parse(text: _Text) -> AttestationToken: ...
    def serialize(self) -> str: ...
    def validate(
        self,
        signers: AttestationSigners | str | bytes | None = None,
        *,
        validation_options: _Options | None = None,
        **options: Unpack[_Checks],
    ) -> Self: ...
    def problems(
        self,
        signers: AttestationSigners | str | bytes | None = None,
        *,
        validation_options: _Options | None = None,
        **options: Unpack[_Checks],
    ) -> list[Problem]: ...
    def result(self, unverified: bool = False) -> AttestationResult: ...
    def header(self) -> dict[str, Any]: ...
    def body(self) -> dict[str, Any]: ...
    def claim(self, name: str) -> Any: ...
    def pretty(self) -> str: ...
    @property
    def algorithm(self) -> str | None: ...
    @property
    def key_id(self) -> str | None: ...
    @property
    def type(self) -> str | None: ...
    @property
    def content_type(self) -> str | None: ...
    @property
    def key_url(self) -> str | None: ...
    @property
    def x509_url(self) -> str | None: ...
    @property
    def certificate_thumbprint(self) -> str | None: ...
    @property
    def certificate_sha256_thumbprint(self) -> str | None: ...
    @property
    def critical(self) -> Any: ...
    @property
    def x509_certificate_chain(self) -> Any: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def expires_on(self) -> datetime | None: ...
    @property
    def issued_on(self) -> datetime | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def header_bytes(self) -> bytes: ...
    @property
    def body_bytes(self) -> bytes | None: ...
    @property
    def signature_bytes(self) -> bytes | None: ...
    @property
    def signed_elements(self) -> bytes: ...
    @property
    def is_secured(self) -> bool: ...
    @property
    def is_validated(self) -> bool: ...
    @property
    def signer(self) -> AttestationSigner | None: ...

def inspect(jwt: _Text) -> AttestationToken: ...

class AttestationResult:
    @property
    def is_validated(self) -> bool: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def unique_id(self) -> str | None: ...
    @property
    def nonce(self) -> str | None: ...
    @property
    def version(self) -> str | None: ...
    @property
    def verifier_type(self) -> str | None: ...
    @property
    def mr_enclave(self) -> str | None: ...
    @property
    def mr_enclave_bytes(self) -> bytes | None: ...
    @property
    def mr_signer(self) -> str | None: ...
    @property
    def mr_signer_bytes(self) -> bytes | None: ...
    @property
    def issued_on(self) -> datetime | None: ...
    @property
    def expires_on(self) -> datetime | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def is_debuggable(self) -> bool | None: ...
    @property
    def product_id(self) -> int | None: ...
    @property
    def svn(self) -> int | None: ...
    @property
    def report_data(self) -> bytes | None: ...
    @property
    def enclave_held_data(self) -> bytes | None: ...
    @property
    def policy_hash(self) -> bytes | None: ...
    @property
    def policy_signer(self) -> AttestationSigner | None: ...
    @property
    def runtime_claims(self) -> dict[str, Any] | None: ...
    @property
    def inittime_claims(self) -> dict[str, Any] | None: ...
    @property
    def policy_claims(self) -> dict[str, Any] | None: ...
    @property
    def sgx_collateral(self) -> dict[str, Any] | None: ...
    @property
    def confirmation(self) -> dict[str, Any] | None: ...
    def claims(self) -> dict[str, Any]: ...
    def claim(self, name: str) -> Any: ...
    def pretty(self) -> str: ...

class AttestationResponse:
    @property
    def value(self) -> AttestationResult: ...
    @property
    def body(self) -> AttestationResult: ...
    @property
    def token(self) -> AttestationToken: ...
    @property
    def raw_token(self) -> str: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def is_draft(self) -> bool: ...
    @property
    def warning(self) -> str | None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> AttestationResult | AttestationToken: ...

class OpenIdMetadata:
    @property
    def issuer(self) -> str | None: ...
    @property
    def jwks_uri(self) -> str | None: ...
    @property
    def revocation_endpoint(self) -> str | None: ...
    @property
    def claims_supported(self) -> list[str] | None: ...
    @property
    def response_types_supported(self) -> list[str] | None: ...
    @property
    def id_token_signing_alg_values_supported(self) -> list[str] | None: ...
    def to_dict(self) -> dict[str, Any]: ...

class AccessToken(tuple[str, int]):
    def __new__(cls, token: str, expires_on: int) -> Self: ...
    @property
    def token(self) -> str: ...
    @property
    def expires_on(self) -> int: ...

class _GetsTokens:
    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> AccessToken: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class StaticTokenCredential(_GetsTokens):
    def __init__(self, token: str, expires_on: _Time | None = None) -> None: ...

class CallbackCredential(_GetsTokens):
    def __init__(self, get_token: _GivesTokens | Callable[..., Any]) -> None: ...

class _CredentialOptions(_Connection, total=False):
    authority_host: str | None
    tenant_id: str | None
    client_id: str | None
    object_id: str | None
    resource_id: str | None
    subscription: str | None
    token_file_path: str | PathLike[str] | None
    send_certificate_chain: bool | None
    x5t_sha1: bool | None
    process_timeout: float | None
    additionally_allowed_tenants: str | Iterable[str] | None
    transport: _Transport | None

class ClientSecretCredential(_GetsTokens):
    def __init__(
        self, tenant_id: str, client_id: str, client_secret: str, **options: Unpack[_CredentialOptions]
    ) -> None: ...

class ClientCertificateCredential(_GetsTokens):
    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        certificate_path: str | PathLike[str] | None = None,
        *,
        certificate_data: _Text | None = None,
        password: str | bytes | None = None,
        **options: Unpack[_CredentialOptions],
    ) -> None: ...

class ManagedIdentityCredential(_GetsTokens):
    def __init__(self, **options: Unpack[_CredentialOptions]) -> None: ...

class WorkloadIdentityCredential(_GetsTokens):
    def __init__(self, **options: Unpack[_CredentialOptions]) -> None: ...

class AzureCliCredential(_GetsTokens):
    def __init__(self, **options: Unpack[_CredentialOptions]) -> None: ...

class EnvironmentCredential(_GetsTokens):
    def __init__(self, **options: Unpack[_CredentialOptions]) -> None: ...

class DefaultAzureCredential(_GetsTokens):
    def __init__(self, **options: Unpack[_CredentialOptions]) -> None: ...

class _GivesTokens(Protocol):
    def get_token(self, *scopes: str) -> Any: ...

_Credential = Union[str, _GivesTokens, Callable[..., Any]]

class AttestationClient:
    def __init__(
        self,
        endpoint: str,
        credential: _Credential | None = None,
        *,
        validation_options: _Options | None = None,
        transport: _Transport | None = None,
        **options: Unpack[_Client],
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    def attest_sgx_enclave(
        self, quote: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest]
    ) -> AttestationResponse: ...
    def attest_open_enclave(
        self, report: _Bytes, *, validation_options: _Options | None = None, **options: Unpack[_Attest]
    ) -> AttestationResponse: ...
    def get_signing_certificates(self) -> AttestationSigners: ...
    def get_open_id_metadata(self) -> OpenIdMetadata: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class Verifier:
    def __init__(
        self,
        endpoint: str,
        *,
        validation_options: _Options | None = None,
        transport: _Transport | None = None,
        **options: Unpack[_Client],
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
    def validate(
        self,
        token: _Text | AttestationToken,
        *,
        validation_options: _Options | None = None,
        **options: Unpack[_Validation],
    ) -> AttestationResponse: ...
    def export_keys(self) -> str | None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class Evidence:
    @staticmethod
    def parse(raw: _Bytes) -> Evidence: ...
    @staticmethod
    def load(file: _Bytes) -> Evidence: ...
    @property
    def kind(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def quote(self) -> bytes: ...
    @property
    def held_data(self) -> bytes | None: ...
    @property
    def version(self) -> int: ...
    @property
    def mr_enclave(self) -> bytes: ...
    @property
    def mr_signer(self) -> bytes: ...
    @property
    def report_data(self) -> bytes: ...
    @property
    def cpu_svn(self) -> bytes: ...
    @property
    def product_id(self) -> int: ...
    @property
    def svn(self) -> int: ...
    @property
    def is_debuggable(self) -> bool: ...
    def fields(self) -> dict[str, Any]: ...
    def check_binding(self, runtime_data: _Bytes) -> None: ...
    def verify(
        self,
        *,
        at: _Time | None = None,
        extra_roots: _Text | None = None,
        runtime_data: _Bytes | None = None,
        allow_debug: bool | None = None,
    ) -> VerificationResult: ...

class VerificationResult:
    @property
    def is_valid(self) -> bool: ...
    @property
    def checks(self) -> tuple[_Check, ...]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def not_checked(self) -> tuple[str, ...]: ...
    @property
    def root(self) -> str | None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __bool__(self) -> bool: ...

def version() -> str: ...
def defaults() -> dict[str, Any]: ...

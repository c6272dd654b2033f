"""Credentials: the library's own, and everything of the caller's that can give a token."""

from .swig import _swig, azattest_transport
from . import _log, _options
from ._transport import check_transport, run


class AccessToken(tuple):
    """``token`` and ``expires_on`` (seconds since 1970), as azure-core has them; unpacks as a pair."""

    __slots__ = ()

    def __new__(cls, token, expires_on):
        return tuple.__new__(cls, (token, expires_on))

    @property
    def token(self):
        """The text of the token."""
        return self[0]

    @property
    def expires_on(self):
        """Seconds since 1970."""
        return self[1]

    def __getnewargs__(self):
        return tuple(self)

    def __repr__(self):
        return "AccessToken(expires_on=%r)" % self[1]  # never the token


class _Credential:
    """What all credentials share: get_token() over a transport of their own; a client uses its own transport."""

    __slots__ = ("_handle", "_connection", "_transport", "__weakref__")
    _ask = None  # the library itself knows where its kinds get their tokens

    def _make(self, new, *arguments, transport=None, connection=None):
        if transport is not None and connection:
            raise TypeError("with a transport of your own, %s say nothing" % ", ".join(sorted(connection)))
        check_transport(transport)
        self._connection = _options.convert(_options.CONNECTION, connection or {})
        self._transport = transport
        self._handle = new(*arguments)

    def get_token(self, *scopes, claims=None, tenant_id=None, **options):
        """An access token for the scopes: from the cache while it is fresh, else acquired. Another tenant than
        the credential's own has to be allowed; `claims` and further keywords, which SDKs of Azure pass, change nothing."""
        if not scopes:
            raise ValueError("get_token: no scopes, for instance 'https://attest.azure.net/.default'")
        for scope in scopes:
            if not isinstance(scope, str):
                raise TypeError("get_token: a scope is a str, not %s" % type(scope).__name__)
        if self._transport is None:
            self._transport = _swig.azattest_py_curl_transport(self._connection)
        members = {} if tenant_id is None else {"tenant_id": _options._text("tenant_id", tenant_id)}
        _log.begin()
        try:
            op = _swig.azattest_credential_get_token_begin(self._handle, " ".join(scopes), members)
            run(op, self._transport, self._ask)
        finally:
            _log.hand_over()
        return AccessToken(*_swig.azattest_py_take_access_token(op)[:2])

    def close(self):
        """Closes the connections that get_token() opened; the credential stays usable."""
        if isinstance(self._transport, azattest_transport):
            self._transport = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def __repr__(self):
        return "%s()" % type(self).__name__

    def __reduce__(self):
        raise TypeError("a credential is not written down: it holds secrets")


class StaticTokenCredential(_Credential):
    """A token that the caller has. Without `expires_on` (seconds since 1970, or an aware datetime) the token's own
    `exp` counts when it is a JWT, else it is taken to be valid."""

    __slots__ = ()

    def __init__(self, token, expires_on=None):
        seconds = _options.epoch_ms("expires_on", expires_on) // 1000 if expires_on is not None else 0
        self._make(_swig.azattest_static_token_credential_new, _options._text("token", token), seconds)


class CallbackCredential(_Credential):
    """Tokens from the caller's own callable, or object with azure-identity's get_token() (or get_token_info()). A client
    wraps such a thing by itself. It gives an object with ``token`` and ``expires_on``, a pair of them, or a str; or an
    awaitable of these, as azure.identity.aio does. That is run in an event loop of this package: what belongs to a loop of
    yours cannot be used here at the same time."""

    __slots__ = ("_ask",)

    def __init__(self, get_token):
        ask = getattr(get_token, "get_token_info", None) or getattr(get_token, "get_token", None)
        self._ask = ask if callable(ask) else get_token
        if not callable(self._ask):
            raise TypeError(
                "credential: an object with get_token(), a callable, or a token as str expected, not %s"
                % type(get_token).__name__
            )
        self._make(_swig.azattest_py_callback_credential)


def _credential_options(given):
    """The C members of a credential's keywords, and those of its connection."""
    transport = given.pop("transport", None)
    given = _options.translated(given, _options.AZURE_IDENTITY)
    connection, own = _options.split(given, _options.CONNECTION, _options.CREDENTIAL)
    return _options.convert(_options.CREDENTIAL, own), transport, connection


class _Configured(_Credential):
    """One of the library's own kinds: a constructor in C and its keywords."""

    __slots__ = ()

    def _configure(self, new, arguments, options):
        members, transport, connection = _credential_options(options)
        self._make(new, *arguments, members, transport=transport, connection=connection)


class ClientSecretCredential(_Configured):
    """An application with a secret. Keywords: ``authority_host`` (AZURE_AUTHORITY_HOST),
    ``additionally_allowed_tenants``, and those of a connection (``ca_file``, ``proxy``, ... or ``transport``)."""

    __slots__ = ()

    def __init__(self, tenant_id, client_id, client_secret, **options):
        texts = [
            _options._text(name, value)
            for name, value in (("tenant_id", tenant_id), ("client_id", client_id), ("client_secret", client_secret))
        ]
        self._configure(_swig.azattest_client_secret_credential_new, texts, options)


class ClientCertificateCredential(_Configured):
    """An application with a certificate and its RSA key: a file (PEM in any order, or PKCS#12) at `certificate_path`, or
    its content as `certificate_data`. Keywords: ``password``, ``send_certificate_chain``, ``x5t_sha1`` (for old AD FS),
    and those of ClientSecretCredential."""

    __slots__ = ()

    def __init__(self, tenant_id, client_id, certificate_path=None, *, certificate_data=None, password=None, **options):
        if (certificate_path is None) == (certificate_data is None):
            raise TypeError("give either certificate_path or certificate_data")
        if certificate_data is None:
            # An error of open() shows its argument: a key must not be one.
            if isinstance(certificate_path, (bytes, bytearray, memoryview)) or "\n" in str(certificate_path):
                raise TypeError("certificate_path is the path of a file; its content is certificate_data")
            with open(certificate_path, "rb") as file:
                certificate_data = file.read()
        if isinstance(password, bytes):
            password = password.decode()
        arguments = [
            _options._text("tenant_id", tenant_id),
            _options._text("client_id", client_id),
            _options._utf8("certificate_data", certificate_data),
            None if password is None else _options._text("password", password),
        ]
        self._configure(_swig.azattest_client_certificate_credential_new, arguments, options)


class ManagedIdentityCredential(_Configured):
    """The identity of the machine or of the hosting service. Keywords: one of ``client_id``, ``object_id`` and
    ``resource_id`` for a user-assigned one, and those of a connection."""

    __slots__ = ()

    def __init__(self, **options):
        self._configure(_swig.azattest_managed_identity_credential_new, [], options)


class WorkloadIdentityCredential(_Configured):
    """A federated token of a file (Kubernetes). Keywords, by default from AZURE_TENANT_ID, AZURE_CLIENT_ID and
    AZURE_FEDERATED_TOKEN_FILE: ``tenant_id``, ``client_id``, ``token_file_path``; ``authority_host``,
    ``additionally_allowed_tenants``, and those of a connection."""

    __slots__ = ()

    def __init__(self, **options):
        self._configure(_swig.azattest_workload_identity_credential_new, [], options)


class AzureCliCredential(_Configured):
    """The login of the program ``az``. Keywords: ``tenant_id``, ``subscription``, ``process_timeout`` (13 seconds),
    ``additionally_allowed_tenants``."""

    __slots__ = ()

    def __init__(self, **options):
        self._configure(_swig.azattest_azure_cli_credential_new, [], options)


class EnvironmentCredential(_Configured):
    """AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH."""

    __slots__ = ()

    def __init__(self, **options):
        self._configure(_swig.azattest_environment_credential_new, [], options)


class DefaultAzureCredential(_Configured):
    """Environment, workload identity, managed identity, Azure CLI: the first that has a token is kept.
    AZURE_TOKEN_CREDENTIALS chooses among them. Keywords: those of the sources."""

    __slots__ = ()

    def __init__(self, **options):
        self._configure(_swig.azattest_default_credential_new, [], options)


def wrap(credential):
    """The credential of a client as one of ours, or None."""
    if credential is None or isinstance(credential, _Credential):
        return credential
    if isinstance(credential, str):
        return StaticTokenCredential(credential)
    return CallbackCredential(credential)


__all__ = [
    "AccessToken",
    "AzureCliCredential",
    "CallbackCredential",
    "ClientCertificateCredential",
    "ClientSecretCredential",
    "DefaultAzureCredential",
    "EnvironmentCredential",
    "ManagedIdentityCredential",
    "StaticTokenCredential",
    "WorkloadIdentityCredential",
]
for _name in __all__:
    globals()[_name].__module__ = "azattest"

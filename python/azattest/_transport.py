"""Running an operation to its end: in the library over libcurl, or here over an object of the caller's own.

run() blocks; azattest.aio has a loop of its own around the same steps.
"""

from .swig import _swig, azattest_transport


def check_transport(transport):
    """Refuses what cannot be one now, and not with the first call."""
    for name in ("send", "sleep") if transport is not None else ():
        if not callable(getattr(transport, name, None)):
            raise TypeError("transport: an object with send(request) and sleep(seconds) expected; %s has no %s()"
                            % (type(transport).__name__, name))


class Request:
    """What a transport has to send. Redirects must not be followed."""

    __slots__ = (
        "method",
        "url",
        "headers",
        "body",
        "response_limit",
        "timeout",
        "bypasses_proxy",
        "connect_timeout",
        "server_thumbprint",
    )

    def __init__(self, op):
        request = _swig.azattest_op_request(op)
        remaining_ms = _swig.azattest_op_remaining_ms(op)
        self.method = _swig.azattest_request_method(request)
        self.url = _swig.azattest_request_url(request)
        self.headers = [
            (_swig.azattest_request_header_name(request, i), _swig.azattest_request_header_value(request, i))
            for i in range(_swig.azattest_request_header_count(request))
        ]
        self.body = _swig.azattest_request_body(request)
        self.response_limit = _swig.azattest_request_response_limit(request)
        self.timeout = remaining_ms / 1000 if remaining_ms >= 0 else None
        self.bypasses_proxy = _swig.azattest_request_bypasses_proxy(request)
        self.connect_timeout = _swig.azattest_request_connect_timeout_ms(request) / 1000 or None
        self.server_thumbprint = _swig.azattest_request_server_thumbprint(request)

    def __repr__(self):
        return "Request(%s %s)" % (self.method, self.url)


def respond(op, answer):
    """Hands over what a transport's send() gave."""
    status, headers, body = answer
    pairs = tuple(headers.items() if hasattr(headers, "items") else map(tuple, headers))
    _swig.azattest_py_respond(op, status, pairs, body)


def unanswered(op, error):
    """Says that send() raised this OSError: a failed try, which may be made again."""
    status = _swig.AZATTEST_E_TIMEOUT if isinstance(error, TimeoutError) else _swig.AZATTEST_E_TRANSPORT
    _swig.azattest_op_fail(op, status, (str(error) or type(error).__name__).replace("\0", " "), False)


def give_token(op, given):
    """Hands over what a credential of Python's gave: an object with `token` and `expires_on`, a pair of them, or a str."""
    token = getattr(given, "token", given)
    expires_on = getattr(given, "expires_on", None)
    if isinstance(token, tuple) and len(token) == 2:
        token, expires_on = token
    if not isinstance(token, str):
        raise TypeError("the credential gave no token but %s" % type(given).__name__)
    refresh_on = getattr(given, "refresh_on", None)
    _swig.azattest_py_give_token(op, token, int(expires_on or 0), int(refresh_on or 0))


def refuse_token(op, error):
    """Says that the credential raised. Never its text: it is somebody else's and may hold anything."""
    _swig.azattest_op_fail(op, _swig.AZATTEST_E_AUTH, type(error).__name__ + " of the credential", False)


def failure(op):
    """The exception of an operation that failed."""
    from ._errors import _exception

    return _exception(_swig.azattest_op_take_error(op))


def closed_meanwhile():
    """What a call gets whose client is closed while it runs."""
    from ._errors import _exception

    message = "the client was closed while this call ran"
    return _exception(_swig.azattest_error_new(_swig.AZATTEST_E_CANCELLED, message))


def lacks_token(error):
    """Whether a call failed for want of a token: then what the credential raised is what the caller sees. It is not when
    an older token still served."""
    return getattr(error, "code", None) == _swig.AZATTEST_E_AUTH and not error.status_code


def end(op):
    """Ends an operation that is given up: a traceback may keep it for long, and others would wait for what it was about
    to fetch."""
    _swig.azattest_op_cancel(op)
    _swig.azattest_op_step(op)


def run(op, transport, ask=None):
    """Comes back when the operation is done, and raises when it failed. Any exception of a transport but OSError ends
    the call and passes to the caller. `ask` is the function behind a credential of Python's, which gives tokens."""
    refused = None
    try:
        while not _advance(op, transport):
            try:
                give_token(op, _answer(ask(*_swig.azattest_op_scopes(op).split(" "))))
            except Exception as error:
                refused = error
                refuse_token(op, error)
    except BaseException as error:
        end(op)
        if refused is not None and lacks_token(error):
            raise refused from None
        raise


def _answer(given):
    """What a credential gave, waited for where it is asynchronous."""
    if not hasattr(given, "__await__"):
        return given
    from ._loop import finish

    return finish(given)


def _advance(op, transport):
    """True: done. False: a token is wanted."""
    if isinstance(transport, azattest_transport):
        return _swig.azattest_run(op, transport) == _swig.AZATTEST_OK
    while True:
        need = _swig.azattest_op_step(op)
        if need == _swig.AZATTEST_NEED_DONE:
            return True
        if need == _swig.AZATTEST_NEED_TOKEN:
            return False
        if need == _swig.AZATTEST_NEED_FAILED:
            raise failure(op)
        if need == _swig.AZATTEST_NEED_SLEEP:
            transport.sleep(_swig.azattest_op_wait_ms(op) / 1000)
            _swig.azattest_op_waited(op)
        elif need == _swig.AZATTEST_NEED_HTTP:
            try:
                answer = transport.send(Request(op))
            except OSError as error:
                unanswered(op, error)
            else:
                respond(op, answer)
        else:
            _swig.azattest_serve_local(op)

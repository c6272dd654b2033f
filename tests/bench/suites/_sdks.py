"""Attest calls through the official SDKs and through requests, for the suite `attest`: cases, and the rows they make.

What is compared: one call over a kept TLS connection, from the caller's bytes to a claim that can be read. Ours in Python
gets a credential here, as the official package takes no client without one. Each SDK shows first that its validation is on:
it refuses the answer of a service whose token has one character of its signature changed.
"""

import shutil
import socket

import context as contexts
import table
from context import HERE, Skipped, environment

OURS = "Python with a credential"
AZURE, JAVASCRIPT, REQUESTS = "azure-security-attestation", "@azure/attestation", "requests"
AS_IT_SHIPS = ("validation as it ships: signature, exp, nbf; it also has retries, tracing hooks, generated models and logging."
               " Ours checks all it ever checks, issuer and the quote's measurements among them")
NOTES = {
    AZURE: AS_IT_SHIPS,
    JAVASCRIPT: AS_IT_SHIPS,
    REQUESTS: "the POST alone: no evidence is looked at and no token checked",
}
REFUSED = "refused: "


class ForgingService:
    """A second service that answers with a token whose signature was changed; everything else is the first one's."""

    def __init__(self, context):
        folder = context.folder / "forging"
        if not folder.is_dir():
            shutil.copytree(context.service.folder, folder)
            token = bytearray((folder / "token.jwt").read_bytes())
            token[-100] = ord("A") if token[-100] != ord("A") else ord("B")
            (folder / "token.jwt").write_bytes(token)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.endpoint = f"https://127.0.0.1:{listening.getsockname()[1]}"
            self.process = contexts.serve(context, folder, listening)

    def __enter__(self):
        return self.endpoint

    def __exit__(self, *exc):
        contexts.end(self.process)
        self.process.stdout.close()


def _python(context, package, interpreter, env=None):
    return lambda endpoint, times: context.measured(
        interpreter, HERE / "peers/attest.py", package, endpoint, context.service.folder, times, env=env or environment())


def _ours(context):
    interpreter, env = context.python()
    return _python(context, "azattest", interpreter, env)


def _javascript(context):
    folder, env = context.witness("javascript"), environment(NODE_EXTRA_CA_CERTS=str(context.service.ca_file))
    return lambda endpoint, times: context.measured("node", HERE / "peers/attest.mjs", endpoint, context.service.folder, times,
                                                    env=env, cwd=folder)


# name -> what prepares it, how often it is called
CLIENTS = {
    OURS: (_ours, 1000),
    AZURE: (lambda context: _python(context, "azure", context.witness("python") / "bin/python"), 300),
    JAVASCRIPT: (_javascript, 300),
    REQUESTS: (lambda context: _python(context, "requests", context.witness("python") / "bin/python"), 300),
}


def _refuses(call, endpoint):
    try:
        call(endpoint, 0)
    except RuntimeError as problem:
        if REFUSED in str(problem):
            return True
        raise
    return False


def cases(context, rows):
    """Name -> case that gives {"cpu_us", "wall_us"} of one call."""
    found, service = {}, context.service
    with ForgingService(context) as forging:
        for name, (prepare, times) in CLIENTS.items():
            try:
                call = prepare(context)
            except Skipped as reason:
                rows.append(table.skipped(f"attest, kept connection, {name}", str(reason)))
                continue
            call(service.endpoint, 0)
            if name != REQUESTS and not _refuses(call, forging):
                raise RuntimeError(f"{name} took a token whose signature was changed")
            found[name] = lambda call=call, times=context.times(times): call(service.endpoint, times)
    return found


def rows(samples):
    """`samples` has ours, too: "C" beside OURS."""
    found = []
    for who, base, aim in ((OURS, AZURE, 10), ("C", JAVASCRIPT, 20), (OURS, JAVASCRIPT, 20), (OURS, REQUESTS, None)):
        if who in samples and base in samples:
            found.append(table.times_less(f"attest, kept connection, {who}", "CPU a call", samples[who]["cpu_us"], "us", base,
                                          samples[base]["cpu_us"], aim, NOTES[base]))
    return found

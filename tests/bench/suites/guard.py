"""The guard of an nginx location (require_token) against one bare signature verification in the same location.

wrk asks one worker over kept connections, with a valid token of 3.7 KB in the Authorization header; the kinds take turns.
The bare verification is a Lua C function that checks the signature with a kept key and looks at nothing else: no claim, no
time, no issuer. wrk and the worker have a processor each where there are two.
"""

import os
import re
import shutil

import table
from context import Skipped
from suites import _nginx

CONTENT = 'content_by_lua_block { ngx.print("welcome") }'
BARE = """access_by_lua_block {
  local header = ngx.var.http_authorization
  if not header or not require("bench_bare").verify(header:sub(8)) then return ngx.exit(401) end
}"""
GUARD = 'access_by_lua_block { require("azattest.resty").require_token{ endpoint = "%s" } }'
GUARD_CLAIM = """access_by_lua_block {
  require("azattest.resty").require_token{ endpoint = "%s", require_claims = { ["x-ms-sgx-mrsigner"] = "%064x" } }
}"""


def measure(context, port, path, token, seconds):
    text = context.check("wrk", "-t1", f"-c{context.times(32, 4)}", f"-d{seconds}", "--latency",
                         "-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{port}{path}")
    wrong = re.search(r"Non-2xx.*|Socket errors.*", text)
    if wrong:
        raise RuntimeError(f"wrk of {path}: {wrong.group()}")
    return {"rate": float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1))}


def run(context):
    if shutil.which("wrk") is None:
        raise Skipped("there is no wrk")
    if not (context.build / "tests/bench_bare.so").is_file():
        raise Skipped("bench_bare is not built")
    endpoint, token = context.service.endpoint, context.service.token.strip()
    paths = {"bare": "/bare", "again": "/bare", "guard": "/guard", "claim": "/claim", "open": "/open"}
    locations = {"/bare": f"{{ {BARE} {CONTENT} }}", "/guard": f"{{ {GUARD % endpoint} {CONTENT} }}",
                 "/claim": f"{{ {GUARD_CLAIM % (endpoint, 2)} {CONTENT} }}", "/open": f"{{ {CONTENT} }}"}
    init = f"require('bench_bare').key('{context.service.folder}/key.pem')"
    with _nginx.start(context, init, locations) as nginx:
        for path, headers, status in (("/bare", {}, 401), ("/guard", {}, 401), ("/bare", {"Authorization": f"Bearer {token}"}, 200),
                                      ("/guard", {"Authorization": f"Bearer {token}"}, 200),
                                      ("/claim", {"Authorization": f"Bearer {token}"}, 200)):
            answer = nginx.get(path, headers)
            if answer.status != status:
                raise RuntimeError(f"{path} answered {answer.status} instead of {status}: {nginx.log()[-500:]}")
        processors = sorted(os.sched_getaffinity(0))
        if len(processors) > 1:
            os.sched_setaffinity(nginx.workers()[0], processors[:1])
            os.sched_setaffinity(0, processors[1:])
        try:
            got = context.turns({name: lambda path=path: measure(context, nginx.port, path, token, "1s" if context.quick else "2s")
                                 for name, path in paths.items()})
        finally:
            os.sched_setaffinity(0, processors)
    rate = {name: samples["rate"] for name, samples in got.items()}
    base = "one bare verification"
    return [table.control(f"nginx, {base}", "rate", rate["bare"], rate["again"], "req/s"),
            table.at_least("nginx, require_token", "rate", rate["guard"], "req/s", base, rate["bare"], 0.7),
            table.at_least("nginx, require_token with a claim", "rate", rate["claim"], "req/s", base, rate["bare"], 0.7),
            table.at_least("nginx, no check at all", "rate", rate["open"], "req/s", base, rate["bare"])]

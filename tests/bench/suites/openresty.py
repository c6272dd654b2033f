"""50 attest calls at once inside one nginx worker, over cosockets, each answered after 200 ms.

Compared with one call alone in the same nginx. Cold: no connection is kept yet and no key set is there. While they run,
another process asks the same worker for a page that has nothing to do with them.
"""

import json
import selectors
import socket
import subprocess
import sys
import time

import table
from context import HERE, end
from suites import _nginx

WIDTH, DELAY_MS = 50, 200
CALLS = """
local azattest = require "azattest.resty"
local file = assert(io.open("%s", "rb"))
local quote = file:read("*a")
file:close()
local client = azattest.AttestationClient{ endpoint = "%s", pool_size = 64 }
return function()
  local response, err = client:attest_sgx_enclave(quote)
  if not response then
    ngx.log(ngx.ERR, tostring(err))
    return ngx.exit(500)
  end
  ngx.print(response.value.mr_enclave)
end
"""


def ask(port, count):
    """Milliseconds until that many requests, sent at once over new connections, have all been answered."""
    mr_enclave, waiting = b"%064x" % 1, selectors.DefaultSelector()
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    try:
        start = time.perf_counter()
        for one in connections:
            one.sendall(b"GET /attest HTTP/1.0\r\n\r\n")
            waiting.register(one, selectors.EVENT_READ, [])
        while waiting.get_map():
            for key, _ in waiting.select(60) or [(None, None)]:
                if key is None:
                    raise RuntimeError("nginx did not answer within a minute")
                part = key.fileobj.recv(65536)
                key.data.append(part)
                if not part:
                    waiting.unregister(key.fileobj)
                    answer = b"".join(key.data)
                    if not answer.endswith(mr_enclave):
                        raise RuntimeError(f"nginx answered {answer[:100]}")
        return (time.perf_counter() - start) * 1e3
    finally:
        waiting.close()
        for one in connections:
            one.close()


def once(context, width):
    """One nginx from its start: a cold wave, single calls, warm waves with the probe beside them."""
    module = context.folder / "bench_calls.lua"
    module.write_text(CALLS % (context.service.quote_file, context.service.endpoint))
    with _nginx.start(context, f"package.path = '{context.folder}/?.lua;' .. package.path",
                      {"/attest": 'require("bench_calls")()', "/hello": 'ngx.print("hello")'}) as nginx:
        nginx.get("/hello")
        try:
            cold = ask(nginx.port, width)
        except RuntimeError as problem:
            raise RuntimeError(f"{problem}; its log: {nginx.log()[-600:]}") from None
        probe = [sys.executable, HERE / "probe.py", nginx.port, "/hello"]
        idle = context.measured(*probe, 0.5)
        singles = sorted(ask(nginx.port, 1) for _ in range(context.times(5, 1)))
        process = subprocess.Popen([*map(str, probe), "1.2"], stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(0.2)  # its start is over
            warm = min(ask(nginx.port, width) for _ in range(2))
            busy = json.loads(process.communicate(timeout=60)[0])
        finally:
            end(process)
    return {"cold": cold, "warm": warm, "single": singles[len(singles) // 2], "idle_worst": idle["worst_ms"],
            "delayed": busy["worst_ms"] - idle["median_ms"]}


def run(context):
    width = context.times(WIDTH, 5)
    context.service.delay(DELAY_MS)
    got = context.turns({"nginx": lambda: once(context, width)})["nginx"]
    work = f"OpenResty, {WIDTH} calls at once, {DELAY_MS} ms, one worker"
    return [table.at_most(f"{work}, warm", "wall of all", got["warm"], "ms", "one call", got["single"], 1.5),
            table.at_most(f"{work}, cold", "wall of all", got["cold"], "ms", "one call", got["single"], 1.5,
                          "50 handshakes and one fetch of the keys are in it, but not in the one call"),
            table.absolute(f"{work}, an unrelated request", "worst extra delay", got["delayed"], "ms", 10),
            table.absolute("OpenResty, nothing else, the same request", "worst", got["idle_worst"], "ms")]

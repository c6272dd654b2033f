"""The worker in OpenResty of run.py: an nginx of one worker whose light threads attest and validate; this process asks
for one portion after the other, and prints what was done and what the worker of nginx holds.

    python3 openresty.py ENDPOINT CA_FILE QUOTE_FILE ATTESTS VALIDATIONS EVERY_MS

AZATTEST_LUA_TREE names the Lua modules. SIGTERM ends it early, in order. Exit code: 0 all outcomes were right, 1 one was
not.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "resty"))

import nginx  # noqa: E402

PORTIONS, LARGEST = 40, 200  # attest calls of one request to nginx

SETUP = """
init_by_lua_block {
  local azattest = require "azattest.resty"
  local file = assert(io.open("<quote>", "rb"))
  local quote = file:read "*a"
  file:close()
  local status = azattest.Status
  local tries = 4
  local week = 7 * 86400
  local client, verifier

  local function open()
    if client then return end
    client = azattest.AttestationClient { endpoint = "<endpoint>", retry_delay = 0.005 }
    verifier = azattest.Verifier { endpoint = "<endpoint>", retry_delay = 0.005 }
  end

  local function wrong(what, detail) error("soak: " .. what .. ": " .. tostring(detail), 0) end

  local function attest(outcomes, nonce)
    local response, err = client:attest_sgx_enclave(quote, { nonce = nonce })
    if response then
      local value = response.value
      if value.nonce ~= nonce or value.svn ~= 3 or value.issuer ~= "<endpoint>" or not response.token.is_validated then
        wrong("the answer to another call was taken", value)
      end
      outcomes.good = outcomes.good + 1
      return response.raw_token
    end
    local kind
    if err.code == status.E_TOKEN_ISSUER then kind = "issuer"
    elseif err.code == status.E_RESPONSE then kind = "broken"
    elseif (err.code == status.E_HTTP or err.code == status.E_TRANSPORT) and err.attempts == tries then kind = "exhausted"
    else wrong("attest", tostring(err) .. ", " .. tostring(err.attempts) .. " tries") end
    outcomes[kind] = outcomes[kind] + 1
  end

  local ways = { "valid", "forged", "nonce", "expired" }
  local expected = { false, status.E_TOKEN_SIGNATURE, status.E_TOKEN_NONCE, status.E_TOKEN_EXPIRED }

  local function validate(outcomes, token, nonce, number)
    local way = math.max(number % 10 - 6, 0) + 1
    local options = { expected_nonce = way == 3 and "another" or nonce }
    if way == 2 then
      local place = #token - 99
      token = token:sub(1, place - 1) .. (token:sub(place, place) == "A" and "B" or "A") .. token:sub(place + 1)
    elseif way == 4 then
      options.at = ngx.time() + week
    end
    local response, err = verifier:validate(token, options)
    local code = false
    if not response then code = err.code end
    if code ~= expected[way] or (response and not response.token.is_validated) then
      wrong("a " .. ways[way] .. " token", response or err)
    end
    outcomes[ways[way]] = outcomes[ways[way]] + 1
  end

  -- What the light threads of all requests share: the last good token, and how many validations are due and were made.
  local last, last_nonce
  local owed, made = 0, 0

  local function validate_what_is_owed(outcomes)
    while last and owed > 0 do
      local number = made
      owed, made = owed - 1, made + 1
      validate(outcomes, last, last_nonce, number)
    end
  end

  function soak(first, count, validations, lights)
    open()
    local outcomes = { good = 0, exhausted = 0, broken = 0, issuer = 0, valid = 0, forged = 0, nonce = 0, expired = 0 }
    local next_number = 0
    local function work()
      while next_number < count do
        local number = next_number
        next_number = number + 1
        local nonce = "n-" .. first .. "-" .. number
        local token = attest(outcomes, nonce)
        if token then last, last_nonce = token, nonce end
        owed = owed + math.floor(validations * (number + 1) / count) - math.floor(validations * number / count)
        validate_what_is_owed(outcomes)
      end
    end
    local threads = {}
    for i = 1, lights do threads[i] = ngx.thread.spawn(work) end
    for i = 1, lights do
      local ok, problem = ngx.thread.wait(threads[i])
      if not ok then
        ngx.status = 500
        ngx.say(tostring(problem))
        return
      end
    end
    collectgarbage() collectgarbage()
    local parts = {}
    for name, number in pairs(outcomes) do parts[#parts + 1] = ('"%s":%d'):format(name, number) end
    ngx.say(('{"lua_kb":%d,"outcomes":{%s}}'):format(collectgarbage "count", table.concat(parts, ",")))
  end
}
lua_shared_dict azattest 1m;
lua_socket_log_errors off;
"""

RUN = """
local arguments = ngx.req.get_uri_args()
soak(arguments.first, tonumber(arguments.attest), tonumber(arguments.validate), 32)
"""


def held(pid):
    return {"rss_kb": int(Path("/proc/%d/statm" % pid).read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024,
            "fds": len(os.listdir("/proc/%d/fd" % pid))}


def main():
    endpoint, ca_file, quote, attests, validations, every_ms = sys.argv[1:]
    attests, validations = int(attests), int(validations)
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    outcomes, done, validated, printed = {}, 0, 0, 0.0
    http = SETUP.replace("<endpoint>", endpoint).replace("<quote>", quote)
    with nginx.Nginx({"/run": RUN}, http=http, ca_file=ca_file, log_level="error") as server:
        (worker,) = server.workers()
        while done < attests and not stop:
            portion = min(LARGEST, -(-attests // PORTIONS), attests - done)
            share = validations * (done + portion) // attests - validations * done // attests
            answer = server.get("/run?first=%d&attest=%d&validate=%d" % (done, portion, share), timeout=600)
            if answer.status != 200:
                print("soak: %s\n%s" % (answer.text, server.log()[-2000:]), file=sys.stderr)
                return 1
            got = json.loads(answer.text)
            for name, number in got["outcomes"].items():
                outcomes[name] = outcomes.get(name, 0) + number
            done += portion
            validated = sum(outcomes.get(name, 0) for name in ("valid", "forged", "nonce", "expired"))
            if time.monotonic() - printed >= int(every_ms) / 1000:
                printed = time.monotonic()
                print(json.dumps({"attest": done, "validate": validated, "outcomes": outcomes, "heap_kb": got["lua_kb"],
                                  "done": False, **held(worker)}), flush=True)
        print(json.dumps({"attest": done, "validate": validated, "outcomes": outcomes, "done": True}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

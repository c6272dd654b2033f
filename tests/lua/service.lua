-- Blocking calls over libcurl against the local service that AZATTEST_COMMAND names.

local azattest = require "azattest"
local h = require "harness"
local test, real, equal, contains, fails = h.test, h.real, h.equal, h.contains, h.fails

local command = os.getenv("AZATTEST_COMMAND")
if not command or command == "" then
  h.skip("blocking calls against the local service", "AZATTEST_COMMAND names no command")
  return
end

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function output(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local folder = output("mktemp -d")
local pid = output(("%s emulator --listen 127.0.0.1:0 --state %s --ready-file %s >%s 2>&1 & echo $!"):format(
  quoted(command), quoted(folder .. "/state"), quoted(folder .. "/ready"), quoted(folder .. "/log")))

local function ready()
  for _ = 1, 100 do
    local text = h.read(folder .. "/ready")
    if text and text:find("}", 1, true) then return text end
    os.execute("sleep 0.1")
  end
  error("the local service did not start: " .. (h.read(folder .. "/log") or ""))
end

local started, text = pcall(ready)
if not started then
  h.test("the local service starts", function() error(text) end)
  return
end
local endpoint, ca_file = text:match('"endpoint":%s*"([^"]*)"'), text:match('"ca_file":%s*"([^"]*)"')

local function simulate(arguments)
  local file = folder .. "/simulated"
  local status = os.execute(("%s simulate %s --state %s --out %s >%s 2>&1"):format(
    quoted(command), arguments, quoted(folder .. "/state"), quoted(file), quoted(folder .. "/simulate.log")))
  assert(status == 0 or status == true, h.read(folder .. "/simulate.log"))
  return h.read(file)
end

local function write(name, content)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(content)
  file:close()
  return folder .. "/" .. name
end

local client = azattest.AttestationClient{ endpoint = endpoint, ca_file = ca_file }

test("a secret goes to the attested program alone", function()
  local private = output("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256") .. "\n"
  local public = output("openssl pkey -pubout -in " .. quoted(write("key", private))) .. "\n"
  local quote = simulate("sgx-quote --runtime-data " .. quoted(write("data", public)))
  local response = assert(client:attest_sgx_enclave(quote, { runtime_data = azattest.AttestationData(public) }))
  local verifier = azattest.Verifier{ endpoint = endpoint, ca_file = ca_file }
  local sealed = assert(assert(verifier:validate(response.raw_token)).value:seal_secret("the secret"))
  equal(azattest.open_secret(private, sealed), "the secret")
  fails(azattest, "E_SECRET", "no key has that key id", response.value:seal_secret("s", { key_id = "other" }))
  quote = simulate("sgx-quote --debug --runtime-data " .. quoted(folder .. "/data"))
  local value = assert(client:attest_sgx_enclave(quote, { runtime_data = azattest.AttestationData(public) })).value
  equal(value.is_debuggable, true)
  fails(azattest, "E_TOKEN_DEBUGGABLE", "allow_debug", value:seal_secret("the secret"))
  equal(azattest.open_secret(private, assert(value:seal_secret("the secret", { allow_debug = true }))), "the secret")
end)

test("a simulated quote attests over libcurl", function()
  local data = "some\0data"
  local quote = simulate("sgx-quote --runtime-data " .. quoted(write("data", data)))
  local response = assert(client:attest_sgx_enclave(quote, { runtime_data = data, nonce = "n-1" }))
  equal(response.value.is_validated, true)
  equal(response.value.issuer, endpoint)
  equal(response.value.nonce, "n-1")
  equal(response.value.enclave_held_data, data)
  contains(tostring(response), "verified AttestationResponse(")
  local verifier = azattest.Verifier{ endpoint = endpoint, ca_file = ca_file }
  equal(assert(verifier:validate(response.raw_token)).value.nonce, "n-1")
  equal(assert(verifier:validate(response.raw_token)).token.is_validated, true)
  fails(azattest, "E_TOKEN_NONCE", "nonce", verifier:validate(response.raw_token, { expected_nonce = "n-2" }))
  verifier:close()
end)

test("a simulated Open Enclave report attests in one line", function()
  local attest = require "azattest.attest"
  local report = simulate("open-enclave-report")
  local response = assert(attest.attest_open_enclave(report, { endpoint = endpoint, ca_file = ca_file }))
  equal(response.value.is_validated, true)
  assert(attest.get_open_id_metadata{ endpoint = endpoint, ca_file = ca_file })
end)

real("a real quote attests", function()
  local quote = assert(azattest.Evidence.load(h.evidence "sgx/azure-intelsdk-2023-release.json"))
  local response = assert(client:attest_sgx_enclave(quote.raw, { runtime_data = quote.held_data }))
  equal(response.value.mr_enclave_bytes, quote.mr_enclave)
  equal(response.value.enclave_held_data, quote.held_data)
end)

-- ---- collateral: the service plays the makers' sources, too ----

local made = { -- what is simulated, and the file of its root
  { "sgx-quote", "simulator-root.pem" }, { "tdx-quote", "simulator-root.pem" }, { "snp-report", "simulator-roots.pem" },
}

for _, case in ipairs(made) do
  local kind, root_file = case[1], case[2]
  test("what is fetched makes the verdict complete: " .. kind, function()
    local raw = simulate(kind)
    local root = assert(h.read(folder .. "/state/" .. root_file))
    local found = assert(azattest.Evidence.parse(raw))
    equal(assert(found:verify{ extra_roots = root }).is_complete, false)
    for _, subject in ipairs{ found, raw } do
      local collateral = assert(azattest.fetch_collateral(subject, { endpoint = endpoint, ca_file = ca_file }))
      local verdict = assert(found:verify{ extra_roots = root, collateral = collateral })
      equal(verdict.is_complete, true, tostring(verdict))
      equal(verdict.root, "extra")
    end
  end)

  test("a folder keeps what was fetched: " .. kind, function()
    local raw, cache = simulate(kind), assert(azattest.CollateralCache(folder .. "/cache-" .. kind))
    contains(tostring(cache), "CollateralCache")
    local offline = { endpoint = endpoint, cache = cache, offline = true }
    fails(azattest, "E_TRANSPORT", "it is kept by source", azattest.fetch_collateral(raw, offline))
    assert(azattest.fetch_collateral(raw, { endpoint = endpoint, ca_file = ca_file, cache = folder .. "/cache-" .. kind }))
    local asked = 0
    local nobody = { send = function() asked = asked + 1 return nil, "nobody", "transport" end, sleep = function() end }
    for _, options in ipairs{ offline, { endpoint = endpoint, cache = cache, transport = nobody } } do
      local collateral = assert(azattest.fetch_collateral(raw, options))
      local verdict = assert(azattest.Evidence.parse(raw)):verify{
        extra_roots = h.read(folder .. "/state/" .. root_file), collateral = collateral }
      equal(verdict.is_complete, true, tostring(verdict))
    end
    equal(asked, 0)
  end)
end

test("evidence is checked before it is sent, as far as the options say", function()
  local raw, root = simulate "sgx-quote", assert(h.read(folder .. "/state/simulator-root.pem"))
  local collateral = assert(azattest.fetch_collateral(raw, { endpoint = endpoint, ca_file = ca_file }))
  local broken = raw:sub(1, 500) .. string.char((raw:byte(501) + 1) % 256) .. raw:sub(502) -- inside the signature
  for _, given in ipairs{ collateral, assert(collateral:save()), { assert(collateral:save()) } } do
    local full = { check_evidence = "full", evidence_collateral = given, evidence_roots = root }
    equal(assert(client:attest_sgx_enclave(raw, full)).token.is_validated, true)
    fails(azattest, "E_EVIDENCE_INVALID", "quote_signature", client:attest_sgx_enclave(broken, full))
    local asked = 0
    full.endpoint, full.transport = endpoint, { send = function() asked = asked + 1 end, sleep = function() end }
    local strict = assert(azattest.AttestationClient(full))
    fails(azattest, "E_EVIDENCE_INVALID", "quote_signature", strict:attest_sgx_enclave(broken))
    equal(asked, 0)
  end
  for _, options in ipairs{ {}, { check_evidence = "binding" }, { check_evidence = "off" } } do
    assert(client:attest_sgx_enclave(raw, options))
    fails(azattest, "E_HTTP", "", client:attest_sgx_enclave(broken, options))
  end
  fails(azattest, "E_BINDING", "", client:attest_sgx_enclave(raw, { runtime_data = "unbound" }))
  fails(azattest, "E_HTTP", "", client:attest_sgx_enclave(raw, { runtime_data = "unbound", check_evidence = "off" }))
  for _, case in ipairs{ { { check_evidence = "all" }, "off, binding or full" }, { { check_evidence = true }, "must be a string" },
                         { { evidence_collateral = 5 }, "Collateral expected" }, { { evidence_roots = 5 }, "must be a string" } } do
    h.raises(case[2], client.attest_sgx_enclave, client, raw, case[1])
    h.raises(case[2], client.attest_azure_guest, client, "{}", case[1])
    case[1].endpoint = endpoint
    h.raises(case[2], azattest.AttestationClient, case[1])
  end
end)

test("without a source and without a folder there is no collateral, and nobody is named", function()
  local request
  local nobody = { send = function(_, asked) request = asked return nil, "no route", "transport" end, sleep = function() end }
  local quote = simulate "tdx-quote"
  for _, cache in ipairs{ false, folder .. "/empty" } do
    fails(azattest, "E_TRANSPORT", "no route", azattest.fetch_collateral(quote, {
      transport = nobody, retry_total = 0, update = "early", cache = cache or nil }))
  end
  contains(request.url, "https://api.trustedservices.intel.com/tdx/certification/v4/")
  contains(request.url, "update=early")
  for name in pairs(request.headers) do
    for _, other in ipairs{ "authorization", "cookie", "x-ms-client-request-id", "ocp-apim-subscription-key" } do
      assert(name:lower() ~= other, name)
    end
  end
  contains(request.headers["User-Agent"], "azattest-lua/" .. azattest.version())
end)

test("a folder that nobody can make is told", function()
  local cache, err = azattest.CollateralCache(folder .. "/no/such/folder")
  equal(cache, nil)
  equal(err.code, azattest.Status.E_STATE, tostring(err))
end)

test("fetching knows its options", function()
  local quote = simulate "sgx-quote"
  local transport = { send = function() end, sleep = function() end }
  for _, case in ipairs{
    { { sorce = "intel" }, "unknown option 'sorce'" }, { { source = 5 }, "option 'source' must be a string" },
    { { source = "intl" }, "intl" }, { { credential = "x" }, "unknown option 'credential'" },
    { { offline = 1 }, "option 'offline' must be true or false" }, { { offline = true }, "but a cache" },
    { { cache = 5 }, "CollateralCache expected" }, { { transport = 5 }, "option 'transport'" },
    { { transport = transport, ca_file = "x" }, "says nothing" }, { { crls_only = "yes" }, "option 'crls_only'" },
    { { source = "pccs" }, "endpoint" }, { { endpoint = "http://example.com" }, "http" },
    { { tcb_evaluation_data_number = 1.5 }, "whole number" }, { { tcb_evaluation_data_number = 1e12 }, "too large" },
  } do
    h.raises(case[2], azattest.fetch_collateral, quote, case[1])
  end
  h.raises("Evidence expected", azattest.fetch_collateral, {})
  h.raises("must be a table", azattest.fetch_collateral, quote, "intel")
end)

test("the sealed answer to a guest is opened with the key of its TPM", function()
  local info = simulate "azure-guest --with form=attestation_info"
  local sealed = assert(client:attest_azure_guest(info))
  assert(#assert(azattest.guest_answer_key(sealed)) >= 256)
  fails(azattest, "E_SECRET", "", azattest.open_guest_answer(sealed, ("\0"):rep(32)))
  local opened
  for key in h.read(folder .. "/state/simulator-tpm.pem"):gmatch "%-%-%-%-%-BEGIN.-%-%-%-%-%-END[^\n]*\n" do
    opened = opened or azattest.open_guest_answer_with_key(sealed, key) -- the others are other keys of the TPM
  end
  local verifier = azattest.Verifier{ endpoint = endpoint, ca_file = ca_file }
  equal(assert(verifier:validate(opened)).value:claims()["x-ms-attestation-type"], "azurevm")
end)

test("a forgery is refused by the service", function()
  local quote = simulate("sgx-quote")
  local place = 48 + 64 -- in MRENCLAVE
  local forged = quote:sub(1, place - 1) .. string.char((quote:byte(place) + 1) % 256) .. quote:sub(place + 1)
  local err = fails(azattest, "E_HTTP", "", client:attest_sgx_enclave(forged))
  equal(err.status_code, 400)
  equal(err.attempts, 1)
  assert(err.error_code, "no service code")
  assert(err.client_request_id)
end)

test("keys and metadata over libcurl", function()
  assert(assert(client:get_signing_certificates()).count > 0)
  equal(assert(client:get_open_id_metadata()).issuer, endpoint)
end)

test("a server that no known authority vouches for is refused", function()
  local stranger = azattest.AttestationClient{ endpoint = endpoint, retry_total = 0 }
  fails(azattest, "E_TRANSPORT", "certificate", stranger:get_open_id_metadata())
  local nobody = azattest.AttestationClient{ endpoint = endpoint, ca_file = folder .. "/none", retry_total = 0 }
  fails(azattest, "E_ARGUMENT", "/none", nobody:get_open_id_metadata())
end)

test("blocking calls work inside a coroutine", function()
  local thread = coroutine.wrap(function() return assert(client:get_open_id_metadata()).issuer end)
  equal(thread(), endpoint)
end)

test("a debug hook that was there before does not end a call", function()
  debug.sethook(function() end, "", 1000000)
  local ok, metadata, err = pcall(client.get_open_id_metadata, client)
  debug.sethook()
  assert(ok and metadata, tostring(err or metadata))
end)

-- The service is stopped, so that a connection is accepted and nothing more; then Ctrl-C.
test("Ctrl-C ends a call that waits", function()
  local script = write("wait.lua", ([[
    local azattest = require "azattest"
    local client = azattest.AttestationClient{ endpoint = %q, ca_file = %q, timeout = 60 }
    local file = io.open(%q, "w") file:write("waiting") file:close()
    print(client:get_open_id_metadata())
  ]]):format(endpoint, ca_file, folder .. "/waiting"))
  local interpreter = arg[-1]
  for i = -1, -10, -1 do interpreter = arg[i] or interpreter end
  local outcome = output(([[
    kill -STOP %s
    %s %s >%s 2>&1 & lua=$!
    while [ ! -s %s ]; do sleep 0.1; done
    sleep 0.7
    kill -INT $lua
    ( sleep 20; kill -KILL $lua ) 2>/dev/null & guard=$!
    wait $lua
    echo $?
    kill $guard
    kill -CONT %s]]):format(pid, quoted(interpreter), quoted(script), quoted(folder .. "/outcome"),
                            quoted(folder .. "/waiting"), pid))
  equal(outcome, "1", "exit status (137: it had to be killed)")
  contains(h.read(folder .. "/outcome"), "interrupted!")
end)

if _VERSION ~= "Lua 5.1" then
  test("a client marked <close> gives its connections back", function()
    local run = assert(load([[
      local azattest, options = ...
      local kept
      do local client <close> = azattest.AttestationClient(options)
        kept = client
        assert(client:get_open_id_metadata())
      end
      return kept
    ]]))
    local function connections()
      return tonumber(output("ls -l /proc/self/fd /proc/$PPID/fd 2>/dev/null | grep -c socket: ; true"))
    end
    local before = connections()
    local closed = run(azattest, { endpoint = endpoint, ca_file = ca_file })
    h.raises("is closed", closed.get_open_id_metadata, closed)
    equal(connections(), before, "open sockets")
  end)
end

client:close()
os.execute("kill " .. pid)
os.execute("rm -r " .. quoted(folder))

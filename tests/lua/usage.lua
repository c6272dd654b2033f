-- Wrong use raises, at the caller's own line, and says what was expected.

local azattest = require "azattest"
local h = require "harness"
local test, equal, raises, contains = h.test, h.equal, h.raises, h.contains

local endpoint = "https://sharedwus.wus.attest.azure.net"
local unheard = { send = function() error("nothing may be sent") end, sleep = function() error("no waiting") end }

local function client(options)
  options = options or {}
  options.endpoint = options.endpoint or endpoint
  options.transport = unheard
  return azattest.AttestationClient(options)
end

local function wrong(name, part, call, ...)
  local arguments, count = { ... }, select("#", ...)
  test(name, function()
    raises(part, call, (unpack or table.unpack)(arguments, 1, count))
  end)
end

wrong("a client without options", "a table of options expected, got nil", azattest.AttestationClient)
wrong("a client without an endpoint", "option 'endpoint' is missing", azattest.AttestationClient, {})
wrong("a client at a number", "the endpoint must be a string, got number", azattest.AttestationClient, { endpoint = 1 })
wrong("a client at a plain-text address", "https", azattest.AttestationClient, { endpoint = "http://example.com" })
wrong("an endpoint with a NUL", "NUL", azattest.AttestationClient, { endpoint = endpoint .. "\0.example" })
wrong("a misspelt option of a client", "unknown option 'time_out'", client, { time_out = 1 })
wrong("a user agent of one's own", "unknown option 'user_agent'", client, { user_agent = "x" })
wrong("an option by number", "options go by name", client, { [1] = "x" })
wrong("a text as the time limit", "option 'timeout' must be a number, got string", client, { timeout = "5" })
wrong("a negative time limit", "option 'timeout'", client, { timeout = -1 })
wrong("no number as the time limit", "option 'timeout'", client, { timeout = 0 / 0 })
wrong("half a retry", "option 'retry_total' must be a whole number", client, { retry_total = 0.5 })
wrong("a number as a CA file", "option 'ca_file' must be a string, got number", client, { ca_file = 1 })
wrong("a CA file with a NUL", "NUL", client, { ca_file = "a\0b" })
wrong("a text as a switch", "must be true or false, got string", client, { allow_insecure_http = "yes" })
wrong("a transport that is text", "option 'transport' must be an object", azattest.AttestationClient,
      { endpoint = endpoint, transport = "x" })
wrong("a transport that cannot wait", "no function 'sleep'", azattest.AttestationClient,
      { endpoint = endpoint, transport = { send = print } })
wrong("a misspelt option inside validation options", "unknown option 'validate_isuer'", client,
      { validation_options = { validate_isuer = false } })
wrong("validation options that are text", "must be a table, got string", client, { validation_options = "none" })
wrong("a clock that is a number", "option 'clock' must be a function", client, { validation_options = { clock = 1 } })
wrong("a verifier with an unknown option", "Verifier: unknown option 'x'", azattest.Verifier,
      { endpoint = endpoint, x = 1 })

-- What is inherited would be left out, and a check among it not made.
local function inherits(options) return setmetatable({}, { __index = options }) end
wrong("a client whose options are inherited", "__index", azattest.AttestationClient,
      setmetatable({ endpoint = endpoint }, { __index = { validation_options = { max_age = 1 } } }))
wrong("a client whose validation options are inherited", "__index", client, { validation_options = inherits{ max_age = 1 } })
wrong("a credential whose options are inherited", "__index", azattest.credentials.managed_identity, inherits{ client_id = "x" })
wrong("options of one line that are inherited", "__index", require("azattest.attest").attest_sgx_enclave, "quote",
      inherits{ endpoint = endpoint })

for method, subject in pairs{ attest_azure_guest = "{}", attest_key_guard = "{}", attest_tpm = "x", attest_pluton = "x" } do
  wrong("options of " .. method .. " that are inherited", method .. ": a table without the metamethod __index", function()
    return client()[method](client(), subject, setmetatable({ evidence_collateral = "{}" }, { __index = { timeout = 1 } }))
  end)
end
wrong("options of a service's certificate that are inherited", "verify_service_certificate: a table without the metamethod __index",
      require("azattest.evidence").verify_service_certificate, "x",
      setmetatable({ appraisal = {} }, { __index = { nonce = "x" } }))

local function attest(quote, options) return client():attest_sgx_enclave(quote, options) end
wrong("attesting nothing", "the quote must be a string, got nil", attest, nil)
wrong("attesting an empty quote", "quote", attest, "")
wrong("a misspelt option of a call", "unknown option 'runtime_date'", attest, "quote", { runtime_date = "x" })
wrong("runtime data in both forms", "runtime", attest, "quote", { runtime_data = "x", runtime_json = "{}" })
wrong("runtime JSON that is a table", "option 'runtime_json' must be a string, got table", attest, "quote",
      { runtime_json = {} })
wrong("runtime JSON that is no object", "object", attest, "quote", { runtime_json = "[]" })
wrong("options that are text", "the options must be a table, got string", attest, "quote", "nonce")
wrong("a nonce with a NUL", "NUL", attest, "quote", { nonce = "a\0b" })
wrong("a misspelt validation option of a call", "unknown option 'isuer'", attest, "quote",
      { validation_options = { isuer = "x" } })

local function validate(options)
  return azattest.Verifier{ endpoint = endpoint, transport = unheard }:validate("a.b.c", options)
end
wrong("validation options of a call that are inherited", "__index", validate, inherits{ expected_nonce = "x" })
wrong("required claims that are inherited", "__index", validate, { require_claims = inherits{ x = 1 } })
wrong("no issuers", "must hold 1 to 64 strings", validate, { issuer = {} })
wrong("too many issuers", "must hold 1 to 64 strings", validate, { issuer = { ("x "):rep(65):byte(1, -1) } })
wrong("an issuer that is a number", "must be a string, got number", validate, { issuer = { 1 } })
wrong("validation in the year 1970", "option 'at' must be above 0", validate, { at = 0 })
wrong("an age of nothing", "option 'max_age' must be above 0", validate, { max_age = 0 })
wrong("signers that are a table", "AttestationSigners expected, got table", validate, { signers = {} })
wrong("no required claims", "is empty", validate, { require_claims = {} })
wrong("a required claim that is a table", "values must be", validate, { require_claims = { x = {} } })
wrong("a required claim that is a fraction", "values must be", validate, { require_claims = { x = 1.5 } })
wrong("a clock that gives text", "the clock gave no number but string", validate,
      { clock = function() return "now" end })
wrong("a token that is a number", "the token must be a string, got number", function()
  return azattest.Verifier{ endpoint = endpoint }:validate(5)
end)

wrong("a method called with a dot", "AttestationClient expected, got string", function()
  return client().attest_sgx_enclave("quote")
end)
wrong("a misspelt member", "AttestationClient has no member 'endpiont'", function() return client().endpiont end)
wrong("a misspelt status", "there is no status 'E_TOKEN_EXPIRD'", function() return azattest.Status.E_TOKEN_EXPIRD end)
wrong("setting a member", "", function() client().endpoint = "x" end)
wrong("an evidence file that is a number", "must be a string, got number", azattest.Evidence.load, 5)
if os.getenv("AZATTEST_ENDPOINT") then
  h.skip("calls in one line without an instance", "AZATTEST_ENDPOINT is set")
else
  wrong("calls in one line without an instance", "set AZATTEST_ENDPOINT", function()
    return require("azattest.attest").attest_sgx_enclave("quote")
  end)
end
wrong("a client and options of another", "belongs to the constructor", function()
  return require("azattest.attest").attest_sgx_enclave("quote", { client = client(), api_version = "x" })
end)

test("wrong use names the caller's line, not ours", function()
  local reason = raises("unknown option", function()
    local response = client():attest_sgx_enclave("quote", { x = 1 }) -- no tail call, which would have no line
    return response
  end)
  contains(reason, "usage.lua:")
end)

test("a closed client says so, and closing twice does nothing", function()
  local object = client()
  equal(tostring(object), "AttestationClient(" .. endpoint .. ")")
  object:close()
  object:close()
  equal(tostring(object), "AttestationClient (closed)")
  raises("the AttestationClient is closed", function() return object:attest_sgx_enclave("quote") end)
  raises("the AttestationClient is closed", function() return object.endpoint end)
  local verifier = azattest.Verifier{ endpoint = endpoint }
  verifier:close()
  raises("the Verifier is closed", function() return verifier:validate("a.b.c") end)
end)

if _VERSION ~= "Lua 5.1" then
  test("a variable marked <close> ends its object", function()
    local run = assert(load([[
      local make = ...
      local kept
      do local object <close> = make(); kept = object end
      return kept
    ]]))
    raises("is closed", function() return run(client).endpoint end)
    raises("is closed", function()
      return run(function() return assert(azattest.AttestationToken.parse("eyJhbGciOiJub25lIn0.e30.")) end).issuer
    end)
  end)
end

test("nobody gets at the metatable", function()
  equal(getmetatable(client()), false)
  equal(getmetatable(assert(azattest.AttestationToken.parse("eyJhbGciOiJub25lIn0.e30."))), false)
end)

test("an endpoint is normalised, a version passed through", function()
  local object = client{ endpoint = "https://SharedWUS.wus.attest.azure.net:443/", api_version = "2022-08-01" }
  equal(object.endpoint, endpoint)
  equal(object.api_version, "2022-08-01")
  equal(client().api_version, "2025-06-01")
end)

test("version, defaults and statuses", function()
  contains(azattest.version(), ".")
  equal(type(azattest.defaults()), "table")
  equal(azattest.Status.E_TOKEN_EXPIRED, 54)
  equal(azattest.status_name(54), "AZATTEST_E_TOKEN_EXPIRED")
  equal(azattest.status_check(54), "C1")
  contains(azattest.status_text(54), "expired")
  raises("a status is a number", azattest.status_name, "x")
end)

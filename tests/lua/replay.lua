-- Operations over a transport written in Lua: real answers of the service, and everything that can go wrong before it.

local azattest = require "azattest"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises

local at = 1668650000 -- when the conversations were recorded
local endpoint = "https://sharedwus.wus.attest.azure.net"

-- Answers each request by the script's next entry: a table to answer with, or a list {nil, message, kind}. Remembers
-- what was asked and how long it was to wait.
local function transport(script)
  local self = { asked = {}, slept = {} }
  function self:send(request)
    self.asked[#self.asked + 1] = request
    local answer = script[#self.asked]
    if not answer then error("unexpected request: " .. request.url) end
    if answer.fail then return nil, answer.fail, answer.kind, answer.answered end
    return answer
  end
  function self:sleep(seconds)
    self.slept[#self.slept + 1] = seconds
    return self.interrupt == nil
  end
  return self
end

local function json(body, status, headers)
  headers = headers or {}
  headers["Content-Type"] = "application/json; charset=utf-8"
  return { status = status or 200, headers = headers, body = body }
end

local function client(script, options)
  options = options or {}
  options.endpoint = options.endpoint or endpoint
  options.transport = type(script.send) == "function" and script or transport(script)
  return azattest.AttestationClient(options), options.transport
end

local token = h.token
local function certs(name) return json(h.keys(name)) end
local function answer(name) return json('{"token":"' .. token(name) .. '"}', 200, { ["x-ms-request-id"] = "00-abc" }) end
local function quote() return h.evidence "sgx/sdk-cpp-sgx-quote.bin" end

real("attests a real quote as it was recorded", function()
  local object, wire = client({ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" },
                              { application_id = "replay", validation_options = { at = at } })
  local response = assert(object:attest_sgx_enclave(quote(), { client_request_id = "my-id" }))
  equal(#wire.asked, 2)
  local post, get = wire.asked[1], wire.asked[2]
  if post.method == "GET" then post, get = get, post end
  equal(post.method, "POST")
  equal(post.url, endpoint .. "/attest/SgxEnclave?api-version=2025-06-01")
  contains(post.body, '"quote"')
  assert(post.timeout > 0 and post.timeout <= 100)
  equal(get.method, "GET")
  equal(get.url:sub(1, #endpoint + 6), endpoint .. "/certs")
  equal(get.body, nil)
  local headers = {}
  for name, value in pairs(post.headers) do headers[name:lower()] = value end
  equal(headers["x-ms-client-request-id"], "my-id")
  contains(headers["user-agent"], "replay azattest-lua/" .. azattest.version())
  equal(headers["authorization"], nil)

  equal(response.value.mr_enclave, "292a1f4b519e46627eb2478a3d9851405653c5b4b0a6925de843834d9216850e")
  equal(response.value.is_validated, true)
  equal(response.body, response.value)
  equal(response.token.is_validated, true)
  equal(response.raw_token, token "sgx-shared-2022-11")
  equal(response.request_id, "00-abc")
  equal(response.is_draft, false)
  equal(response.warning, nil)
  contains(tostring(response), "verified AttestationResponse(")
  raises("has no member 'vlaue'", function() return response.vlaue end)
  object:close()
  equal(response.value.issuer, endpoint, "a result after its client")
end)

real("attests with runtime data, with the options in either place", function()
  local aad = "https://cpgearamaattestationaad.wus.attest.azure.net"
  local data = h.evidence "sgx/sdk-cpp-sgx-quote.runtime-data.bin"
  for _, options in ipairs{ { runtime_data = data, at = at }, { runtime_data = data, validation_options = { at = at } },
                            { runtime_data = data, clock = function() return at end } } do
    local object = client({ answer "sgx-runtime-data-2022-11", certs "wus-aad-2022-11" }, { endpoint = aad })
    equal(assert(object:attest_sgx_enclave(quote(), options)).value.enclave_held_data, data)
  end
end)

real("runtime data that the quote does not bind is refused before anything is sent", function()
  local object, wire = client{}
  fails(azattest, "E_BINDING", "", object:attest_sgx_enclave(quote(), { runtime_data = "other" }))
  equal(#wire.asked, 0)
end)

real("another instance's token is refused although its key is the same", function()
  local object = client{ answer "oe-aad-2022-11", certs "wus-shared-2022-11" }
  local err = fails(azattest, "E_TOKEN_KEY_URL", "", object:attest_sgx_enclave(quote(), { at = at }))
  assert(#err.problems >= 1)
end)

real("the caller's own check may refuse an attestation", function()
  local object = client({ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" }, { validation_options = {
    clock = function() return at end,
    validation_callback = function(checked) return checked.is_validated and false, "not this enclave" end } })
  fails(azattest, "E_TOKEN_CALLBACK", "not this enclave", object:attest_sgx_enclave(quote()))
  local kept
  for _, check in ipairs{ function(token) kept = token return "no" end, function(token) kept = token error("broke") end } do
    object = client({ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" })
    pcall(object.attest_sgx_enclave, object, quote(), { at = at, validation_callback = check })
    equal(kept.is_validated, false, "a token that the check kept")
  end
  object = client({ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" }, { validation_options = {
    validation_callback = function() error("the call's own is asked instead") end } })
  assert(object:attest_sgx_enclave(quote(), { at = at, validation_callback = function() return true end }))
end)

real("a draft policy's answer is a draft and stays UNVERIFIED", function()
  local object = client{ answer "sgx-draft-policy-unsigned", certs "wus-shared-2022-11" }
  local response = assert(object:attest_sgx_enclave(quote(), { draft_policy = "version=1.0;", at = at }))
  equal(response.is_draft, true)
  equal(response.value.is_validated, false)
  contains(tostring(response), "UNVERIFIED")
end)

real("busy and broken answers are tried again", function()
  local object, wire = client({ json("", 503, { ["Retry-After"] = "7" }), { fail = "connection reset" },
                                answer "sgx-shared-2022-11", certs "wus-shared-2022-11" })
  assert(object:attest_sgx_enclave(quote(), { at = at }))
  equal(#wire.slept, 2)
  equal(wire.slept[1], 7)
  assert(wire.slept[2] > 0.5 and wire.slept[2] < 10)
end)

real("a verifier fetches the keys once and then needs no operation", function()
  local wire = transport{ certs "wus-shared-2022-11" }
  local verifier = assert(azattest.Verifier{ endpoint = endpoint, transport = wire, validation_options = { at = at } })
  equal(verifier:export_keys(), nil)
  local text = token "sgx-shared-2022-11"
  for _ = 1, 3 do
    local response = assert(verifier:validate(text))
    equal(response.token.is_validated, true)
    equal(response.raw_token, text)
    equal(response.value.svn, 1)
    equal(response.value, response.body)
    equal(response.is_draft, false)
    equal(response.request_id, nil)
  end
  equal(#wire.asked, 1)
  assert(azattest.AttestationSigners.parse(assert(verifier:export_keys())).count > 0)
  fails(azattest, "E_TOKEN_SIGNATURE", "", verifier:validate(token "neg-sig-bitflip"))
  fails(azattest, "E_TOKEN_ALGORITHM", "none", verifier:validate(token "neg-alg-none"))
  fails(azattest, "E_TOKEN_EXPIRED", "", verifier:validate(text, { at = at + 1e6 }))
  fails(azattest, "E_TOKEN_CALLBACK", "no", verifier:validate(text, { validation_callback = function() return false, "no" end }))
  local unchecked = assert(verifier:validate(text, { validate_token = false }))
  equal(unchecked.token.is_validated, false)
  equal(unchecked.value.svn, 1)
  contains(tostring(unchecked), "UNVERIFIED")
  equal(#wire.asked, 1)
  contains(tostring(verifier), "Verifier(" .. endpoint .. ")")
end)

real("a clock is asked anew by each call, and not before", function()
  local asked, now = 0, at
  local verifier = assert(azattest.Verifier{ endpoint = endpoint, transport = transport{ certs "wus-shared-2022-11" },
    validation_options = { clock = function() asked = asked + 1 return now end } })
  equal(asked, 0)
  assert(verifier:validate(token "sgx-shared-2022-11"))
  now = at + 1e6
  fails(azattest, "E_TOKEN_EXPIRED", "", verifier:validate(token "sgx-shared-2022-11"))
  equal(asked, 2)
  assert(verifier:validate(token "sgx-shared-2022-11", { clock = function() return at end }))
  assert(verifier:validate(token "sgx-shared-2022-11", { at = at }))
  equal(asked, 2)
end)

real("a verifier with keys of the caller sends nothing", function()
  local verifier = assert(azattest.Verifier{ endpoint = endpoint, transport = transport{},
    validation_options = { at = at, signers = h.evidence "maa-certs/wus-shared-2022-11.jwks.json" } })
  assert(verifier:validate(token "sgx-shared-2022-11"))
end)

real("signing certificates and metadata", function()
  local object = client{ certs "wus-shared-2022-11",
    json('{"issuer":"' .. endpoint .. '","jwks_uri":"' .. endpoint .. '/certs","claims_supported":["is-debuggable"]}') }
  assert(object:get_signing_certificates().count > 0)
  local metadata = assert(object:get_open_id_metadata())
  equal(metadata.issuer, endpoint)
  equal(metadata.jwks_uri, endpoint .. "/certs")
  equal(metadata.claims_supported[1], "is-debuggable")
  equal(metadata.revocation_endpoint, nil)
  equal(metadata.response_types_supported, nil)
  equal(metadata:to_dict().issuer, endpoint)
  contains(tostring(metadata), "OpenIdMetadata(" .. endpoint)
end)

test("an error of the service comes back with all its fields", function()
  local object = client({ json('{"error":{"code":"PolicyEvaluationError","message":"denied by rule"}}', 400,
                               { ["x-ms-request-id"] = { "00-first" } }) })
  local err = fails(azattest, "E_HTTP", "denied by rule", object:get_open_id_metadata())
  equal(err.status_code, 400)
  equal(err.error_code, "PolicyEvaluationError")
  equal(err.service_message, "denied by rule")
  equal(err.request_id, "00-first")
  equal(err.attempts, 1)
  equal(#err.client_request_id, 36)
  contains(err.body, "denied by rule")
  equal(#err.problems, 0)
end)

test("no answer at all is told with the transport's own words", function()
  local object, wire = client({ { fail = "the cable is cut" } }, { retry_total = 0 })
  local err = fails(azattest, "E_TRANSPORT", "the cable is cut", object:get_open_id_metadata())
  equal(err.attempts, 1)
  equal(#wire.slept, 0)
  object = client({ { fail = "too slow", kind = "timeout" } }, { retry_total = 0 })
  fails(azattest, "E_TIMEOUT", "too slow", object:get_open_id_metadata())
end)

test("an interrupted wait cancels", function()
  local object, wire = client({ json("", 503) })
  wire.interrupt = true
  fails(azattest, "E_CANCELLED", "", object:get_open_id_metadata())
end)

test("a transport that misbehaves raises, and the client lives on", function()
  local answer_with
  local object = client({ send = function() return answer_with end, sleep = function() end }, { retry_total = 0 })
  for _, case in ipairs{ { "yes", "must be a table, got string" }, { {}, "no HTTP status" },
                         { { status = 1e9 }, "no HTTP status" }, { { status = 42 }, "no HTTP status" },
                         { { status = 200, headers = "x" }, "headers must be a table" },
                         { { status = 200, headers = { a = 1 } }, "value of a header must be a string" },
                         { { status = 200, headers = { a = "b\0c" } }, "NUL" },
                         { { status = 200, body = {} }, "body must be a string, got table" } } do
    answer_with = case[1]
    raises(case[2], object.get_open_id_metadata, object)
  end
  answer_with = { status = 200, body = "[]" }
  fails(azattest, "E_RESPONSE", "", object:get_open_id_metadata())
  local broken = client{ send = function() error("boom") end, sleep = function() end }
  raises("boom", broken.get_open_id_metadata, broken)
end)

test("a transport may yield", function()
  local object = client{ send = function() return coroutine.yield("waiting") end, sleep = function() end }
  local thread = coroutine.create(function() return object:get_open_id_metadata() end)
  local _, waiting = coroutine.resume(thread)
  equal(waiting, "waiting")
  local ok, metadata = coroutine.resume(thread, json('{"issuer":"x"}'))
  equal(ok, true, tostring(metadata))
  equal(metadata.issuer, "x")
end)

real("calls in one line take a client", function()
  local object = client{ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" }
  local response = assert(require("azattest.attest").attest_sgx_enclave(quote(), { client = object, at = at }))
  equal(response.value.svn, 1)
  response = assert(require("azattest.attest").attest_sgx_enclave(quote(),
    { endpoint = endpoint, at = at, transport = transport{ answer "sgx-shared-2022-11", certs "wus-shared-2022-11" } }))
  equal(response.value.svn, 1)
  assert(require("azattest.certificates").get_signing_certificates{
    endpoint = endpoint, transport = transport{ certs "wus-shared-2022-11" } })
end)

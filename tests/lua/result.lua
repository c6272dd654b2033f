-- The typed claims of every kind of evidence, sealed secrets, AttestationData, a verifier of several instances.

local azattest = require "azattest"
local core = require "azattest.core"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises
local base64url, real_token, keys = h.base64url, h.token, h.keys

local at = 1668650000
local wus = "https://sharedwus.wus.attest.azure.net"
local aad = "https://cpgearamaattestationaad.wus.attest.azure.net"

local function result_of(body)
  local token = assert(azattest.inspect(base64url('{"alg":"none"}') .. "." .. base64url(body) .. "."))
  return assert(token:result{ unverified = true })
end

-- -------------------------------------------------------------------------------------------------- typed claims

local snp = '{"x-ms-attestation-type":"sevsnpvm","x-ms-compliance-status":"azure-compliant-cvm",'
  .. '"x-ms-sevsnpvm-guestsvn":4.0,"x-ms-sevsnpvm-hostdata":"' .. ("AB"):rep(32) .. '",'
  .. '"x-ms-sevsnpvm-is-debuggable":false,"x-ms-sevsnpvm-launchmeasurement":"' .. ("89"):rep(48) .. '",'
  .. '"x-ms-sevsnpvm-smt-allowed":true,"x-ms-sevsnpvm-vmpl":1}'

test("a SEV-SNP token and a guest around one read alike", function()
  for kind, body in pairs{ sevsnpvm = snp, azurevm = '{"tee":"azurevm","x-ms-isolation-tee":' .. snp .. "}" } do
    local result = result_of(body)
    equal(result.verifier_type, kind)
    equal(result.launch_measurement, ("\x89"):rep(48))
    equal(result.host_data, ("\xab"):rep(32))
    equal(tostring(result.guest_svn), "4")
    equal(result.is_smt_allowed, true)
    equal(result.is_debuggable, false)
    equal(result.compliance_status, "azure-compliant-cvm")
    equal(result.mr_td, nil)
  end
  local guest = result_of('{"x-ms-isolation-tee":' .. snp .. "}")
  local inner = guest.isolation_tee
  guest:close() -- the inner one goes on
  equal(inner.verifier_type, "sevsnpvm")
  equal(inner.is_validated, false)
  equal(inner.isolation_tee, nil)
  equal(inner:claim("x-ms-sevsnpvm-vmpl"), 1)
  contains(tostring(inner), "UNVERIFIED AttestationResult(type=sevsnpvm")
end)

test("a missing claim is nil, and a wrong one raises", function()
  local empty, count = result_of("{}"), 0
  for name in pairs(core.classes.AttestationResult.readers) do
    count = count + 1
    if name ~= "is_validated" then equal(empty[name], nil, name) end
  end
  assert(count > 100)
  for claim, reader in pairs{ ["x-ms-sevsnpvm-vmpl"] = "vmpl", tdx_mrtd = "mr_td", secureboot = "secure_boot",
                              ["x-ms-isolation-tee"] = "isolation_tee", aikPubHash = "aik_pub_hash" } do
    local ok, err = pcall(function() return result_of('{"' .. claim .. '":"no"}')[reader] end)
    equal(ok, false)
    equal(err.code, azattest.Status.E_TYPE)
    contains(tostring(err), reader .. ': claim "' .. claim .. '" is a string, expected ')
  end
  raises("has no member 'launch_mesurement'", function() return empty.launch_mesurement end)
end)

test("a guest's payload is decoded", function()
  local result = result_of('{"x-ms-runtime":{"client-payload":{"nonce":"bi0x","key":"AAH/"}}}')
  equal(result.client_payload.nonce, "n-1")
  equal(result.client_payload.key, "\0\1\255")
  equal(result.nonce, "n-1")
  equal(result_of('{"x-ms-runtime":{}}').client_payload, nil)
end)

test("a token and a result can be closed", function()
  local result = result_of("{}")
  result:close()
  result:close()
  raises("is closed", function() return result.issuer end)
  local token = assert(azattest.inspect(base64url('{"alg":"none"}') .. ".."))
  token:close()
  raises("is closed", function() return token.issuer end)
  equal(tostring(token), "AttestationToken (closed)")
end)

real("a real guest validates with all expectations", function()
  local token = assert(azattest.inspect(real_token("azurevm-snp-weu-2023-03")))
  local options = { signers = keys("sharedweu.keys-only"), issuer = "https://sharedweu.weu.attest.azure.net",
                    at = 1680173400, expected_nonce = "ADE0101", expected_type = "azurevm", allow_debug = false,
                    require_claims = { ["x-ms-sevsnpvm-vmpl"] = 0, secureboot = true } }
  assert(token:validate(options))
  local result = assert(token:result())
  equal(result.isolation_tee.is_validated, true)
  equal(result.vm_id, "70F5CE9A-2BDC-4B6B-8401-E9B964D3AEB7")
  equal(#result.attested_pcrs, 11)
  equal(result.client_payload.nonce, "ADE0101")
  options.expected_nonce = "other"
  fails(azattest, "E_TOKEN_NONCE", "nonce", token:validate(options))
end)

real("a call that could not be made says nothing for the token", function()
  for _, method in ipairs{ "validate", "problems" } do
    for _, wrong in ipairs{ { max_age = -1 }, { no_such = 1 }, { issuer = {} }, { clock = 1 } } do
      local token = assert(azattest.inspect(real_token("sgx-shared-2022-11")))
      assert(token:validate{ signers = keys("wus-shared-2022-11"), issuer = wus, at = at })
      equal(token.is_validated, true)
      equal(pcall(token[method], token, wrong), false)
      equal(token.is_validated, false)
      equal(token.signer, nil)
    end
  end
end)

-- -------------------------------------------------------------------------------------------------------- secrets

local function output(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local pairs_of = {}
for name, words in pairs{ RSA = "RSA -pkeyopt rsa_keygen_bits:2048", ["P-256"] = "EC -pkeyopt ec_paramgen_curve:P-256" } do
  local path = os.tmpname()
  local private = output("openssl genpkey -algorithm " .. words .. " 2>/dev/null | tee " .. path)
  pairs_of[name] = { private = private, public = output("openssl pkey -pubout -in " .. path),
                     locked = output("openssl pkey -aes256 -passout pass:geheim -in " .. path) }
  os.remove(path)
end

test("each kind of key seals and opens", function()
  for _, pair in pairs(pairs_of) do
    local sealed = assert(azattest.seal_secret(pair.public, "\0secret\255"))
    equal(azattest.open_secret(pair.private, sealed), "\0secret\255")
    equal(azattest.open_secret(pair.locked, sealed, "geheim"), "\0secret\255")
    fails(azattest, "E_MALFORMED", "passphrase", azattest.open_secret(pair.locked, sealed))
    fails(azattest, "E_MALFORMED", "does not open it", azattest.open_secret(pair.locked, sealed, "falsch"))
  end
  local sealed = assert(azattest.seal_secret(pairs_of.RSA.public, "s"))
  fails(azattest, "E_SECRET", "sealed secret", azattest.open_secret(pairs_of["P-256"].private, sealed))
  fails(azattest, "E_SECRET", "no key has that key id", azattest.seal_secret(pairs_of.RSA.public, "s", { key_id = "x" }))
  fails(azattest, "E_SECRET", "no public key to seal it to; in a token", azattest.seal_secret("{}", "s"))
end)

test("wrong use of sealing raises", function()
  local public = pairs_of.RSA.public
  raises("the secret must be a string", azattest.seal_secret, public, nil)
  raises("empty", azattest.seal_secret, public, "")
  raises("unknown option 'key'", azattest.seal_secret, public, "s", { key = "x" })
  raises("the options must be a table", azattest.seal_secret, public, "s", "x")
  raises("the private key must be a string", azattest.open_secret, nil, "s")
  raises("the passphrase must be a string", azattest.open_secret, "k", "s", 1)
end)

test("an unverified result seals nothing", function()
  local result = result_of('{"x-ms-runtime":{"keys":[]}}')
  fails(azattest, "E_STATE", "not validated", result:seal_secret("s"))
  raises("the secret must be a string", result.seal_secret, result)
end)

-- ----------------------------------------------------------------------------------------------- AttestationData

test("JSON is found out by parsing, or said", function()
  for data, wanted in pairs{ ["{}"] = true, [" {\"a\":1}"] = true, ["[1]"] = false, ["{}\0"] = false, [""] = false } do
    local made = assert(azattest.AttestationData(data))
    equal(made.is_json, wanted, data)
    equal(made.bytes, data)
  end
  equal(azattest.AttestationData("{}", false).is_json, false)
  equal(azattest.AttestationData("{}\0", true).is_json, true)
  equal(tostring(azattest.AttestationData("{}")), "AttestationData(2 bytes, JSON)")
  raises("takes an object only", azattest.AttestationData, "[]", true)
  raises("is_json must be", azattest.AttestationData, "{}", 1)
  raises("the data must be a string", azattest.AttestationData, 1)
  local closed = azattest.AttestationData("x")
  closed:close()
  raises("is closed", function() return closed.bytes end)
end)

test("attest calls take it wherever such data is", function()
  local sent
  local client = azattest.AttestationClient{ endpoint = wus, retry_total = 0, transport = {
    send = function(_, request) sent = request.body return { status = 400, headers = {}, body = "" } end,
    sleep = function() end } }
  local options = { check_binding = false, runtime_data = azattest.AttestationData('{"a":1}'),
                    inittime_data = azattest.AttestationData("x") }
  fails(azattest, "E_HTTP", "400", client:attest_sgx_enclave("no quote", options))
  contains(sent, '"runtimeData":{"data":"eyJhIjoxfQ","dataType":"JSON"}')
  contains(sent, '"initTimeData":{"data":"eA","dataType":"Binary"}')
  options.runtime_json = "{}"
  raises("excludes runtime_data and runtime_json", client.attest_sgx_enclave, client, "no quote", options)
  raises("must be a string", client.attest_sgx_enclave, client, "no quote", { runtime_data = 1 })
  raises("AttestationData expected", client.attest_sgx_enclave, client, "no quote", { runtime_data = client })
end)

-- ------------------------------------------------------------------------------------- a verifier of several

local function verifier_of(asked)
  return azattest.Verifier{ endpoint = { wus .. "/", aad }, transport = {
    send = function(_, request)
      asked[#asked + 1] = request.url:match("^(.-)/certs")
      local set = asked[#asked] == wus and "wus-shared-2022-11" or "wus-aad-2022-11"
      return { status = 200, headers = {}, body = keys(set) }
    end,
    sleep = function() end } }
end

real("the issuer chooses among several instances", function()
  local asked = {}
  local verifier = assert(verifier_of(asked))
  equal(verifier.endpoint, wus)
  equal(table.concat(verifier.endpoints, " "), wus .. " " .. aad)
  for _, case in ipairs{ { "oe-aad-2022-11", aad }, { "sgx-shared-2022-11", wus }, { "oe-aad-2022-11", aad } } do
    equal(assert(verifier:validate(real_token(case[1]), { at = at })).value.issuer, case[2])
  end
  equal(table.concat(asked, " "), aad .. " " .. wus)
  fails(azattest, "E_TOKEN_ISSUER", "expected one of 2 instances",
        verifier:validate(real_token("azurevm-snp-weu-2023-03"), { at = 1680173400 }))
  equal(#asked, 2)
  raises("say whose keys", verifier.export_keys, verifier)
  local exported = assert(verifier:export_keys(wus))
  assert(azattest.inspect(real_token("sgx-shared-2022-11")):validate{ signers = exported, issuer = wus, at = at })
end)

test("a verifier of wrong instances is refused", function()
  raises("given twice", azattest.Verifier, { endpoint = { wus, wus .. ":443" } })
  raises("must hold 1 to 64", azattest.Verifier, { endpoint = {} })
  raises("an endpoint must be a string", azattest.Verifier, { endpoint = { wus, 1 } })
end)

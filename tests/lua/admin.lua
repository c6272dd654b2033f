-- The administration client over a transport written in Lua: a service that says, signed, what a test wants.

local azattest = require "azattest"
local policy = require "azattest.policy"
local certificates = require "azattest.certificates"
local h = require "harness"
local test, equal, contains, fails, raises = h.test, h.equal, h.contains, h.fails, h.raises
local base64url = h.base64url

local endpoint = "https://test.wus.attest.azure.net"
local text = "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
local stored = "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM" ..
  "3M5UGlCd1pYSnRhWFFvS1R0OU95QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9."

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local function pem(name) return assert(h.read(here .. "/../fixtures/signing/" .. name)) end
local function pair(name) return { signing_key = pem(name .. ".key.pem"), signing_certificate = pem(name .. ".crt.pem") } end
local function base64_of(name) return (pem(name .. ".crt.pem"):gsub("%-%-%-%-%-[^\n]*\n", ""):gsub("\n", "")) end
local function jwk(name, kty) return ('{"kty":"%s","x5c":["%s"]}'):format(kty or "RSA", base64_of(name)) end

local issuer_key = assert(azattest.AttestationSigningKey(pem "p384.key.pem", pem "p384.crt.pem"))

-- `claims` is a function of the request's body that gives the members of the token's body as JSON text.
local function service(claims)
  local self = { asked = {} }
  function self:send(request)
    if request.url:find("/certs?", 1, true) then
      equal(request.headers.Authorization, nil, "the key set is asked for with a token")
      return { status = 200, body = '{"keys":[' .. jwk("p384", "EC") .. "]}" }
    end
    self.asked[#self.asked + 1] = request
    local now = os.time()
    local body = ('{"iss":"%s","iat":%d,"nbf":%d,"exp":%d%s}'):format(endpoint, now, now, now + 3600, claims(request.body))
    local token = assert(azattest.AttestationToken.create(body, { signing_key = issuer_key }))
    return { status = 200, body = '{"token":"' .. token:serialize() .. '"}', headers = { ["x-ms-request-id"] = "r-1" } }
  end
  function self:sleep() error("nothing to wait for") end
  return self
end

-- What the real service says after a policy was set.
local function updated(body)
  local token = assert(azattest.AttestationToken.parse(body))
  local claims = (',"x-ms-policy-result":"Updated","x-ms-policy-token-hash":"%s"'):format(
    base64url(policy.policy_token_hash(token)))
  local chain = token.x509_certificate_chain
  if chain then
    claims = claims .. (',"x-ms-policy-signer":{"kty":"%s","x5c":["%s"]}'):format(
      token.algorithm:sub(1, 1) == "E" and "EC" or "RSA", chain[1])
  end
  return claims
end

local function says(claims) return function() return claims end end

local function admin(wire, options)
  options = options or {}
  options.endpoint, options.credential, options.transport = endpoint, "access-token", wire
  return assert(azattest.AttestationAdministrationClient(options))
end

test("an unsigned policy is set", function()
  local wire = service(updated)
  local client = admin(wire)
  equal(tostring(client), "AttestationAdministrationClient(" .. endpoint .. ")")
  local response = assert(client:set_policy(azattest.AttestationType.SGX_ENCLAVE, text))
  local request = wire.asked[1]
  equal(request.method, "PUT")
  equal(request.url, endpoint .. "/policies/SgxEnclave?api-version=2025-06-01")
  equal(request.body, stored)
  equal(request.headers.Authorization, "Bearer access-token")
  equal(response.value.policy_resolution, azattest.PolicyModification.UPDATED)
  equal(response.value.policy_token_hash, policy.policy_token_hash(stored))
  equal(response.value.policy_signer, nil)
  equal(response.body, response.value)
  equal(response.token.is_validated, true)
  equal(response.request_id, "r-1")
  equal(response.policy_token, nil)
end)

test("signed policies with every kind of key", function()
  for _, name in ipairs{ "rsa", "ec", "p384", "p521" } do
    local response = assert(admin(service(updated)):set_policy("sgxenclave", text, pair(name)))
    equal(response.value.policy_signer.certificates[1], pem(name .. ".crt.pem"))
  end
end)

test("the constructor has the default key, the call another", function()
  local client = admin(service(updated), pair "ec")
  equal(assert(client:set_policy("Tpm", text)).value.policy_signer.key_type, "EC")
  local key = assert(azattest.AttestationSigningKey(pem "rsa-encrypted.key.pem", pem "rsa.crt.pem",
                                                    { passphrase = "correct-horse", algorithm = "PS256" }))
  equal(key.algorithm, "PS256")
  equal(key.key_type, "RSA")
  equal(key.certificate_pem, pem "rsa.crt.pem")
  equal(assert(client:set_policy("Tpm", text, { signing_key = key })).value.policy_signer.key_type, "RSA")
  key:close()
  raises("is closed", client.set_policy, client, "Tpm", text, { signing_key = key })
end)

test("a policy is read with its signer", function()
  local signed = assert(policy.create_policy_token(text, pair "rsa")):serialize()
  for _, case in ipairs{ { stored, text, nil }, { signed, text, "RSA" }, { "", "", nil }, { "eyJhbGciOiJub25lIn0..", "", nil } } do
    local response = assert(admin(service(says(',"x-ms-policy":"' .. case[1] .. '"'))):get_policy("SgxEnclave"))
    equal(response.value, case[2])
    equal(response.policy_signer and response.policy_signer.key_type, case[3])
    equal(response.policy_token and response.policy_token:serialize() or "", case[1])
  end
end)

test("a reset names what was done", function()
  local wire = service(says ',"x-ms-policy-result":"Removed"')
  local response = assert(admin(wire):reset_policy("OPENENCLAVE"))
  equal(response.value.policy_resolution, azattest.PolicyModification.REMOVED)
  equal(response.value.policy_token_hash, nil)
  equal(wire.asked[1].url, endpoint .. "/policies/OpenEnclave:reset?api-version=2025-06-01")
  equal(wire.asked[1].body, "eyJhbGciOiJub25lIn0..")
end)

test("answers that contradict the call", function()
  local other = ',"x-ms-policy-result":"Updated","x-ms-policy-token-hash":"' .. base64url(("\0"):rep(32)) .. '"'
  fails(azattest, "E_POLICY_HASH", "hash", admin(service(says(other))):set_policy("Tpm", text))
  local signer = ',"x-ms-policy-signer":' .. jwk "rsa"
  local wire = service(function(body) return updated(body) .. signer end)
  local err = fails(azattest, "E_POLICY_SIGNER", "unsigned", admin(wire):set_policy("Tpm", text))
  equal(#err.problems, 1)
  fails(azattest, "E_RESPONSE", "\"Updated\" where \"Removed\"", admin(service(updated)):reset_policy("Tpm"))
end)

test("the caller's own check has the last word, and options reach the check of the answer", function()
  local client = admin(service(updated), { validation_options = { issuer = "https://other.wus.attest.azure.net" } })
  fails(azattest, "E_TOKEN_ISSUER", "iss", client:set_policy("Tpm", text))
  assert(client:set_policy("Tpm", text, { validate_issuer = false }))
  assert(client:set_policy("Tpm", text, { validation_options = { validate_issuer = false } }))
  fails(azattest, "E_TOKEN_CALLBACK", "no", client:set_policy("Tpm", text, {
    validate_issuer = false, validation_callback = function() return false, "no" end }))
end)

test("certificates are listed, added and removed", function()
  local response = assert(admin(service(says(',"x-ms-policy-certificates":{"keys":[' .. jwk "rsa" .. "]}")))
    :get_policy_management_certificates())
  equal(#response.value, 1)
  equal(response.value[1].certificates[1], pem "rsa.crt.pem")
  local thumbprint
  for action, state in pairs{ add = "IsPresent", remove = "IsAbsent" } do
    local wire = service(function() return (',"x-ms-certificate-thumbprint":"%s","x-ms-policycertificates-result":"%s"')
      :format(thumbprint or "00", state) end)
    local client, method = admin(wire, pair "rsa"), action .. "_policy_management_certificate"
    local err = fails(azattest, "E_CERTIFICATE_THUMBPRINT", "was sent", client[method](client, pem "ec.crt.pem")) or thumbprint
    thumbprint = tostring(err):match("(%x+) was sent")
    equal(#thumbprint, 40)
    local result = assert(client[method](client, pem "ec.crt.pem")).value
    equal(result.certificate_thumbprint, thumbprint)
    equal(result.certificate_resolution, state)
    equal(tostring(result), ("PolicyCertificatesModificationResult(%s, %s)"):format(state, thumbprint))
    contains(wire.asked[1].body, action == "add" and '{"policyCertificateToAdd":"' or '{"policyCertificateToRemove":"')
    thumbprint = nil
  end
end)

test("tokens and policies of one's own", function()
  equal(azattest.create_policy_token(text):serialize(), stored)
  equal(azattest.AttestationPolicyToken(text):serialize(), stored)
  equal(azattest.AttestationToken.create():serialize(), "eyJhbGciOiJub25lIn0..")
  equal(azattest.AttestationToken.create('{"a": 1}'):claim("a"), 1)
  equal(base64url(policy.policy_hash(text)), "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU")
  local policy_object = azattest.StoredAttestationPolicy(text)
  contains(policy_object.json, '{"AttestationPolicy":"')
  equal(azattest.StoredAttestationPolicy.parse(stored).attestation_policy, text)
  equal(azattest.StoredAttestationPolicy.parse("eyJhbGciOiJub25lIn0..").json, nil)
  fails(azattest, "E_MALFORMED", "AttestationPolicy", azattest.StoredAttestationPolicy.parse("eyJhbGciOiJub25lIn0.e30."))
  fails(azattest, "E_TOKEN_MALFORMED", "three parts", policy.policy_token_hash("text"))
  fails(azattest, "E_MALFORMED", "give its passphrase",
        azattest.AttestationSigningKey(pem "rsa-encrypted.key.pem", pem "rsa.crt.pem"))
end)

test("wrong use raises", function()
  local client = admin(service(updated))
  raises("credential", azattest.AttestationAdministrationClient, { endpoint = endpoint })
  raises("a table of options", azattest.AttestationAdministrationClient, endpoint)
  raises("come as a pair", azattest.AttestationAdministrationClient,
         { endpoint = endpoint, credential = "t", signing_key = pem "rsa.key.pem" })
  raises("no_such", client.set_policy, client, "Tpm", text, { no_such = 1 })
  raises("must be a string", client.set_policy, client, "Tpm", nil)
  raises("attestation type", client.set_policy, client, "../certs", text)
  raises("no signing key", client.add_policy_management_certificate, client, pem "ec.crt.pem")
  raises("another key", azattest.AttestationSigningKey, pem "rsa.key.pem", pem "ec.crt.pem")
  raises("come as a pair", azattest.create_policy_token, text, { signing_key = pem "rsa.key.pem" })
  raises("unknown option 'signing_kex'", azattest.create_policy_token, text, { signing_kex = pem "rsa.key.pem" })
  raises("unknown option 'passphrase'", azattest.AttestationToken.create, "{}", { passphrase = "x" })
  raises("not an object", azattest.AttestationToken.create, "[]")
  raises("has no 'SGX'", function() return azattest.AttestationType.SGX end)
  client:close()
  raises("is closed", client.get_policy, client, "Tpm")
end)

test("one line for a REPL", function()
  local options = pair "ec"
  options.endpoint, options.credential, options.transport = endpoint, "access-token", service(updated)
  equal(assert(policy.set_policy("Tpm", text, options)).value.policy_resolution, "Updated")
  equal(tostring(assert(policy.set_policy("Tpm", text, options)).value), "PolicyResult(Updated, signer=EC)")
  equal(assert(policy.reset_policy("Tpm", { client = admin(service(says ',"x-ms-policy-result":"Removed"')) }))
    .value.policy_resolution, "Removed")
  equal(assert(policy.get_policy("Tpm", { client = admin(service(says ',"x-ms-policy":""')) })).value, "")
  local listed = admin(service(says ',"x-ms-policy-certificates":{"keys":[]}'))
  equal(#assert(certificates.get_policy_management_certificates{ client = listed }).value, 0)
  raises("AZATTEST_ENDPOINT", policy.get_policy, "Tpm")
end)

test("the modules have their classes", function()
  local attest = require "azattest.attest"
  for module, names in pairs{
    [attest] = { "AttestationClient", "AttestationData", "AttestationToken" },
    [policy] = { "AttestationAdministrationClient", "AttestationSigningKey", "StoredAttestationPolicy" },
    [certificates] = { "AttestationAdministrationClient", "AttestationSigners", "AttestationSigningKey" },
  } do
    for _, name in ipairs(names) do equal(module[name], azattest[name] or error(name), name) end
  end
end)

test("without a credential one line asks the default chain", function()
  local credentials = require "azattest.credentials"
  local default, wire = credentials.default, service(says ',"x-ms-policy":""')
  credentials.default = function() return credentials.static_token "access-token" end
  local done, response = pcall(policy.get_policy, "Tpm", { endpoint = endpoint, transport = wire })
  credentials.default = function() return nil, "no credential anywhere" end
  local _, _, err = pcall(policy.get_policy, "Tpm", { endpoint = endpoint, transport = wire })
  credentials.default = default
  assert(done, response)
  equal(assert(response).value, "")
  equal(err, "no credential anywhere")
end)

test("what a credential or a transport raises keeps no later call waiting", function()
  collectgarbage("stop") -- the collector would end the operation some time
  local calls = 0
  local function credential()
    calls = calls + 1
    if calls == 1 then error("no luck") end
    return "access-token"
  end
  local good = service(says ',"x-ms-policy":""')
  local client = assert(azattest.AttestationAdministrationClient{ endpoint = endpoint, credential = credential, transport = good })
  raises("no luck", client.get_policy, client, "Tpm")
  equal(assert(client:get_policy "Tpm").value, "")
  local broken = service(says ',"x-ms-policy":""')
  local send, sends = broken.send, 0
  function broken:send(request)
    sends = sends + 1
    if sends == 2 then error("no keys") end
    return send(self, request)
  end
  client = admin(broken)
  raises("no keys", client.get_policy, client, "Tpm")
  equal(assert(client:get_policy "Tpm").value, "")
  collectgarbage("restart")
end)

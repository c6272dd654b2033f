-- Tokens: readers, validation, hostile variants; real ones at their own time.

local azattest = require "azattest"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises
local base64url, token = h.base64url, h.token

local at = 1668650000 -- 17 November 2022, inside the life of the recorded tokens
local issuer = "https://sharedwus.wus.attest.azure.net"

local function unsecured(body, header)
  return base64url(header or '{"alg":"none"}') .. "." .. base64url(body) .. "."
end

local function signers() return assert(azattest.AttestationSigners.parse(h.keys "wus-shared-2022-11")) end

-- ------------------------------------------------------------------------------------------------ without evidence

test("an unsecured token reads as UNVERIFIED", function()
  local text = unsecured('{"iss":"https://a.example","exp":1700000000,"n":9007199254740993,"f":0.5,"big":123456789012345678901234567890,'
    .. '"null":null,"list":[],"object":{},"nested":{"list":[1,"zwei",true]},"text":"\\u00e9\\ud83d\\ude00\\nx"}')
  local parsed = assert(azattest.inspect(text))
  equal(parsed.is_secured, false)
  equal(parsed.is_validated, false)
  equal(parsed.signer, nil)
  equal(parsed.key_id, nil)
  equal(parsed:serialize(), text)
  equal(parsed.algorithm, "none")
  equal(parsed.expires_on, 1700000000)
  equal(tostring(parsed.expires_on), "1700000000", "a date")
  equal(parsed.issued_on, nil)
  equal(parsed.header_bytes, '{"alg":"none"}')
  equal(parsed:header().alg, "none")
  equal(tostring(parsed), "UNVERIFIED AttestationToken(alg=none, iss=https://a.example, exp=2023-11-14T22:13:20Z)")
  local body = parsed:body()
  equal(tostring(body.n), "9007199254740993", "an integer beyond a double")
  equal(body.big, "123456789012345678901234567890", "an integer beyond 64 bits")
  equal(body.f, 0.5)
  equal(body.null, azattest.null)
  equal(getmetatable(body.list), azattest.array_mt)
  equal(getmetatable(body.object), nil)
  equal(body.nested.list[2], "zwei")
  equal(body.text, "\195\169\240\159\152\128\nx")
  equal(parsed:claim("f"), 0.5)
  equal(parsed:claim("absent"), nil)
  equal(parsed:claim("null"), azattest.null)
  contains(parsed:pretty(), "14 November 2023, 22:13:20 UTC (1700000000)")
  contains(parsed:pretty(), "UNVERIFIED")
  raises("NUL", parsed.claim, parsed, "a\0b")
end)

test("a token cannot steer a terminal", function()
  local parsed = assert(azattest.inspect(unsecured('{"iss":"\\u001b[2Jx"}')))
  contains(tostring(parsed), "iss=\\x1b[2Jx")
  assert(not parsed:pretty():find("\27", 1, true))
end)

test("a claim of another type raises, an absent one is nil", function()
  local parsed = assert(azattest.inspect(unsecured('{"exp":"soon"}')))
  local ok, err = pcall(function() return parsed.expires_on end)
  equal(ok, false)
  equal(err.code, azattest.Status.E_TYPE)
  contains(tostring(err), 'expires_on: claim "exp" is a string, expected an integer')
  equal(parsed.not_before, nil)
  fails(azattest, "E_STATE", "not", parsed:result())
  equal(assert(parsed:result{ unverified = true }).mr_enclave, nil)
end)

for _, case in ipairs{
  { "nothing", "" }, { "one part", "abc" }, { "two parts", "a.b" }, { "four parts", "a.b.c.d" },
  { "a padded header", "eyJhbGciOiJub25lIn0=.e30." }, { "white space", " eyJhbGciOiJub25lIn0.e30." },
  { "a NUL inside", "eyJhbGciOiJub25lIn0.e30\0." }, { "a header without alg", unsecured("{}", "{}") },
  { "a header that is a list", unsecured("{}", "[]") }, { "a body that is a list", unsecured("[]") },
  { "a member twice", unsecured('{"a":1,"a":2}') }, { "text after the object", unsecured("{} x") },
} do
  test("not a token: " .. case[1], function()
    local value, err = azattest.AttestationToken.parse(case[2])
    equal(value, nil)
    assert(err.code == azattest.Status.E_TOKEN_MALFORMED or err.code == azattest.Status.E_LIMIT, tostring(err))
  end)
end

test("an error has fields, turns into text, and concatenates", function()
  local _, err = azattest.AttestationToken.parse("x")
  equal(err.code, azattest.Status.E_TOKEN_MALFORMED)
  equal(err.status_code, 0)
  equal(err.attempts, 0)
  equal(err.hint, nil)
  equal(err.retry_after, nil)
  equal(err.details, nil)
  equal(#err.problems, 0)
  contains(tostring(err), "AZATTEST_E_TOKEN_MALFORMED: ")
  contains("before: " .. err, "before: AZATTEST_E_TOKEN_MALFORMED")
  contains(err .. " after", err.message .. " after")
  contains(err .. err, err.message)
  contains(1 .. err, "1AZATTEST")
  raises("concatenate an Error", function() return err .. {} end)
  raises("Error has no member 'mesage'", function() return err.mesage end)
  local ok, reason = pcall(assert, azattest.AttestationToken.parse("x"))
  equal(ok, false)
  contains(tostring(reason), "AZATTEST_E_TOKEN_MALFORMED")
end)

test("signers without an issuer are wrong use, unless the check is off", function()
  local parsed = assert(azattest.inspect(unsecured('{"exp":4102444800}')))
  raises("issuer", parsed.validate, parsed, { signers = '{"keys":[]}' })
  fails(azattest, "E_TOKEN_ALGORITHM", "none", parsed:validate{ signers = '{"keys":[]}', validate_issuer = false })
end)

test("key sets: text that is none is refused", function()
  fails(azattest, "E_MALFORMED", "", azattest.AttestationSigners.parse("{}"))
  local parsed = assert(azattest.inspect(unsecured("{}")))
  fails(azattest, "E_MALFORMED", "", parsed:validate{ signers = "no keys", issuer = issuer })
  equal(assert(azattest.AttestationSigners.parse('{"keys":[]}')).count, 0)
end)

-- --------------------------------------------------------------------------------------------------- real tokens

real("a real token verifies at its time, with typed claims", function()
  local parsed = assert(azattest.AttestationToken.parse(token "sgx-shared-2022-11"))
  equal(assert(parsed:validate{ signers = signers(), issuer = issuer, at = at }), parsed)
  equal(parsed.is_validated, true)
  equal(parsed.signer.key_id, "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGE=")
  equal(parsed.signer.key_type, "RSA")
  equal(parsed.signer.key_bits, 2048)
  contains(parsed.signer.certificates[1], "-----BEGIN CERTIFICATE-----")
  contains(parsed.signer.public_key_pem, "-----BEGIN PUBLIC KEY-----")
  contains(tostring(parsed.signer), "kid=XxRc")
  contains(tostring(parsed), "verified AttestationToken(")
  local result = assert(parsed:result())
  contains(tostring(result), "verified AttestationResult(type=sgx")
  equal(result.is_validated, true)
  equal(result.issuer, issuer)
  equal(result.verifier_type, "sgx")
  equal(result.version, "1.0")
  equal(result.issued_on, 1668649248)
  equal(result.expires_on, 1668678048)
  equal(result.is_debuggable, true)
  equal(result.product_id, 1)
  equal(result.svn, 1)
  equal(result.mr_enclave, "292a1f4b519e46627eb2478a3d9851405653c5b4b0a6925de843834d9216850e")
  equal(#result.mr_enclave_bytes, 32)
  equal(result.mr_signer, "4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c")
  equal(#result.policy_hash, 32)
  equal(result.nonce, nil)
  equal(result.runtime_claims, nil)
  equal(result:claims()["x-ms-ver"], "1.0")
  equal(result:claim("x-ms-sgx-product-id"), 1)
  contains(result:pretty(), "x-ms-sgx-mrenclave")
  contains(result:pretty(), "17 November 2022")
end)

real("runtime data of a real token compares", function()
  local parsed = assert(azattest.inspect(token "sgx-runtime-data-2022-11"))
  local options = { signers = h.evidence("maa-certs/wus-aad-2022-11.jwks.json"), at = at,
                    issuer = "https://cpgearamaattestationaad.wus.attest.azure.net",
                    expected_runtime_data = h.evidence("sgx/sdk-cpp-sgx-quote.runtime-data.bin") }
  assert(parsed:validate(options))
  equal(parsed:result().enclave_held_data, options.expected_runtime_data)
  options.expected_runtime_data = options.expected_runtime_data .. "x"
  fails(azattest, "E_TOKEN_RUNTIME_DATA", "", parsed:validate(options))
  equal(parsed.is_validated, false, "after a validation that failed")
end)

real("options of a validation do what they say", function()
  local keys = signers()
  local function validate(options)
    options.signers, options.issuer, options.at = keys, options.issuer or issuer, options.at or at
    return assert(azattest.inspect(token "sgx-shared-2022-11")):validate(options)
  end
  assert(validate{ issuer = { "https://other.example", issuer } })
  fails(azattest, "E_TOKEN_ISSUER", "other.example", validate{ issuer = "https://other.example" })
  assert(validate{ issuer = "https://other.example", validate_issuer = false })
  assert(validate{ issuer = issuer:upper():gsub("HTTPS", "https") .. ":443/" })
  fails(azattest, "E_TOKEN_EXPIRED", "", validate{ at = 1668678048 + 61 })
  assert(validate{ at = 1668678048 + 59 })
  fails(azattest, "E_TOKEN_EXPIRED", "", validate{ at = 1668678048 + 2, validation_slack = 0 })
  assert(validate{ at = 1668678048 + 1e6, validate_expiration_time = false })
  fails(azattest, "E_TOKEN_NOT_YET_VALID", "", validate{ at = 1668649248 - 61 })
  assert(validate{ clock = function() return at end, at = nil })
  fails(azattest, "E_TOKEN_DEBUGGABLE", "", validate{ allow_debug = false })
  fails(azattest, "E_TOKEN_AGE", "", validate{ max_age = 10 })
  fails(azattest, "E_TOKEN_NONCE", "", validate{ expected_nonce = "n" })
  fails(azattest, "E_TOKEN_POLICY_HASH", "", validate{ expected_policy_hash = ("x"):rep(32) })
  local policy_hash = azattest.inspect(token "sgx-shared-2022-11"):result{ unverified = true }.policy_hash
  assert(validate{ expected_policy_hash = policy_hash })
  assert(validate{ expected_policy_hash = { ("x"):rep(32), policy_hash } })
  raises("list of such hashes", validate, { expected_policy_hash = { policy_hash, "x" } })
  raises("32 bytes", validate, { expected_policy_hash = {} })
  fails(azattest, "E_TOKEN_POLICY_HASH", "of the list", validate{ expected_policy_hash = { ("x"):rep(32), ("y"):rep(32) } })
  assert(validate{ expected_type = "sgx" })
  fails(azattest, "E_TOKEN_ATTESTATION_TYPE", "tdx", validate{ expected_type = "tdxvm" })
  fails(azattest, "E_TOKEN_ALGORITHM", "RS256", validate{ algorithms = { "ES256" } })
  assert(validate{ require_claims = { "x-ms-ver" } })
  assert(validate{ require_claims = { ["x-ms-ver"] = "1.0", ["x-ms-sgx-product-id"] = 1, ["x-ms-sgx-is-debuggable"] = true } })
  fails(azattest, "E_TOKEN_CLAIM", "x-ms-ver", validate{ require_claims = { ["x-ms-ver"] = '2"0' } })
  fails(azattest, "E_TOKEN_CLAIM", "absent", validate{ require_claims = { "absent" } })
end)

real("problems() lists every failed check, and the error has the same", function()
  local parsed = assert(azattest.inspect(token "sgx-shared-2022-11"))
  local options = { signers = signers(), issuer = issuer, at = at + 1e6, allow_debug = false, expected_nonce = "n-1" }
  local problems = assert(parsed:problems(options))
  equal(#problems, 3)
  equal(problems[1].code, azattest.Status.E_TOKEN_EXPIRED)
  equal(problems[2].code, azattest.Status.E_TOKEN_NONCE)
  contains(problems[2].detail, "nonce")
  contains(tostring(problems[3]), "AZATTEST_E_TOKEN_DEBUGGABLE: ")
  local err = fails(azattest, "E_TOKEN_EXPIRED", "", parsed:validate(options))
  equal(#err.problems, 3)
  equal(#assert(parsed:problems{ signers = signers(), issuer = issuer, at = at }), 0)
end)

real("an answer about policies is no attestation when one is required", function()
  local parsed = assert(azattest.inspect(token "policy-get-sgx"))
  local options = { signers = h.keys "wus-aad-2022-11", issuer = parsed.issuer, at = at }
  assert(parsed:validate(options))
  options.require_attestation = true
  fails(azattest, "E_TOKEN_ATTESTATION_TYPE", "about policies", parsed:validate(options))
  equal(parsed.is_validated, false)
  assert(assert(azattest.inspect(token "sgx-shared-2022-11"))
    :validate{ signers = signers(), issuer = issuer, at = at, require_attestation = true })
end)

real("keys may come first or as an option", function()
  local parsed, keys = assert(azattest.inspect(token "sgx-shared-2022-11")), signers()
  for _, given in ipairs{ keys, keys.jwks } do
    assert(parsed:validate(given, { issuer = issuer, at = at }))
    equal(#parsed:problems(given, { issuer = issuer, at = at }), 0)
    equal(parsed:problems(given, { issuer = "https://other.example", at = at })[1].code, azattest.Status.E_TOKEN_ISSUER)
  end
  raises("given twice", parsed.validate, parsed, keys, { signers = keys, issuer = issuer, at = at })
  raises("no second argument", parsed.validate, parsed, { signers = keys, issuer = issuer, at = at }, {})
  raises("without an expected issuer", parsed.validate, parsed, keys)
  equal(parsed.is_validated, false)
end)

real("the caller's own check is the last one", function()
  local parsed, seen = assert(azattest.inspect(token "sgx-shared-2022-11")), nil
  local options = { signers = signers(), issuer = issuer, at = at }
  options.validation_callback = function(checked, signer)
    seen = { checked.issuer, signer.key_id }
    return true
  end
  assert(parsed:validate(options))
  equal(seen[1], issuer)
  contains(seen[2], "XxRc")
  for name, refuse in pairs{ ["no"] = function() return false, "not today" end,
                             ["failed"] = function() return nil, "not today" end,
                             ["list"] = function() return { { detail = "not today" } } end,
                             ["text"] = function() return "not today" end,
                             ["one problem"] = function() return { detail = "not today" } end } do
    options.validation_callback = refuse
    local err = fails(azattest, "E_TOKEN_CALLBACK", "not today", parsed:validate(options))
    equal(#err.problems, 1, name)
    equal(parsed.is_validated, false, name)
    equal(parsed:problems(options)[1].code, azattest.Status.E_TOKEN_CALLBACK, name)
    assert(parsed:validate{ signers = options.signers, issuer = issuer, at = at })
  end
  options.validation_callback = function() end
  fails(azattest, "E_TOKEN_CALLBACK", "refused", parsed:validate(options))
  options.validation_callback = function() error("the check broke") end
  raises("the check broke", parsed.validate, parsed, options)
  equal(parsed.is_validated, false, "after a check that raised")
  for _, answer in ipairs{ 0, 1, print } do
    options.validation_callback = function() return answer end
    raises("true, false or a list of problems expected", parsed.validate, parsed, options)
    equal(parsed.is_validated, false, "after an answer that says nothing")
  end
  options.validation_callback = function() return {} end
  assert(parsed:validate(options))
  options.issuer, options.validation_callback = "https://other.example", function() error("must not be asked") end
  fails(azattest, "E_TOKEN_ISSUER", "", parsed:validate(options))
end)

for name, status in pairs{
  ["neg-alg-none"] = "E_TOKEN_ALGORITHM", ["neg-alg-none-keeps-sig"] = "E_TOKEN_ALGORITHM",
  ["neg-hs256-confusion"] = "E_TOKEN_ALGORITHM", ["neg-jku-elsewhere"] = "E_TOKEN_KEY_URL",
  ["neg-payload-changed"] = "E_TOKEN_SIGNATURE", ["neg-sig-bitflip"] = "E_TOKEN_SIGNATURE",
  ["neg-truncated"] = "E_TOKEN_SIGNATURE", ["sgx-draft-policy-unsigned"] = "E_TOKEN_ALGORITHM",
  ["policy-set-request-unsigned"] = "E_TOKEN_ALGORITHM",
} do
  real("hostile: " .. name, function()
    local parsed = assert(azattest.inspect(token(name)))
    local err = fails(azattest, status, "", parsed:validate{ signers = signers(), issuer = issuer, at = at })
    equal(err.problems[1].code, azattest.Status[status])
    equal(parsed.is_validated, false)
    contains(tostring(parsed), "UNVERIFIED")
    assert(not tostring(err):find(token(name):sub(1, 40), 1, true), "the error shows the token")
    fails(azattest, "E_STATE", "", parsed:result())
  end)
end

real("no truncation of a real token verifies", function()
  local text, keys = token "sgx-shared-2022-11", signers()
  for length = 0, #text - 1, 7 do
    local parsed = azattest.AttestationToken.parse(text:sub(1, length))
    if parsed then assert(not parsed:validate{ signers = keys, issuer = issuer, at = at }, length) end
  end
end)

real("a key set is a sequence that reads back from its own text", function()
  local keys = signers()
  assert(keys.count > 0)
  equal(#keys, keys.count)
  equal(keys[1].key_id, keys:at(1).key_id)
  equal(keys[0], nil)
  equal(keys[keys.count + 1], nil)
  equal(keys:at(1.5), nil)
  contains(tostring(keys), "AttestationSigners(" .. keys.count)
  equal(assert(azattest.AttestationSigners.parse(keys.jwks)).count, keys.count)
  equal(#keys[1].certificates, #keys[1].certificates_der)
end)

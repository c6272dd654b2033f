-- Claims as a policy sees them, what policies make of them, and the claims of tokens and evidence.

local azattest = require "azattest"
local policy = require "azattest.policy"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises

local ClaimSet = azattest.ClaimSet
local ffi_available, ffi = pcall(require, "ffi")

local guest = [[
version= 1.0;
authorizationrules {
  [type=="secureboot", value==false] => deny(); // a must
  => permit();
};
issuancerules {
  c:[type=="svn"] => issue(type="level", value=c.value);
};
]]
local configured = guest:gsub("1%.0;", '1.1;\nconfigurationrules { => issueproperty(type="omit_x5c", value=true); };')
local failing = [[
version= 1.2;
authorizationrules { => permit(); };
issuancerules {
  c:[type=="doc"] => issue(type="x", value=JsonToClaimValue(c.value));
};
]]
local function of_rules(rules) return "version= 1.0;authorizationrules{" .. rules .. "};" end

-- An integer beyond 2^53, as each machine has it, and as it is given back: exact, or its digits.
local large = math.maxinteger or ffi.new("int64_t", 2 ^ 62) - 1 + ffi.new("int64_t", 2 ^ 62)
local large_digits = "9223372036854775807"
local large_back = math.maxinteger or large_digits

-- -------------------------------------------------------------------------------------------------------- claims

local function shown(set)
  local parts = {}
  for i, claim in ipairs(set.claims) do
    parts[i] = ("%s=%s:%s:%s"):format(claim.type, tostring(claim.value), claim.value_type, claim.issuer)
  end
  return table.concat(parts, " ")
end

test("all forms make the same set", function()
  local wanted = "a=1:Integer:AttestationService b=x:String:AttestationService c=true:Boolean:AttestationService "
    .. 'c=y:String:AttestationService e={"f":[1.5,null]}:String:AttestationService'
  local made = assert(ClaimSet{ a = 1, b = "x", c = { true, "y" }, d = azattest.null, e = { f = { 1.5, azattest.null } } })
  equal(shown(made), wanted)
  equal(#made, 5)
  equal(shown(assert(ClaimSet(made.claims))), wanted)
  equal(shown(assert(ClaimSet '{"a":1,"b":"x","c":[true,"y"],"d":null,"e":{"f":[1.5,null]}}')), wanted)
  equal(shown(assert(ClaimSet{ { type = "a", value = 1 } })), "a=1:Integer:AttestationService")
  equal(shown(assert(ClaimSet{ { type = "a", value = false, issuer = "CustomClaim" } })), "a=false:Boolean:CustomClaim")
  for _, empty in ipairs{ ClaimSet(), ClaimSet{}, ClaimSet "{}", ClaimSet(setmetatable({}, azattest.array_mt)) } do equal(#empty, 0) end
  equal(#assert(ClaimSet{ a = setmetatable({}, azattest.array_mt) }), 0)
  equal(shown(assert(ClaimSet{ a = {} })), "a={}:String:AttestationService") -- only array_mt makes an empty table a list
end)

test("claims are added one by one, each once", function()
  local claims = assert(ClaimSet())
  local values = { "x", "", "\195\164", 0, -5, true, false, 2 ^ 53 - 1, large }
  for _, value in ipairs(values) do
    equal(claims:add("t", value, "CustomClaim"), true)
    equal(claims:add("t", value, "CustomClaim"), true) -- is there already
  end
  equal(claims:add("u", "x"), true)
  equal(#claims, 10)
  local seen = claims.claims
  for i, value in ipairs(values) do
    equal(seen[i].value, i == 9 and large_back or value)
    equal(seen[i].issuer, "CustomClaim")
  end
  equal(seen[9].value_type, "Integer")
  equal(seen[10].issuer, "AttestationService")
  equal(tostring(claims), "ClaimSet(10 claims: t, t, t, t, t, t, ...)")
  equal(tostring(assert(ClaimSet{ a = 1 })), "ClaimSet(1 claim: a)")
  equal(tostring(assert(ClaimSet())), "ClaimSet(0 claims)")
end)

test("integers stay exact, or are refused", function()
  equal(ClaimSet{ a = large }.claims[1].value, large_back)
  equal(ClaimSet('{"a":' .. large_digits .. "}").claims[1].value, large_back)
  local again = ClaimSet(ClaimSet{ a = large }.claims).claims[1]
  equal(again.value, large_back)
  equal(again.value_type, "Integer")
  equal(ClaimSet{ a = large_digits }.claims[1].value_type, "String")
  local found = assert(policy.evaluate(guest, { svn = { 3, large } }))
  equal(found.claims.level[1], 3)
  equal(found.claims.level[2], large_back)
  for _, float in ipairs{ 2 ^ 53, -2 ^ 53, 1e300 } do
    raises("too large to be exact", ClaimSet, { a = float })
    raises("must be a whole number, and exact", ClaimSet().add, ClaimSet(), "a", float)
  end
  fails(azattest, "E_TYPE", "", ClaimSet '{"a":9223372036854775808}')
  if ffi_available then
    raises("is no integer of 64 bits", ClaimSet().add, ClaimSet(), "a", ffi.new("uint64_t", 2 ^ 63))
    fails(azattest, "E_TYPE", "", ClaimSet{ a = ffi.new("uint64_t", 2 ^ 63) })
    equal(ClaimSet{ a = ffi.new("uint64_t", 5) }.claims[1].value, 5)
    raises("not cdata", ClaimSet, { a = ffi.new("int[2]") })
  end
end)

test("what is no claim is refused", function()
  for _, wrong in ipairs{ { a = 1.5 }, '{"a":1.5}', '{"a":1e999}' } do
    local set, err = ClaimSet(wrong)
    equal(set, nil)
    assert(err.code == azattest.Status.E_TYPE or err.code == azattest.Status.E_MALFORMED, tostring(err))
  end
  for _, wrong in ipairs{ "[", "5", "", "a.b.c", '{"a":1,"a":2}' } do fails(azattest, "E_MALFORMED", "", ClaimSet(wrong)) end
  local endless = {}
  endless.x = endless
  for part, wrong in pairs{
    ["got number"] = 5, ["got boolean"] = true, ["no number that JSON has"] = { a = 0 / 0 }, ["a table of type, value and issuer expected"] = { "x" },
    ["has holes"] = { [1] = { type = "a", value = 1 }, [3] = { type = "a", value = 1 } }, ["lies too deep"] = { a = endless },
    ["a table of them expected, not function"] = { a = print }, ["has a member whose name is a boolean"] = { [true] = 1 },
    ["neither a list nor an object"] = { a = { 1, x = 2 } }, ["__index"] = setmetatable({ a = 1 }, { __index = { b = 2 } }),
    ["the claims.a[1]"] = { a = { print } },
  } do
    contains(raises(part, function() return (ClaimSet(wrong)) end), "policy_claims.lua:")
  end
  fails(azattest, "E_ARGUMENT", "more", ClaimSet{ { type = "a", value = 1, more = 2 } })
  fails(azattest, "E_ARGUMENT", "value", ClaimSet '[{"type":"a"}]')
  local claims = assert(ClaimSet())
  for part, wrong in pairs{
    ["got nil"] = { "a" }, ["got table"] = { "a", {} }, ["a whole number"] = { "a", 1.5 }, ["the type must be a string, got number"] = { 5, 1 },
    ["the issuer must be a string, got number"] = { "a", 1, 5 }, ["NUL"] = { "a\0", 1 }, ["UTF-8"] = { "a", "\255" },
  } do
    raises(part, claims.add, claims, wrong[1], wrong[2], wrong[3])
  end
  raises("", claims.add, claims, "", 1)
  raises("", claims.add, claims, "a", 1, "")
  equal(#claims, 0)
end)

test("a set that was evaluated does not change", function()
  local claims = assert(ClaimSet{ a = 1 })
  assert(policy.evaluate(guest, claims))
  fails(azattest, "E_STATE", "", claims:add("b", 2))
  equal(ClaimSet(claims.claims):add("b", 2), true)
end)

-- ---------------------------------------------------------------------------------------------------- evaluation

test("a permit, with what the token would say", function()
  local found = assert(policy.evaluate(configured, { secureboot = true, svn = { 3, 4 } }))
  equal(found.is_permitted, true)
  equal(found.outcome, "permit")
  equal(found.reason, "the rule of line 5 permits")
  equal(found.deny_line, nil)
  equal(found.deny_rule, nil)
  equal(found.claims.level[1], 3)
  equal(found.claims.level[2], 4)
  equal(found.properties.omit_x5c, true)
  contains(tostring(found), "Permitted: the rule of line 5 permits")
  equal(tostring(found), found.explanation)
end)

test("a deny, and nothing that permits", function()
  local found = assert(policy.evaluate(guest, { secureboot = false, svn = 3 }))
  equal(found.is_permitted, false)
  equal(found.outcome, "deny")
  equal(found.deny_line, 3)
  equal(found.deny_rule, '[type=="secureboot", value==false] => deny();')
  equal(next(found.claims), nil)
  local none = assert(policy.evaluate(of_rules '[type=="a"] => permit();', {}))
  equal(none.is_permitted, false)
  equal(none.reason, "no rule permits")
  equal(none.deny_line, nil)
end)

test("the trace says why", function()
  local made = assert(policy.parse(of_rules '[type=="a"] => add(type="b", value="c");[type=="b"] => permit();[type=="x"] => permit();'))
  local found = assert(made:evaluate{ { type = "a", value = 1, issuer = "CustomClaim" } })
  equal(found.trace[1].fired, true)
  equal(found.trace[1].claims[1].type, "a")
  equal(found.trace[3].fired, false)
  contains(found.trace[3].failed.reason, "there is no claim")
  equal(#found.incoming, 2)
  equal(found.incoming[2].value, "c")
  equal(found.incoming[2].value_type, "String")
  equal(found.incoming[2].issuer, "AttestationPolicy")
  equal(found.incoming[2].valueType, nil)
end)

test("an evaluation outlives what it was made of", function()
  local found = assert(policy.parse(configured)):evaluate(assert(ClaimSet{ svn = 3 }))
  collectgarbage()
  collectgarbage()
  equal(found.claims.level, 3)
  contains(tostring(found), "issues level = 3")
end)

test("what fails is no evaluation", function()
  local made = assert(policy.parse(failing))
  fails(azattest, "E_POLICY_EVALUATION", "line 4", made:evaluate{ doc = "{not JSON" })
  fails(azattest, "E_LIMIT", "", made:evaluate({ doc = "1" }, { work_limit = 1 }))
  equal(made:evaluate({ doc = "1" }, { work_limit = 1000 }).claims.x, 1)
  for _, wrong in ipairs{ 0, -1, 0.5, "1" } do raises("work_limit", made.evaluate, made, {}, { work_limit = wrong }) end
end)

test("with a type claims get what the service adds", function()
  local claims = assert(ClaimSet({ ["x-ms-sgx-svn"] = 3 }, { attestation_type = "SgxEnclave" }))
  equal(#claims, 4)
  equal(shown(assert(ClaimSet('{"x-ms-sgx-svn": 3}', { attestation_type = "sgx" }))), shown(claims))
  equal(#assert(ClaimSet(nil, { attestation_type = "Tpm" })), 1)
  equal(#assert(ClaimSet({ { type = "x-ms-sgx-svn", value = 3 } }, { attestation_type = "SgxEnclave" })), 1)
  fails(azattest, "E_ARGUMENT", 'expected "tpm"', ClaimSet({ ["x-ms-attestation-type"] = "sgx" }, { attestation_type = "Tpm" }))
  raises("unknown option 'x'", ClaimSet, {}, { x = 1 })
  raises("the options must be a table", ClaimSet, {}, 5)
  local text = 'version= 1.0;authorizationrules{[type=="$svn", value==3] => permit();};'
  local given = { ["x-ms-sgx-svn"] = 3 }
  equal(policy.evaluate(text, given).is_permitted, false)
  equal(policy.evaluate(text, given, { attestation_type = "SgxEnclave" }).is_permitted, true)
  local made = assert(policy.parse(text, { attestation_type = "SgxEnclave" }))
  equal(made:evaluate(given).is_permitted, true)
  equal(made:evaluate(ClaimSet(given)).is_permitted, false)
end)

test("options of evidence are for evidence", function()
  for name, value in pairs{ nonce = "n", runtime_data = "x" } do
    for _, claims in ipairs{ {}, ClaimSet(), "{}" } do
      raises("option '" .. name .. "' is for evidence", policy.evaluate, guest, claims, { [name] = value })
    end
    raises("option '" .. name .. "' is for evidence", ClaimSet, {}, { [name] = value })
  end
  raises("option 'attestation_type' is for evidence", policy.evaluate, guest, ClaimSet(), { attestation_type = "Tpm" })
  raises("unknown option 'work_limt'", policy.evaluate, guest, {}, { work_limt = 5 })
  raises("the options must be a table", policy.evaluate, guest, {}, 5)
  raises("claims expected, got nil", policy.evaluate, guest)
  raises("got number", policy.evaluate, guest, 5)
  raises("got function", policy.evaluate, guest, print)
  raises("got userdata", policy.evaluate, guest, policy.parse(guest))
end)

-- ---------------------------------------------------------------------------------------- tokens and evidence

real("a token's claims, whatever it is given as", function()
  local text = h.token "sgx-shared-2022-11"
  local token = assert(azattest.inspect(text))
  local made = assert(policy.parse(policy.default_text "SgxEnclave", { attestation_type = "SgxEnclave" }))
  local result = assert(token:result{ unverified = true })
  equal(made:matches_token(token), true)
  equal(made:matches_token(text), true)
  equal(made:matches_token(result), true)
  equal(policy.parse(guest):matches_token(token), false)
  equal(made:matches_token(assert(azattest.inspect "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.")), nil)
  raises("AttestationToken expected", made.matches_token, made, 5)
  fails(azattest, "E_TOKEN_MALFORMED", "", made:matches_token "x")
  local body = token:body()
  for _, given in ipairs{ token, result } do
    local found = assert(made:evaluate(given))
    equal(found.is_permitted, true)
    for name, value in pairs(found.claims) do equal(value, body[name], name) end
    equal(found.claims["sgx-mrsigner"], body["x-ms-sgx-mrsigner"])
  end
  local claims = assert(ClaimSet.from_token(text, { attestation_type = "SgxEnclave" }))
  equal(shown(claims), shown(assert(ClaimSet.from_token(result))))
  raises("is for evidence alone", ClaimSet.from_token, token, { nonce = "n" })
  raises("unknown option 'x'", ClaimSet.from_token, token, { x = "n" })
  fails(azattest, "E_ARGUMENT", "TdxVm", ClaimSet.from_token(token, { attestation_type = "TdxVm" }))
  raises("AttestationToken expected, got nil", ClaimSet.from_token, nil)
end)

real("a response's claims are its token's", function()
  local validator = azattest.Verifier{ endpoint = "https://sharedwus.wus.attest.azure.net", validation_options = { at = 1668650000 } }
  local response = assert(validator:validate(h.token "sgx-shared-2022-11", { signers = h.keys "wus-shared-2022-11" }))
  equal(policy.evaluate(policy.default_text "SgxEnclave", response).is_permitted, true)
  equal(policy.parse(policy.default_text "SgxEnclave"):matches_token(response), true)
end)

real("evidence: would it be admitted, and what would the token say", function()
  local content = h.evidence "sgx/azure-intelsdk-2023-release.json"
  local quote = assert(azattest.Evidence.load(content))
  local made = assert(policy.parse(policy.default_text "SgxEnclave", { attestation_type = "SgxEnclave" }))
  local found = assert(made:evaluate(quote))
  equal(found.is_permitted, true)
  equal(found.claims["product-id"], quote.product_id)
  equal(found.claims.tee, "sgx")
  equal(shown(assert(ClaimSet.from_evidence(quote))), shown(assert(ClaimSet.from_evidence(content))))
  assert(made:evaluate(quote, { runtime_data = quote.held_data, work_limit = 1000 }))
  assert(made:evaluate(quote, { runtime_data = azattest.AttestationData(quote.held_data, false) }))
  fails(azattest, "E_BINDING", "", made:evaluate(quote, { runtime_data = "other" }))
  fails(azattest, "E_ARGUMENT", "TdxVm", made:evaluate(quote, { attestation_type = "TdxVm" }))
  fails(azattest, "E_ARGUMENT", "TdxVm", policy.parse(guest, { attestation_type = "TdxVm" }):evaluate(quote))
  raises("unknown option 'x'", made.evaluate, made, quote, { x = 1 })
  local difference = assert(made:compare(guest))
  equal(difference:add("quote", quote, { nonce = "n" }), true)
  equal(difference.outcome_count, 1)
  fails(azattest, "E_EVIDENCE", "", ClaimSet.from_evidence "nonsense")
  raises("Evidence expected, got table", ClaimSet.from_evidence, {})
end)

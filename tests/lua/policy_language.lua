-- The policy language without a service: policies, reports, differences, and every real policy. Claims and evaluations are
-- in policy_claims.lua.

local azattest = require "azattest"
local policy = require "azattest.policy"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises

local ClaimSet, Policy = azattest.ClaimSet, azattest.Policy

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
local broken = [[
version= 1.0;
authorizationrules {
	[type="secureboot"] => permit();
};
issuancerules {
  [type=="a"] => issue(type="b", value=c.value);
};
]]

local function of_rules(rules) return "version= 1.0;authorizationrules{" .. rules .. "};" end

-- ------------------------------------------------------------------------------------------------------- parsing

test("a policy reads back", function()
  local made = assert(Policy.parse(guest))
  equal(made.text, guest)
  equal(made.version, "1.0")
  equal(made.rule_count, 3)
  equal(made.policy_hash, policy.policy_hash(guest))
  equal(#made.policy_hash, 32)
  contains(tostring(made), "Policy(version 1.0, 3 rules, hash ")
  equal(#tostring(made):match "hash ([%w_-]+)%)$", 43)
  raises("Policy has no member 'txt'", function() return made.txt end)
end)

test("it stands for its text where one is wanted", function()
  local made = assert(policy.parse(guest))
  equal(policy.policy_hash(made), made.policy_hash)
  equal(policy.create_policy_token(made):serialize(), policy.create_policy_token(guest):serialize())
  equal(azattest.StoredAttestationPolicy(made).attestation_policy, guest)
  local sent = {}
  local options = {
    endpoint = "https://sharedwus.wus.attest.azure.net", retry_total = 0, credential = "access-token",
    transport = { send = function(_, request) sent[#sent + 1] = request.body return nil, "nothing is sent", "final" end,
                  sleep = function() end },
  }
  local admin = assert(azattest.AttestationAdministrationClient(options))
  fails(azattest, "E_TRANSPORT", "nothing is sent", admin:set_policy("AzureGuest", made))
  equal(sent[1], policy.create_policy_token(guest):serialize())
  options.credential = nil
  local client = assert(azattest.AttestationClient(options))
  fails(azattest, "E_TRANSPORT", "nothing is sent", client:attest_sgx_enclave("quote", { draft_policy = made }))
  contains(sent[2], "authorizationrules")
  raises("draft_policy' must be a string", client.attest_sgx_enclave, client, "quote", { draft_policy = {} })
end)

test("the tree has places", function()
  local tree = policy.parse(guest):tree()
  equal(tree.version, "1.0")
  equal(getmetatable(tree.sections), azattest.array_mt)
  equal(tree.sections[1].name, "authorizationrules")
  local deny = tree.sections[1].rules[1]
  equal(deny.action.kind, "deny")
  equal(deny.line, 3)
  equal(deny.column, 3)
  equal(deny.conditions[1].tests[1].property, "type")
  equal(deny.conditions[1].identifier, azattest.null)
  contains(tree.comments[1].text, "a must")
end)

test("a tree may be as deep as calls are", function()
  local call = "c.value"
  for _ = 1, 60 do call = "AppendString(" .. call .. ', "x")' end
  local made = assert(policy.parse('version= 1.2;authorizationrules{c:[type=="a"] => add(type="b", value=' .. call .. ");=> permit();};"))
  local node, depth = made:tree().sections[1].rules[1].action.assignments[2].expression, 0
  while node.kind == "call" do node, depth = node.arguments[1], depth + 1 end
  equal(depth, 60)
  equal(made:evaluate{ a = "-" }.incoming[2].value, "-" .. ("x"):rep(60))
end)

test("texts for people", function()
  local made = assert(policy.parse(guest))
  contains(made.formatted, "// a must")
  equal(policy.parse(made.formatted).formatted, made.formatted)
  equal(policy.format(guest), made.formatted)
  equal(policy.format(made), made.formatted)
  equal(policy.compare(made, made.formatted).is_same, true)
  contains(made.explanation, "Line 3: denies")
  equal(policy.explain(guest), policy.explain(made))
end)

test("every error is listed with its place", function()
  local err = fails(azattest, "E_POLICY", "line 3, column 7", policy.parse(broken))
  equal(#err.problems, 2)
  contains(err.problems[1].detail, "line 3, column 7: ")
  contains(err.problems[2].detail, "line 6, column 40: ")
  equal(err.problems[2].code, azattest.Status.E_POLICY)
  for _, call in ipairs{ policy.format, policy.explain, policy.evaluate, policy.compare } do
    fails(azattest, "E_POLICY", "line 3, column 7", call(broken, {}))
  end
  fails(azattest, "E_POLICY", "line 3, column 7", policy.parse(guest):compare(broken))
end)

test("lenient lets pass what the service may take", function()
  local text = guest:gsub("issuancerules", "IssuanceRules")
  fails(azattest, "E_POLICY", "", policy.parse(text))
  fails(azattest, "E_POLICY", "", policy.parse(text, { lenient = false }))
  local made = assert(policy.parse(text, { lenient = true }))
  local severity
  for _, finding in ipairs(made:lint().findings) do
    if finding.id == "keyword-case" then severity = finding.severity end
  end
  equal(severity, "warning")
end)

test("wrong use of policies raises at the caller's line", function()
  for _, call in ipairs{ policy.parse, policy.lint, policy.format, policy.explain, policy.evaluate, policy.compare, Policy.parse } do
    contains(raises("must be a string, got nil", function() return (call(nil)) end), "policy_language.lua:")
    raises("must be a string, got table", call, {})
  end
  for _, call in ipairs{ policy.parse, policy.lint } do
    fails(azattest, "E_ARGUMENT", "NUL", call "a\0b") -- of a file, perhaps: no wrong use
    fails(azattest, "E_ARGUMENT", "UTF-8", call "\255")
    raises("unknown option 'lenent'", call, guest, { lenent = true })
    raises("option 'lenient' must be true or false", call, guest, { lenient = 1 })
    raises("option 'attestation_type' must be a string", call, guest, { attestation_type = 5 })
    raises("the options must be a table", call, guest, "SgxEnclave")
    raises("__index", call, guest, setmetatable({}, { __index = { lenient = true } }))
  end
  fails(azattest, "E_LIMIT", "", policy.parse(guest:rep(1000)))
  fails(azattest, "E_POLICY", "", policy.parse(""))
  local made = assert(policy.parse(guest))
  raises("options of its own", policy.lint, made, { attestation_type = "Tpm" })
  raises("Policy expected, got string", made.evaluate, guest, {})
  raises("Policy expected, got userdata", policy.format, ClaimSet())
end)

-- ------------------------------------------------------------------------------------------------------- reports

test("any text has a report", function()
  for _, text in ipairs{ broken, "", "no policy at all" } do
    local report = assert(policy.lint(text))
    assert(report.error_count > 0)
    equal(#report, report.error_count + report.warning_count + report.note_count)
    equal(#report.findings, #report)
    equal(report.is_cut, false)
    equal(#h.json(report.json), #report)
  end
end)

test("a report prints as a compiler does", function()
  local report = assert(policy.lint(broken))
  contains(tostring(report), "3:7: error: ")
  contains(tostring(report), " [single-equals]\n")
  contains(tostring(report), "\n2 errors")
  local finding = report.findings[1]
  equal(tostring(finding), tostring(report):match "^[^\n]*")
  finding.line = 0 / 0
  contains(tostring(finding), "0:7: error: ")
  finding.line = 3
  equal(finding.id, "single-equals")
  equal(finding.line, 3)
  equal(finding.column, 7)
  equal(broken:sub(finding.offset + 1, finding.offset + finding.length), "=")
  equal(tostring(policy.lint(of_rules '[type=="x-ms-sgx-is-debuggable", value==false] => permit();')), "no findings")
end)

test("nothing of a text steers a terminal", function()
  local report = assert(policy.lint(of_rules('[type=="\27[31m' .. ("x"):rep(300) .. '", value>="a"] => permit();')))
  assert(report.error_count > 0)
  assert(not tostring(report):find "\27")
  assert(not tostring(report.findings[1]):find "\27")
end)

test("types know their claims, and comments silence", function()
  local text = of_rules '[type=="x-ms-sgx-mrsignr"] => permit();'
  local function unknown(report)
    for _, finding in ipairs(report.findings) do
      if finding.id == "unknown-claim" then return finding end
    end
  end
  local found = unknown(policy.lint(text, { attestation_type = "SgxEnclave" }))
  contains(found.message .. tostring(found.expected), "x-ms-sgx-mrsigner")
  equal(unknown(policy.parse(text, { attestation_type = "SgxEnclave" }):lint()).message, found.message)
  equal(unknown(policy.lint("// azattest: ignore-file unknown-claim\n" .. text)), nil)
end)

test("the rules of the linter are known", function()
  local rules, ids = policy.lint_rules(), {}
  for _, rule in ipairs(rules) do
    assert(rule.id and rule.severity and rule.meaning and rule.fix)
    ids[rule.id] = true
  end
  equal(ids["single-equals"], true)
end)

-- --------------------------------------------------------------------------------------------------- differences

test("rules that differ", function()
  local same = assert(policy.compare(guest, (guest:gsub("// a must", ""))))
  equal(same.is_same, true)
  equal(same.is_same_text, false)
  equal(same.change_count, 0)
  equal(policy.compare(guest, guest).is_same_text, true)
  local differs = assert(policy.parse(guest):compare((guest:gsub('"level"', '"grade"'))))
  equal(differs.is_same, false)
  equal(differs.change_count, 1)
  equal(differs:to_dict().changes[1].kind, "rule_changed")
  equal(tostring(differs), differs.text)
  assert(differs.text:find '\n%-[^\n]*"level"', differs.text)
  assert(differs.text:find '\n%+[^\n]*"grade"', differs.text)
end)

test("outcomes that differ", function()
  local found = assert(azattest.PolicyDifference.compare(guest, (guest:gsub("==false", "==true"))))
  equal(found:add("on", { secureboot = true }), true)
  equal(found:add("off", assert(ClaimSet{ secureboot = false })), true)
  equal(found:add("none", "{}"), true)
  equal(found.outcome_count, 3)
  equal(found.outcome_changed_count, 2)
  local outcomes = found:to_dict().outcomes
  equal(outcomes[1].name, "on")
  equal(outcomes[1].before.outcome, "permit")
  equal(outcomes[1].after.outcome, "deny")
  equal(outcomes[3].changed, false)
  raises("the name of the claims must be a string", found.add, found, 5, {})
  raises("unknown option 'work_limit'", found.add, found, "x", {}, { work_limit = 5 })
  raises("claims expected, got nil", found.add, found, "x")
end)

-- -------------------------------------------------------------------------------------------------- real policies

local refused = { ["09"] = 5, ["14"] = 5, ["23"] = 4, ["24"] = 13, ["27"] = 23, ["44"] = 1, ["45"] = 1 } -- line of the first error
local names = {
  "01-default-azureguest", "02-default-sevsnp-tdx", "03-default-sgx-2023", "04-default-sgx-2021-recorded",
  "05-default-sgx-2020-legacy", "06-default-sgx-2021-docs", "07-minimal-permit", "08-minimal-permit-spaced",
  "09-sgx-custom-placeholders", "10-sgx-two-signers", "11-mrsigner-rotation-before", "12-mrsigner-rotation-during",
  "13-mrsigner-rotation-after", "14-sgx-custom-tcb", "15-sgx-oe-tcb10-aad", "16-sgx-oe-tcb10-isolated-dup",
  "17-oe-draft-debuggable", "18-oe-draft-denied", "19-oe-my-mrsigner", "20-tpm-deny-all", "21-tpm-permit-secure-boot",
  "22-tpm-add-custom-claim", "23-author-article-broken", "24-functions-article-broken", "25-tpm-10-platform",
  "26-tpm-11-config", "27-tpm-12-sample-broken", "28-tpm-10-simple", "29-tpm-12-hvci-driver", "30-tpm-12-linux-ima",
  "31-tpm-10-six", "32-tpm-12-windows", "33-tpm-12-pcrs", "34-tpm-12-drtm", "35-vbs-12-enclave", "36-tpm-12-issue-all",
  "37-tpm-12-critical", "38-tpm-12-drivers", "39-tpm-12-key-attest", "40-constellation-azureguest", "41-oe-greg",
  "42-cyres-default", "43-vbs-10-custom-claim", "44-legacy-json-azureguest", "45-legacy-json-sqlserver",
}
local invalid = {
  ["01-version-no-semicolon"] = 2, ["02-section-no-semicolon"] = 3, ["03-single-equals"] = 4, ["04-action-without-type"] = 5,
  ["05-negation-in-10"] = 4, ["06-function-in-11"] = 5, ["07-configuration-in-10"] = 2, ["08-sections-swapped"] = 2,
  ["09-no-authorizationrules"] = 2, ["10-permit-in-issuance"] = 3, ["11-unbound-identifier"] = 5,
  ["12-relational-on-string"] = 4, ["13-unterminated-string"] = 4, ["14-arity"] = 5, ["15-bad-jmespath"] = 5, ["16-fraction"] = 3,
}

local function text_of(name) return h.evidence("policies/" .. name .. ".policy") end

for _, name in ipairs(names) do
  local line = refused[name:sub(1, 2)]
  if line then
    real("is refused where its fault is: " .. name, function()
      local err = fails(azattest, "E_POLICY", "line " .. line .. ", column", policy.parse(text_of(name)))
      equal(policy.lint(text_of(name)).error_count, #err.problems)
    end)
  else
    real("is read, laid out, linted and evaluated: " .. name, function()
      local options = { lenient = name:sub(1, 2) == "39" }
      local made = assert(policy.parse(text_of(name), options))
      equal(made.text, text_of(name))
      equal(made:lint().error_count, 0, tostring(made:lint()))
      local again = assert(policy.parse(made.formatted, options))
      equal(made:compare(again).is_same, true)
      equal(again.formatted, made.formatted)
      local rules = 0
      for _, section in ipairs(made:tree().sections) do rules = rules + #section.rules end
      equal(made.rule_count, rules)
      contains(made.explanation, "Version " .. made.version)
      local found = assert(made:evaluate{})
      equal(found.outcome, found.is_permitted and "permit" or "deny")
      equal(#found.trace, rules)
    end)
  end
end
for name, line in pairs(invalid) do
  real("is refused where its fault is: invalid/" .. name, function()
    fails(azattest, "E_POLICY", "line " .. line .. ", column", policy.parse(text_of("invalid/" .. name)))
  end)
end

local signer = ("2c"):rep(32)
local sgx = { ["x-ms-attestation-type"] = "sgx", ["x-ms-sgx-is-debuggable"] = false, ["x-ms-sgx-product-id"] = 1, ["x-ms-sgx-svn"] = 2,
              ["x-ms-sgx-mrsigner"] = signer, ["x-ms-sgx-mrenclave"] = "ee" }

-- The name of a policy, claims, and what it issues (false: it denies).
for what, each in pairs{
  ["the default of SGX renames"] = { "03-default-sgx-2023", sgx,
    { ["is-debuggable"] = false, ["sgx-mrsigner"] = signer, ["sgx-mrenclave"] = "ee", ["product-id"] = 1, svn = 2, tee = "sgx" } },
  ["a guest with secure boot"] = { "01-default-azureguest", { secureboot = true }, {} },
  ["a guest without secure boot"] = { "01-default-azureguest", { secureboot = false }, false },
  ["another signer"] = { "11-mrsigner-rotation-before", { ["x-ms-sgx-is-debuggable"] = false, ["x-ms-sgx-mrsigner"] = "mrsigner2" }, false },
  ["a claim of the client is none of the service"] = { "21-tpm-permit-secure-boot",
    { { type = "secureBootEnabled", value = true, issuer = "CustomClaim" } }, false },
  ["a document that is issued whole"] = { "36-tpm-12-issue-all", { bootEvents = "b", events = { Events = setmetatable({}, azattest.array_mt) } },
    { outputBootEvents = "b", outputEvents = '{"Events":[]}' } },
  ["queries over a document"] = { "34-tpm-12-drtm", { events = { Events = {
      { EventSeq = 20, EventTypeString = "EV_EVENT_TAG", PcrIndex = 20,
        ProcessedData = { EVENT_TRUSTBOUNDARY = { EVENT_DRTM_STATE_AUTH = { SignatureValid = true } } } },
      { EventSeq = 15, EventTypeString = "EV_EVENT_TAG", PcrIndex = 20, ProcessedData = { EVENT_DRTM_SMM = { Value = 3 } } },
    } } }, { drtmMleValid = true, smmLevel = 3 } },
} do
  real("comes out as it has to: " .. what, function()
    local found = assert(policy.evaluate(text_of(each[1]), each[2]))
    equal(found.is_permitted, each[3] ~= false, tostring(found))
    for name, value in pairs(each[3] or {}) do equal(found.claims[name], value, name) end
    for name in pairs(found.claims) do assert((each[3] or {})[name] ~= nil, name) end
  end)
end

real("the defaults are known by name", function()
  for name, type_of_attestation in pairs{ ["01-default-azureguest"] = "AzureGuest", ["02-default-sevsnp-tdx"] = "sev-snp-vm" } do
    equal(policy.default_text(type_of_attestation), text_of(name))
    local made = assert(policy.parse(text_of(name)))
    contains(policy.known_name(made.policy_hash), "default of")
    contains(tostring(made), ": default of ")
  end
  equal(policy.default_text "Tpm", nil)
  equal(policy.default_text "nothing", nil)
  equal(policy.known_name(("\0"):rep(32)), nil)
  equal(policy.known_name "", nil)
  raises("must be a string, got nil", policy.known_name, nil)
  raises("must be a string, got number", policy.default_text, 5)
end)

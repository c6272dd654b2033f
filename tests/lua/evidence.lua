-- Evidence: parsed and verified offline.

local azattest = require "azattest"
local evidence = require "azattest.evidence"
local h = require "harness"
local test, real, equal, contains, fails = h.test, h.real, h.equal, h.contains, h.fails

local at = 1700000000 -- 14 November 2023

test("nonsense is refused", function()
  fails(azattest, "E_EVIDENCE", "", azattest.Evidence.parse("nonsense"))
  local none, err = azattest.Evidence.load("")
  equal(none, nil)
  assert(err.code == azattest.Status.E_EVIDENCE or err.code == azattest.Status.E_MALFORMED, tostring(err))
end)

real("a real quote has fields", function()
  local raw = h.evidence("sgx/azure-intelsdk-2023-release.quote.bin")
  local quote = assert(azattest.Evidence.parse(raw))
  equal(quote.kind, "sgx_quote")
  equal(quote.form, "raw")
  equal(quote.version, 3)
  equal(quote.raw, raw)
  equal(#quote.mr_enclave, 32)
  equal(#quote.mr_signer, 32)
  equal(#quote.report_data, 64)
  equal(#quote.cpu_svn, 16)
  equal(quote.product_id, 1)
  equal(quote.svn, 1)
  equal(quote.is_debuggable, false)
  equal(quote.held_data, nil)
  equal(type(quote:fields()), "table")
  contains(tostring(quote), "Evidence(sgx_quote, version 3, mr_enclave=d37d983a...")
end)

real("a file of the Azure samples is unwrapped, and its held data is bound", function()
  local quote = assert(evidence.load(h.evidence("sgx/azure-intelsdk-2023-release.json")))
  equal(quote.form, "json")
  equal(quote:check_binding(quote.held_data), true)
  fails(azattest, "E_BINDING", "", quote:check_binding(quote.held_data .. "x"))
  local facts = assert(evidence.inspect(h.evidence("sgx/azure-intelsdk-2023-release.json")))
  equal(facts.kind, "sgx_quote")
  equal(facts.version, 3)
end)

for _, name in ipairs{ "sgx/azure-intelsdk-2023-release.quote.bin", "openenclave/azure-oesdk-release.json" } do
  real("verifies: " .. name, function()
    local verdict = assert(evidence.verify(h.evidence(name), { at = at }))
    equal(verdict.is_valid, true, tostring(verdict))
    equal(verdict.root, "intel")
    contains(tostring(verdict), "valid VerificationResult(root=intel")
    contains(table.concat(verdict.not_checked, " "), "tcb")
    assert(#verdict.checks > 3)
    equal(type(verdict.checks[1].id), "string")
    equal(type(verdict.checks[1].detail), "string")
    equal(verdict.checks[1].required, true)
    equal(verdict:to_dict().verdict, "valid")
  end)
end

for _, name in ipairs{ "neg-sgx-sig-bitflip.bin", "neg-sgx-report-data.bin", "neg-sgx-qe-sig.bin",
                       "neg-sgx-no-intermediate.bin", "neg-sgx-other-platform-chain.bin" } do
  real("does not verify: " .. name, function()
    local verdict = assert(evidence.verify(h.evidence("sgx/" .. name), { at = at }))
    equal(verdict.is_valid, false)
    contains(tostring(verdict), "INVALID VerificationResult(")
    equal(verdict:to_dict().verdict, "invalid")
  end)
end

real("a required check that was not run is told from one that nobody asked for", function()
  local verdict = assert(evidence.verify(h.evidence("snp/milan-v3.report.bin"), { at = at }))
  equal(verdict.is_valid, false)
  local missing = {}
  for _, check in ipairs(verdict.checks) do
    assert(check.ok ~= false, check.id)
    if check.ok == nil and check.required then missing[#missing + 1] = check.id end
  end
  contains(table.concat(missing, " "), "report_signature")
  contains(tostring(verdict), "INVALID VerificationResult(" .. missing[1] .. ": ")
end)

for _, name in ipairs{ "neg-sgx-truncated.bin", "neg-sgx-version.bin" } do
  real("does not parse: " .. name, function()
    local parsed, err = evidence.load(h.evidence("sgx/" .. name))
    equal(parsed, nil)
    assert(err.code == azattest.Status.E_EVIDENCE or err.code == azattest.Status.E_UNSUPPORTED, tostring(err))
  end)
end

real("DEBUG is a warning, or refused on request", function()
  local content = h.evidence("sgx/azure-intelsdk-2023-debug.quote.bin")
  local verdict = assert(evidence.verify(content, { at = at }))
  equal(verdict.is_valid, true, tostring(verdict))
  contains(table.concat(verdict.warnings, " "), "DEBUG")
  equal(assert(evidence.verify(content, { at = at, allow_debug = false })).is_valid, false)
  contains(tostring(assert(evidence.load(content))), "DEBUG")
end)

real("runtime data that is not bound makes a verdict invalid", function()
  local quote = assert(evidence.load(h.evidence("sgx/azure-intelsdk-2023-release.json")))
  equal(assert(evidence.verify(quote, { at = at, runtime_data = quote.held_data })).is_valid, true)
  equal(assert(quote:verify{ at = at, runtime_data = "other" }).is_valid, false)
end)

test("options of verify are known or refused", function()
  h.raises("Evidence expected, got table", evidence.verify, {})
  if h.evidence_folder then
    local content = h.evidence("sgx/azure-intelsdk-2023-release.quote.bin")
    h.raises("verify: unknown option 'allow_debugging'", evidence.verify, content, { allow_debugging = true })
  end
end)

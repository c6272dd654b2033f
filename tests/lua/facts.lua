-- Every file of the evidence gets the verdict and the field values that facts.json, written by an independent checker, states
-- for it; collateral included. The same comparison as tests/python/test_evidence_facts.py.

local azattest = require "azattest"
local evidence = require "azattest.evidence"
local h = require "harness"
local real, equal, contains = h.real, h.equal, h.contains

local folder = h.evidence_folder and h.evidence_folder .. "/"
local facts = folder and h.json(h.evidence "facts.json") or {}
local day = 86400

-- "2022-11-17 10:00:00" or "2022-11-17", UTC, in seconds.
local function moment(text)
  local year, month, date, rest = text:match "^(%d+)-(%d+)-(%d+)(.*)$"
  local hour, minute, second = rest:match "(%d+):(%d+):(%d+)"
  year, month = tonumber(year), tonumber(month)
  local y = month <= 2 and year - 1 or year
  local era_year = y % 400
  local day_of_year = math.floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + date - 1
  local days = math.floor(y / 400) * 146097 + era_year * 365 + math.floor(era_year / 4) - math.floor(era_year / 100) + day_of_year - 719468
  return days * day + (tonumber(hour) or 0) * 3600 + (tonumber(minute) or 0) * 60 + (tonumber(second) or 0)
end

local snp_day, vlek_day = moment "2026-03-01", moment "2025-09-01" -- in the life of every VCEK, and of the VLEK

local function hex(bytes) return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

local function unhex(text) return (text:gsub("..", function(two) return string.char(tonumber(two, 16)) end)) end

-- Hexadecimal digits as decimal text, which is exact in every machine.
local function integer_of(digits)
  local decimal = { 0 }
  for byte in digits:gmatch "%x%x" do
    local carry = tonumber(byte, 16)
    for i = 1, #decimal do
      carry = carry + decimal[i] * 256
      decimal[i] = carry % 10
      carry = math.floor(carry / 10)
    end
    while carry > 0 do
      decimal[#decimal + 1] = carry % 10
      carry = math.floor(carry / 10)
    end
  end
  return (table.concat(decimal):reverse():gsub("^0+(.)", "%1"))
end

local function little(text)
  local bytes = {}
  for two in text:gmatch ".." do table.insert(bytes, 1, two) end
  return integer_of(table.concat(bytes))
end

local function decimal(value)
  if type(value) == "string" then return value end
  return ("%.0f"):format(value)
end

local function all(checks)
  for _, ok in pairs(checks) do
    if not ok then return false end
  end
  return true
end

-- Sorted, so that every run is the same. `body` gets each file of these kinds in those folders.
local function each_file(folders, kinds, body)
  local names = {}
  for name, fact in pairs(facts) do
    if folders[name:match "^[^/]+"] and kinds[fact.kind] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local ok, reason = xpcall(body, function(failure) return debug.traceback(tostring(failure), 2) end, name, facts[name])
    if not ok then error(name .. ": " .. reason, 0) end
  end
end

local function set(...)
  local words = {}
  for _, word in ipairs{ ... } do words[word] = true end
  return words
end

local function outcomes(verdict)
  local seen = {}
  for _, check in ipairs(verdict.checks) do seen[check.id] = check.ok end
  return seen
end

local ours = { -- checks of this library by the facts' names
  quote_sig = "quote_signature", qe_binding = "qe_report_binding", qe_report_sig = "qe_report_signature", chain_sigs = "pck_chain",
  held_data_binding = "runtime_data", MrEnclaveHex_matches = "document_fields", report_sig = "report_signature",
  chip_id_matches = "chip_id", tcb_matches = "vcek_tcb", chain_to_ark = "ark_root", runtime_data_binding = "runtime_claims_binding",
  tdinfo_hash = "hcl_structure", tee_tcb_info_hash = "hcl_structure",
}

local function same_outcomes(verdict, checks)
  local seen = outcomes(verdict)
  for theirs, name in pairs(ours) do
    if checks[theirs] ~= nil then equal(seen[name], checks[theirs], name) end
  end
end

-- Readers of an object against facts, which may have names of their own.
local function same(seen, wanted, names)
  for name, theirs in pairs(names) do
    if type(name) == "number" then name = theirs end
    if wanted[theirs] ~= nil then
      local value = seen[name]
      if type(value) == "string" then value = hex(value) end
      equal(value, wanted[theirs], name)
    end
  end
end

local function absent(seen, names)
  for _, name in ipairs(names) do equal(seen[name], nil, name) end
end

local function load(name) return azattest.Evidence.load(h.evidence(name)) end

local function paths(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = folder .. name end
  return (unpack or table.unpack)(list)
end

local function collateral_of(names) return assert(azattest.Collateral.load(paths(names))) end

-- ------------------------------------------------------------------------------------------------------- Intel

local function sgx_fields(found, body)
  same(found, body, { mr_enclave = "mrenclave", mr_signer = "mrsigner", cpu_svn = "cpusvn", product_id = "isvprodid", svn = "isvsvn" })
  equal(#found.config_id, 64)
  equal(#found.isv_family_id, 16)
  equal(#found.isv_extended_product_id, 16)
  equal(type(found.config_svn), "number")
  absent(found, { "mr_td", "td_attributes", "xfam", "measurement", "guest_policy", "vmpl", "guest_svn", "nonce", "tee_tcb_svn" })
  equal(found:rtmr(0), nil)
end

local function tdx_fields(found, body)
  same(found, body, { mr_td = "mrtd", mr_seam = "mrseam", mr_signer_seam = "mrsignerseam", mr_config_id = "mrconfigid",
                      mr_owner = "mrowner", mr_service_td = "mrservicetd", tee_tcb_svn = "tee_tcb_svn" })
  for i = 0, 3 do equal(hex(found:rtmr(i)), body["rtmr" .. i], "RTMR " .. i) end
  equal(decimal(found.td_attributes), little(body.td_attributes), "td_attributes")
  equal(decimal(found.xfam), little(body.xfam), "xfam")
  equal(#found.mr_owner_config, 48)
  equal(found.mr_service_td == nil, body.mrservicetd == nil)
  absent(found, { "mr_enclave", "mr_signer", "product_id", "svn", "config_svn", "measurement", "runtime_claims" })
end

local function intel_fields(found, fact)
  same(found, fact, { "version", "fmspc", "pceid" })
  equal(found.tee, fact.tee)
  same(found, fact.body, { report_data = "report_data", is_debuggable = "debug" })
  equal(#(found.trailing or ""), fact.trailing_bytes)
  equal(found:fields().signature.certification_data_type, fact.cert_type)
  local issuer = fact.chain and fact.chain[2] or ""
  if issuer:find "PCK" then equal(found.pck_ca, issuer:find "Platform" and "platform" or "processor") end
  if fact.tee == "sgx" then sgx_fields(found, fact.body) else tdx_fields(found, fact.body) end
end

local function intel_verdict(found, fact, wanted)
  local at = fact.pck_notafter and moment(fact.pck_notafter) - day or moment "2023-06-01"
  local verdict = assert(found:verify{ at = at })
  equal(verdict.is_valid, wanted, tostring(verdict))
  same_outcomes(verdict, fact.checks)
  if not wanted then return end
  equal(verdict.root, "intel")
  local left = table.concat(verdict.not_checked, " ")
  for _, name in ipairs{ "tcb", "revocation", "qe_identity", fact.tee == "tdx" and "tdx_module" or "tcb" } do contains(left, name) end
  equal(verdict.is_complete, false)
  equal(table.concat(verdict.warnings, " "):find("DEBUG", 1, true) ~= nil, fact.body.debug)
  equal(assert(found:verify{ at = at, allow_debug = false }).is_valid, not fact.body.debug)
end

real("quotes and reports of Intel have the fields and verdicts of the facts", function()
  local counts = { [true] = 0, [false] = 0 }
  each_file(set("sgx", "tdx", "openenclave"), set("quote", "oe_report"), function(name, fact)
    local wanted = fact.checks.intel_root == true and all(fact.checks)
    local found, err = load(name)
    if found then
      intel_fields(found, fact)
      intel_verdict(found, fact, wanted)
    else -- the one fault that is of the form
      equal(fact.checks.oe_size, false, tostring(err))
      equal(wanted, false)
    end
    counts[wanted] = counts[wanted] + 1
  end)
  assert(counts[true] >= 25 and counts[false] >= 13, counts[true] .. " valid, " .. counts[false] .. " not")
end)

real("what the facts call rejected is never valid", function()
  local count = 0
  each_file(set("sgx", "tdx", "openenclave"), set("rejected"), function(name)
    local found, err = load(name)
    if not found then
      assert(#err.message > 10)
    else -- a certificate reads as one, whatever is wrong with the evidence inside
      contains(name, ".der")
      equal(assert(found:verify()).is_valid, false)
    end
    count = count + 1
  end)
  assert(count >= 4)
end)

local others = { "collateral/tcb-signing.der", "collateral/intel-root.der", "collateral/qe-identity-sgx.json",
                 "collateral/qe-identity-td.json", "collateral/root-ca-crl-2025.der", "collateral/pck-crl-platform-2025-08.der" }

local function check_level(found, level)
  local names = { level.tcb_info }
  if not level.tcb_info:find "phala" then
    for _, name in ipairs(others) do names[#names + 1] = name end
  end
  local verdict = assert(found:verify{ collateral = collateral_of(names), at = moment(level.issued) + 1.5 * day })
  for _, check in ipairs(verdict.checks) do
    if check.id == "tcb_level" then
      if level.status == "no level matches" then
        equal(check.ok, false)
        equal(verdict.tcb_status, nil)
      else
        equal(check.ok, true, check.detail)
        contains(check.detail, " is " .. level.status .. "; TDX module")
        assert(verdict.tcb_date)
        equal(verdict.tcb_evaluation_data_number, math.min(level.eval, 17))
      end
      return
    end
  end
  error "there is no check tcb_level"
end

real("every sample of Intel's reaches the level of the facts with each collateral", function()
  local count = 0
  each_file(set("sgx", "tdx", "openenclave"), set("quote", "oe_report"), function(name, fact)
    local found = load(name)
    for _, level in ipairs(found and type(fact.tcb_status) == "table" and fact.tcb_status or {}) do
      check_level(found, level)
      count = count + 1
    end
  end)
  assert(count >= 30, count)
end)

for _, case in ipairs{
  { "tdx/phala-v4.bin", "phala-tdx-b0c06f000000.json", "2025-06-25", "UpToDate", true },
  { "sgx/alibaba-quote.bin", "phala-sgx-00a067110000.json", "2025-06-25", "ConfigurationAndSWHardeningNeeded", false },
  { "tdx/phala-v5-outdated.bin", "phala-tdx-90c06f000000-2026-02.json", "2026-02-25", nil, false },
  { "tdx/azure-cvm-v4.bin", "phala-tdx-90c06f000000-2026-02.json", "2026-02-25", nil, false },
} do
  local quote, bundle, date, status, valid = case[1], case[2], case[3], case[4], case[5]
  real("a whole set gives a whole verdict: " .. quote, function()
    local at = moment(date) + day / 2
    local collateral = assert(azattest.Collateral(h.evidence("collateral/" .. bundle)))
    local found = assert(load(quote))
    local verdict = assert(found:verify{ collateral = collateral, at = at })
    equal(#verdict.not_checked, 0)
    equal(verdict.is_valid, valid, tostring(verdict))
    equal(verdict.is_complete, valid)
    equal(verdict.tcb_status, status)
    assert(verdict.latest_issue < at and at < verdict.earliest_expiration)
    equal(verdict.earliest_expiration, collateral.expires)
    equal(outcomes(assert(found:verify{ collateral = collateral, at = at + 365 * day })).collateral_validity, false)
    equal(outcomes(assert(found:verify{ collateral = collateral, at = at + 60 * day, collateral_grace = 60 * day })).collateral_validity, true)
    if status and not valid then
      local taken = assert(found:verify{ collateral = collateral, at = at, appraisal = { tcb_statuses = status } })
      equal(taken.is_valid, true, tostring(taken))
      equal(taken.is_appraised, true)
      contains(table.concat(taken.advisories, " "), "INTEL-SA-")
    end
  end)
end

real("Intel's synthetic set is valid under its own root alone", function()
  local found, at = assert(load "sgx/intel-qvl-sample-certtype1.bin"), moment "2023-02-25" + day / 2
  local collateral = collateral_of{ "collateral/intel-qvl-sample" } -- a folder
  local verdict = assert(found:verify{ collateral = collateral, at = at,
                                       extra_roots = h.evidence "collateral/intel-qvl-sample/trustedRootCaCert.pem" })
  equal(verdict.is_complete, true, tostring(verdict))
  equal(verdict.root, "extra")
  equal(verdict.tcb_status, "UpToDate")
  equal(assert(found:verify{ collateral = collateral, at = at }).is_valid, false)
end)

real("forged collateral is refused", function()
  local verdict = assert(evidence.verify(h.evidence "sgx/azure-intelsdk-2023-release.quote.bin", { at = moment "2025-09-29",
    collateral = { h.evidence "collateral/neg-tcbinfo-status-changed.json", h.evidence "collateral/tcb-signing.der",
                   h.evidence "collateral/intel-root.der" } }))
  equal(outcomes(verdict).tcb_info, false)
  equal(verdict.tcb_status, nil)
  equal(verdict.is_valid, false)
end)

-- -------------------------------------------------------------------------------------------------- collateral

local item_kinds = { crl = "crl", intel_tcbInfo = "tcb_info", intel_enclaveIdentity = "qe_identity", certificates = "certificate" }

local function check_item(item, fact)
  equal(item.verifies, all(fact.checks), "verifies")
  if fact.nextUpdate then
    equal(item["from"], fact.issueDate)
    equal(item["until"], fact.nextUpdate)
    equal(item.tcb_evaluation_data_number, fact.tcbEvaluationDataNumber)
  elseif fact.next_update then
    equal(moment((item["until"]:gsub("T", " "))), moment(fact.next_update))
  end
end

real("every file of collateral is described as the facts have it, and survives being saved", function()
  local count = 0
  each_file(set "collateral", set("crl", "intel_tcbInfo", "intel_enclaveIdentity", "certificates", "collateral_bundle"), function(name, fact)
    local issuers = { name, "collateral/tcb-signing.der", "collateral/intel-root.der", "collateral/phala-tdx-b0c06f000000.json" }
    if name:find "qvl%-sample" then
      issuers = { name, "collateral/intel-qvl-sample/pckSignChain.pem", "collateral/intel-qvl-sample/tcbSignChain.pem",
                  "collateral/intel-qvl-sample/trustedRootCaCert.pem" }
    end
    local collateral = collateral_of(issuers)
    local items = collateral:describe().items
    equal(#assert(azattest.Collateral(assert(collateral:save()))):describe().items, #items)
    local first
    for _, item in ipairs(items) do
      if fact.kind == "collateral_bundle" then
        equal(item.verifies, true, item.kind)
        equal(item.root, "intel", item.kind)
      elseif item.kind == item_kinds[fact.kind] and not first then
        first = item
        check_item(item, fact)
      end
    end
    assert(first or fact.kind == "collateral_bundle", "no item of its kind")
    count = count + 1
  end)
  assert(count >= 20, count)
end)

-- --------------------------------------------------------------------------------------------------------- AMD

local function amd_certificates()
  local names = {}
  each_file(set("snp", "hcl"), set "certificates", function(name) names[#names + 1] = name end)
  return collateral_of(names)
end

local function snp_appraised(found, collateral, at)
  local function judged(measurement)
    return assert(found:verify{ collateral = collateral, at = at, appraisal = {
      measurement = measurement, max_vmpl = found.vmpl, allow_debug = found.is_debuggable, allow_not_checked = { "revocation" } } }).is_valid
  end
  equal(judged(found.measurement), true, "its own measurement")
  equal(judged(hex(found.measurement)), true, "its own measurement as text")
  equal(judged(("\0"):rep(48)), false, "another measurement")
end

real("SEV-SNP reports have the fields and verdicts of the facts", function()
  local collateral, counts = amd_certificates(), { [true] = 0, [false] = 0 }
  each_file(set "snp", set "snp_report", function(name, fact)
    local found, wanted = assert(load(name)), all(fact.checks)
    local at = fact.signing_key == "VLEK" and vlek_day or snp_day
    equal(found.kind, "snp_report")
    equal(found.tee, "snp")
    same(found, fact, { "measurement", "host_data", "id_key_digest", "chip_id", "report_id", "report_data", "reported_tcb", "guest_svn",
                        "vmpl", "version", is_debuggable = "debug_allowed" })
    equal(decimal(found.guest_policy), integer_of(("0"):rep(#fact.policy % 2) .. fact.policy:gsub("^0x", "")), "guest_policy")
    equal(#found.family_id + #found.image_id + #found.author_key_digest, 16 + 16 + 48)
    absent(found, { "mr_enclave", "mr_td", "product_id", "td_attributes", "fmspc", "pcr_digest" })
    local verdict = assert(found:verify{ collateral = collateral, at = at })
    equal(verdict.is_valid, wanted, tostring(verdict))
    if wanted then
      equal(verdict.root, "amd")
      equal(table.concat(verdict.not_checked, " "), "revocation")
      same_outcomes(verdict, fact.checks)
      snp_appraised(found, collateral, at)
    end
    equal(assert(found:verify{ at = at }).is_valid, false, "without the certificate of its key")
    counts[wanted] = counts[wanted] + 1
  end)
  assert(counts[true] >= 6 and counts[false] >= 2, counts[true] .. " valid, " .. counts[false] .. " not")
end)

-- -------------------------------------------------------------------------------------- Azure guests and TPMs

real("HCL reports and guests' evidence have the fields and verdicts of the facts", function()
  local collateral, counts = amd_certificates(), { [true] = 0, [false] = 0 }
  each_file(set "hcl", set("hcl_report", "json_with_evidence"), function(name, fact)
    local found, err = load(name)
    if name == "hcl/neg-hcl-truncated.bin" then
      equal(found, nil)
      equal(err.code, azattest.Status.E_EVIDENCE)
      return
    end
    assert(found, err)
    local hcl = fact.items and fact.items[1] or fact
    local bundle = fact.items ~= nil or fact.at ~= nil
    equal(found.kind, bundle and "azure_guest" or "hcl_report")
    equal(found.tee, hcl.tee)
    equal(#found.runtime_claims, hcl.variable_size)
    local verdict, wanted = assert(found:verify{ collateral = collateral, at = snp_day }), nil
    if hcl.snp then
      same(found, hcl.snp, { "chip_id", "measurement", "report_data", "vmpl", "version" })
      if hcl.checks.report_sig then same_outcomes(verdict, hcl.checks) end
      wanted = all(hcl.checks)
    else -- a TDREPORT is nothing without a quote over it
      equal(found:fields().hcl.td_report.report_data, hcl.td_report_data)
      wanted = bundle and all(fact.checks)
    end
    equal(verdict.is_valid, wanted, tostring(verdict))
    counts[wanted] = counts[wanted] + 1
  end)
  assert(counts[true] >= 3 and counts[false] >= 3, counts[true] .. " valid, " .. counts[false] .. " not")
end)

local function pcrs_of(name)
  local document, values = h.json(h.evidence(name)), {}
  document = document.pcrs or document
  for index, value in pairs(document) do -- a list begins at PCR 0
    values[type(index) == "number" and index - 1 or tonumber(index)] = unhex(value)
  end
  return values
end

real("TPM quotes have the fields and verdicts of the facts", function()
  local count = 0
  each_file(set "tpm", set "tpm_quote", function(name, fact)
    local stem = name:match "^(.*)%.msg$"
    local machine = name:find "neg" and "tpm/azure-snp-genoa" or stem
    local pcrs = pcrs_of((h.read(folder .. stem .. ".pcrs.json") and stem or machine) .. ".pcrs.json")
    local found = assert(azattest.Evidence.new_guest{ tpm_message = h.evidence(name), tpm_signature = h.evidence(stem .. ".sig"),
                                                      ak_public = h.evidence(machine .. ".ak.pem"), pcrs = pcrs })
    equal(found.kind, "tpm_quote")
    equal(found.tee, "tpm")
    equal(found.form, "parts")
    equal(hex(found.nonce), fact.extra_data)
    equal(hex(found.pcr_digest), fact.pcr_digest)
    for index, value in pairs(pcrs) do equal(found:pcr("sha256", index), value) end
    equal(found:pcr(nil, 0), pcrs[0])
    equal(found:pcr("sha384", 0), nil)
    local verdict = assert(found:verify{ nonce = found.nonce })
    local seen = outcomes(verdict)
    equal(seen.tpm_quote_signature, fact.checks.quote_sig)
    if fact.checks.pcr_digest ~= nil then equal(seen.tpm_pcr_digest, fact.checks.pcr_digest) end
    equal(verdict.is_valid, all(fact.checks), tostring(verdict))
    equal(assert(found:verify{ nonce = "another" }).is_valid, false)
    if verdict.is_valid then
      for value, accepted in pairs{ [pcrs[7]] = true, [("\1"):rep(32)] = false } do
        equal(assert(found:verify{ nonce = found.nonce, appraisal = {
          pcrs = { sha256 = { [7] = value } }, allow_not_checked = verdict.not_checked } }).is_valid, accepted)
      end
    end
    count = count + 1
  end)
  equal(count, 4)
end)

-- --------------------------------------------------------------------------------- the service's own certificates

local function check_signer(signer, key, at)
  -- the keys of 2020 had 1024 bits, which are refused today
  local wanted = key.quote_ok and key.key_in_quote and signer.key_bits >= 2048
  local verdict = assert(evidence.verify_service_certificate(signer, { at = at, allow_debug = true }))
  equal(verdict.is_valid, wanted, tostring(verdict))
  if not wanted then return false end
  contains(table.concat(verdict.not_checked, " "), "identity")
  equal(assert(evidence.verify_service_certificate(signer, { at = at })).is_valid, not key.debug)
  for mr_enclave, accepted in pairs{ [key.mrenclave] = true, [("00"):rep(32)] = false } do
    local pinned = assert(evidence.verify_service_certificate(signer.certificates[1], { at = at, allow_debug = true, appraisal = {
      mr_enclave = mr_enclave, allow_debug = true, allow_not_checked = { "tcb", "revocation", "qe_identity" } } }))
    equal(pinned.is_valid, accepted, tostring(pinned))
    for _, name in ipairs(pinned.not_checked) do assert(name ~= "identity", "identity was not checked") end
  end
  return true
end

real("the service's own certificates have the verdicts of the facts", function()
  local counts = { [true] = 0, [false] = 0 }
  each_file(set "maa-certs", set("jwks", "certificates"), function(name, fact)
    local at = moment(name:find "wus" and "2022-11-17" or "2020-10-01")
    local signers = assert(azattest.AttestationSigners.parse(h.evidence(name)))
    for i, key in ipairs(fact.keys or fact.certs) do
      local signer = signers[i]
      if key.quote_ok ~= nil then
        local valid = check_signer(signer, key, at)
        counts[valid] = counts[valid] + 1
      elseif #signer.certificates > 0 then
        equal(evidence.verify_service_certificate(signer), nil)
      end
    end
  end)
  assert(counts[true] >= 2 and counts[false] >= 2, counts[true] .. " valid, " .. counts[false] .. " not")
end)

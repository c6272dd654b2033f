-- Appraisal and Collateral: what is given to a verification beside the evidence.

local azattest = require "azattest"
local evidence = require "azattest.evidence"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises

local Appraisal, Collateral = azattest.Appraisal, azattest.Collateral
local signer = ("\1\2\3\4"):rep(8)
local signer_hex = ("01020304"):rep(8)
local bundle = "collateral/phala-tdx-b0c06f000000.json"
local at = 1750852800 -- 25 June 2025, in the life of the bundle

local function written(content)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

local function first(list) return type(list) == "table" and list[1] or list end

-- ------------------------------------------------------------------------------------------------------ Appraisal

test("tables, text and files make the same appraisal", function()
  local text = ('{"mr_signer":"%s","product_id":1,"min_svn":2,"tcb_statuses":["UpToDate"]}'):format(signer_hex)
  local path = written("\n  " .. text)
  local made = tostring(assert(Appraisal(text)))
  contains(made, signer_hex)
  for i, other in ipairs{
    Appraisal{ mr_signer = signer, product_id = 1, min_svn = 2, tcb_statuses = { "UpToDate" } },
    Appraisal{ mr_signer = signer_hex:upper(), product_id = 1, min_svn = 2, tcb_statuses = { "UpToDate" } },
    Appraisal{ mr_signer = signer, product_id = 1.0, min_svn = 2, tcb_statuses = setmetatable({ "UpToDate" }, azattest.array_mt) },
    assert(Appraisal.load(text)), assert(Appraisal.load(path)),
  } do
    equal(tostring(other), made, "form " .. i)
    equal(first(other:to_dict().mr_signer), signer_hex)
  end
  os.remove(path)
  fails(azattest, "E_ARGUMENT", "/missing", Appraisal.load("/missing"))
  raises("a path or JSON text expected", Appraisal.load, {})
  equal(next(Appraisal{}:to_dict()), nil)
end)

test("a member that is not known is refused with what may be meant", function()
  for wrong, told in pairs{ mr_enclav = "did you mean mr_enclave", tcb_status = "did you mean tcb_status", debug = "debug" } do
    raises(told, Appraisal, { [wrong] = "00" })
    raises(told, Appraisal, ('{"%s":"00"}'):format(wrong))
  end
end)

for name, case in pairs{
  ["bytes of another length"] = { { mr_enclave = "short" }, "mr_enclave" },
  ["hexadecimal text of half the length"] = { { mr_signer = ("ab"):rep(16) }, "64 hexadecimal digits" },
  ["no hexadecimal text"] = { { mr_enclave = ("zz"):rep(32) }, "mr_enclave" },
  ["a number in place of bytes"] = { { mr_enclave = 5 }, "mr_enclave" },
  ["a number below zero"] = { { min_svn = -1 }, "min_svn" },
  ["a fraction"] = { { min_svn = 1.5 }, "min_svn must be a whole number" },
  ["no number at all"] = { { min_svn = 0 / 0 }, "min_svn must be a whole number" },
  ["true in place of a number"] = { { min_svn = true }, "min_svn" },
  ["a number in place of true"] = { { allow_debug = 1 }, "allow_debug" },
  ["a status that is never taken"] = { { tcb_statuses = "Revoked" }, "tcb_statuses" },
  ["a list of nothing"] = { { kinds = {} }, "kinds" },
  ["a part that is not known"] = { { policy = { smtt = false } }, "smtt" },
  ["a PCR that does not exist"] = { { pcrs = { sha256 = { [24] = ("\0"):rep(32) } } }, "24" },
  ["a bank that does not exist"] = { { pcrs = { md5 = { [0] = ("\0"):rep(16) } } }, "md5" },
  ["a mask of more than 64 bits"] = { { xfam = { mask = 2 ^ 64, value = 0 } }, "xfam.mask" },
  ["a mask below zero"] = { { xfam = { mask = -1.5, value = 0 } }, "xfam.mask" },
  ["a date that is none"] = { { min_tcb_date = "yesterday" }, "min_tcb_date" },
  ["a function"] = { { mr_enclave = print }, "mr_enclave" },
  ["JSON null"] = { { kinds = { azattest.null } }, "kinds[1]" },
  ["a list with names"] = { { kinds = { "sgx_quote", more = "x" } }, "kinds" },
  ["members that a metatable adds"] = { setmetatable({}, { __index = { min_svn = 1 } }), "__index" },
  ["a number"] = { 5, "a table of members, or JSON text, expected" },
} do
  test("no appraisal: " .. name, function() raises(case[2], Appraisal, case[1]) end)
end

test("text that is no JSON object fails", function()
  for _, text in ipairs{ "", "[]", "{", '{"min_svn":1,"min_svn":2}', "null" } do
    local made, err = Appraisal(text)
    equal(made, nil)
    equal(err.code, azattest.Status.E_MALFORMED, tostring(err))
  end
end)

test("a table that holds itself ends", function()
  local endless = {}
  endless.policy = endless
  raises("too deep", Appraisal, endless)
end)

test("masks are numbers or bytes, and PCRs go by number", function()
  local made = tostring(Appraisal{ td_attributes = { mask = 1, value = 0 } })
  equal(made, tostring(Appraisal{ td_attributes = { mask = "0100000000000000", value = ("\0"):rep(8) } }))
  equal(tostring(Appraisal{ xfam = { mask = 2 ^ 32 + 258, value = 0 } }),
        tostring(Appraisal{ xfam = { mask = "0201000001000000", value = "0000000000000000" } }))
  equal(tostring(Appraisal{ pcrs = { sha256 = { [0] = ("\0"):rep(32), [1] = ("11"):rep(32) } } }),
        tostring(Appraisal{ pcrs = { sha256 = { ["0"] = ("00"):rep(32), ["1"] = ("\17"):rep(32) } } }))
end)

real("each member is a check, and none is ignored", function()
  local found = assert(azattest.Evidence.parse(h.evidence "tdx/phala-v4.bin"))
  local left = { "tcb", "revocation", "qe_identity", "tdx_module" }
  local good = {
    mr_td = found.mr_td, rtmr1 = { ("\0"):rep(48), found:rtmr(1) }, report_data = found.report_data, kinds = "tdx_quote",
    td_attributes = { mask = ("ff"):rep(8), value = found.td_attributes }, xfam = { mask = ("ff"):rep(8), value = found.xfam },
    allow_not_checked = left,
  }
  local function judged(options)
    local verdict, seen = assert(found:verify(options)), {}
    for _, check in ipairs(verdict.checks) do seen[check.id] = check.ok end
    return verdict, seen
  end
  local verdict, seen = judged{ at = at, appraisal = good }
  equal(verdict.is_valid, true, tostring(verdict))
  equal(verdict.is_appraised, true)
  for name in pairs(good) do equal(seen["appraisal." .. name], true, name) end
  equal(judged{ at = at }.is_appraised, false)
  contains(tostring(judged{ at = at }), "not appraised")
  for name, other in pairs{
    mr_td = ("\0"):rep(48), rtmr1 = ("\0"):rep(48), report_data = ("\0"):rep(64), kinds = "sgx_quote",
    td_attributes = { mask = 2 ^ 28, value = 0 }, allow_not_checked = { "tcb" }, mr_enclave = ("\0"):rep(32),
    measurement = ("\0"):rep(48), pcrs = { sha256 = { [0] = ("\0"):rep(32) } },
  } do
    local changed = {}
    for each, value in pairs(good) do changed[each] = value end
    changed[name] = other
    verdict, seen = judged{ at = at, appraisal = assert(Appraisal(changed)) }
    equal(verdict.is_valid, false, name)
    equal(seen["appraisal." .. name], false, name)
  end
end)

-- ----------------------------------------------------------------------------------------------------- Collateral

test("an empty set", function()
  local empty = assert(Collateral())
  equal(empty.expires, nil)
  equal(#empty:describe().items, 0)
  equal(tostring(empty), "Collateral()")
  equal(#assert(Collateral(assert(Collateral():save()))):describe().items, 0)
end)

test("what is no collateral is refused", function()
  for _, wrong in ipairs{ "\0\1\2", "{}", "nonsense" } do
    local set, err = Collateral(wrong)
    equal(set, nil)
    assert(err.code ~= 0 and #err.message > 10)
  end
  raises("no content", Collateral, "")
  local path = written ""
  local set, err = Collateral.load(path)
  os.remove(path)
  equal(set, nil)
  equal(err.message, path .. ": the file is empty")
  raises("argument 1 must be the content of a file", Collateral, 5)
  raises("argument 1 must be a path", Collateral.load, 5)
  raises("no such item", function() Collateral():add_response("tcb_inf", "{}") end)
  raises("add: the content must be a string", function() Collateral():add({}) end)
  raises("has no member 'items'", function() return Collateral().items end)
end)

real("contents, files and what was saved are the same set", function()
  local content = h.evidence(bundle)
  local items = #Collateral(content):describe().items
  for _, other in ipairs{ Collateral(content, content), Collateral.load(h.evidence_folder .. "/" .. bundle),
                          Collateral(assert(Collateral(content):save())) } do
    equal(#other:describe().items, items)
    equal(other.expires, 1752919235)
    contains(tostring(other), "expires=2025-07-19")
  end
end)

real("a folder is all of its files, and what is no collateral is passed over", function()
  local folder = os.tmpname()
  os.remove(folder)
  os.execute(("mkdir -p '%s/below'; cp '%s/%s' '%s'; echo nonsense > '%s/.hidden'"):format(
    folder, h.evidence_folder, bundle, folder, folder))
  local items = #assert(Collateral.load(folder)):describe().items
  assert(items > 0)
  os.execute(("echo nonsense > '%s/other'; : > '%s/empty'"):format(folder, folder))
  local seen = {}
  azattest.log_set(function(level, message) seen[#seen + 1] = level .. " " .. message end, "warning")
  local found = #assert(Collateral.load(folder)):describe().items
  azattest.log_set(nil)
  equal(found, items)
  equal(#seen, 2)
  equal(seen[1], "warning passed over: " .. folder .. "/empty: the file is empty")
  contains(seen[2], "warning passed over: " .. folder .. "/other: ")
  local set, err = Collateral.load(folder .. "/other")
  equal(set, nil)
  equal(err.message:sub(1, #folder + 6), folder .. "/other")
  os.execute(("rm '%s'/*.json"):format(folder))
  set, err = Collateral.load(folder)
  equal(set, nil)
  equal(err.message, folder .. ": the folder has no collateral in it")
  os.execute(("rm -r '%s'"):format(folder))
  fails(azattest, "E_ARGUMENT", folder .. "/missing", Collateral.load(folder .. "/missing"))
end)

real("from its first use on a set does not change", function()
  local used = Collateral(h.evidence(bundle))
  equal(used:add(h.evidence "collateral/root-ca-crl-2025.der"), true)
  used:describe()
  fails(azattest, "E_STATE", "", used:add(h.evidence(bundle)))
end)

real("answers come with the chain of their headers", function()
  local parts = h.json(h.evidence(bundle))
  local body = ('{"tcbInfo":%s,"signature":"%s"}'):format(parts.tcb_info, parts.tcb_info_signature)
  local made = Collateral()
  equal(made:add_response("tcb_info", body, parts.tcb_info_issuer_chain), true)
  equal(made:add_response("root_ca_crl", (parts.root_ca_crl:gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end))), true)
  for _, item in ipairs(made:describe().items) do equal(item.verifies, true, item.kind) end
  equal(Collateral():add_response("qe_identity", body, parts.tcb_info_issuer_chain), nil)
end)

real("options take objects, tables and contents, and nothing else", function()
  local found, content = assert(azattest.Evidence.parse(h.evidence "tdx/phala-v4.bin")), h.evidence(bundle)
  for _, collateral in ipairs{ Collateral(content), content, { content, content } } do
    equal(assert(found:verify{ at = at, collateral = collateral }).is_complete, true)
    equal(assert(evidence.verify(found, { at = at, collateral = collateral, appraisal = { mr_td = found.mr_td } })).is_valid, true)
  end
  local options = { at = at, appraisal = { mr_td = found.mr_td } }
  assert(found:verify(options))
  equal(type(options.appraisal), "table", "the caller's own table")
  for _, case in ipairs{
    { { appraisal = 5 }, "Appraisal expected" }, { { appraisal = { 1 } }, "" }, { { collateral = 5 }, "Collateral expected" },
    { { collateral = { 5 } }, "content of a file" }, { { collateral = {} }, "verify: option 'collateral': the list of contents is empty" },
    { { nonce = 5 }, "nonce" }, { { allow_masked_chip_id = 1 }, "allow_masked_chip_id" },
    { { refuse_unknown_bits = "yes" }, "refuse_unknown_bits" }, { { collateral_grace = "long" }, "collateral_grace" },
    { { collateral_grace = -1 }, "collateral_grace" }, { { nonse = "" }, "unknown option 'nonse'" },
    { { appraisal = { min_svn = -1 } }, "min_svn" }, { { collateral = azattest.Appraisal{} }, "Collateral expected" },
  } do
    raises(case[2], found.verify, found, case[1])
  end
  local verdict, err = found:verify{ collateral = "nonsense" }
  equal(verdict, nil)
  assert(err.code ~= 0)
  for _, place in ipairs{ 4, -1, 0.5, "0" } do raises("rtmr: the index must be a whole number from 0 to 3", found.rtmr, found, place) end
  raises("pcr: the bank must be a string", found.pcr, found, 5, 0)
  equal(found:pcr("sha256", 0), nil)
  raises("has no member 'rtmr0'", function() return found.rtmr0 end)
end)

for name, case in pairs{
  ["an empty list"] = { {}, "the list of contents is empty" },
  ["names"] = { { tcb_info = "{}", pck_crl = "{}" }, "a list of contents expected, but there is a member" },
  ["a name beside contents"] = { { "{}", pck_crl = "{}" }, "there is a member 'pck_crl'" },
  ["a hole"] = { { "{}", nil, "{}" }, "the list of contents has holes" },
  ["a list that begins at 2"] = { { [2] = "{}" }, "the list of contents has holes" },
  ["a list that begins at 0"] = { { [0] = "{}", "{}" }, "there is a member '0'" },
  ["half an index"] = { { "{}", [1.5] = "{}" }, "there is a member '1.5'" },
  ["an index without end"] = { { "{}", [math.huge] = "{}" }, "there is a member" },
  ["contents that a metatable adds"] = { setmetatable({ "{}" }, { __index = { [2] = "{}" } }), "__index" },
  ["a length that a metatable gives"] = { setmetatable({ 5 }, { __len = function() return 0 end }), "content of a file" },
  ["a list in a list"] = { { { "{}" } }, "content of a file" },
} do
  test("no collateral: " .. name, function()
    local endpoint = "https://shared.attest.azure.net"
    raises(case[2], azattest.Verifier, { endpoint = endpoint, validation_options = { service_collateral = case[1] } })
    raises(case[2], azattest.AttestationClient, { endpoint = endpoint, evidence_collateral = case[1] })
    raises(case[2], evidence.verify_service_certificate, "x", { collateral = case[1] })
  end)
end

real("options that are inherited are refused, with an object and with what it is made of", function()
  local found = assert(azattest.Evidence.parse(h.evidence "tdx/phala-v4.bin"))
  local content, mr_td = h.evidence(bundle), { mr_td = found.mr_td }
  local checks = { runtime_data = "other", nonce = "other", allow_debug = false }
  for _, own in ipairs{ { appraisal = mr_td }, { appraisal = '{"kinds":["tdx_quote"]}' }, { appraisal = Appraisal(mr_td) },
                        { collateral = content }, { collateral = { content } }, { collateral = Collateral(content) }, {} } do
    own.at = at
    for _, verify in ipairs{ found.verify, evidence.verify } do
      raises("verify: a table without the metamethod __index", verify, found, setmetatable(own, { __index = checks }))
    end
  end
  for _, base in ipairs{ { appraisal = mr_td, nonce = "other" }, { collateral = content, nonce = "other" } } do
    raises("verify: a table without the metamethod __index", found.verify, found, setmetatable({}, { __index = base }))
  end
end)

real("a table that hides its options from pairs loses none of them", function()
  local found = assert(azattest.Evidence.parse(h.evidence "tdx/phala-v4.bin"))
  local hidden = setmetatable({ appraisal = { mr_td = found.mr_td }, nonce = "other", at = at },
                              { __pairs = function(t) return function(_, key) if not key then return "appraisal", t.appraisal end end, t end })
  local seen
  for _, check in ipairs(assert(found:verify(hidden)).checks) do seen = seen or check.id == "tpm_nonce" end
  assert(seen, "the nonce was lost")
end)

test("a list of an appraisal with holes is refused: what is behind them would not count", function()
  local chip = ("00"):rep(64)
  raises("denied_chip_ids has holes", Appraisal, { denied_chip_ids = { chip, nil, chip } })
  raises("denied_chip_ids has a member '0'", Appraisal, { denied_chip_ids = { [0] = chip, chip } })
  raises("denied_chip_ids has a member '1.5'", Appraisal, { denied_chip_ids = { chip, [1.5] = chip } })
end)

test("evidence of a guest is made of its pieces or not at all", function()
  for _, wrong in ipairs{ {}, { tpm_message = "x" }, { hcl_report = "" } } do
    local made, err = azattest.Evidence.new_guest(wrong)
    equal(made, nil)
    assert(err.code ~= 0)
  end
  for _, case in ipairs{
    { 5, "a table of pieces expected" }, { { tpm_mesage = "x" }, "unknown option 'tpm_mesage'" }, { { tpm_message = 5 }, "tpm_message" },
    { { pcrs = 5 }, "pcrs" }, { { pcrs = { sha256 = { [24] = "x" } } }, "from 0 to 23" }, { { pcrs = { [0] = 5 } }, "value of a PCR" },
    { { pcrs = { sha256 = "x" } }, "" }, { { pcrs = { sha256 = { [0] = "x" }, sha1 = 5 } }, "" },
  } do
    raises(case[2], azattest.Evidence.new_guest, case[1])
  end
end)

-- ------------------------------------------------------------------------------------------- the service's own enclave

local of_service = "a89f001d64b369c11fedf59eab65e4cedde6befa1b4dea1480ece184b07cdda4" -- MRENCLAVE, November 2022
local left = { "tcb", "revocation", "qe_identity" }

local function of_token(more)
  local options = { verify_service_evidence = true, signers = h.keys "wus-shared-2022-11", at = 1668650000,
                    issuer = "https://sharedwus.wus.attest.azure.net", service_appraisal = { mr_enclave = of_service, allow_not_checked = left } }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

real("the enclave behind the key of a token is verified on request", function()
  local text = h.token "sgx-shared-2022-11"
  local function token() return assert(azattest.AttestationToken.parse(text)) end
  assert(token():validate(of_token()))
  assert(token():validate(of_token{ service_appraisal = Appraisal{ mr_enclave = of_service, allow_not_checked = left } }))
  local verifier = assert(azattest.Verifier{ endpoint = "https://sharedwus.wus.attest.azure.net", validation_options = of_token() })
  assert(verifier:validate(text))
  for _, wrong in ipairs{ { mr_enclave = ("00"):rep(32), allow_not_checked = left }, { mr_enclave = of_service } } do
    fails(azattest, "E_TOKEN_SERVICE_EVIDENCE", "", token():validate(of_token{ service_appraisal = wrong }))
    fails(azattest, "E_TOKEN_SERVICE_EVIDENCE", "", verifier:validate(text, of_token{ service_appraisal = wrong }))
  end
  fails(azattest, "E_TOKEN_SERVICE_EVIDENCE", "TDX", token():validate(of_token{ service_collateral = h.evidence(bundle) }))
  local without = of_token()
  without.service_appraisal = nil
  raises("service_appraisal", function() token():validate(without) end)
  for _, wrong in ipairs{ { service_appraisal = 5 }, { service_collateral = 5 }, { signer_roots = 5 }, { service_roots = 5 },
                          { verify_service_evidence = 1 } } do
    raises(next(wrong):find "service_[ac]" and "expected" or next(wrong), function() return token():validate(of_token(wrong)) end)
  end
end)

real("certificates of an authority hold no evidence", function()
  for _, each in ipairs(h.json(h.keys "wus-shared-2022-11").keys) do
    local signers = azattest.AttestationSigners.parse('{"keys":[{"kty":"RSA","kid":"k","x5c":["' .. table.concat(each.x5c, '","') .. '"]}]}')
    local verdict, err = evidence.verify_service_certificate(signers[1], { at = 1668650000 })
    if #each.x5c == 3 then
      fails(azattest, "E_UNSUPPORTED", "", verdict, err)
    else
      equal(verdict.is_valid, true, tostring(verdict))
    end
  end
  equal(evidence.verify_service_certificate("nonsense"), nil)
  raises("must be a string", evidence.verify_service_certificate, 5)
end)

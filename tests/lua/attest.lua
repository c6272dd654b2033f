-- The calls beyond enclaves, TCB baselines and the log, over a transport written in Lua.

local azattest = require "azattest"
local oneline = require "azattest.attest"
local h = require "harness"
local test, real, equal, contains, fails, raises = h.test, h.real, h.equal, h.contains, h.fails, h.raises

local endpoint, preview = "https://sharedwus.wus.attest.azure.net", "2026-03-11-preview"

local function client(body, options, status)
  options = options or {}
  local asked = {}
  options.endpoint = endpoint
  options.transport = {
    send = function(_, request)
      asked[#asked + 1] = request
      return { status = status or 200, headers = { ["Content-Type"] = "application/json", ["Set-Cookie"] = "PLANTED" }, body = body }
    end,
    sleep = function() return true end,
  }
  return assert(azattest.AttestationClient(options)), asked
end

test("answers without a token come as they are", function()
  for _, case in ipairs{
    { "attest_azure_guest", '{"token":"c2Vh.bGVk"}', "c2Vh.bGVk", '{"attestationInfo":"e30"}' },
    { "attest_key_guard", '{"token":"c2Vh"}', "c2Vh", '{"attestationInfo":"e30"}' },
    { "attest_tpm", '{"data":"eyJhIjoxfQ"}', '{"a":1}', '{"data":"e30"}' },
    { "attest_pluton", '{"data":"AP8"}', "\0\255", '{"data":"e30"}' },
  } do
    local object, asked = client(case[2], { api_version = preview })
    equal(object[case[1]](object, "{}"), case[3], case[1])
    equal(asked[1].body, case[4])
    equal(oneline[case[1]]("{}", { client = object }), case[3])
  end
end)

test("an answer that is none", function()
  local object = client '{"token":"x"}'
  fails(azattest, "E_RESPONSE", '"data"', object:attest_tpm "{}")
end)

test("what a call does not take raises", function()
  local object, asked = client "{}"
  raises("stands inside content", object.attest_tpm, object, "{}", { nonce = "n" })
  raises("unknown option 'validate_issuer'", object.attest_tpm, object, "{}", { validate_issuer = false })
  raises("nothing to validate", object.attest_tpm, object, "{}", { validation_options = {} })
  raises("any api-version", object.attest_tdx_vm, object, "x", { draft_policy = "x" })
  raises("runtime_json", object.attest_sev_snp_vm, object, "x", { runtime_data = "" })
  raises(preview, object.attest_mdep_tz, object, "x")
  raises("vcek_chain", object.attest_sev_snp_vm, object, ("\0"):rep(1184))
  raises("verbose, info, warning, error or off", object.attest_tdx_vm, object, "x", { log_level = "loud" })
  equal(#asked, 0)
end)

test("init-time JSON carries its text, and options with a credential count", function()
  local object, asked = client("{}", { credential = "secret", api_version = "2022-08-01", application_id = "mine" }, 400)
  fails(azattest, "E_HTTP", "400", object:attest_sgx_enclave("quote", { inittime_json = '{"a": 1}', traceparent = "00-ab" }))
  contains(asked[1].body, '"initTimeData":{"data":"eyJhIjogMX0","dataType":"JSON"}')
  contains(asked[1].url, "api-version=2022-08-01")
  equal(asked[1].headers.traceparent, "00-ab")
  equal(asked[1].headers.Authorization, "Bearer secret")
  contains(asked[1].headers["User-Agent"], "mine azattest-lua/")
end)

real("a report and its certificates become one document", function()
  local object, asked = client("{}", nil, 400)
  fails(azattest, "E_HTTP", "400", object:attest_sev_snp_vm(h.evidence "snp/azure-aci-20250617.report.bin",
                                                            { vcek_chain = h.evidence "snp/azure-aci-20250617.chain.pem" }))
  contains(asked[1].body, '{"report":"eyJTbnBSZXBvcnQiOi') -- {"SnpReport":
end)

real("a quote of a trust domain is looked at before it is sent", function()
  local object, asked = client "{}"
  local quote = h.evidence "tdx/azure-cvm-v4.bin"
  fails(azattest, "E_BINDING", "does not bind", object:attest_tdx_vm(quote, { runtime_data = "other" }))
  raises("use attest_tdx_vm", object.attest_sgx_enclave, object, quote)
  equal(#asked, 0)
end)

test("TCB baselines in both forms", function()
  local object, asked = client('{"tcbBaselines":[{"tcbIdentifier":"11","tcbEvaluationDataNumber":"11","tcbReleaseDate":'
    .. '"2021-06-09T00:00:00","isSelectedTcb":true},{"tcbEvaluationDataNumber":12}]}')
  local list = assert(object:get_tcb_baseline "sgxenclave")
  equal(asked[1].url, endpoint .. "/tcbbaselines/SgxEnclave?api-version=2025-06-01")
  equal(#list, 2)
  equal(list[1].tcb_identifier, "11")
  equal(list[1].tcb_evaluation_data_number, 11)
  equal(list[1].tcb_release_date, 1623196800)
  equal(list[1].is_selected_tcb, true)
  equal(list[1].minimum_psw_linux_version, nil)
  equal(list[2].tcb_evaluation_data_number, 12)
  raises("2022-09-01-preview", object.get_tcb_baseline, object, "Tpm", { provide_current_tcb_in_policy = true })
  raises("unknown option 'nonce'", object.get_tcb_baseline, object, "Tpm", { nonce = "n" })
  equal(#oneline.get_tcb_baseline("Tpm", { client = object }), 2)
  fails(azattest, "E_RESPONSE", "tcbBaselines", client "{}":get_tcb_baseline "Tpm")
end)

test("the log goes to a function, behind each call", function()
  local lines, levels = {}, {}
  local function listen(level, message)
    levels[level] = true
    lines[#lines + 1] = message
  end
  azattest.log_set(listen, "verbose")
  local object = client('{"error":{"message":"12345678PLANTED-ANSWER"}}', { trace_bodies = true, credential = "PLANTED-TOKEN" }, 400)
  object:attest_sgx_enclave("PLANTED-EVIDENCE", { nonce = "12345678PLANTED-NONCE" })
  local text = table.concat(lines, "\n")
  contains(text, "POST " .. endpoint .. "/attest/SgxEnclave?api-version=2025-06-01")
  contains(text, "Authorization: REDACTED")
  contains(text, "Set-Cookie: REDACTED")
  contains(text, "body of the answer")
  assert(not text:find("PLANTED", 1, true), text)
  assert(levels.info and levels.verbose and levels.warning)
  azattest.log_set(listen, "error")
  lines = {}
  object:attest_sgx_enclave "x"
  equal(#lines, 0)
  object:attest_sgx_enclave("x", { log_level = "info" })
  assert(#lines > 0)
  azattest.log_set(nil)
  lines = {}
  object:attest_sgx_enclave("x", { log_level = "info" })
  equal(#lines, 0)
  raises("a function expected", azattest.log_set, "x")
  raises("verbose, info, warning, error or off", azattest.log_set, listen, "loud")
end)

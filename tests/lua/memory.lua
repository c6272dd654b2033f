-- Nothing grows: neither Lua's heap nor the process, whatever succeeds, fails or raises.

local azattest = require "azattest"
local h = require "harness"

local function resident_kb()
  local status = h.read("/proc/self/status")
  return status and tonumber(status:match("VmRSS:%s*(%d+)"))
end

-- Runs the body often, and checks the second half against the first.
local function steady(times, body)
  local function round()
    for _ = 1, times do body() end
    collectgarbage()
    collectgarbage()
    return collectgarbage("count"), resident_kb()
  end
  round()
  local heap, resident = round()
  local later_heap, later_resident = round()
  assert(later_heap < heap + 64, ("Lua's heap grew from %.0f to %.0f KB"):format(heap, later_heap))
  if resident then
    assert(later_resident < resident + 2048, ("the process grew from %d to %d KB"):format(resident, later_resident))
  end
end

h.test("failures and wrong use leave nothing behind", function()
  steady(1000, function()
    assert(not azattest.AttestationToken.parse("eyJhbGciOiJub25lIn0.x."))
    assert(not azattest.AttestationSigners.parse("{}"))
    assert(not azattest.Evidence.load(("no evidence"):rep(100)))
    assert(not pcall(azattest.AttestationClient, { endpoint = "https://a.example", timeout = "x" }))
    local client = azattest.AttestationClient{ endpoint = "https://a.example",
      transport = { send = function() error("broken") end, sleep = function() end } }
    assert(not pcall(client.get_open_id_metadata, client))
  end)
end)

h.real("validation leaves nothing behind, without any help for the collector", function()
  local text = h.evidence("maa-tokens/sgx-shared-2022-11.jwt"):gsub("%s+$", "")
  local verifier = azattest.Verifier{ endpoint = "https://sharedwus.wus.attest.azure.net", validation_options = {
    at = 1668650000, signers = h.evidence("maa-certs/wus-shared-2022-11.jwks.json") } }
  steady(1000, function()
    local response = assert(verifier:validate(text))
    assert(response.value.svn == 1 and response.token.signer.key_id)
    assert(not verifier:validate(text, { expected_nonce = "x" }))
  end)
  local resident = resident_kb()
  if resident then assert(resident < 100 * 1024, ("the process has %d KB"):format(resident)) end
end)

h.real("collateral and appraisals leave nothing behind", function()
  local quote, bundle = h.evidence("tdx/phala-v4.bin"), h.evidence("collateral/phala-tdx-b0c06f000000.json")
  steady(100, function()
    local found, collateral = assert(azattest.Evidence.load(quote)), assert(azattest.Collateral(bundle))
    local verdict = found:verify{ at = 1750852800, collateral = collateral, appraisal = { mr_td = found.mr_td } }
    assert(verdict.is_complete and #collateral:describe().items > 0 and #collateral:save() > 0)
    assert(not azattest.Collateral("nonsense"))
    assert(not pcall(azattest.Appraisal, { mr_tdd = "" }))
    assert(not pcall(found.verify, found, { appraisal = { mr_td = "" } }))
  end)
end)

h.real("evidence and claims leave nothing behind", function()
  local content = h.evidence("sgx/azure-intelsdk-2023-release.json")
  local parsed = assert(azattest.inspect((h.evidence("maa-tokens/sgx-runtime-data-2022-11.jwt"):gsub("%s+$", ""))))
  steady(300, function()
    local quote = assert(azattest.Evidence.load(content))
    assert(quote:fields() and quote:verify{ at = 1700000000 }.is_valid)
    assert(parsed:body() and parsed:header() and parsed:pretty())
  end)
end)

h.test("policies, claims and evaluations leave nothing behind", function()
  local policy = require "azattest.policy"
  local text = [[version= 1.2;
configurationrules { => issueproperty(type="omit_x5c", value=true); };
authorizationrules { [type=="secureboot", value==false] => deny(); => permit(); };
issuancerules { c:[type=="doc"] => issue(type="x", value=JsonToClaimValue(c.value)); };]]
  local claims = { doc = "1", secureboot = true, list = { 1, 2, 3 } }
  steady(500, function()
    local made = assert(policy.parse(text, { attestation_type = "AzureGuest" }))
    local found = assert(made:evaluate(claims))
    assert(found.claims.x == 1 and found.trace and found.incoming and found.properties and tostring(found))
    assert(made:tree() and made.formatted and made.explanation and tostring(made) and tostring(made:lint()))
    local difference = assert(made:compare(policy.default_text "AzureGuest"))
    assert(difference:add("claims", claims) and tostring(difference) and difference:to_dict())
    assert(not policy.parse "version= 1.0;")
    assert(not made:evaluate{ doc = "[[" })
    assert(not azattest.ClaimSet{ a = 1.5 })
    assert(not pcall(azattest.ClaimSet, { a = print }))
  end)
end)

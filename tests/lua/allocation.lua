-- The stories that allocation.c cuts short.

local stories = {}

local folder = os.getenv("AZATTEST_EVIDENCE")
if not folder or folder == "" then
  folder = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../../../shared/evidence"
end

local function read(name)
  local file = io.open(folder .. "/" .. name, "rb")
  if not file then return nil end
  local content = file:read("*a")
  file:close()
  return content
end

local unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsImEiOlsxLHsiYiI6ImNcbiJ9XX0."
local endpoint = "https://sharedwus.wus.attest.azure.net"

local azattest = require "azattest"
local token = read("maa-tokens/sgx-shared-2022-11.jwt")
token = token and token:gsub("%s+$", "")
local keys = read("maa-certs/wus-shared-2022-11.jwks.json")
local quote = read("sgx/azure-intelsdk-2023-release.json")
local collateral = read("collateral/root-ca-crl-2025.der")

function stories.loading()
  for name in pairs(package.loaded) do
    if name:find("^azattest") then package.loaded[name] = nil end
  end
  require "azattest.attest"
end

function stories.parsing()
  local parsed = assert(azattest.AttestationToken.parse(unsecured))
  assert(parsed.issuer and parsed.algorithm and tostring(parsed) and parsed:serialize())
  assert(azattest.AttestationSigners.parse('{"keys":[]}').count == 0)
end

function stories.failing()
  local parsed, err = azattest.AttestationToken.parse("x")
  assert(not parsed and tostring(err) and err.message and "x" .. err)
  assert(#azattest.inspect(unsecured):problems{ signers = '{"keys":[]}', validate_issuer = false } > 0)
end

function stories.options()
  local verifier = azattest.Verifier{ endpoint = endpoint, validation_options = {
    issuer = { "https://a.example", "https://b.example" }, algorithms = { "RS256" }, at = 1700000000,
    signers = '{"keys":[]}', require_claims = { x = 'q"', y = 2, z = true } } }
  assert(not verifier:validate(unsecured))
end

function stories.expectations()
  assert(tostring(assert(azattest.Appraisal{ min_svn = 1, xfam = { mask = 1, value = 1 } })):find "min_svn")
  assert(azattest.Collateral().expires == nil)
  assert(not azattest.Evidence.new_guest{ tpm_message = "x", pcrs = { [0] = "x" } })
  assert(not azattest.guest_answer_key("x"))
end

function stories.claims()
  local parsed = azattest.inspect(unsecured)
  assert(parsed:body().a[2].b == "c\n" and parsed:header() and parsed:pretty())
end

-- {"x-ms-isolation-tee":{"x-ms-sevsnpvm-vmpl":1},"x-ms-runtime":{"client-payload":{"a":"AQ=="}}}
local guest = "eyJhbGciOiJub25lIn0.eyJ4LW1zLWlzb2xhdGlvbi10ZWUiOnsieC1tcy1zZXZzbnB2bS12bXBsIjoxfSwieC1tcy1ydW50aW1lIjp7I"
  .. "mNsaWVudC1wYXlsb2FkIjp7ImEiOiJBUT09In19fQ."

function stories.typed_claims()
  local result = assert(azattest.inspect(guest):result{ unverified = true })
  assert(result.client_payload.a == "\1" and result.vmpl == 1 and result.isolation_tee.vmpl == 1)
  assert(not result.launch_measurement and not result.policy_signer)
  assert(not result:seal_secret("s"))
end

-- A pair of this test alone.
local public_keys = '{"keys":[{"kid":"k","kty":"EC","crv":"P-256","x":"9cS02USFOYheV4_SDezrx3B2aHP4oIqWNRQ4BAAiJS0",'
  .. '"y":"ftBBC729M_oLicEHDGDoglN9wScu_ySO_tITFsILy-4"}]}'
local private_key = [[
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglBXftZt/y9sz1nIc
zNwTGWQwjLKWN33g11x8wdlbcTOhRANCAAT1xLTZRIU5iF5Xj9IN7OvHcHZoc/ig
ipY1FDgEACIlLX7QQQu9vTP6C4nBBwxg6IJTfcEnLv8kjv7SExbCC8vu
-----END PRIVATE KEY-----
]]

function stories.sealing()
  local sealed = assert(azattest.seal_secret(public_keys, "secret", { key_id = "k" }))
  assert(azattest.open_secret(private_key, sealed) == "secret")
  assert(not azattest.open_secret(private_key, sealed .. "A"))
  assert(azattest.AttestationData("{}").is_json)
end

function stories.calling()
  local answers = { { status = 503, headers = { ["Retry-After"] = "1" } },
                    { status = 200, headers = { a = { "b", "c" } }, body = '{"issuer":"x","claims_supported":["y"]}' } }
  local client = azattest.AttestationClient{ endpoint = endpoint, transport = {
    send = function() return table.remove(answers, 1) end, sleep = function() end } }
  local metadata = assert(client:get_open_id_metadata())
  assert(metadata.claims_supported[1] == "y" and metadata:to_dict())
  client:close()
end

local rules = [[version= 1.2;
authorizationrules { => permit(); };
issuancerules { c:[type=="doc"] => issue(type="x", value=JsonToClaimValue(c.value)); };]]

function stories.policies()
  local policy = require "azattest.policy"
  local made = assert(policy.parse(rules, { attestation_type = "Tpm" }))
  assert(made.version == "1.2" and tostring(made) and made:tree().sections[1] and made.formatted and made.explanation)
  assert(#made:lint().findings >= 0 and tostring(assert(policy.lint "version=1.0; x")) and policy.lint_rules()[1])
  assert(not policy.parse "version= 1.0;")
  local difference = assert(made:compare(rules))
  assert(difference:add("claims", { doc = "1" }) and difference.is_same and difference:to_dict() and tostring(difference))
end

function stories.evaluating()
  local policy = require "azattest.policy"
  local set = assert(azattest.ClaimSet{ doc = "1", other = { 1, true, "x" }, nested = { a = 1 } })
  assert(set:add("more", 5, "CustomClaim") and set:add("more", "x") and set:add("more", true) and #set.claims == 8 and tostring(set))
  local found = assert(policy.evaluate(rules, set, { work_limit = 1000 }))
  assert(found.claims.x == 1 and found.trace[1] and found.incoming[1].value_type and found.properties and tostring(found))
  assert(not policy.evaluate(rules, { doc = "[[" }))
end

-- Its own errors are what it is about; what they say does not matter, that they leave nothing does.
function stories.raising()
  local client = azattest.AttestationClient{ endpoint = endpoint, transport = {
    send = function() error("broken") end, sleep = function() end } }
  for _, call in ipairs{ function() client:attest_sgx_enclave("quote", { unknown = 1 }) end,
                         function() client:get_open_id_metadata() end,
                         function() azattest.AttestationClient{ endpoint = "http://a.example" } end } do
    local ok, reason = pcall(call)
    assert(not ok)
    if tostring(reason):find("memory") then error(reason, 0) end
  end
end

function stories.validating()
  local parsed = azattest.inspect(token)
  assert(parsed:validate{ signers = keys, issuer = endpoint, at = 1668650000 })
  assert(parsed.signer.certificates[1] and parsed:result():claims())
  assert(not parsed:validate{ signers = keys, issuer = endpoint, at = 1768650000 })
end

function stories.verifying()
  local evidence = assert(azattest.Evidence.load(quote))
  local verdict = assert(evidence:verify{ at = 1700000000, runtime_data = evidence.held_data })
  assert(verdict.is_valid and verdict.checks[1] and verdict:to_dict() and tostring(verdict) and tostring(evidence))
end

function stories.appraising()
  local evidence = assert(azattest.Evidence.load(quote))
  local verdict = assert(evidence:verify{ at = 1700000000, collateral = collateral, appraisal = {
    mr_enclave = { evidence.mr_enclave }, pcrs = { sha256 = { [0] = ("00"):rep(32) } } } })
  assert(not verdict.is_valid and verdict.is_appraised and not verdict.tcb_status and #verdict.advisories == 0)
  assert(evidence.fmspc and not evidence.td_attributes and not evidence:rtmr(0))
end

function stories.collecting()
  local set = assert(azattest.Collateral(collateral))
  assert(set.expires and #set:describe().items > 0 and tostring(set) and #set:save() > 0)
end

-- Without real evidence these have nothing to tell.
if not read("README.md") then stories.validating, stories.verifying, stories.appraising, stories.collecting = nil, nil, nil, nil end

return stories

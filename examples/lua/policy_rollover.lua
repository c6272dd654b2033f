-- Replaces the SGX policy of an isolated instance while relying parties go on working.
-- Usage: policy_rollover.lua ENDPOINT CA_FILE POLICY_FILE KEY_FILE CERTIFICATE_FILE QUOTE_FILE [reset]
--
-- KEY_FILE and CERTIFICATE_FILE (PEM) are those of a policy signer that the instance knows. QUOTE_FILE is an enclave
-- whose tokens the relying parties look at. With "reset" the instance goes back to its default policy at the end.
-- Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a managed identity,
-- or `az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
local azattest = require("azattest")
local policies = require("azattest.policy")

local SGX = azattest.AttestationType.SGX_ENCLAVE
-- The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud.
local SCOPE = "https://attest.azure.net/.default"

if #arg ~= 6 and not (#arg == 7 and arg[7] == "reset") then
    io.stderr:write(
        "usage: policy_rollover.lua ENDPOINT CA_FILE POLICY_FILE KEY_FILE CERTIFICATE_FILE QUOTE_FILE [reset]\n"
    )
    os.exit(2)
end

-- What a call gives, unless it failed.
local function check(...)
    if not ... then
        io.stderr:write(tostring(select(2, ...)), "\n")
        os.exit(1)
    end
    return ...
end

local function expect(holds, otherwise)
    return check(holds, "stopped: " .. otherwise)
end

local function read_file(path)
    local file = check(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

local function hex(bytes)
    return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local endpoint, ca_file = arg[1], arg[2] ~= "-" and arg[2] or nil
local policy, quote = read_file(arg[3]), read_file(arg[6])
local key = check(azattest.AttestationSigningKey(read_file(arg[4]), read_file(arg[5])))
local admin = check(azattest.AttestationAdministrationClient({
    endpoint = endpoint,
    credential = check(azattest.DefaultAzureCredential()),
    scopes = SCOPE,
    signing_key = key,
    ca_file = ca_file,
}))
local client = check(azattest.AttestationClient({ endpoint = endpoint, ca_file = ca_file }))
local verifier = check(azattest.Verifier({ endpoint = endpoint, ca_file = ca_file }))

local function read_policy()
    local response = check(admin:get_policy(SGX))
    print("policy hash        " .. hex(policies.policy_hash(response.value)))
    print("signed             " .. (response.policy_signer and "yes" or "no"))
    return response
end

local function set_policy()
    -- What will be sent. With an RSA key and RS256 it is the same each time; ECDSA signs differently each time.
    local token = check(azattest.create_policy_token(policy, { signing_key = key }))
    local token_hash = check(policies.policy_token_hash(token))
    print("policy token hash  " .. hex(token_hash))
    -- The call fails unless the service says that it stored this token, and whose signature it has.
    local result = check(admin:set_policy(SGX, policy)).value
    print("stored             " .. hex(result.policy_token_hash))
    if key.algorithm == "RS256" then
        expect(result.policy_token_hash == token_hash, "another policy token was stored than was looked at")
    end
    -- And what it gives back from now on.
    local stored = read_policy()
    expect(stored.value == policy, "the instance has another policy than was set")
    local signer = stored.policy_signer
    expect(signer and signer.certificates[1] == key.certificate_pem,
           "the stored policy is not signed by the key that signed it here")
end

local old_hash = policies.policy_hash(read_policy().value)
local new_hash = check(policies.policy_hash(policy))
expect(old_hash ~= new_hash, "the policy is in force already")
local old_token = check(client:attest_sgx_enclave(quote)).raw_token
set_policy()
local new_token = check(client:attest_sgx_enclave(quote)).raw_token

-- Tokens of the old policy live on for hours: both are good meanwhile. Then the old hash is taken off the list.
for _, token in ipairs({ old_token, new_token }) do
    check(verifier:validate(token, { expected_policy_hash = { old_hash, new_hash } }))
end
print("meanwhile          tokens of both policies are accepted")
check(verifier:validate(new_token, { expected_policy_hash = new_hash }))
local accepted, err = verifier:validate(old_token, { expected_policy_hash = new_hash })
expect(not accepted and err.code == azattest.Status.E_TOKEN_POLICY_HASH, "the token of the old policy: " .. tostring(err))
print("refused: the token of the old policy: " .. err)

if arg[7] then
    print("reset              " .. check(admin:reset_policy(SGX)).value.policy_resolution)
    read_policy()
end
verifier:close()
client:close()
admin:close()

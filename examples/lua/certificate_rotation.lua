-- Replaces the key that may sign the policies of an isolated instance, and stops when something is not as expected.
-- Usage: certificate_rotation.lua ENDPOINT CA_FILE OLD_KEY OLD_CERTIFICATE NEW_KEY NEW_CERTIFICATE POLICY_FILE
--
-- Adds the new certificate by the old key; sets the SGX policy by the new key, which proves that it works; only then
-- removes the old certificate, by the new key. The keys and certificates are PEM files; POLICY_FILE is best the policy
-- that is in force. Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a
-- managed identity, or `az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
local azattest = require("azattest")

local SGX = azattest.AttestationType.SGX_ENCLAVE
-- The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud.
local SCOPE = "https://attest.azure.net/.default"

if #arg ~= 7 then
    io.stderr:write(
        "usage: certificate_rotation.lua ENDPOINT CA_FILE OLD_KEY OLD_CERTIFICATE NEW_KEY NEW_CERTIFICATE POLICY_FILE\n"
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

local old_key = check(azattest.AttestationSigningKey(read_file(arg[3]), read_file(arg[4])))
local new_key = check(azattest.AttestationSigningKey(read_file(arg[5]), read_file(arg[6])))
local policy = read_file(arg[7])

local admin = check(azattest.AttestationAdministrationClient({
    endpoint = arg[1],
    credential = check(azattest.DefaultAzureCredential()),
    scopes = SCOPE,
    ca_file = arg[2] ~= "-" and arg[2] or nil,
}))

-- Lists the certificates of policy signers: is the old one there, is the new one?
local function list()
    local signers = check(admin:get_policy_management_certificates()).value
    local has_old, has_new = false, false
    for i = 1, #signers do
        local certificate = signers[i].certificates[1]
        has_old = has_old or certificate == old_key.certificate_pem
        has_new = has_new or certificate == new_key.certificate_pem
    end
    print(("certificates  %d: old %s, new %s"):format(#signers, has_old and "yes" or "no", has_new and "yes" or "no"))
    return has_old, has_new
end

-- An answer about another certificate, or with another outcome, is a failure of the call.
local function print_change(response)
    print(("%-13s %s"):format(response.value.certificate_resolution, response.value.certificate_thumbprint))
end

local has_old, has_new = list()
expect(has_old, "the old certificate is not there")
expect(not has_new, "the new one is there already")

print_change(check(admin:add_policy_management_certificate(new_key.certificate_pem, { signing_key = old_key })))
has_old, has_new = list()
expect(has_old and has_new, "one of the certificates is not there")

local response = check(admin:set_policy(SGX, policy, { signing_key = new_key }))
print("policy        " .. response.value.policy_resolution .. " by the new key")

print_change(check(admin:remove_policy_management_certificate(old_key.certificate_pem, { signing_key = new_key })))
has_old, has_new = list()
expect(not has_old, "the old one is still there")
expect(has_new, "the new certificate is not there")
admin:close()

-- Secure key release: a relying party gives a secret to an attested enclave, and to nobody else.
-- Usage: secret_release.lua ENDPOINT CA_FILE MR_SIGNER POLICY_FILE ENCLAVE OTHER_ENCLAVE     (CA_FILE "-": the system's)
--
-- ENCLAVE and OTHER_ENCLAVE are folders that stand for two programs in enclaves of different signers: private.pem, the
-- key that never leaves the enclave; public.pem, its public key (or certificate); quote.bin, whose report data is the
-- SHA-256 of public.pem. The relying party wants the signer MR_SIGNER and the policy in POLICY_FILE.
local azattest = require("azattest")
local policy = require("azattest.policy")

local endpoint, ca_file, mr_signer, policy_file, folder, other_folder = (table.unpack or unpack)(arg)
if #arg ~= 6 then
    io.stderr:write("usage: secret_release.lua ENDPOINT CA_FILE MR_SIGNER POLICY_FILE ENCLAVE OTHER_ENCLAVE\n")
    os.exit(2)
end
ca_file = ca_file ~= "-" and ca_file or nil

local secret = "the key of the database"

-- What a call gives, unless it failed.
local function check(...)
    if ... == nil then
        io.stderr:write(tostring(select(2, ...)), "\n")
        os.exit(1)
    end
    return ...
end

local function read_file(path)
    local file = check(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

local function load_enclave(path)
    return {
        private_key = read_file(path .. "/private.pem"),
        public_key = read_file(path .. "/public.pem"),
        quote = read_file(path .. "/quote.bin"),
    }
end

-- The enclave's side: a token that says what runs here, and which public key it has.
local function attest(client, enclave)
    return check(client:attest_sgx_enclave(enclave.quote, { runtime_data = enclave.public_key })).raw_token
end

-- The relying party's side: its conditions are the verifier's, and only the key of a token that meets them is used.
local function release(verifier, token)
    local response, err = verifier:validate(token)
    if not response then
        return nil, err
    end
    return response.value:seal_secret(secret)
end

-- What a relying party would do that reads a token and does not validate it.
local function release_unvalidated(token)
    return check(check(azattest.AttestationToken.parse(token)):result({ unverified = true })):seal_secret(secret)
end

local function expect_refusal(what, code, given, err)
    if given ~= nil or err.code ~= code then
        io.stderr:write("not refused as expected: ", what, ": ", tostring(err), "\n")
        os.exit(1)
    end
    print("refused: " .. what .. ": " .. err)
end

local enclave, other = load_enclave(folder), load_enclave(other_folder)
local client = check(azattest.AttestationClient({ endpoint = endpoint, ca_file = ca_file }))
local token, others_token = attest(client, enclave), attest(client, other)
client:close()

-- The token goes to the relying party, the sealed secret comes back: both on any way, neither is a secret.
local verifier = check(azattest.Verifier({
    endpoint = endpoint,
    ca_file = ca_file,
    validation_options = {
        require_claims = { ["x-ms-sgx-mrsigner"] = mr_signer },
        allow_debug = false,
        expected_policy_hash = check(policy.policy_hash(read_file(policy_file))),
    },
}))
local sealed = check(release(verifier, token))
if check(azattest.open_secret(enclave.private_key, sealed)) ~= secret then
    error("the enclave opened another secret")
end
print("the enclave has the secret: " .. #secret .. " bytes")

local status = azattest.Status
expect_refusal("the same token, not validated", status.E_STATE, release_unvalidated(token))
expect_refusal("the token of the other enclave", status.E_TOKEN_CLAIM, release(verifier, others_token))
expect_refusal("the key of the other enclave", status.E_SECRET, azattest.open_secret(other.private_key, sealed))
verifier:close()

-- Validates a token where there is no network, with the keys of the instance from a file.
-- Usage: offline.lua collect ENDPOINT CA_FILE QUOTE_FILE NONCE KEYS_FILE TOKEN_FILE        (CA_FILE "-": the system's)
--        offline.lua validate ENDPOINT KEYS_FILE TOKEN_FILE NONCE POLICY_FILE MR_SIGNER
--
-- `collect` attests a quote and writes down the token and the keys of the instance. `validate` may run later and
-- elsewhere, and sends nothing. The file of keys is what it trusts: bring it there on a way that you trust. A token that
-- is signed by a key that is not in the file is refused; the service changes its keys now and then, so renew the file.
local azattest = require("azattest")
local policy = require("azattest.policy")

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

local function write_file(path, content)
    local file = check(io.open(path, "wb"))
    check(file:write(content))
    check(file:close())
end

local tasks = {}

function tasks.collect(endpoint, ca_file, quote_file, nonce, keys_file, token_file)
    local client = check(azattest.AttestationClient({ endpoint = endpoint, ca_file = ca_file ~= "-" and ca_file or nil }))
    local response = check(client:attest_sgx_enclave(read_file(quote_file), { nonce = nonce }))
    local signers = check(client:get_signing_certificates())
    client:close()
    write_file(keys_file, signers.jwks)
    write_file(token_file, response.raw_token)
    print(#signers .. " keys of " .. endpoint .. " in " .. keys_file .. ", a token in " .. token_file)
end

function tasks.validate(endpoint, keys_file, token_file, nonce, policy_file, mr_signer)
    local token = check(azattest.AttestationToken.parse(read_file(token_file)))
    local valid, err = token:validate({
        signers = check(azattest.AttestationSigners.parse(read_file(keys_file))),
        issuer = endpoint, -- keys alone do not say whose they are
        expected_nonce = nonce,
        expected_policy_hash = check(policy.policy_hash(read_file(policy_file))),
        require_claims = { ["x-ms-sgx-mrsigner"] = mr_signer },
    })
    if not valid then
        for _, problem in ipairs(err.problems) do
            print("refused: " .. azattest.status_name(problem.code) .. ": " .. problem.detail)
        end
        os.exit(1)
    end
    print("valid until", os.date("!%Y-%m-%dT%H:%M:%SZ", token.expires_on))
    print("signed by", token.signer.key_id)
    print("mr_enclave", check(token:result()).mr_enclave)
end

local task = #arg == 7 and tasks[arg[1]]
if not task then
    io.stderr:write("usage: offline.lua collect ENDPOINT CA_FILE QUOTE_FILE NONCE KEYS_FILE TOKEN_FILE\n")
    io.stderr:write("       offline.lua validate ENDPOINT KEYS_FILE TOKEN_FILE NONCE POLICY_FILE MR_SIGNER\n")
    os.exit(2)
end
task((table.unpack or unpack)(arg, 2))

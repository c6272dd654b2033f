-- Attests an SGX quote and prints what the service says about the enclave, after checking that it is true.
-- Usage: attest.lua ENDPOINT CA_FILE QUOTE_FILE      (CA_FILE "-": the system's certificates)
local azattest = require("azattest")

local endpoint, ca_file, quote_file = arg[1], arg[2], arg[3]
if not quote_file then
    io.stderr:write("usage: attest.lua ENDPOINT CA_FILE QUOTE_FILE\n")
    os.exit(2)
end

local function fail(err)
    io.stderr:write(tostring(err), "\n")
    os.exit(1)
end

local file = assert(io.open(quote_file, "rb"))
local content = file:read("*a")
file:close()

-- raw, hexadecimal, base64 or one of the service's JSON samples
local evidence, err = azattest.Evidence.load(content)
if not evidence then
    fail(err)
end
local client = azattest.AttestationClient({ endpoint = endpoint, ca_file = ca_file ~= "-" and ca_file or nil })
local response
response, err = client:attest_sgx_enclave(evidence.raw, { nonce = "from-lua" })
if not response then
    fail(err)
end
local value = response.value
print("mr_enclave", value.mr_enclave)
print("mr_signer", value.mr_signer)
print("svn", value.svn)
print("is_debuggable", value.is_debuggable)
client:close()

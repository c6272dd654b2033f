-- Attest calls one after the other through the Lua module. Usage: attest.lua FOLDER ENDPOINT CA_FILE TIMES
-- Prints {"cpu_us"}, and "peak_kb" of the process. Lua has no clock of its own for wall time that is fine enough.
local azattest = require("azattest")

local folder, endpoint, ca_file, times = arg[1], arg[2], arg[3], tonumber(arg[4])

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local quote = read(folder .. "/quote.bin")
local client = assert(azattest.AttestationClient({ endpoint = endpoint, ca_file = ca_file }))
for _ = 1, 3 do
    assert(client:attest_sgx_enclave(quote))
end
local start = os.clock()
for _ = 1, times do
    assert(client:attest_sgx_enclave(quote))
end
local cpu = (os.clock() - start) * 1e6 / times
print(string.format('{"cpu_us": %.2f, "peak_kb": %s}', cpu, read("/proc/self/status"):match("VmHWM:%s*(%d+)")))

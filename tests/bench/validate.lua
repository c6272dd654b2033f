-- One validation of a token through the Lua module, TIMES times. Usage: validate.lua FOLDER TIMES
local azattest = require("azattest")

local folder, times = arg[1], tonumber(arg[2])

local function read(name)
    local file = assert(io.open(folder .. "/" .. name, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local jwks, token = read("keys.jwks"), read("token.jwt")
local verifier = assert(azattest.Verifier({
    endpoint = "https://bench.wus.attest.azure.net",
    transport = {
        send = function()
            return { status = 200, headers = {}, body = jwks }
        end,
        sleep = function()
            error("nothing to wait for")
        end,
    },
}))
assert(verifier:validate(token))
local start = os.clock()
for _ = 1, times do
    assert(verifier:validate(token))
end
print(string.format("%.0f", (os.clock() - start) * 1e9 / times))

-- One validation of a token through the Lua module, TIMES times. Usage: validate.lua FOLDER [claim|claims] TIMES
-- claim: and one typed claim is read; claims: and all of them are read, as a table.
local azattest = require("azattest")

local folder, reads, times = arg[1], arg[2], tonumber(arg[#arg])

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
local function validate()
    return assert(verifier:validate(token))
end
local once = ({
    claim = function()
        return assert(validate().value.mr_signer)
    end,
    claims = function()
        return assert(validate().value:claims())
    end,
})[reads] or validate
once()
local start = os.clock()
for _ = 1, times do
    once()
end
print(string.format("%.0f", (os.clock() - start) * 1e9 / times))

-- Validates a token without a connection, with keys that were exported before (`azattest keys export`).
-- Usage: offline.lua KEYS_FILE ISSUER TOKEN_FILE
local azattest = require("azattest")

local keys_file, issuer, token_file = arg[1], arg[2], arg[3]
if not token_file then
    io.stderr:write("usage: offline.lua KEYS_FILE ISSUER TOKEN_FILE\n")
    os.exit(2)
end

local function read(path)
    local file = assert(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

local token, err = azattest.inspect((read(token_file):gsub("%s+$", "")))
if token then
    token, err = token:validate({ signers = read(keys_file), issuer = issuer })
end
if not token then
    io.stderr:write(tostring(err), "\n")
    os.exit(1)
end
print("mr_signer", token:result().mr_signer)

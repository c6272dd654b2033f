-- Secure key release: a secret that only the attested program can open.
-- Usage: key_release.lua seal ENDPOINT CA_FILE TOKEN_FILE < secret > sealed    the relying party (CA_FILE "-": the system's)
--        key_release.lua open KEY_FILE < sealed > secret                       the program, with the key of its token
local azattest = require("azattest")

local function fail(err)
    io.stderr:write(tostring(err), "\n")
    os.exit(1)
end

local function read(path)
    local file = assert(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

local function seal(endpoint, ca_file, token_file)
    local verifier = azattest.Verifier({ endpoint = endpoint, ca_file = ca_file ~= "-" and ca_file or nil })
    -- add require_claims: which program it must be
    local response, err = verifier:validate(read(token_file):gsub("%s+$", "") .. "", { allow_debug = false })
    if not response then
        fail(err)
    end
    local sealed
    sealed, err = response.value:seal_secret(io.read("*a"))
    if not sealed then
        fail(err)
    end
    print(sealed)
    verifier:close()
end

local function open(key_file)
    local secret, err = azattest.open_secret(read(key_file), (io.read("*a"):gsub("%s+$", "")))
    if not secret then
        fail(err)
    end
    io.write(secret)
end

if arg[1] == "seal" and #arg == 4 then
    seal(arg[2], arg[3], arg[4])
elseif arg[1] == "open" and #arg == 2 then
    open(arg[2])
else
    io.stderr:write("usage: key_release.lua seal ENDPOINT CA_FILE TOKEN_FILE | open KEY_FILE\n")
    os.exit(2)
end

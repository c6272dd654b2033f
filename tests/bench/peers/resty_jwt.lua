-- Times the validation of one token by lua-resty-jwt, inside nginx: it needs its functions.
-- A function of its folder ("": where nginx looks anyway), the fixture's folder and a count; gives nanoseconds of CPU, and
-- for the count 0 what it does with an expired token, "accepts" or "refuses", and its version. Before either, token.jwt has
-- to be accepted and forged.jwt (one character of the signature differs) refused.
return function(modules, folder, times)
    if modules ~= "" then package.path = modules .. "/?.lua;" .. package.path end
    local jwt, cjson = require "resty.jwt", require "cjson.safe"

    local function read(name)
        local file = assert(io.open(folder .. "/" .. name, "rb"))
        local text = file:read("*a")
        file:close()
        return text
    end

    -- It takes the certificate as text with each token, which is its faster form: PEM of a public key costs more.
    local keys = cjson.decode(read("keys.jwks")).keys
    local body = keys[#keys].x5c[1]:gsub(("."):rep(64), "%0\n")
    local certificate = "-----BEGIN CERTIFICATE-----\n" .. body .. "\n-----END CERTIFICATE-----\n"

    local function validate(token)
        local found = jwt:verify(certificate, token)
        return found.verified and found.payload ~= nil
    end

    local token = read("token.jwt")
    assert(validate(token), "the good token was refused")
    assert(not validate(read("forged.jwt")), "a token with a changed signature was accepted")
    if times == 0 then
        return (validate(read("expired.jwt")) and "accepts" or "refuses") .. " lua-resty-jwt " .. tostring(jwt._VERSION)
    end
    local start = os.clock()
    for _ = 1, times do
        assert(validate(token))
    end
    return string.format("%.0f", (os.clock() - start) * 1e9 / times)
end

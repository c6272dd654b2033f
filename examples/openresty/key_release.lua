-- Who gets the secret: programs in SGX enclaves of the signer MR_SIGNER that cannot be debugged, judged by the instance
-- AZATTEST_ENDPOINT by the policy in POLICY_FILE not more than five minutes ago.
local azattest = require("azattest.resty")

local key_release = {}

local function variable(name)
    return assert(os.getenv(name), name .. " is not set (and named by an env directive)")
end

local function read_file(path)
    local file = assert(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

local secret, options

-- Of init_by_lua: the secret's file need not be readable for the workers. It is in their memory alone.
function key_release.load()
    secret = read_file(variable("SECRET_FILE"))
    options = {
        endpoint = variable("AZATTEST_ENDPOINT"),
        shared_dict = "azattest_release",
        require_claims = { ["x-ms-sgx-mrsigner"] = variable("MR_SIGNER") },
        expected_policy_hash = assert(azattest.policy.policy_hash(read_file(variable("POLICY_FILE")))),
        expected_type = "sgx",
        allow_debug = false,
        max_age = 300,
        realm = "key release",
    }
end

function key_release.prefetch()
    assert(azattest.prefetch({ endpoint = options.endpoint, shared_dict = options.shared_dict }))
end

function key_release.admit()
    azattest.require_token(options)
end

-- A compact JWE. That the evidence binds the key is what the token says: the service compares the runtime data.
function key_release.release()
    local sealed, err = ngx.ctx.azattest.value:seal_secret(secret)
    if not sealed then
        ngx.log(ngx.WARN, "no secret is released: ", tostring(err))
        ngx.status = 403
        return ngx.say("the token has no key to which a secret can be sealed")
    end
    ngx.header["Content-Type"] = "application/jose"
    ngx.header["Cache-Control"] = "no-store"
    ngx.print(sealed)
end

return key_release

-- azattest for OpenResty and for nginx with the Lua module: the package of azattest.lua, whose clients wait on cosockets.
--
--   local azattest = require "azattest.resty"
--   local client = azattest.AttestationClient{ endpoint = "https://sharedweu.weu.attest.azure.net" }
--   local response, err = client:attest_sgx_enclave(quote)
--
-- nginx has to be told whom to trust, and where names are looked up: lua_ssl_trusted_certificate, lua_ssl_verify_depth,
-- lua_ssl_protocols and resolver. A client may be kept in a module and used by all requests of the worker.

local core = require "azattest.core"
core.own_source()

if type(ngx) ~= "table" or type(ngx.socket) ~= "table" then
  core.usage("azattest.resty runs inside nginx (OpenResty, or libnginx-mod-http-lua); elsewhere require \"azattest\"")
end

require "azattest"
local drive = require "azattest.drive"
local log = require "azattest.log"
local oneline = require "azattest.oneline"
local transport = require "azattest.resty.transport"
local guard = require "azattest.resty.guard"
local prefetch = require "azattest.resty.prefetch"

local resty = drive.facade(transport.driver, drive.credentials(transport.driver))

resty.attest = oneline.attest(resty)
resty.policy = oneline.policy(resty)
resty.certificates = oneline.certificates(resty)

function resty.require_token(options) return guard.require_token(resty, options) end

function resty.prefetch(options) return prefetch.start(resty, options) end

-- The library's messages go where nginx's own go. AZURE_LOG_LEVEL (seen where `env AZURE_LOG_LEVEL;` says so) or log_set
-- choose from which level on.
local levels = { verbose = ngx.DEBUG, info = ngx.INFO, warning = ngx.WARN, error = ngx.ERR }

local function to_nginx(word, message) ngx.log(levels[word] or ngx.INFO, message) end

local wanted = os.getenv "AZURE_LOG_LEVEL"
if not wanted or not pcall(log.set, to_nginx, wanted) then log.set(to_nginx, "warning") end

return resty

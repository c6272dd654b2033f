-- The driver of OpenResty and of nginx with the Lua module: requests over cosockets, waits by ngx.sleep. No libcurl is
-- loaded, nothing blocks the worker but the reading of small files, and whatever yields is called from Lua.
--
-- What cosockets cannot do is refused, never worked around: authorities come from lua_ssl_trusted_certificate alone, a
-- certificate is compared with a name and not with an address, and it cannot be looked at.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local http = require "azattest.resty.http"
local collateral = require "azattest.resty.collateral"
local keys = require "azattest.resty.keys"
local ngx = ngx

local transport = {
  connect_timeout = 10, read_timeout = 60, -- seconds, as with libcurl
  keepalive_timeout = 60, pool_size = 64,
}

local function usage(...)
  return core.usage(string.format(...))
end

-- ------------------------------------------------------------------------------------------------- addresses

-- scheme, host (IPv6 in brackets), port, and what stands behind it
local function split_url(url)
  local scheme, authority, target = url:match("^(https?)://([^/?#@%c ]+)(.*)$")
  if not scheme or target:find("^[^/?#]") or target:find("[%c ]") then return nil end
  local host, port = authority:match("^(%[[%x:.]+%]):?(%d*)$")
  if not host then host, port = authority:match("^([%w._-]+):?(%d*)$") end
  if not host then return nil end
  if target:sub(1, 1) ~= "/" then target = "/" .. target end
  port = port ~= "" and tonumber(port) or scheme == "https" and 443 or 80
  return scheme, host:lower(), port, (target:gsub("#.*$", ""))
end

local function is_address(host)
  return host:sub(1, 1) == "[" or host:find("^%d+%.%d+%.%d+%.%d+$") ~= nil
end

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or (is_address(host) and host:sub(1, 4) == "127.")
end

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- "http://[user:password@]host[:port]", or without the scheme, as {host =, port =, authorization =}; nil and what is
-- wrong, in which nothing of a password stands.
local function parse_proxy(text)
  local scheme, rest = text:match("^([%a][%w+.-]*)://(.*)$")
  scheme = (scheme or "http"):lower()
  if scheme == "https" then
    return nil, "an https:// proxy cannot be used, because cosockets do TLS once and not inside TLS; give an http:// proxy"
  elseif scheme ~= "http" then
    return nil, ("a proxy of the kind %s:// cannot be used over cosockets; give an http:// proxy"):format(scheme:sub(1, 16))
  end
  local user, place = (rest or text):gsub("/$", ""):match("^(.*)@([^@]*)$")
  local _, host, port = split_url("http://" .. (place or (rest or text):gsub("/$", "")))
  if not host then return nil, "the proxy is no http://HOST:PORT" end
  if not (place or rest or text):find(":%d+/?$") then port = 1080 end -- as libcurl has it
  return { host = host, port = port, authorization = user and "Basic " .. ngx.encode_base64(decoded(user)) }
end

local function variable(...)
  for _, name in ipairs{ ... } do
    local value = os.getenv(name)
    if value and value ~= "" then return value end
  end
end

-- NO_PROXY: "*", names, which mean those below them too, and addresses
local function is_excepted(host)
  for entry in (variable("NO_PROXY", "no_proxy") or ""):lower():gmatch("[^,%s]+") do
    local name = entry:gsub("^%.", "")
    if entry == "*" or host == name or host == "[" .. name .. "]" then return true end
    if not is_address(host) and host:sub(-#name - 1) == "." .. name then return true end
  end
  return false
end

-- The proxy for a request, nil for none; false and what is wrong.
local function proxy_for(self, request, scheme, host)
  if request.bypasses_proxy or self.proxy == "" then return nil end
  if self.proxy then return self.proxy end
  if is_loopback(host) or is_excepted(host) then return nil end
  local text
  if scheme == "https" then text = variable("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
  else text = variable("http_proxy", "ALL_PROXY", "all_proxy") end
  if not text then return nil end
  local proxy, problem = parse_proxy(text)
  if not proxy then return false, problem .. " (HTTPS_PROXY or ALL_PROXY of the environment; the option proxy = \"\" means none)" end
  return proxy
end

-- ----------------------------------------------------------------------------------------------- failures in words

local resolver_hint = "nginx looks up no names by itself: add the directive resolver (for instance 'resolver 127.0.0.53;')"
local trust_hint = "if that authority is to be trusted, name the file with its certificate in lua_ssl_trusted_certificate; "
  .. "without that directive nginx trusts nobody (on Debian: lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;)"

-- With what is to be known where the caller may have said it, and it does not count.
local function directive(hint)
  return ngx.get_phase() == "timer" and hint .. "; what init_worker_by_lua starts sees the directives of the http block alone" or hint
end

local function connect_failure(err, whom)
  if err == "timeout" then return whom .. ": connecting took too long", "timeout" end
  if err:find("no resolver defined", 1, true) then return ("%s: %s"):format(whom, directive(resolver_hint)), "final" end
  if err:find("could not be resolved", 1, true) then
    return ("%s: %s; check the name, and the directive resolver"):format(whom, err), "transport"
  end
  return ("%s: %s; check host and port, and that the service runs"):format(whom, err), "transport"
end

local function handshake_failure(err, whom)
  if err == "timeout" then return whom .. ": the TLS handshake took too long", "timeout" end
  if err:find("host mismatch", 1, true) then
    local why = is_address(whom:gsub(":%d+$", "")) and "cosockets compare a certificate with names only: use a name, for which resolver finds the address"
      or "the certificate is for another host: check the endpoint"
    return ("%s: %s; %s"):format(whom, err, why), "final"
  end
  if err:find("^%d+: ") or err:find("^certificate refused") then -- OpenSSL's verdict on the chain
    local number = err:match("^%d+")
    local hint = directive(trust_hint)
    if number == "22" then hint = "the directive lua_ssl_verify_depth limits its length" end
    if number == "10" or number == "9" then hint = "check the clocks of both sides" end
    return ("%s: the certificate is not accepted (%s); %s"):format(whom, err, hint), "final"
  end
  return ("%s: the TLS handshake failed: %s"):format(whom, err), "transport"
end

-- What the handshake failed with, asked for as resty.core has just done; nil when this version keeps it elsewhere.
local function kept_verdict(socket)
  local known, err = pcall(function()
    local ffi, base = require "ffi", require "resty.core.base"
    local session, text, code = ffi.new "void *[1]", ffi.new "char *[1]", ffi.new "int[1]"
    local rc = ffi.C.ngx_http_lua_ffi_socket_tcp_get_sslhandshake_result(base.get_request(), socket[1], session, text, code)
    if rc ~= base.FFI_ERROR or text[0] == nil then return nil end
    return (code[0] ~= 0 and code[0] .. ": " or "") .. ffi.string(text[0])
  end)
  return known and err or nil
end

-- true; or nil and nginx's reason. A handshake that ends at once, because the server was quick, is taken for a success by
-- resty.core 0.1.25 even when the certificate was refused: with `false` for the session it gives true (and the
-- connection is closed), with nil it looks at the verdict and stumbles over it. So nil it is, and the stumbling is a no.
local function shake_hands(socket, server_name)
  local ended, session, err = pcall(socket.sslhandshake, socket, nil, server_name, true)
  if not ended then
    if not tostring(session):find("assertion failed", 1, true) then error(session, 0) end
    return nil, kept_verdict(socket) or "certificate refused, see nginx's error log"
  end
  if not session then return nil, tostring(err) end
  return true
end

-- In phases where nginx has no cosockets its functions raise.
local function phase_failure()
  return ("nginx cannot send requests or wait in the phase %s: do it in a timer (ngx.timer.at(0, function() ... end)), or in "
    .. "rewrite, access or content; what has its keys already is validated in any phase"):format(ngx.get_phase())
end

-- ------------------------------------------------------------------------------------------------ one connection

local Connection = {}
Connection.__index = Connection

-- For each read: a limit of its own, within what is left of all. Nginx counts milliseconds: less than one is nothing.
function Connection:limit()
  local left = self.deadline and self.deadline - ngx.now() or math.huge
  if left < 0.001 then return self.whom .. ": the time for the whole call is over", "timeout" end
  self.socket:settimeouts(math.ceil(math.min(self.connect_timeout, left) * 1000), math.ceil(math.min(self.read_timeout, left) * 1000),
                          math.ceil(math.min(self.read_timeout, left) * 1000))
end

-- Sends and reads; as http.receive.
function Connection:exchange(request, method, body_limit)
  local sent, err = self.socket:send(http.request(request))
  if not sent then
    if err == "timeout" then return nil, self.whom .. ": sending took too long", "timeout", false end
    return nil, ("%s: sending failed: %s"):format(self.whom, err), "transport", false
  end
  local answer, second, third, begun = http.receive(self.socket, {
    method = method, body_limit = body_limit, await = function() return self:limit() end,
    silence = ("no byte came for %g s"):format(self.read_timeout),
  })
  if answer then return answer, second, third end
  if third ~= "timeout" or second:sub(1, #self.whom) ~= self.whom then second = self.whom .. ": " .. second end
  return nil, second, third, begun
end

-- Whether nothing can have come behind the answer, of which the last read gave `last` bytes. For a connection that is
-- kept nginx looks in the kernel, and not at what OpenSSL has decrypted already: the next request would take that for its
-- answer. There can be some only where the read filled nginx's buffer: a page, or lua_socket_buffer_size, which is not
-- told. (A read that waits a moment for nothing does not find it: nginx reads when the kernel has something.)
local function is_exhausted(last)
  return last % 512 ~= 0
end

function Connection:tunnel(place, proxy, agent)
  local headers = { ["User-Agent"] = agent, ["Proxy-Authorization"] = proxy.authorization }
  local answer, message, kind = self:exchange({ method = "CONNECT", target = place, host = place, headers = headers }, "CONNECT", 4096)
  if not answer then return nil, "the proxy: " .. message, kind end
  if answer.status == 407 then
    return nil, "the proxy refused (407): give user and password as http://USER:PASSWORD@HOST:PORT", "final"
  elseif answer.status >= 300 then
    return nil, ("the proxy answered CONNECT with %d"):format(answer.status), "transport"
  elseif answer.surplus then -- what came in clear must not be taken for what comes through the tunnel
    return nil, "the proxy sent bytes behind its answer to CONNECT", "transport"
  end
  return true
end

-- Connects, or takes a connection of the pool. true; or nil, a message and a kind.
function Connection:open(to)
  local proxy = to.proxy
  local message, kind = self:limit()
  if message then return nil, message, kind end
  local whom = proxy and ("the proxy %s:%d"):format(proxy.host, proxy.port) or self.whom
  local ok, err = self.socket:connect((proxy or to).host, (proxy or to).port, { pool = to.pool })
  if not ok then return nil, connect_failure(err, whom) end
  self.reused = (self.socket:getreusedtimes() or 0) > 0
  if self.reused or to.scheme ~= "https" then return true end
  if proxy then
    ok, err, kind = self:tunnel(("%s:%d"):format(to.host, to.port), proxy, to.agent)
    if not ok then return nil, err, kind end
  end
  message, kind = self:limit()
  if message then return nil, message, kind end
  ok, err = shake_hands(self.socket, to.server_name)
  if not ok then return nil, handshake_failure(err, to.place) end
  return true
end

-- ---------------------------------------------------------------------------------------------------- transport

local Transport = {}
Transport.__index = Transport

function transport.new(options)
  local proxy = options.proxy
  if proxy and proxy ~= "" then proxy = parse_proxy(proxy) end
  return setmetatable({
    proxy = proxy, httpc = options.httpc, shared_dict = options.shared_dict,
    connect_timeout = options.connect_timeout or transport.connect_timeout,
    read_timeout = options.read_timeout or transport.read_timeout,
    keepalive_timeout = options.keepalive_timeout or transport.keepalive_timeout,
    pool_size = options.pool_size or transport.pool_size,
  }, Transport)
end

-- Whoever takes a connection out of a pool trusts that it was checked as his own would be. So its name has all that
-- the check depends on. Client certificates are not used; their place is there so that nobody forgets it.
local function pool_name(to)
  local proxy = to.proxy
  return table.concat({
    "azattest", to.scheme, to.host, to.port, "name=" .. to.server_name, "verify=true", "client-certificate=none",
    proxy and ("proxy=%s:%d:%s"):format(proxy.host, proxy.port, proxy.authorization and ngx.md5(proxy.authorization) or "") or "",
  }, "|")
end

local function once(self, request, to)
  local created, socket = pcall(ngx.socket.tcp)
  if not created then return nil, phase_failure(), "final" end
  local limit = request.connect_timeout and math.min(request.connect_timeout, self.connect_timeout) or self.connect_timeout
  local connection = setmetatable({
    socket = socket, whom = to.place, connect_timeout = limit, read_timeout = self.read_timeout, deadline = to.deadline,
  }, Connection)
  local ok, message, kind = connection:open(to)
  if not ok then
    socket:close()
    return nil, message, kind, false
  end
  local answer, second, third, begun = connection:exchange({
    method = request.method, target = to.target, host = to.authority, headers = request.headers, body = request.body,
  }, request.method, request.response_limit)
  local kept = answer and second and not to.alone -- the whole body was read
    and (to.scheme ~= "https" or is_exhausted(third))
    and socket:setkeepalive(self.keepalive_timeout * 1000, self.pool_size)
  if not kept then socket:close() end
  if answer then return answer end
  return nil, second, third, begun, connection.reused
end

-- An answer whose body is coded was not asked for.
local function check_coding(answer, place)
  local coding = answer.headers["content-encoding"]
  if coding == nil or (type(coding) == "string" and coding:lower() == "identity") then return answer end
  return nil, ("%s: the body is compressed, which was not asked for"):format(place), "transport", true
end

local function refuse_pinned(place)
  return nil, ("%s: this server is known by its certificate's thumbprint alone (Service Fabric), and cosockets cannot show the "
    .. "certificate; give the client a credential function that gets the token elsewhere"):format(place), "final", false
end

function Transport:send(request)
  local scheme, host, port, target = split_url(request.url)
  if not scheme then return nil, "the address is no http or https URL", "final", false end
  local authority = request.url:match("^https?://([^/?#]+)")
  local place = authority:lower()
  if request.server_thumbprint then return refuse_pinned(place) end
  local headers = request.headers -- made for this request alone
  headers["Accept-Encoding"] = "identity"
  if self.httpc then return self:send_by_httpc(request, place) end
  local proxy, problem = proxy_for(self, request, scheme, host)
  if proxy == false then return nil, ("%s: %s"):format(place, problem), "final", false end
  local to = {
    scheme = scheme, host = host, port = port, target = target, authority = authority, place = place, proxy = proxy,
    server_name = host:gsub("[%[%]]", ""), agent = headers["User-Agent"],
    deadline = request.timeout and ngx.now() + request.timeout,
  }
  if proxy and scheme == "http" then
    to.target, headers["Proxy-Authorization"] = "http://" .. authority .. target, proxy.authorization
  end
  to.pool = pool_name(to)
  local answer, message, kind, begun, reused = once(self, request, to)
  if not answer and reused and not begun and kind == "transport" then
    -- The server gave the idle connection up in the moment when we took it; others of the pool may be dead, too.
    to.pool, to.alone = to.pool .. "|alone", true
    answer, message, kind, begun = once(self, request, to)
  end
  if not answer then return nil, message, kind, begun end
  return check_coding(answer, place)
end

-- By an object of the caller's that has request_uri, as lua-resty-http's do.
function Transport:send_by_httpc(request, place)
  local made, object = pcall(function()
    if type(self.httpc) == "function" then return self.httpc() end
    return self.httpc.new and self.httpc.new() or self.httpc
  end)
  if not made or not object then return nil, ("%s: the option httpc gave no object: %s"):format(place, tostring(object)), "final", false end
  local done, answer, err = pcall(object.request_uri, object, request.url, {
    method = request.method, headers = request.headers, body = request.body, ssl_verify = true,
    keepalive_timeout = self.keepalive_timeout * 1000, keepalive_pool = self.pool_size,
    proxy_opts = request.bypasses_proxy and {} or nil,
  })
  if not done then
    if tostring(answer):find("API disabled", 1, true) then return nil, phase_failure(), "final", false end
    error(answer, 0)
  end
  if not answer then
    err = tostring(err)
    if err == "timeout" then return nil, place .. ": the request took too long", "timeout", false end
    if err:find("no resolver", 1, true) then return nil, (connect_failure(err, place)), "final", false end
    if err:find("^%d+: ") or err:find("host mismatch", 1, true) then return nil, (handshake_failure(err, place)), "final", false end
    return nil, ("%s: %s"):format(place, err), "transport", false
  end
  local headers = {}
  for name, value in pairs(answer.headers or {}) do headers[name:lower()] = value end -- theirs may have a metatable
  return check_coding({ status = answer.status, reason = answer.reason, headers = headers, body = answer.body }, place)
end

-- False where nginx cannot wait: the operation ends.
function Transport:sleep(seconds)
  local slept = pcall(ngx.sleep, seconds)
  if not slept then self.refused = phase_failure() end
  return slept
end

-- Those of all workers.
function Transport:keys(op) return keys.find(self, op) end

-- Small local files, whose reading does not yield; those that a credential may name lie where only the system writes.
function Transport:file(op)
  local path, limit = op:file()
  local file, reason, number = io.open(path, "rb")
  if not file then
    if number == 2 or number == 20 then return op:give_file(nil) end -- there is none, or no folder on the way to it
    return op:fail("unavailable", ("the file cannot be opened: %s"):format(reason))
  end
  local content, problem = file:read(limit + 1)
  file:close()
  if not content and problem then return op:fail("unavailable", ("the file \"%s\" cannot be read: %s"):format(path, problem)) end
  op:give_file(content or "")
end

function Transport:process(op)
  op:fail("unavailable", "the Azure CLI is not run inside nginx, whose worker would stand still meanwhile")
end

-- ------------------------------------------------------------------------------------------------------- driver

local names = {}
for name in pairs(core.options.connection) do names[name] = true end
for _, name in ipairs{ "keepalive_timeout", "pool_size", "httpc", "shared_dict" } do names[name] = true end

local function check_number(who, name, value, least)
  if value ~= nil and not (type(value) == "number" and value >= least and value <= 86400) then
    usage("%s: option '%s' must be a number from %g to 86400", who, name, least)
  end
end

local function check(options, who)
  for _, name in ipairs{ "ca_file", "ca_path", "ca_pem" } do
    if options[name] ~= nil then
      usage("%s: option '%s' does not exist for cosockets: nginx takes trusted authorities from the directive "
        .. "lua_ssl_trusted_certificate (in http, server or location)", who, name)
    end
  end
  core.connection_check({ proxy = options.proxy, connect_timeout = options.connect_timeout, read_timeout = options.read_timeout }, who)
  check_number(who, "keepalive_timeout", options.keepalive_timeout, 0.001)
  check_number(who, "pool_size", options.pool_size, 1)
  if options.proxy and options.proxy ~= "" then
    local proxy, problem = parse_proxy(options.proxy)
    if not proxy then usage("%s: option 'proxy': %s", who, problem) end
  end
  local httpc = options.httpc
  if httpc ~= nil and type(httpc) ~= "function" and (type(httpc) ~= "table" or type(httpc.request_uri) ~= "function") then
    usage("%s: option 'httpc' must be an object with request_uri (lua-resty-http), or a function that makes one", who)
  end
  keys.check(who, options.shared_dict)
end

local function agent()
  local version = ngx.config.nginx_version
  local built = ngx.config.nginx_configure and ngx.config.nginx_configure() or ""
  return ("%s/%d.%d.%d"):format(built:find("openresty", 1, true) and "openresty" or "nginx", math.floor(version / 1000000),
                                math.floor(version / 1000) % 1000, version % 1000)
end

transport.driver = {
  options = names, check = check, agent = agent(), shares_keys = true, cache = collateral,
  run = function(state, op)
    local cosockets = state.cosockets or transport.new(state.connection)
    state.cosockets = cosockets
    local done, err = drive.run_with(cosockets, op, transport.driver)
    if done == nil and cosockets.refused then -- nothing has yielded in between, so it is ours
      err, cosockets.refused = core.error_new(core.Status.E_TRANSPORT, cosockets.refused), nil
    end
    return done, err
  end,
  close = function() end, -- connections belong to the worker's pools
  -- for a transport of the caller's that does not serve these itself
  file = function(op) return Transport.file(nil, op) end,
  process = function(op) return Transport.process(nil, op) end,
}

return transport

-- The relying party's guard: only who shows a token of the instance that stands up to the options gets through.
--
--   access_by_lua_block { require("azattest.resty").require_token{ endpoint = "https://...", require_claims = {...} } }
--
-- It raises (nginx then answers 500) for wrong options and for whatever goes wrong in here; it ends the request with an
-- answer when the token does not do; it comes back only when it does. Answers (RFC 6750, section 3):
--
--   400 invalid_request      several tokens, or a header that is none of the scheme's
--   401 (without a code)     no token
--   401 invalid_token        it is not valid, or not for this: another token may do (expired, older than max_age, of another
--                            instance, another nonce, another key...)
--   403 insufficient_scope   it is valid, and what it attests is not wanted here: claims, policy, type, debuggable, refused
--                            by validation_callback
--   503 with Retry-After     the instance's keys cannot be had: no verdict about the token
--
-- Nothing of a token is in an answer or in the log.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local ngx = ngx
local type, next, concat, format = type, next, table.concat, string.format
local validate_cached = core.validate_cached

local guard = { kept = 32 } -- guards of a worker; twice as many for a moment

local function usage(...)
  return core.usage(format(...))
end

-- -------------------------------------------------------------------------------------------------------- options

-- The guard's own. What differs from request to request stands beside the key of the guard, see `split`.
local own_names = { realm = true, from = true }
local of_the_request = {
  validation_callback = true, clock = true, at = true, expected_nonce = true, expected_runtime_data = true, expected_runtime_json = true,
}

local objects = { transport = true, httpc = true } -- not what they hold

local ids, last_id = setmetatable({}, { __mode = "k" }), 0

-- A number for an object, which no other object ever gets: addresses are used again.
local function id_of(object)
  local id = ids[object]
  if not id then
    last_id = last_id + 1
    id, ids[object] = last_id, last_id
  end
  return id
end

-- Writes the value down so that only an equal one gives the same text. Gives the number of parts.
local function describe(parts, count, value, depth)
  local kind = type(value)
  if kind == "string" then
    parts[count + 1], parts[count + 2], parts[count + 3] = #value, ":", value
    return count + 3
  elseif kind == "number" then
    parts[count + 1] = format("n%.17g;", value)
  elseif kind == "boolean" then
    parts[count + 1] = value and "t" or "f"
  elseif kind == "table" then
    if depth > 8 then usage("require_token: the options nest too deep") end
    core.check_plain("require_token", value)
    parts[count + 1] = "{"
    count = count + 1
    for name, member in next, value do
      count = describe(parts, count, name, depth + 1)
      count = describe(parts, count, member, depth + 1)
    end
    parts[count + 1] = "}"
  else -- userdata, a function
    parts[count + 1] = format("o%d;", id_of(value))
  end
  return count + 1
end

-- A key made of what all requests have in common, and a table of the rest, or nil. The key changes with each name, known
-- or not: one that does not exist is refused whenever it comes.
local function split(options)
  local parts, count, rest = {}, 0, nil
  core.check_plain("require_token", options)
  for name, value in next, options do
    if of_the_request[name] then
      rest = rest or {}
      rest[name] = value
    elseif name ~= "from" or type(value) ~= "function" then
      count = describe(parts, count, name, 0)
      if objects[name] then value = id_of(value) end
      count = describe(parts, count, value, 0)
    end
  end
  return concat(parts, "", 1, count), rest
end

-- As text in quotes; RFC 9110, section 5.6.4.
local function quoted(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

-- The header's name; nil for a function, which is not kept: the next call has its own.
local function check_from(from)
  if from == nil or type(from) == "function" then return nil end
  if type(from) ~= "string" or not from:find("^[%w!#$%%&'*+.^_`|~-]+$") then
    usage("require_token: option 'from' must be the name of a header, or a function that gives the token; got %s", type(from))
  end
  return from:lower()
end

local function challenge_of(realm)
  if realm == nil then realm = "attested" end
  if type(realm) ~= "string" or #realm > 256 or realm:find("[^\32-\126]") then
    usage("require_token: option 'realm' must be at most 256 visible ASCII characters")
  end
  return "Bearer realm=" .. quoted(realm)
end

-- A guard for these options, with a verifier of its own: what belongs to validation is read once, here.
local function new(package, options)
  local own, verifier, validation = {}, {}, {}
  local nested = options.validation_options
  if nested ~= nil and type(nested) ~= "table" then usage("require_token: option 'validation_options' must be a table, got %s", type(nested)) end
  for name, value in next, nested or own do validation[name] = value end
  for name, value in next, options do
    if own_names[name] then own[name] = value
    elseif core.options.validation[name] then validation[name] = value
    elseif name ~= "validation_options" then verifier[name] = value end
  end
  for name in next, of_the_request do
    if nested and nested[name] ~= nil then usage("require_token: option '%s' stands beside the others, not in validation_options", name) end
    validation[name] = nil
  end
  if validation.validate_token == false or validation.validate_signature == false or validation.allow_unsecured then
    usage("require_token: a guard that takes tokens without a signature guards nothing; leave validate_token, validate_signature and "
      .. "allow_unsecured as they are")
  end
  verifier.validation_options = validation
  local made, err = drive.on_behalf("require_token", package, "Verifier", verifier)
  if not made then usage("require_token: %s", tostring(err)) end
  return { verifier = made, from = check_from(own.from), challenge = challenge_of(own.realm) }
end

-- Two generations: what is not asked for while the younger one fills up is forgotten.
local young, old, count = {}, {}, 0

local function guard_for(package, options)
  if type(options) ~= "table" then usage("require_token: a table of options expected, got %s", type(options)) end
  local key, rest = split(options)
  local found = young[key]
  if found then return found, rest end
  found = old[key] or new(package, options)
  if count >= guard.kept then young, old, count = {}, young, 0 end
  young[key], count = found, count + 1
  return found, rest
end

-- -------------------------------------------------------------------------------------------------------- answers

local Status = core.Status

-- What the client is told. The token's own words are not in it, nor what would have been accepted.
local invalid = {
  [Status.E_LIMIT] = "the token is too large",
  [Status.E_MALFORMED] = "the token is malformed", [Status.E_TYPE] = "the token is malformed",
  [Status.E_TOKEN_MALFORMED] = "the token is malformed", [Status.E_TOKEN_TYPE] = "the token is of another kind",
  [Status.E_TOKEN_ALGORITHM] = "the token's algorithm is not accepted", [Status.E_TOKEN_CRITICAL] = "the token has critical header members",
  [Status.E_TOKEN_KEY_UNTRUSTED] = "the token's key is not trusted", [Status.E_TOKEN_KEY_URL] = "the token names keys of another host",
  [Status.E_TOKEN_KEY_UNKNOWN] = "the token's key is not known", [Status.E_TOKEN_KEY_AMBIGUOUS] = "the token's key is ambiguous",
  [Status.E_TOKEN_KEY_UNFIT] = "the token's key does not fit", [Status.E_TOKEN_KEY_MISMATCH] = "the token's key is not trusted",
  [Status.E_TOKEN_CERTIFICATE] = "the token's key is not trusted", [Status.E_TOKEN_CERTIFICATE_NAME] = "the token's key is not trusted",
  [Status.E_TOKEN_SERVICE_EVIDENCE] = "the token's key is not trusted",
  [Status.E_TOKEN_KEY_ID] = "the token's key is not trusted", [Status.E_TOKEN_SIGNATURE] = "the signature does not verify",
  [Status.E_TOKEN_EXPIRED] = "the token has expired", [Status.E_TOKEN_NOT_YET_VALID] = "the token is not valid yet",
  [Status.E_TOKEN_ISSUER] = "the token is of another issuer", [Status.E_TOKEN_NONCE] = "the token is for another request",
  [Status.E_TOKEN_RUNTIME_DATA] = "the token is for other runtime data", [Status.E_TOKEN_MEASUREMENT] = "the token is for other evidence",
  [Status.E_TOKEN_AGE] = "the token is too old",
}

local unwanted = {
  [Status.E_TOKEN_CLAIM] = "a required claim is missing or different", [Status.E_TOKEN_POLICY_HASH] = "another policy was applied",
  [Status.E_TOKEN_DEBUGGABLE] = "debuggable programs are not accepted",
  [Status.E_TOKEN_ATTESTATION_TYPE] = "another type of attestation is required", [Status.E_TOKEN_CALLBACK] = "the token was refused",
}

local without_keys = {
  [Status.E_TRANSPORT] = true, [Status.E_TIMEOUT] = true, [Status.E_HTTP] = true, [Status.E_RESPONSE] = true, [Status.E_CANCELLED] = true,
}

-- Ends the request; never comes back.
local function finish(status)
  ngx.exit(status)
  error("azattest: the request was refused with " .. status, 0) -- where ngx.exit() comes back the request must not go on
end

local function refuse(status, challenge, code, description)
  if code then challenge = format('%s, error="%s", error_description=%s', challenge, code, quoted(description)) end
  ngx.header["WWW-Authenticate"] = challenge
  ngx.header["Cache-Control"] = "no-store"
  return finish(status)
end

-- A list of problems is as bad as its worst: while the token itself is not valid nothing that it attests counts.
local function verdict(err)
  local code, description = err.code, nil
  if unwanted[code] then
    for _, problem in next, err.problems do
      if not unwanted[problem.code] then return invalid[problem.code] and 401, invalid[problem.code] end
    end
    return 403, unwanted[code]
  end
  description = invalid[code]
  return description and 401, description
end

local function refuse_token(self, err)
  local code = err.code
  if without_keys[code] then
    ngx.log(ngx.ERR, "azattest: 503, the keys to judge a token cannot be had: ", tostring(err))
    ngx.header["Retry-After"] = math.max(1, math.ceil(math.min(err.retry_after or 5, 120)))
    return finish(503)
  end
  local status, description = verdict(err)
  if not status then -- no memory, a failing library: not the token's fault, and no reason to let it in
    ngx.log(ngx.ERR, "azattest: 500, a token could not be judged: ", tostring(err))
    return finish(500)
  end
  ngx.log(ngx.WARN, "azattest: ", status, ": ", tostring(err))
  return refuse(status, self.challenge, status == 401 and "invalid_token" or "insufficient_scope", description)
end

-- ------------------------------------------------------------------------------------------------------- the token

local function refuse_request(self, why)
  ngx.log(ngx.WARN, "azattest: 400: ", why)
  return refuse(400, self.challenge, "invalid_request", why)
end

local blank = { [32] = true, [9] = true }

-- The one header of that name, or nil.
local function header_of(self, name)
  local headers, err = ngx.req.get_headers()
  if err == "truncated" then return refuse_request(self, "there are too many headers") end
  local value = headers[name]
  if type(value) == "table" then return refuse_request(self, "the header with the token is there more than once") end
  if type(value) == "string" and value ~= "" then return value end
end

local function token_of(self, from)
  if type(from) == "function" then
    local token = from()
    if token ~= nil and type(token) ~= "string" then
      usage("require_token: option 'from': the function must give the token or nil, it gave %s", type(token))
    end
    return token
  elseif self.from then
    return header_of(self, self.from)
  end
  local value = header_of(self, "authorization")
  if not value then return nil end
  if value:sub(1, 6):lower() ~= "bearer" or not blank[value:byte(7) or 32] then return nil end -- of somebody else's scheme
  local first, last = 7, #value
  while blank[value:byte(first)] do first = first + 1 end
  while blank[value:byte(last)] do last = last - 1 end
  local token = value:sub(first, last)
  -- Plain searches: a pattern takes longer for a token than the whole rest of the guard. What else is no token's the core finds.
  if token == "" or token:find(" ", 1, true) or token:find("\t", 1, true) or token:find(",", 1, true) then
    return refuse_request(self, "the Authorization header is not the word Bearer and one token")
  end
  return token
end

-- ---------------------------------------------------------------------------------------- what the request is given

local readers = {
  value = function(self) return assert(self.token:result()) end,
  claims = function(self) return self.token:body() end,
  raw_token = function(self) return self.token:serialize() end,
}

-- Made when they are asked for, and kept.
local Attested = {
  __metatable = false,
  __index = function(self, name)
    local read = readers[name]
    if not read then
      if name == "warning" then return nil end
      usage("ngx.ctx.azattest has no member '%s'", tostring(name))
    end
    local value = read(self)
    rawset(self, name, value)
    return value
  end,
  __tostring = function(self) return tostring(self.token) end,
}

-- --------------------------------------------------------------------------------------------------------- the guard

local phases = { rewrite = true, server_rewrite = true, access = true, content = true }

local function judge(self, token, rest)
  if not rest then
    local valid, err = validate_cached(self.verifier, token)
    if valid then return valid end
    if valid == nil then return nil, err end
  end
  local response, err = self.verifier:validate(token, rest) -- waits for keys if it has to
  if not response then return nil, err end
  return response.token, nil, response.warning
end

-- Lets the request pass with ngx.ctx.azattest {token, value, claims, raw_token, warning}, which it also gives; or ends it.
function guard.require_token(package, options)
  local ctx = ngx.ctx
  ctx.azattest = nil
  if not phases[ngx.get_phase()] then
    usage("require_token is for access_by_lua (or rewrite_by_lua, content_by_lua); this is the phase %s", ngx.get_phase())
  end
  local self, rest = guard_for(package, options)
  local token = token_of(self, options.from)
  if not token or token == "" then
    ngx.log(ngx.INFO, "azattest: 401: there is no token")
    return refuse(401, self.challenge)
  end
  local valid, err, warning = judge(self, token, rest)
  if not valid then return refuse_token(self, err) end
  if not valid.is_validated then error("azattest: a token that is not validated came through", 0) end
  local attested = setmetatable({ token = valid, warning = warning }, Attested)
  ctx.azattest = attested
  return attested
end

return guard

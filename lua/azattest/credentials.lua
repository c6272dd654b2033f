-- Credentials: where the access tokens of calls come from. What is made here goes into a client's option `credential`,
-- beside tables with get_token and plain functions; and it gives tokens itself: credential:get_token(scope).

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"

local credentials = {}
local Credential = core.classes.Credential.methods

-- The provider and the transport of a credential. Weak: they live as long as it does.
local states = setmetatable({}, { __mode = "k" })

local function usage(...)
  return core.usage(string.format(...))
end

local function adopt(credential, err, state)
  if not credential then return nil, err end
  states[credential] = state
  return credential
end

-- credentials.static_token(token, expires_on): `expires_on` is seconds since 1970; without it the token's own `exp`
-- counts when it is a JWT.
function credentials.static_token(token, expires_on)
  local credential, err = core.static_token_credential_new(token, expires_on)
  return adopt(credential, err, { connection = {} })
end

-- credentials.callback(source): a function of the scope, or an object with get_token(self, scope). It gives {token =,
-- expires_on =}, or token and expires_on; or nil and an error.
function credentials.callback(source)
  local provider
  if type(source) == "function" then
    provider = source
  elseif (type(source) == "table" or type(source) == "userdata") and source.get_token then
    provider = function(scopes) return source:get_token(scopes) end
  else
    usage("credential: an object with get_token, a function, or a token as string expected, got %s", type(source))
  end
  local credential, err = core.callback_credential_new()
  return adopt(credential, err, { connection = {}, provider = provider })
end

-- credential:get_token(scope) -> {token =, expires_on =} | nil, err
function Credential:get_token(scopes)
  local op, err = core.credential_get_token_begin(self, scopes)
  if not op then return nil, err end
  local done
  done, err = drive.run(states[self], op)
  if not done then return nil, err end
  local token, expires_on = op:take_access_token()
  op:close()
  return { token = token, expires_on = expires_on }
end

local close = Credential.close

function Credential:close()
  local state = states[self]
  if state then drive.close(state) end
  return close(self)
end

-- What a client is given, as a credential of the core, and the provider of its tokens if that is Lua's.
function drive.credential(source)
  if type(source) == "userdata" and states[source] then return source, states[source].provider end
  local credential, err
  if type(source) == "string" then
    credential, err = credentials.static_token(source)
  else
    credential, err = credentials.callback(source)
  end
  if not credential then return nil, err end
  return credential, states[credential].provider
end

return credentials

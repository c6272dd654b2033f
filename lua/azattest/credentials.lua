-- Credentials: where the access tokens of calls come from. What is made here goes into a client's option `credential`,
-- beside tables with get_token and plain functions; and it gives tokens itself: credential:get_token(scope).

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"

local Credential = core.classes.Credential.methods

-- The official names of what stands in the package's `credentials`. What they make is a Credential, whose `kind` is that
-- name.
local official = {
  StaticTokenCredential = "static_token", CallbackCredential = "callback", ClientSecretCredential = "client_secret",
  ClientCertificateCredential = "client_certificate", ManagedIdentityCredential = "managed_identity",
  WorkloadIdentityCredential = "workload_identity", AzureCliCredential = "azure_cli", EnvironmentCredential = "environment",
  DefaultAzureCredential = "default",
}

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

local function static_token(driver, token, expires_on)
  local credential, err = core.static_token_credential_new(token, expires_on)
  return adopt(credential, err, { driver = driver, connection = {} })
end

local function callback(driver, source)
  local provider
  if type(source) == "function" then
    provider = source
  elseif (type(source) == "table" or type(source) == "userdata") and source.get_token then
    provider = function(scopes) return source:get_token(scopes) end
  else
    usage("credential: an object with get_token, a function, or a token as string expected, got %s", type(source))
  end
  local credential, err = core.callback_credential_new()
  return adopt(credential, err, { driver = driver, connection = {}, provider = provider })
end

-- The table of a kind: what the core takes, what its own connection is made of, and what is the kind's alone.
local function split(driver, who, options, own_names)
  if options ~= nil and type(options) ~= "table" then usage("%s: a table of options expected, got %s", who, type(options)) end
  core.check_plain(who, options)
  local own, core_options, connection = {}, {}, {}
  local state = { driver = driver, connection = connection }
  for name, value in next, options or {} do
    if own_names and own_names[name] then
      own[name] = value
    elseif name == "transport" then
      state.transport = drive.check_transport(who, value)
    elseif driver.options[name] then
      connection[name] = value
    else
      core_options[name] = value
    end
  end
  driver.check(connection, who)
  return own, core_options, state
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

-- What is made here waits with `driver` when it is asked for a token by itself; a client's own driver serves the rest.
function drive.credentials(driver)
  local credentials = {}

  -- credentials.static_token(token, expires_on): `expires_on` is seconds since 1970; without it the token's own `exp`
  -- counts when it is a JWT.
  function credentials.static_token(token, expires_on) return static_token(driver, token, expires_on) end

  -- credentials.callback(source): a function of the scope, or an object with get_token(self, scope). It gives {token =,
  -- expires_on =}, or token and expires_on; or nil and an error.
  function credentials.callback(source) return callback(driver, source) end

  -- credentials.client_secret{ tenant_id =, client_id =, client_secret =, ... }
  function credentials.client_secret(options)
    local own, more, state = split(driver, "client_secret", options, {
      tenant_id = true, client_id = true, client_secret = true })
    local credential, err = core.client_secret_credential_new(own.tenant_id, own.client_id, own.client_secret, more)
    return adopt(credential, err, state)
  end

  -- credentials.client_certificate{ tenant_id =, client_id =, certificate_path = or certificate_data =, password =, ... }
  function credentials.client_certificate(options)
    local own, more, state = split(driver, "client_certificate", options, {
      tenant_id = true, client_id = true, certificate_path = true, certificate_data = true, password = true })
    local data = own.certificate_data
    if (data == nil) == (own.certificate_path == nil) then
      usage("client_certificate: give either certificate_path or certificate_data")
    end
    if not data then
      -- the reason why a file cannot be opened shows its name: a key must not be one
      if type(own.certificate_path) ~= "string" or own.certificate_path:find "%c" then
        usage("client_certificate: certificate_path is the path of a file; its content is certificate_data")
      end
      local file, reason = io.open(own.certificate_path, "rb")
      if not file then
        return nil, core.error_new(core.Status.E_ARGUMENT, "client_certificate: " .. tostring(reason))
      end
      data = file:read("*a") or ""
      file:close()
    end
    local credential, err = core.client_certificate_credential_new(own.tenant_id, own.client_id, data, own.password, more)
    return adopt(credential, err, state)
  end

  -- credentials.managed_identity{ client_id =, ... } and so on: all options may be left out.
  for _, name in ipairs{ "managed_identity", "workload_identity", "azure_cli", "environment", "default" } do
    local new = core[name .. "_credential_new"]
    credentials[name] = function(options)
      local _, more, state = split(driver, name, options)
      local credential, err = new(more)
      return adopt(credential, err, state)
    end
  end

  for name, own_name in pairs(official) do credentials[name] = credentials[own_name] end
  return credentials
end

for name in pairs(official) do
  core.classes[name] = { methods = { get_token = Credential.get_token, close = Credential.close }, readers = {} }
end

-- What a client is given, as a credential of the core, and the provider of its tokens if that is Lua's.
function drive.credential(source, driver)
  if type(source) == "userdata" and states[source] then return source, states[source].provider end
  local credential, err
  if type(source) == "string" then
    credential, err = static_token(driver, source)
  else
    credential, err = callback(driver, source)
  end
  if not credential then return nil, err end
  return credential, states[credential].provider
end

return drive.credentials(require "azattest.blocking")

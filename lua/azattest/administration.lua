-- The administration client, signing keys and policy tokens. Loaded by azattest.lua, which lends what they share with
-- the other clients, and calls what it gets for each package that it makes.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"

local enumerations = { "AttestationType", "PolicyModification", "CertificateModification" }

for _, name in ipairs(enumerations) do
  setmetatable(core[name], {
    __metatable = false,
    __index = function(_, member) core.usage(("%s has no '%s'"):format(name, tostring(member))) end,
  })
end

return function(lent)
  local Admin = core.classes.AttestationAdministrationClient.methods
  local states, usage = lent.states, lent.usage

  -- The key of a pair of PEM texts, or the one that is given; without both the default.
  local function signing_key_of(who, options, default)
    local key, certificate = options.signing_key, options.signing_certificate
    if key == nil and certificate == nil then return default end
    if type(key) == "userdata" then
      if certificate ~= nil then usage("%s: the AttestationSigningKey has a certificate of its own", who) end
      return key
    end
    if key == nil or certificate == nil then
      usage("%s: signing_key and signing_certificate come as a pair", who)
    end
    return core.signing_key_new(key, certificate)
  end

  -- The key of a call without a client, whose only options are the pair: a misspelt one would leave its token unsecured.
  local function key_alone(who, options)
    options = lent.check_options(who, options)
    for name in next, options do
      if name ~= "signing_key" and name ~= "signing_certificate" then
        usage("%s: unknown option '%s'", who, tostring(name))
      end
    end
    return signing_key_of(who, options)
  end

  -- An operation of the client, its outcome as a response. `fill` gives the value.
  local function call(name, fill)
    return function(self, first, second, options)
      local state = states[self] or lent.nothing
      options = lent.check_options(name, options)
      local nested, callback = lent.prepare(name, lent.check_options(name, options.validation_options), state)
      if not nested then return nil, callback end
      local ready
      ready, callback = lent.prepare(name, options, { callback = callback })
      if not ready then return nil, callback end
      ready = lent.copy(ready)
      if next(nested) ~= nil then ready.validation_options = nested end
      local key, err = signing_key_of(name, options, state.signing_key)
      if err then return nil, err end
      ready.signing_key, ready.signing_certificate = key, nil
      local op
      op, err = core.admin_begin(self, name, first, second, ready)
      if not op then return nil, err end
      local done
      done, err = drive.run(state, op)
      if not done then return nil, err end
      local token, value, request_id, warning = core.take_admin_response(op)
      op:close()
      err = callback and lent.refusal(callback, token)
      if err then return nil, err end
      local response = lent.new_response(token, value, request_id, false, warning)
      if fill then fill(response, value) end
      return response
    end
  end

  local get_policy = call("get_policy", function(response, result)
    rawset(response, "value", result.policy_text)
    rawset(response, "policy_signer", result.policy_signer)
    if result.policy then rawset(response, "policy_token", core.token_parse(result.policy)) end
  end)
  local set_policy, reset_policy = call("set_policy"), call("reset_policy")
  local list, add, remove = call("get_policy_management_certificates"), call("add_policy_management_certificate"),
                            call("remove_policy_management_certificate")

  function Admin:get_policy(attestation_type, options) return get_policy(self, attestation_type, nil, options) end

  function Admin:set_policy(attestation_type, attestation_policy, options)
    return set_policy(self, attestation_type, attestation_policy, options)
  end

  function Admin:reset_policy(attestation_type, options) return reset_policy(self, attestation_type, nil, options) end

  function Admin:get_policy_management_certificates(options) return list(self, nil, nil, options) end

  function Admin:add_policy_management_certificate(certificate, options) return add(self, certificate, nil, options) end

  function Admin:remove_policy_management_certificate(certificate, options)
    return remove(self, certificate, nil, options)
  end

  Admin.close = lent.end_of(Admin.close)

  return function(azattest, driver)
    function azattest.AttestationAdministrationClient(options)
      if type(options) ~= "table" then
        usage("AttestationAdministrationClient: a table of options expected, got %s", type(options))
      end
      local key, err = signing_key_of("AttestationAdministrationClient", options)
      if err then return nil, err end
      options = lent.copy(options)
      options.signing_key, options.signing_certificate = nil, nil
      local client
      client, err = lent.construct(driver, "AttestationAdministrationClient", core.admin_client_new, options)
      if not client then return nil, err end
      states[client].signing_key = key
      return client
    end

    azattest.AttestationSigningKey = core.signing_key_new

    azattest.StoredAttestationPolicy = setmetatable({
      parse = function(token)
        if type(token) == "string" then
          local err
          token, err = core.token_parse(token)
          if not token then return nil, err end
        end
        return core.stored_policy_parse(token)
      end,
    }, { __metatable = false, __call = function(_, text) return core.stored_policy_new(text) end })

    -- AttestationToken.create(body, {signing_key =, signing_certificate =}): the body is the text of a JSON object, or nil
    -- for an empty one.
    function azattest.AttestationToken.create(body, options)
      local key, err = key_alone("create", options)
      if err then return nil, err end
      return core.token_create(body, key)
    end

    -- Exactly the token that set_policy with these options sends.
    function azattest.create_policy_token(attestation_policy, options)
      local key, err = key_alone("create_policy_token", options)
      if err then return nil, err end
      return core.create_policy_token(attestation_policy, key)
    end

    azattest.AttestationPolicyToken = azattest.create_policy_token -- the name that other SDKs have

    for _, name in ipairs(enumerations) do
      azattest[name] = core[name]
    end
  end
end

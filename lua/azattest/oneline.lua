-- Calls in one line, for a REPL: with a client, an endpoint, or AZATTEST_ENDPOINT. The modules attest, policy and
-- certificates are made of a package, which gives the clients.

local core = require "azattest.core"
core.own_source()

-- What a method takes beside the options of its client's constructor. Options that a client has, too (log_level), are
-- the call's: there it is a client of one call.
local groups = { AttestationClient = "attest", AttestationAdministrationClient = "policy" }

local function belongs_to_call(class, method, name)
  if method == "get_tcb_baseline" then return core.options.tcb_baseline[name] end
  return core.options[groups[class]][name] or core.options.validation[name]
end

-- A function (arguments..., options) of the method of that name. `count` is the number of arguments, false where the
-- method takes no options either. `class` is the client's, AttestationClient when absent.
local function call(azattest, method, count, class)
  class = class or "AttestationClient"
  local takes_options, arguments = count ~= false, count or 0
  return function(...)
    local first, second, options
    if arguments == 2 then first, second, options = ... elseif arguments == 1 then first, options = ... else options = ... end
    if options ~= nil and type(options) ~= "table" then
      core.usage(("%s: the options must be a table, got %s"):format(method, type(options)))
    end
    core.check_plain(method, options)
    local of_call, construction, client = {}, {}, nil
    for name, value in next, options or {} do
      if name == "client" then
        client = value
      elseif takes_options and belongs_to_call(class, method, name) then
        of_call[name] = value
      else
        construction[name] = value
      end
    end
    local temporary
    if client == nil then
      construction.endpoint = construction.endpoint or os.getenv("AZATTEST_ENDPOINT")
      if construction.endpoint == nil then
        local passed_on = azattest.prefetch and " (nginx passes it on where the directive 'env AZATTEST_ENDPOINT;' stands)" or ""
        core.usage(("%s: give the option client or endpoint, or set AZATTEST_ENDPOINT%s"):format(method, passed_on))
      end
      local err
      if construction.credential == nil and class == "AttestationAdministrationClient" then
        construction.credential, err = azattest.credentials.default()
        if not construction.credential then return nil, err end
      end
      temporary, err = azattest[class](construction)
      if not temporary then return nil, err end
    elseif next(construction) ~= nil then
      core.usage(("%s: option '%s' belongs to the constructor of the client"):format(method, tostring(next(construction))))
    end
    local on, result, err = client or temporary, nil, nil
    if arguments == 2 then
      result, err = on[method](on, first, second, of_call)
    elseif arguments == 1 then
      result, err = on[method](on, first, of_call)
    else
      result, err = on[method](on, takes_options and of_call or nil)
    end
    if temporary then temporary:close() end
    return result, err
  end
end

local class = "AttestationAdministrationClient"
local oneline = {}

function oneline.attest(azattest)
  return {
    AttestationClient = azattest.AttestationClient,
    AttestationData = azattest.AttestationData,
    AttestationToken = azattest.AttestationToken,
    attest_sgx_enclave = call(azattest, "attest_sgx_enclave", 1),
    attest_open_enclave = call(azattest, "attest_open_enclave", 1),
    attest_sev_snp_vm = call(azattest, "attest_sev_snp_vm", 1),
    attest_tdx_vm = call(azattest, "attest_tdx_vm", 1),
    attest_azure_guest = call(azattest, "attest_azure_guest", 1),
    attest_tpm = call(azattest, "attest_tpm", 1),
    attest_pluton = call(azattest, "attest_pluton", 1),
    attest_key_guard = call(azattest, "attest_key_guard", 1),
    attest_mdep_tz = call(azattest, "attest_mdep_tz", 1),
    get_tcb_baseline = call(azattest, "get_tcb_baseline", 1),
    get_open_id_metadata = call(azattest, "get_open_id_metadata", false),
  }
end

function oneline.policy(azattest)
  local module = {
    ClaimSet = azattest.ClaimSet,
    Policy = azattest.Policy,
    PolicyDifference = azattest.PolicyDifference,
    AttestationAdministrationClient = azattest.AttestationAdministrationClient,
    AttestationSigningKey = azattest.AttestationSigningKey,
    StoredAttestationPolicy = azattest.StoredAttestationPolicy,
    get_policy = call(azattest, "get_policy", 1, class),
    set_policy = call(azattest, "set_policy", 2, class),
    reset_policy = call(azattest, "reset_policy", 1, class),
    create_policy_token = azattest.create_policy_token,
    policy_hash = core.policy_hash,
    policy_token_hash = function(token)
      return core.policy_token_hash(type(token) == "userdata" and token:serialize() or token)
    end,
  }
  for name, each in pairs(require("azattest.language").functions) do
    module[name] = each
  end
  return module
end

function oneline.certificates(azattest)
  return {
    AttestationAdministrationClient = azattest.AttestationAdministrationClient,
    AttestationSigners = azattest.AttestationSigners,
    AttestationSigningKey = azattest.AttestationSigningKey,
    get_signing_certificates = call(azattest, "get_signing_certificates", false),
    get_policy_management_certificates = call(azattest, "get_policy_management_certificates", 0, class),
    add_policy_management_certificate = call(azattest, "add_policy_management_certificate", 1, class),
    remove_policy_management_certificate = call(azattest, "remove_policy_management_certificate", 1, class),
  }
end

return oneline

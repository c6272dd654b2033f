-- Calls in one line, for a REPL: with a client, an endpoint, or AZATTEST_ENDPOINT.

local core = require "azattest.core"
core.own_source()

local azattest = require "azattest"

-- Options that a client has, too (log_level), are the call's: there it is a client of one call.
local function belongs_to_call(method, name)
  if method == "get_tcb_baseline" then return core.options.tcb_baseline[name] end
  return core.options.attest[name] or core.options.validation[name]
end

-- A function (evidence, options) of the method of that name; without evidence where the method takes none.
return function(method, takes_evidence)
  return function(...)
    local evidence, options
    if takes_evidence then evidence, options = ... else options = ... end
    if options ~= nil and type(options) ~= "table" then
      core.usage(("%s: the options must be a table, got %s"):format(method, type(options)))
    end
    local call, construction, client = {}, {}, nil
    for name, value in pairs(options or {}) do
      if name == "client" then
        client = value
      elseif takes_evidence and belongs_to_call(method, name) then
        call[name] = value
      else
        construction[name] = value
      end
    end
    local temporary
    if client == nil then
      construction.endpoint = construction.endpoint or os.getenv("AZATTEST_ENDPOINT")
      if construction.endpoint == nil then
        core.usage(("%s: give the option client or endpoint, or set AZATTEST_ENDPOINT"):format(method))
      end
      local err
      temporary, err = azattest.AttestationClient(construction)
      if not temporary then return nil, err end
    elseif next(construction) ~= nil then
      core.usage(("%s: option '%s' belongs to the constructor of the client"):format(method, tostring(next(construction))))
    end
    local result, err
    if takes_evidence then
      result, err = (client or temporary)[method](client or temporary, evidence, call)
    else
      result, err = (client or temporary)[method](client or temporary)
    end
    if temporary then temporary:close() end
    return result, err
  end
end

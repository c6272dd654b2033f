-- Calls in one line, for a REPL: with a client, an endpoint, or AZATTEST_ENDPOINT.

local core = require "azattest.core"
core.own_source()

local azattest = require "azattest"

-- What a method takes beside the options of its client's constructor. Options that a client has, too (log_level), are
-- the call's: there it is a client of one call.
local groups = { AttestationClient = "attest", AttestationAdministrationClient = "policy" }

local function belongs_to_call(class, method, name)
  if method == "get_tcb_baseline" then return core.options.tcb_baseline[name] end
  return core.options[groups[class]][name] or core.options.validation[name]
end

-- A function (arguments..., options) of the method of that name. `count` is the number of arguments (true: one), false
-- where the method takes nothing at all. `class` is the client's, AttestationClient when absent.
return function(method, count, class)
  class = class or "AttestationClient"
  local takes_options, arguments = count ~= false, count == true and 1 or count or 0
  return function(...)
    local first, second, options
    if arguments == 2 then first, second, options = ... elseif arguments == 1 then first, options = ... else options = ... end
    if options ~= nil and type(options) ~= "table" then
      core.usage(("%s: the options must be a table, got %s"):format(method, type(options)))
    end
    local call, construction, client = {}, {}, nil
    for name, value in pairs(options or {}) do
      if name == "client" then
        client = value
      elseif takes_options and belongs_to_call(class, method, name) then
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
      if construction.credential == nil and class == "AttestationAdministrationClient" then
        construction.credential, err = require("azattest.credentials").default()
        if not construction.credential then return nil, err end
      end
      temporary, err = azattest[class](construction)
      if not temporary then return nil, err end
    elseif next(construction) ~= nil then
      core.usage(("%s: option '%s' belongs to the constructor of the client"):format(method, tostring(next(construction))))
    end
    local on, result, err = client or temporary, nil, nil
    if arguments == 2 then
      result, err = on[method](on, first, second, call)
    elseif arguments == 1 then
      result, err = on[method](on, first, call)
    else
      result, err = on[method](on, takes_options and call or nil)
    end
    if temporary then temporary:close() end
    return result, err
  end
end

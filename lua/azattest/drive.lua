-- The loop that drives operations. What it waits with is a driver (azattest.blocking, azattest.resty.transport), or an object
-- with send and sleep that the caller gives. The loop is Lua's own, so either may yield.
--
-- A driver is a table:
--   options            names of the options that its connections are made of
--   check(options, who)  raises what is wrong with them
--   run(state, op)     true: done; false: a token is wanted; nil and an error
--   close(state)       gives up the connections
--   file(op), process(op)  serve what an operation wants of this machine
--   agent              what it adds to User-Agent
--   cache              where fetched collateral is kept: see azattest.fetching
--   shares_keys        true: its own transport has a function `keys`, and is asked before keys are fetched

local core = require "azattest.core"
core.own_source()

local log = require "azattest.log"

local drive = {}

local function usage(...)
  return core.usage(string.format(...))
end

function drive.check_transport(who, transport)
  if transport == nil then return nil end
  if type(transport) ~= "table" and type(transport) ~= "userdata" then
    usage("%s: option 'transport' must be an object with send and sleep, got %s", who, type(transport))
  end
  for _, name in ipairs{ "send", "sleep" } do
    if type(transport[name]) ~= "function" then
      usage("%s: the transport has no function '%s'", who, name)
    end
  end
  return transport
end

-- Constructs for `who`, to whom the caller gave the options: what is wrong with them is told in that name.
function drive.on_behalf(who, package, class, options)
  local made, object, err = pcall(package[class], options)
  if not made then error((tostring(object):gsub(class .. ": ", who .. ": ", 1)), 0) end
  return object, err
end

-- transport:send(request) gives {status =, headers =, body =, reason =}; or nil, a message, and "transport" (nothing
-- came: tried again), "timeout", "cancelled" or "final" (trying again would not help); a fourth value that is true says
-- that a part of the answer had come.
-- transport:sleep(seconds) gives false when it was interrupted. Gives why nothing good came, or nothing.
function drive.send(transport, op)
  local answer, message, kind, answered = transport:send(op:request())
  if answer then
    op:respond(answer)
    return answer.status > 299 and ("the service answered with %d"):format(answer.status) or nil
  end
  message = tostring(message or "the transport gave no answer")
  op:fail(kind or "transport", message, answered)
  return message
end

-- transport:keys(op) answers with op:give_keys() or op:fetch_keys(), perhaps after steps of its own; what it leaves
-- open is fetched. A transport without it is not asked.
local function find_keys(transport, op)
  if transport.keys then transport:keys(op) end
  if op:keys() then op:fetch_keys() end
end

-- The operations of a client with this transport ask for keys before they fetch them. Without one it is the driver's.
function drive.shares_keys(driver, transport)
  if transport == nil then return driver.shares_keys == true end
  return type(transport.keys) == "function"
end

-- true: done; false: a token is wanted. What the transport does not serve itself, its driver does.
function drive.run_with(transport, op, driver)
  while true do
    local need = op:step()
    if need == "http" then
      drive.send(transport, op)
    elseif need == "sleep" then
      if transport:sleep(op:wait()) == false then op:cancel() else op:waited() end
    elseif need == "failed" then
      return nil, op:take_error()
    elseif need == "token" then
      return false
    elseif need == "done" then
      return true
    elseif need == "keys" then
      find_keys(transport, op)
    elseif transport[need] then -- a file or a process of this machine
      transport[need](transport, op)
    else
      driver[need](op)
    end
  end
end

-- A token of a credential that is Lua's own: a function of the scopes, or an object with get_token. Gives what that
-- failed with, if it did; the operation may still go on with an older token.
local function give_token(provider, op)
  local token, second = provider(op:scopes())
  local expires_on, refresh_on = second, nil
  if type(token) == "table" then token, expires_on, refresh_on = token.token, token.expires_on, token.refresh_on end
  if token == nil then
    -- Never its text: it is somebody else's and may hold anything.
    op:fail("auth", "the credential gave no token")
    return second ~= nil and second or nil
  end
  if type(token) ~= "string" then usage("the credential gave no token but %s", type(token)) end
  if not op:give_token(token, tonumber(expires_on), tonumber(refresh_on)) then
    op:fail("auth", "the credential's token is empty, too long, or no visible ASCII text")
  end
end

local function run(state, op)
  local refused
  while true do
    local done, err
    if state.transport then
      done, err = drive.run_with(state.transport, op, state.driver)
    else
      done, err = state.driver.run(state, op)
    end
    log.hand_over()
    if done then return true end
    if done == nil then
      local ours = refused ~= nil and err and err.code == core.Status.E_AUTH and err.status_code == 0
      return nil, ours and refused or err
    end
    refused = give_token(state.provider, op) or refused
  end
end

-- What a transport, a credential or a user's Ctrl-C raises ends the operation before it goes on: others would wait for
-- the token or the keys that it was about to fetch.
local function pass_on(op, finished, ...)
  if finished then return ... end
  op:close()
  error((...), 0)
end

-- true; or nil and an error
function drive.run(state, op)
  return pass_on(op, pcall(run, state, op))
end

function drive.close(state)
  state.driver.close(state)
end

-- Beside these, azattest.lua and azattest.credentials leave here what makes the package, and its credentials, on another
-- driver: drive.credentials(driver), and drive.facade(driver, credentials).

return drive

-- Drivers for operations: libcurl, or an object with send and sleep written in Lua. The loop is Lua's own, so such an
-- object may yield.

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

-- transport:send(request) gives {status =, headers =, body =, reason =}; or nil, a message, and "transport" (nothing
-- came: tried again), "timeout" or "cancelled"; a fourth value that is true says that a part of the answer had come.
-- transport:sleep(seconds) gives false when it was interrupted.
local function run_with(transport, op)
  while true do
    local need = op:step()
    if need == "http" then
      local answer, message, kind, answered = transport:send(op:request())
      if answer then
        op:respond(answer)
      else
        op:fail(kind or "transport", tostring(message or "the transport gave no answer"), answered)
      end
    elseif need == "sleep" then
      if transport:sleep(op:wait()) == false then op:cancel() else op:waited() end
    elseif need == "failed" then
      return nil, op:take_error()
    else
      return true
    end
  end
end

local function run_with_curl(state, op)
  local curl = require "azattest.curl"
  if not state.curl then
    local transport, watch = curl.new(state.connection)
    if not transport then return nil, watch end
    state.curl, state.watch = transport, watch
  end
  return curl.run(state.curl, state.watch, op)
end

function drive.run(state, op)
  local done, err
  if state.transport then done, err = run_with(state.transport, op) else done, err = run_with_curl(state, op) end
  log.hand_over()
  return done, err
end

function drive.close(state)
  if state.curl then state.curl:close() end
  state.curl, state.watch = nil, nil
end

return drive

-- The library's messages, kept in its own memory while it works, and handed to a function of the caller's behind each
-- call: nothing of Lua runs inside the library.

local core = require "azattest.core"
core.own_source()

local log = {}
local sink
local quiet = { error = true, err = true, ["4"] = true, off = true } -- levels that leave warnings out
local warns = false

-- log_set(function(level, message), level): messages from that level on ("verbose", "info", "warning", "error"; without
-- it "info"). log_set(nil) turns them off. Without any log_set, AZURE_LOG_LEVEL decides, and they go to standard error.
function log.set(receiver, level)
  if receiver ~= nil and type(receiver) ~= "function" then
    core.usage("log_set: a function expected, got " .. type(receiver))
  end
  core.log_collect(receiver and (level or "info"))
  while core.log_take() do end -- what nobody listened to
  sink = receiver
  warns = receiver ~= nil and not quiet[(level or "info"):lower()]
end

-- A warning of this side, behind what the library has said.
function log.warn(message)
  log.hand_over()
  if warns then sink("warning", message) end
end

function log.hand_over()
  if not sink then return end
  local level, message = core.log_take()
  while message do
    sink(level, message)
    level, message = core.log_take()
  end
end

return log

-- All tests of the Lua modules, for Lua 5.4 and LuaJIT alike: lua5.4 tests/lua/run.lua [NAME...]
-- LUA_PATH and LUA_CPATH name the module's folder; AZATTEST_COMMAND the command with the local service.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path

local harness = require "harness"
local names = { "usage", "token", "result", "evidence", "replay", "shared_keys", "attest", "admin", "credentials", "expected", "policy_language", "policy_claims", "facts", "service", "memory" }
if #arg > 0 then names = { (unpack or table.unpack)(arg) } end

print(("# %s"):format(jit and jit.version or _VERSION))
for _, name in ipairs(names) do
  print("# " .. name)
  dofile(here .. "/" .. name .. ".lua")
end
harness.finish()

-- The driver of blocking calls: libcurl, in azattest.curl, which the first of them loads.

local core = require "azattest.core"
core.own_source()

local blocking = { options = core.options.connection, check = core.connection_check }

-- In nginx everything else of the worker would wait, too; before there are workers (init_by_lua) nothing does.
local function refuse_in_worker(why)
  local inside = type(ngx) == "table" and type(ngx.get_phase) == "function" and ngx.get_phase()
  if inside and inside ~= "init" then
    core.usage(why or "a blocking call stops the whole worker of nginx: take the client of require \"azattest.resty\" instead of \"azattest\"")
  end
end

function blocking.run(state, op)
  refuse_in_worker()
  local curl = require "azattest.curl"
  if not state.curl then
    local transport, watch = curl.new(state.connection)
    if not transport then return nil, watch end
    state.curl, state.watch = transport, watch
  end
  return curl.run(state.curl, state.watch, op)
end

function blocking.file(op) require("azattest.curl").serve_local(op) end

blocking.process = blocking.file

-- Collateral that was fetched, in a folder.
local function curl()
  refuse_in_worker()
  return require "azattest.curl"
end

blocking.cache = {
  open = function(folder) return curl().cache_open(folder) end,
  check = function(cache) curl().cache_check(cache) end,
  load = function(cache, op, stale) return curl().cache_load(cache, op, stale) end,
  store = function(cache, op) return curl().cache_store(cache, op) end,
}

-- Names of the files of a folder; nil when it is none.
function blocking.list_folder(path)
  refuse_in_worker("Collateral.load: " .. path .. " is a folder, which is not read inside nginx: name its files")
  return require("azattest.curl").list_folder(path)
end

function blocking.close(state)
  if state.curl then state.curl:close() end
  state.curl, state.watch = nil, nil
end

return blocking

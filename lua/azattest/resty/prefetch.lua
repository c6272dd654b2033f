-- Keys before the first request needs them: for init_worker_by_lua, where nothing can be sent yet. A timer does it, tries
-- again until it has them, and logs. One worker fetches for all.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local keys = require "azattest.resty.keys"
local transport = require "azattest.resty.transport"
local ngx = ngx

local prefetch = { first_wait = 1, longest_wait = 60 } -- seconds between tries; doubles

local function usage(...)
  return core.usage(string.format(...))
end

-- One try for one instance, in a timer. true; or nil and why not.
local function get(work)
  local op, err = core.get_signing_certificates_begin(work.client)
  if not op then return nil, err end
  local done
  done, err = keys.warm(work.transport, op, work.url, transport.driver)
  op:close()
  return done, err
end

local try

local function later(work, seconds)
  local started, err = ngx.timer.at(seconds, try, work)
  if not started then ngx.log(ngx.ERR, "azattest: prefetch of ", work.url, ": nginx starts no timer: ", err) end
  return started, err
end

function try(premature, work)
  if premature then return end -- the worker ends
  local finished, done, err = pcall(get, work)
  if not finished then done, err = nil, done end
  if done then
    ngx.log(ngx.INFO, "azattest: the keys of ", work.url, " are there")
    return
  end
  local wait = work.wait * (0.75 + math.random() / 2) -- workers that failed together do not come back together
  work.wait = math.min(work.wait * 2, prefetch.longest_wait)
  ngx.log(ngx.WARN, ("azattest: prefetch of %s failed; the next try is in %.1f s: %s"):format(work.url, wait, tostring(err)))
  later(work, wait)
end

-- `resty` is the package; the options are those of its clients, where `endpoint` may be a list. true; or nil and why
-- there is no timer. Wrong options raise.
function prefetch.start(resty, options)
  if type(options) ~= "table" then usage("prefetch: a table of options expected, got %s", type(options)) end
  core.check_plain("prefetch", options)
  keys.check("prefetch", options.shared_dict)
  if not keys.dict(options.shared_dict) then
    usage("prefetch: workers share keys in a lua_shared_dict; add \"lua_shared_dict azattest 1m;\" to the http block, or name "
      .. "another by the option shared_dict")
  end
  local endpoints = type(options.endpoint) == "table" and options.endpoint or { options.endpoint }
  if #endpoints == 0 then usage("prefetch: option 'endpoint' is missing") end
  local works = {}
  for i, endpoint in ipairs(endpoints) do
    local own, connection = {}, {}
    for name, value in pairs(options) do
      own[name] = value
      if transport.driver.options[name] then connection[name] = value end
    end
    own.endpoint = endpoint
    local client, err = drive.on_behalf("prefetch", resty, "AttestationClient", own)
    if not client then usage("prefetch: %s", tostring(err)) end
    works[i] = {
      client = client, url = client.endpoint .. "/certs", wait = prefetch.first_wait,
      transport = options.transport or transport.new(connection),
    }
  end
  for _, work in ipairs(works) do
    local started, err = later(work, 0)
    if not started then return nil, err end
  end
  return true
end

return prefetch

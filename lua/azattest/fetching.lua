-- fetch_collateral: what the verdict of a piece of evidence needs, fetched by the package's own driver, and kept where that
-- keeps it: in a folder (azattest.blocking), or in a lua_shared_dict (azattest.resty).
--
-- A driver that keeps collateral has a table `cache`:
--   open(name)                a cache of that name: a folder's path, or a dictionary's name; or nil and an error
--   check(cache)              raises for what is none
--   load(cache, op, stale)    gives the operation what is kept; `stale`: also what is not fresh any more but not at its end
--   store(cache, op)          true; or nil and an error

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local log = require "azattest.log"

core.classes.CollateralCache = { methods = {}, readers = {} }

local function usage(...)
  return core.usage(string.format(...))
end

local who = "fetch_collateral"

-- What the core takes, what the connection is made of, and the transport, the cache and whether to be offline.
local function split(driver, options)
  local own, connection = {}, {}
  local state = { driver = driver, connection = connection, transport = drive.check_transport(who, options.transport) }
  for name, value in next, options do
    if driver.options[name] and not core.options.collateral[name] then
      connection[name] = value
    elseif name ~= "transport" and name ~= "cache" and name ~= "offline" then
      own[name] = value
    end
  end
  driver.check(connection, who)
  if state.transport and next(connection) ~= nil then
    usage("%s: with a transport of your own, option '%s' says nothing", who, tostring(next(connection)))
  end
  return own, state
end

local function open_cache(driver, cache)
  if cache == nil then return nil end
  if type(cache) == "string" then return driver.cache.open(cache) end
  driver.cache.check(cache)
  return cache
end

-- The source could not be reached, or could not do its work: what it gave before may serve once more.
local function is_outage(err)
  local Status = core.Status
  if err.code == Status.E_TRANSPORT or err.code == Status.E_TIMEOUT then return true end
  return err.code == Status.E_HTTP and (err.status_code >= 500 or err.status_code == 408 or err.status_code == 429)
end

local Fetch = {}
Fetch.__index = Fetch

-- An operation, with what is kept already.
function Fetch:begin(stale)
  local op, err = core.collateral_fetch_begin(self.evidence, self.options, self.state.driver.agent)
  if op and self.cache then
    local loaded
    loaded, err = self.state.driver.cache.load(self.cache, op, stale)
    if not loaded then
      op:close()
      return nil, err
    end
  end
  return op, err
end

-- Keeping is no duty: a folder that cannot be written to is no reason to have no collateral.
function Fetch:store(op)
  if not self.cache then return end
  local stored, err = self.state.driver.cache.store(self.cache, op)
  if not stored then log.warn(tostring(err)) end
end

-- What is kept, and nothing else.
function Fetch:kept()
  local op, err = self:begin(true)
  if not op then return nil, err end
  local missing = {}
  if op:step() == "done" then
    local collateral = op:take_collateral()
    op:close()
    return collateral
  end
  for _, item in ipairs(op:collateral_items()) do
    if not item.is_there then missing[#missing + 1] = item.item end
  end
  op:close()
  return nil, core.error_new(core.Status.E_TRANSPORT,
                             "collateral: offline, and not kept or at its end: " .. table.concat(missing, " ")
                               .. "; it is kept by source: give the source and endpoint that it was fetched from")
end

function Fetch:run()
  local op, err = self:begin(false)
  if not op then return nil, err end
  local done
  done, err = drive.run(self.state, op)
  self:store(op)
  local collateral = done and op:take_collateral()
  op:close()
  if done then return collateral end
  if self.cache and is_outage(err) then
    local older = self:kept()
    if older then
      log.warn("the source fails, so that older collateral is used: " .. err)
      return older
    end
  end
  return nil, err
end

-- The package's function, on this driver.
function drive.fetch_collateral(driver)
  return function(evidence, options)
    if options ~= nil and type(options) ~= "table" then
      usage("%s: the options must be a table, got %s", who, type(options))
    end
    core.check_plain(who, options)
    options = options or {}
    if options.offline ~= nil and type(options.offline) ~= "boolean" then
      usage("%s: option 'offline' must be true or false, got %s", who, type(options.offline))
    end
    if options.offline and options.cache == nil then
      usage("%s: offline there is nothing to take collateral from but a cache: give one", who)
    end
    local own, state = split(driver, options)
    local err
    if type(evidence) == "string" then
      evidence, err = core.evidence_load(evidence)
      if not evidence then return nil, err end
    end
    local cache
    cache, err = open_cache(driver, options.cache)
    if err then return nil, err end
    local fetch = setmetatable({ evidence = evidence, options = own, state = state, cache = cache }, Fetch)
    local collateral
    if options.offline then collateral, err = fetch:kept() else collateral, err = fetch:run() end
    drive.close(state)
    log.hand_over()
    return collateral, err
  end
end

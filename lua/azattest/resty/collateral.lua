-- Collateral for all workers of an nginx: records of what was fetched, in a lua_shared_dict. The library judges each when it
-- is taken: nothing whose end has come is ever used, and nothing older than its source said passes for fresh. No folder:
-- files would be read and written while the whole worker waits.
--
--   record  "azattest:collateral:KEY"  kept until it is 30 days old, the longest that any item is fresh

local core = require "azattest.core"
core.own_source()

local ngx = ngx

local collateral = { life = 30 * 86400 }

local Cache = { __metatable = false }
Cache.__index = function(_, name) core.usage("CollateralCache has no member '" .. tostring(name) .. "'") end
Cache.__tostring = function(self) return "CollateralCache(" .. rawget(self, "name") .. ")" end

local opened = setmetatable({}, { __mode = "k" }) -- which objects are ours, and their dictionaries

function collateral.open(name)
  if type(name) ~= "string" then core.usage("CollateralCache: the name of a lua_shared_dict expected, got " .. type(name)) end
  local dict = ngx.shared[name]
  if not dict then
    core.usage(("CollateralCache: there is no lua_shared_dict '%s' (inside nginx collateral is kept in one, and in no folder); add "
      .. "\"lua_shared_dict %s 1m;\" to the http block"):format(name, name))
  end
  local cache = setmetatable({ name = name }, Cache)
  opened[cache] = dict
  return cache
end

function collateral.check(cache)
  if not opened[cache] then core.usage("fetch_collateral: option 'cache' must be a CollateralCache, or the name of a lua_shared_dict") end
end

local function place_of(item) return "azattest:collateral:" .. item.key end

-- An item that is given may add others that depend on it: a list that has grown is looked at again.
function collateral.load(cache, op, stale)
  local dict, seen = opened[cache], 0
  local items = op:collateral_items()
  while seen < #items do
    for i = seen + 1, #items do
      local record = not items[i].is_there and dict:get(place_of(items[i]))
      if record and op:give_collateral(i, record, stale) == nil then dict:delete(place_of(items[i])) end
    end
    seen, items = #items, op:collateral_items()
  end
  return true
end

function collateral.store(cache, op)
  local dict = opened[cache]
  for _, item in ipairs(op:collateral_items()) do
    if item.record then
      local stored, err = dict:set(place_of(item), item.record, collateral.life)
      if not stored then
        ngx.log(ngx.WARN, "azattest: collateral cannot be shared: ", err, "; enlarge the lua_shared_dict")
      end
    end
  end
  return true
end

return collateral

-- Signing keys for all workers of an nginx: the text of each instance's key set in a lua_shared_dict, fetched by one of
-- them at a time. What a worker has parsed is kept by its clients, for what is left of the set's life.
--
--   set     "keys:URL"      when it was fetched, how long it is good, and the text; kept until it is 24 hours old
--   lock    "lock:URL"      since when, and who fetches; it falls by itself, so that one who dies is not waited for
--   rest    "rest:URL"      when and why the last fetch failed: nobody tries again for a while
--   asked   "asked:URL"     when there was a fetch for an unknown key id: no other for 30 seconds
--   absent  "absent:URL:ID" a set that was fetched for that key id does not have it
--
-- nginx lets entries go by the clock of the wall. Where that was set back they would stay, and an old set would look fresh,
-- for as long as the step was: what has a time to come counts as absent.
--
-- A key id is anybody's word. It is hashed, is written down only after a fetch (of which there is one in 30 seconds, so
-- at most two such entries live), and by safe_add, which pushes nothing else out.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local ngx = ngx

local keys = {
  stale_limit = 86400, -- seconds, all of them; as in the core
  lock_life = 10,
  rest = 30,           -- after a failed fetch, while an older set serves
  rest_without = 2,    -- the same without any
  asked_life = 30,
  absent_life = 60,
  patience = 30,       -- for whoever waits for the lock
  patience_with_older = 5,
  skew = 5,            -- by so much the workers' times may differ, each of which is that of its last event
}

local default_name = "azattest"
local yields = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true, ssl_cert = true,
  ssl_session_fetch = true, ssl_client_hello = true,
}

-- -------------------------------------------------------------------------------------------------- the dictionary

-- The dictionary of that name; without one, that of the usual name if there is one.
function keys.dict(name)
  return ngx.shared[name or default_name]
end

-- Raises when the dictionary that is named does not exist.
function keys.check(who, name)
  if name == nil then return end
  if type(name) ~= "string" then
    core.usage(("%s: option 'shared_dict' must be the name of a lua_shared_dict, got %s"):format(who, type(name)))
  end
  if not ngx.shared[name] then
    core.usage(("%s: there is no lua_shared_dict '%s'; add \"lua_shared_dict %s 1m;\" to the http block"):format(who, name, name))
  end
end

-- Seconds since the time that the value begins with; nil when there is none, or it is still to come.
local function elapsed(value)
  local time = type(value) == "string" and tonumber(value:match("^%d+%.?%d*"))
  local seconds = time and ngx.now() - time
  if seconds and seconds >= -keys.skew then return math.max(0, seconds) end
end

-- {fetched =, life =, text =}, or nil
local function read(dict, url)
  local value = dict:get("azattest:keys:" .. url)
  if not elapsed(value) then return nil end
  local fetched, life, text = value:match("^(%d+%.?%d*) (%d+%.?%d*)\n(.*)$")
  if not fetched then return nil end
  return { fetched = tonumber(fetched), life = tonumber(life), text = text }
end

local function write(dict, url, text, life)
  local value = ("%.3f %.3f\n%s"):format(ngx.now(), life, text)
  local stored, err = dict:set("azattest:keys:" .. url, value, keys.stale_limit)
  if not stored then
    ngx.log(ngx.WARN, "azattest: the keys of ", url, " cannot be shared: ", err, "; a key set takes about 40 KB, enlarge the lua_shared_dict")
  end
  dict:delete("azattest:rest:" .. url)
end

local function age(entry)
  return math.max(0, ngx.now() - entry.fetched)
end

local function is_fresh(entry)
  return age(entry) < entry.life
end

-- Why the last fetch failed, while that is a reason to wait with the next.
local function resting(dict, url, has_older)
  local value = dict:get("azattest:rest:" .. url)
  local seconds = elapsed(value)
  if seconds and seconds < (has_older and keys.rest or keys.rest_without) then return value:match("^%S+ (.*)$") end
end

local function rest(dict, url, reason)
  dict:set("azattest:rest:" .. url, ("%.3f %s"):format(ngx.now(), reason), keys.rest)
end

-- ------------------------------------------------------------------------------------------------ unknown key ids

-- The text names it, as it is or with its slashes escaped. What is wrong here costs a fetch or saves one, nothing else:
-- the core judges.
local function has_key(entry, kid)
  if not kid then return false end
  return entry.text:find('"' .. kid .. '"', 1, true) ~= nil or entry.text:find('"' .. kid:gsub("/", "\\/") .. '"', 1, true) ~= nil
end

local function absent_name(url, kid)
  return ("azattest:absent:%s:%s"):format(url, ngx.md5(kid or ""))
end

-- There is no use in another fetch: this set was fetched for that key id, or there was one for another just now. One that
-- is under way may bring the key, or has brought it since this set was read.
local function is_in_vain(dict, url, entry, kid)
  if dict:get(absent_name(url, kid)) == ("%.3f"):format(entry.fetched) then return true end
  if not elapsed(dict:get("azattest:asked:" .. url)) or elapsed(dict:get("azattest:lock:" .. url)) then return false end
  local latest = read(dict, url)
  return latest ~= nil and latest.fetched == entry.fetched
end

-- ------------------------------------------------------------------------------------------------------- the lock

local serial = 0

-- What only this holder has; or nil while there is another.
local function lock(dict, url)
  local name = "azattest:lock:" .. url
  serial = serial + 1
  local mark = ("%.3f:%d:%d"):format(ngx.now(), ngx.worker.pid(), serial)
  if dict:add(name, mark, keys.lock_life) then return mark end
  if not elapsed(dict:get(name)) then dict:delete(name) end
end

local function unlock(dict, url, mark)
  if dict:get("azattest:lock:" .. url) == mark then dict:delete("azattest:lock:" .. url) end
end

-- Runs with the lock held; what is raised passes on when it is given back.
local function with_lock(dict, url, mark, work, ...)
  local done, err = pcall(work, ...)
  unlock(dict, url, mark)
  if not done then error(err, 0) end
end

-- --------------------------------------------------------------------------------------------------- the operation

local function give(op, entry, warning)
  return op:give_keys(entry.text, age(entry), entry.life, warning)
end

-- Older keys, with the reason; true when they were taken.
local function give_older(dict, url, op, reason)
  local entry = read(dict, url)
  return entry ~= nil and age(entry) < keys.stale_limit and give(op, entry, "the keys could not be refreshed: " .. reason)
end

-- Fetches as one of the operation's own steps, until that is decided: the text and its life; or nil and why not. As soon
-- as one try has failed older keys are used; without them, and for a key that they do not have, the operation makes all
-- its tries, as long as nobody has to wait long for the next.
local function fetch(transport, dict, url, op, want)
  local reason
  op:fetch_keys()
  local hasty = { -- a try that outlives the lock only keeps its own request waiting
    send = function(_, request)
      request.timeout = math.min(request.timeout or math.huge, keys.lock_life)
      return transport:send(request)
    end,
  }
  while true do
    local need = op:step()
    if need == "http" then
      reason = drive.send(hasty, op) or reason
      local text, life = op:fetched_keys()
      if text then return text, life end
    elseif need == "keys" then
      reason = op:keys().failure
      rest(dict, url, reason)
      if not give_older(dict, url, op, reason) then op:fetch_keys() end -- there are none: it fails, or has some itself
      return nil
    elseif need ~= "sleep" then
      if need == "failed" then rest(dict, url, "it took too long") end
      return nil
    elseif reason and not (want.unknown and op:wait() <= keys.patience_with_older) and give_older(dict, url, op, reason) then
      rest(dict, url, reason)
      return nil
    elseif transport:sleep(op:wait()) == false then
      op:cancel()
    else
      op:waited()
    end
  end
end

-- With the lock held. `seen` is the set that would not do before; another one may have come meanwhile.
local function refresh(transport, dict, url, op, want, seen)
  local entry = read(dict, url)
  if entry and (not seen or entry.fetched ~= seen.fetched) and is_fresh(entry) and (not want.unknown or has_key(entry, want.kid))
    and give(op, entry) then
    return
  end
  if want.unknown then dict:set("azattest:asked:" .. url, ("%.3f"):format(ngx.now()), keys.asked_life) end
  local text, life = fetch(transport, dict, url, op, want)
  if not text then return end
  write(dict, url, text, life)
  entry = want.unknown and read(dict, url)
  if entry and not has_key(entry, want.kid) then
    dict:safe_add(absent_name(url, want.kid), ("%.3f"):format(entry.fetched), keys.absent_life)
  end
end

-- What is there serves without a fetch. True when it was given, or the operation failed. With a set that is fresh but
-- was not taken (its client keeps keys for a shorter time) there is a fetch.
local function answer_from(dict, url, op, want, entry)
  if entry and is_fresh(entry) then
    if (not want.unknown or has_key(entry, want.kid) or is_in_vain(dict, url, entry, want.kid)) and give(op, entry) then return true end
  end
  local reason = resting(dict, url, entry ~= nil)
  if not reason then return false end
  if entry and give(op, entry, "the keys could not be refreshed: " .. reason) then return true end
  op:fail("transport", "a fetch of the keys failed a moment ago: " .. reason)
  return true
end

-- Answers an operation that wants keys. `transport` sends and sleeps; its shared_dict names the dictionary.
function keys.find(transport, op)
  local dict, want = keys.dict(transport.shared_dict), op:keys()
  if not dict then return op:fetch_keys() end
  local url, waited, pause = want.url, 0, 0.002
  while true do
    local entry = read(dict, url)
    if answer_from(dict, url, op, want, entry) then return end
    if not yields[ngx.get_phase()] then
      local reason = ("nginx cannot fetch in the phase %s"):format(ngx.get_phase())
      if not give_older(dict, url, op, reason) then op:fetch_keys() end -- the transport says what to do
      return
    end
    local mark = lock(dict, url)
    if mark then return with_lock(dict, url, mark, refresh, transport, dict, url, op, want, entry) end
    if waited > (entry and keys.patience_with_older or keys.patience) then
      local reason = ("another request has been fetching them for %.0f s"):format(waited)
      if not (entry and give_older(dict, url, op, reason)) then op:fail("timeout", reason) end
      return
    end
    pause = math.min(pause * 2, 0.1)
    waited = waited + pause
    if transport:sleep(pause) == false then return op:fail("cancelled", "interrupted") end
  end
end

-- Runs an operation that fetches the key set of `url` as its whole work, unless the set is there: true; or nil and why
-- not. Without a dictionary it raises.
function keys.warm(transport, op, url, driver)
  local dict = keys.dict(transport.shared_dict)
  local waited = 0
  while waited < keys.lock_life do
    local entry = read(dict, url)
    if entry and is_fresh(entry) then return true end
    local reason = resting(dict, url, false)
    if reason then return nil, reason end
    local mark = lock(dict, url)
    if mark then
      local outcome, err
      with_lock(dict, url, mark, function()
        outcome, err = drive.run_with(transport, op, driver)
        if outcome then write(dict, url, op:fetched_keys()) else rest(dict, url, tostring(err)) end
      end)
      return outcome, err
    end
    waited = waited + 0.05
    if transport:sleep(0.05) == false then break end
  end
  return nil, "another worker is fetching them"
end

return keys

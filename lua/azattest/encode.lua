-- Tables to JSON text. Arrays are tables with members by number, or with the metatable array_mt; any other table is an
-- object. The members of objects are sorted by name: a table has no order of its own.

local core = require "azattest.core"
core.own_source()

local encode = {}

local deepest = 32

local function usage(...)
  return core.usage(string.format(...))
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

function encode.quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- How many members a list has. One with other members, or with holes, is refused: what is behind them would not count.
function encode.list_length(where, list)
  local count, last = 0, 0
  for key in next, list do
    if type(key) ~= "number" then usage("%s is neither a list nor an object: it has a member of type %s", where, type(key)) end
    if key < 1 or key % 1 ~= 0 then usage("%s has a member '%s', which no list has", where, tostring(key)) end
    count, last = count + 1, math.max(last, key)
  end
  if count ~= last then usage("%s has holes: what is behind them would not count", where) end
  return count
end

function encode.is_list(value)
  return getmetatable(value) == core.array_mt or type((next(value))) == "number"
end

-- An integer is exact or refused. A float of 2^53 or more may have been another integer.
local function number_of(where, number)
  if math.type and math.type(number) == "integer" then return ("%d"):format(number) end
  if number ~= number or number - number ~= 0 then usage("%s is no number that JSON has", where) end
  if number % 1 ~= 0 then return (("%.17g"):format(number):gsub(",", ".")) end
  if number >= 2 ^ 53 or number <= -2 ^ 53 then usage("%s is too large to be exact: give it as an integer of 64 bits", where) end
  return ("%.0f"):format(number == 0 and 0 or number)
end

-- The 64 bits of LuaJIT, 1LL and 1ULL, print as such.
local function wide_of(where, value)
  local digits = tostring(value):match "^(%-?%d+)U?LL$"
  if not digits then usage("%s: a string, a number, a boolean, azattest.null, or a table of them expected, not %s", where, type(value)) end
  return digits
end

local function list_of(where, list, depth)
  local parts = {}
  for i = 1, encode.list_length(where, list) do
    parts[i] = encode.json(("%s[%d]"):format(where, i), list[i], depth)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function object_of(where, object, depth)
  local parts = {}
  for name, value in next, object do
    if type(name) ~= "string" then usage("%s has a member whose name is a %s", where, type(name)) end
    parts[#parts + 1] = encode.quoted(name) .. ":" .. encode.json(where .. "." .. name, value, depth)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

-- `where` is what errors call the value.
function encode.json(where, value, depth)
  depth = (depth or 0) + 1
  if depth > deepest then usage("%s lies too deep", where) end
  local kind = type(value)
  if kind == "string" then return encode.quoted(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number_of(where, value) end
  if value == core.null then return "null" end
  if kind ~= "table" then return wide_of(where, value) end
  core.check_plain(where, value)
  return (encode.is_list(value) and list_of or object_of)(where, value, depth)
end

return encode

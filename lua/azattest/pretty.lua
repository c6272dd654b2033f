-- An indented table of claims for people: names sorted, dates in words, nothing that could steer a terminal.

local core = require "azattest.core"

local moments = { exp = true, iat = true, nbf = true }
local longest = 100

local function text_of(value)
  local text = value:gsub("[%c\127]", function(c) return ("\\x%02x"):format(c:byte()) end)
  if #text > longest then text = text:sub(1, longest) .. ("... (%d characters)"):format(#text) end
  return text
end

local function is_array(value) return getmetatable(value) == core.array_mt end

local function sorted_names(object)
  local names = {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local add

local function add_member(lines, indent, label, value)
  if type(value) ~= "table" then
    lines[#lines + 1] = indent .. label .. "  " .. text_of(value == core.null and "null" or tostring(value))
  elseif next(value) == nil then
    lines[#lines + 1] = indent .. label .. "  " .. (is_array(value) and "(empty list)" or "(empty)")
  else
    lines[#lines + 1] = indent .. label
    add(lines, indent .. "  ", value)
  end
end

function add(lines, indent, object)
  if is_array(object) then
    for i, value in ipairs(object) do add_member(lines, indent, ("[%d]"):format(i), value) end
    return
  end
  local names, width = sorted_names(object), 0
  for _, name in ipairs(names) do width = math.max(width, math.min(#name, 40)) end
  for _, name in ipairs(names) do
    local value = object[name]
    if moments[name] and type(value) == "number" and value >= 0 and value < 253402300800 then -- up to the year 9999
      value = os.date("!%d %B %Y, %H:%M:%S UTC", math.floor(value)) .. (" (%d)"):format(math.floor(value))
    end
    add_member(lines, indent, ("%-" .. width .. "s"):format(text_of(name)), value)
  end
end

return function(title, claims)
  local lines = { title }
  add(lines, "  ", claims)
  return table.concat(lines, "\n")
end

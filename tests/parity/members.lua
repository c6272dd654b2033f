-- Prints what the Lua modules offer, one member a line, sorted: "CLASS MEMBER KIND", "Status NAME NUMBER",
-- "=ENUMERATION NAME VALUE", "- FUNCTION function" for the package's own, "MODULE. FUNCTION function" for those of its modules.
-- The argument names the package: azattest, or inside nginx azattest.resty, whose additions are those of a module `resty`.

local name_of_package = arg[1] or "azattest"
local azattest = require(name_of_package)
local plain = require "azattest"
local core = require "azattest.core"

local lines = {}
local function say(...) lines[#lines + 1] = table.concat({ ... }, " ") end

-- What the Lua side makes its objects of; users never meet one.
local inside = {
  Operation = true, Problems = true, Response = true, Text = true, AccessToken = true, Secret = true, TcbBaselines = true,
}

for class, members in pairs(core.classes) do
  if not inside[class] then
    for name in pairs(members.methods) do say(class, name, "method") end
    for name in pairs(members.readers) do say(class, name, "reader") end
  end
end
for name, number in pairs(azattest.Status) do say("Status", name, ("%d"):format(number)) end
for name, value in pairs(azattest) do
  if core.classes[name] and type(value) == "function" then
    say(name, name, "constructor")
  elseif core.classes[name] then
    if getmetatable(value) ~= nil then say(name, name, "constructor") end -- may be called
    for member in pairs(value) do say(name, member, "constructor") end
  elseif type(value) == "function" then
    say(plain[name] == nil and "resty." or "-", name, "function")
  end
end

-- A module is that of the package itself, as its field or by its own name; evidence is looked at without any driver.
local function module_of_package(module)
  if module == "evidence" then return require "azattest.evidence" end
  if module == "credentials" then return azattest.credentials end
  local required = require(name_of_package .. "." .. module)
  if name_of_package ~= "azattest" then assert(azattest[module] == required, "the field and the module differ") end
  return required
end

for _, module in ipairs{ "attest", "certificates", "credentials", "evidence", "policy" } do
  for name in pairs(module_of_package(module)) do
    if not core.classes[name] then say(module .. ".", name, "function") end -- a class is the package's own
  end
end

for _, name in ipairs{ "AttestationType", "PolicyModification", "CertificateModification" } do
  for member, value in pairs(azattest[name]) do say("=" .. name, member, value) end
end

table.sort(lines)
print(table.concat(lines, "\n"))

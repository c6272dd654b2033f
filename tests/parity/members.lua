-- Prints what the Lua modules offer, one member a line, sorted: "CLASS MEMBER KIND", "Status NAME NUMBER",
-- "=ENUMERATION NAME VALUE", "- FUNCTION function" for the package's own, "MODULE. FUNCTION function" for those of its modules.

local azattest = require "azattest"
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
    say("-", name, "function")
  end
end
for _, module in ipairs{ "attest", "certificates", "credentials", "evidence", "policy" } do
  for name in pairs(require("azattest." .. module)) do
    if not core.classes[name] then say(module .. ".", name, "function") end -- a class is the package's own
  end
end

for _, name in ipairs{ "AttestationType", "PolicyModification", "CertificateModification" } do
  for member, value in pairs(azattest[name]) do say("=" .. name, member, value) end
end

table.sort(lines)
print(table.concat(lines, "\n"))

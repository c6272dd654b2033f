-- A test harness in a page: TAP lines, a count at the end, an exit status. Real evidence comes from the folder that
-- AZATTEST_EVIDENCE names (default: ../shared/evidence beside the checkout); without it those tests are skipped loudly.

local harness = { passed = 0, failed = 0, skipped = 0 }

local here = arg[0]:match("^(.*)/[^/]*$") or "."

function harness.read(path)
  local file, reason = io.open(path, "rb")
  if not file then return nil, reason end
  local content = file:read("*a")
  file:close()
  return content
end

local folder = os.getenv("AZATTEST_EVIDENCE")
if not folder or folder == "" then folder = here .. "/../../../shared/evidence" end
harness.evidence_folder = harness.read(folder .. "/README.md") and folder or nil

function harness.evidence(name)
  return assert(harness.read(harness.evidence_folder .. "/" .. name))
end

-- JSON of our own making and of the evidence folder; nothing hostile. Null is nil.
function harness.json(text)
  local at, value = 1, nil
  local words = { ["true"] = true, ["false"] = false, null = nil }
  local escapes = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }
  local function take(pattern)
    local found, past = text:match("^%s*(" .. pattern .. ")()", at)
    if found then at = past end
    return found
  end
  local function string_()
    local first = at
    local past = text:match('^[^"\\]*"()', at)
    while not past do
      at = assert(text:match('^[^"\\]*\\.()', at), "JSON: a string does not end")
      past = text:match('^[^"\\]*"()', at)
    end
    at = past
    return (text:sub(first, at - 2):gsub("\\(.)", function(c) return escapes[c] or c end))
  end
  local function members(object, close, read)
    if take(close) then return object end
    repeat read() until not take ","
    assert(take(close), "JSON: expected " .. close)
    return object
  end
  function value()
    local result = {}
    if take "{" then
      return members(result, "}", function()
        assert(take '"', "JSON: a name is missing")
        local name = string_()
        assert(take ":", "JSON: a colon is missing")
        result[name] = value()
      end)
    elseif take "%[" then
      local count = 0
      return members(result, "%]", function()
        count = count + 1
        result[count] = value()
      end)
    elseif take '"' then
      return string_()
    end
    local word = take "[%w.+-]+"
    if tonumber(word) then return tonumber(word) end
    return words[word]
  end
  return value()
end

-- A recorded token, and the keys of an instance at that time.
function harness.token(name) return (harness.evidence("maa-tokens/" .. name .. ".jwt"):gsub("%s+$", "")) end

function harness.keys(name) return harness.evidence("maa-certs/" .. name .. ".jwks.json") end

function harness.base64url(data)
  local alphabet, out = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", {}
  for i = 1, #data, 3 do
    local a, b, c = data:byte(i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for j = 1, b and (c and 4 or 3) or 2 do
      local index = math.floor(bits / 64 ^ (4 - j)) % 64
      out[#out + 1] = alphabet:sub(index + 1, index + 1)
    end
  end
  return table.concat(out)
end

local function outcome(ok, name, note)
  local number = harness.passed + harness.failed + harness.skipped
  print(("%s %d - %s%s"):format(ok and "ok" or "not ok", number, name, note or ""))
end

function harness.test(name, body)
  local ok, reason = xpcall(body, function(failure) return debug.traceback(tostring(failure), 2) end)
  harness[ok and "passed" or "failed"] = harness[ok and "passed" or "failed"] + 1
  outcome(ok, name)
  if not ok then print("# " .. tostring(reason):gsub("\n", "\n# ")) end
end

function harness.skip(name, why)
  harness.skipped = harness.skipped + 1
  outcome(true, name, " # SKIP " .. why)
end

-- A test on real evidence.
function harness.real(name, body)
  if harness.evidence_folder then return harness.test(name, body) end
  harness.skip(name, "no evidence folder (set AZATTEST_EVIDENCE)")
end

function harness.finish()
  if harness.skipped > 0 then
    io.stderr:write(("SKIPPED: %d tests did not run\n"):format(harness.skipped))
  end
  print(("1..%d"):format(harness.passed + harness.failed + harness.skipped))
  print(("%d passed, %d failed, %d skipped"):format(harness.passed, harness.failed, harness.skipped))
  os.exit(harness.failed == 0 and 0 or 1, true)
end

-- ---------------------------------------------------------------------------------------------------- assertions

function harness.equal(seen, expected, what)
  if seen ~= expected then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(expected), tostring(seen)), 2)
  end
end

function harness.contains(text, part)
  if type(text) ~= "string" or not text:find(part, 1, true) then
    error(("expected a text with %q, got %q"):format(part, tostring(text)), 2)
  end
end

-- Wrong use: the call raises a text that names this side's line.
function harness.raises(part, call, ...)
  local ok, reason = pcall(call, ...)
  if ok then error(("expected an error with %q, but nothing was raised"):format(part), 2) end
  harness.contains(tostring(reason), part)
  return reason
end

-- A failed operation: nil and an error with the status and a part of the text.
function harness.fails(azattest, status, part, value, err)
  if value ~= nil then error("expected nil and an error, got " .. tostring(value), 2) end
  if err == nil then error("expected an error beside nil", 2) end
  if err.code ~= azattest.Status[status] then
    error(("expected %s, got %s"):format(status, tostring(err)), 2)
  end
  if not tostring(err):find(part, 1, true) then
    error(("expected a text with %q, got %q"):format(part, tostring(err)), 2)
  end
  return err
end

return harness

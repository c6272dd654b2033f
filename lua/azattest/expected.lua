-- What a verification is given beside the evidence: Appraisal (what is expected), made of a table, and Collateral, made of
-- contents or files. Options take either as an object, or as what one is made of.

local core = require "azattest.core"
local encode = require "azattest.encode"
local log = require "azattest.log"
core.own_source()

local expected = {}

local function usage(...)
  return core.usage(string.format(...))
end

-- The content of a file; or nil, an error, and true when it is a folder.
local function read_file(who, path)
  if path:find "%c" then usage("%s: the path of a file expected", who) end
  local file, reason = io.open(path, "rb")
  local content, number = nil, nil
  if file then
    content, reason, number = file:read("*a")
    if reason then reason = path .. ": " .. reason end
    file:close()
  end
  if content then return content end
  return nil, core.error_new(core.Status.E_ARGUMENT, ("%s: %s"):format(who, tostring(reason))), number == 21 -- EISDIR
end

-- --------------------------------------------------------------------------------------------------- appraisals

-- Lengths of the members that are bytes. They are given as such, or as hexadecimal text.
local lengths = {
  report_data = 64, runtime_data_sha256 = 32, mr_enclave = 32, mr_signer = 32, config_id = 64, isv_family_id = 16,
  isv_extended_product_id = 16, mr_td = 48, rtmr0 = 48, rtmr1 = 48, rtmr2 = 48, rtmr3 = 48, mr_config_id = 48, mr_owner = 48,
  mr_owner_config = 48, mr_service_td = 48, mr_seam = 48, mr_signer_seam = 48, measurement = 48, id_key_digest = 48,
  author_key_digest = 48, host_data = 32, family_id = 16, image_id = 16, chip_id = 64, denied_chip_ids = 64,
  mask = 8, value = 8, -- of td_attributes and xfam
}
local banks = { sha1 = 20, sha256 = 32, sha384 = 48, sha512 = 64 }
-- Those that are objects: an empty table of another member is an empty list.
local objects = {
  td_attributes = true, xfam = true, policy = true, pcrs = true, min_reported_tcb = true, min_committed_tcb = true,
  min_launch_tcb = true,
}

local quoted = encode.quoted

local function hexadecimal(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- Bytes of exactly the member's length become their hexadecimal text. Text of that many hexadecimal digits is taken for
-- a value of half the length, which the library refuses: better than an expectation that is never met.
local function text_of(text, length)
  if length and #text == length and text:find "%X" then text = hexadecimal(text) end
  return quoted(text)
end

-- A whole number; of 64 bits of a report (`length` 8) the bytes as they are stored, the lowest first.
local function number_of(where, number, length)
  if number ~= number or number % 1 ~= 0 or number < -2 ^ 63 or number >= 2 ^ 64 then
    usage("Appraisal: %s must be a whole number", where)
  end
  if length ~= 8 then
    if number >= 2 ^ 53 or number <= -2 ^ 53 then usage("Appraisal: %s is too large", where) end
    return ("%.0f"):format(number)
  end
  local bytes = {}
  for i = 1, 8 do
    bytes[i] = ("%02x"):format(number % 256)
    number = (number - number % 256) / 256
    if number < 0 then usage("Appraisal: %s must not be negative", where) end
  end
  return '"' .. table.concat(bytes) .. '"'
end

local json_of

local function list_of(where, list, length, depth)
  local parts = {}
  for i = 1, encode.list_length("Appraisal: " .. where, list) do parts[i] = json_of(("%s[%d]"):format(where, i), nil, list[i], length, depth) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function object_of(where, object, depth, length_of)
  local parts = {}
  for name, value in next, object do
    if type(name) == "number" and name % 1 == 0 then name = ("%.0f"):format(name) end -- the index of a PCR
    if type(name) ~= "string" then usage("Appraisal: %s has a member whose name is a %s", where, type(name)) end
    parts[#parts + 1] = quoted(name) .. ":" .. json_of(where == "" and name or where .. "." .. name, name, value, length_of(name), depth)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local function is_object(name, value)
  if getmetatable(value) == core.array_mt then return false end
  if name ~= nil and (objects[name] or banks[name]) then return true end
  local key = next(value)
  return key ~= nil and type(key) ~= "number"
end

-- `name` is the member's own, nil inside a list; `length` that of its bytes.
function json_of(where, name, value, length, depth)
  local kind = type(value)
  if kind == "string" then return text_of(value, length) end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number_of(where, value, length) end
  if kind ~= "table" then
    usage("Appraisal: %s: bytes or their hexadecimal text, other text, a number, true or false, or a table of them expected, not %s", where, kind)
  end
  core.check_plain("Appraisal: " .. where, value)
  if depth > 8 then usage("Appraisal: %s lies too deep", where) end
  if not is_object(name, value) then return list_of(where, value, length, depth + 1) end
  local bank = banks[name]
  return object_of(where, value, depth + 1, function(member) return bank or lengths[member] end)
end

-- Of a table, or of JSON text.
local function new_appraisal(value)
  if type(value) == "string" then return core.appraisal_parse(value) end
  if type(value) ~= "table" then usage("Appraisal: a table of members, or JSON text, expected, got %s", type(value)) end
  core.check_plain("Appraisal", value)
  return core.appraisal_parse(object_of("", value, 0, function(member) return lengths[member] end))
end

-- Of JSON text, or of a file of it: its path.
local function load_appraisal(path_or_text)
  if type(path_or_text) ~= "string" then usage("Appraisal.load: a path or JSON text expected, got %s", type(path_or_text)) end
  local content, err = path_or_text, nil
  if not content:find "^%s*{" then
    content, err = read_file("Appraisal.load", content)
    if not content then return nil, err end
  end
  return core.appraisal_parse(content)
end

-- ---------------------------------------------------------------------------------------------------- collateral

local Collateral = core.classes.Collateral.methods

local function add_all(set, contents, first)
  for i = first, #contents do
    local added, err = Collateral.add(set, contents[i])
    if not added then return nil, err end
  end
  return set
end

-- azattest.Collateral(content, ...)
local function new_collateral(...)
  local count = select("#", ...)
  local contents = { ... }
  for i = 1, count do
    if type(contents[i]) ~= "string" then
      usage("Collateral: argument %d must be the content of a file, got %s", i, type(contents[i]))
    end
  end
  local set, err = core.collateral_new()
  if not set then return nil, err end
  return add_all(set, contents, 1)
end

-- The files of a folder, as paths.
local function files_of(path)
  local names = require("azattest.blocking").list_folder(path) or {}
  table.sort(names)
  for i, name in ipairs(names) do names[i] = path .. "/" .. name end
  return names
end

local add_path

-- What is no collateral is passed over: people keep other things in folders too.
local function add_folder(set, path)
  local some = false
  for _, name in ipairs(files_of(path)) do
    local added, err = add_path(set, name, true)
    some = some or added == true
    if not added then log.warn("passed over: " .. err.message) end
  end
  if some then return true end
  return nil, core.error_new(core.Status.E_MALFORMED, path .. ": the folder has no collateral in it")
end

-- Folders in folders are left out.
function add_path(set, path, inside)
  local content, err, is_folder = read_file("Collateral.load", path)
  if is_folder then
    if inside then return "folder" end
    return add_folder(set, path)
  end
  if not content then return nil, err end
  if content == "" then return nil, core.error_new(core.Status.E_MALFORMED, path .. ": the file is empty") end
  local added
  added, err = Collateral.add(set, content)
  if not added then return nil, core.error_new(err.code, path .. ": " .. err.message) end
  return true
end

-- azattest.Collateral.load(path, ...): of a folder, all files in it whose names do not begin with a dot; what is no
-- collateral is passed over there, with a warning in the log.
local function load_collateral(...)
  local set, err = core.collateral_new()
  if not set then return nil, err end
  for i = 1, select("#", ...) do
    local path = select(i, ...)
    if type(path) ~= "string" then usage("Collateral.load: argument %d must be a path, got %s", i, type(path)) end
    local added
    added, err = add_path(set, path)
    if not added then return nil, err end
  end
  return set
end

-- ------------------------------------------------------------------------------------------------------- options

-- How many contents are in a list. What unpack would pass over is refused: a set without it has fewer checks.
local function count_contents(who, list)
  core.check_plain(who, list)
  local count, last = 0, 0
  for key in next, list do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      usage("%s: a list of contents expected, but there is a member '%s'", who, tostring(key))
    end
    count, last = count + 1, math.max(last, key)
  end
  if count == 0 then usage("%s: the list of contents is empty", who) end
  if count ~= last then usage("%s: the list of contents has holes", who) end
  return count
end

local makers = {
  appraisal = function(_, value) return new_appraisal(value) end,
  collateral = function(who, value)
    if type(value) == "string" then return new_collateral(value) end
    return new_collateral((unpack or table.unpack)(value, 1, count_contents(who, value)))
  end,
}
makers.service_appraisal, makers.service_collateral, makers.evidence_collateral = makers.appraisal, makers.collateral, makers.collateral
local names = { "appraisal", "collateral", "service_appraisal", "service_collateral", "evidence_collateral" }

-- The options, with an object in place of a table or text; the table itself where there is nothing to be made. The
-- copy has only the table's own members: what is inherited is refused here as in the core.
function expected.prepare(who, options)
  core.check_plain(who, options)
  local ready = options
  for i = 1, #names do
    local name = names[i]
    local value = options[name]
    if type(value) == "table" or type(value) == "string" then
      local object, err = makers[name](("%s: option '%s'"):format(who, name), value)
      if not object then return nil, err end
      if ready == options then
        ready = {}
        for each, given in next, options do ready[each] = given end
      end
      ready[name] = object
    end
  end
  return ready
end

-- A function that verifies, whose options come second.
function expected.verifying(who, verify)
  return function(subject, options)
    if type(options) == "table" then
      local err
      options, err = expected.prepare(who, options)
      if not options then return nil, err end
    end
    return verify(subject, options)
  end
end

local Evidence = core.classes.Evidence.methods

Evidence.verify = expected.verifying("verify", Evidence.verify)

expected.Appraisal = setmetatable({ load = load_appraisal }, {
  __metatable = false, __call = function(_, value) return new_appraisal(value) end,
})
expected.Collateral = setmetatable({ load = load_collateral }, {
  __metatable = false, __call = function(_, ...) return new_collateral(...) end,
})
local verify_service_certificate = expected.verifying("verify_service_certificate", core.verify_service_certificate)

-- A certificate in DER or PEM, or the AttestationSigner that has it, and the options of Evidence:verify.
function expected.verify_service_certificate(certificate, options)
  if type(certificate) == "userdata" then
    local certificates = core.classes.AttestationSigner.readers.certificates(certificate)
    if not certificates[1] then usage("verify_service_certificate: the AttestationSigner has a key and no certificate") end
    certificate = certificates[1]
  end
  return verify_service_certificate(certificate, options)
end

return expected

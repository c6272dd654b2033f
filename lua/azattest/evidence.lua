-- azattest.evidence: looks at quotes and reports without any service. The functions take the content of a file, whatever
-- wraps the evidence in it.

local core = require "azattest.core"
core.own_source()

local expected = require "azattest.expected"

local Evidence = core.classes.Evidence.methods -- called as functions, they say what is wrong with their argument

local evidence = {
  parse = core.evidence_parse,
  load = core.evidence_load,
  verify_service_certificate = expected.verify_service_certificate,
  -- the classes, so that a REPL needs no other module
  Evidence = { parse = core.evidence_parse, load = core.evidence_load, new_guest = core.evidence_new_guest },
  Appraisal = expected.Appraisal,
  Collateral = expected.Collateral,
}

local function loaded(value)
  if type(value) == "string" then return core.evidence_load(value) end
  return value
end

-- Content of a file, or an Evidence, and the options of Evidence:verify.
function evidence.verify(content, options)
  local object, err = loaded(content)
  if not object then return nil, err end
  return Evidence.verify(object, options)
end

-- Kind, form, version and fields in one table.
function evidence.inspect(content)
  local object, err = loaded(content)
  if not object then return nil, err end
  local fields = Evidence.fields(object)
  return { kind = object.kind, form = object.form, version = object.version, fields = fields }
end

return evidence

-- The policy language on this side of the core: tables of claims, texts in place of policies, and what a token or evidence
-- says in place of claims. It sends nothing and is the same inside nginx.

local core = require "azattest.core"
core.own_source()

local encode = require "azattest.encode"

local Policy, Difference = core.classes.Policy.methods, core.classes.PolicyDifference.methods
local language = {}

-- The options that a policy was parsed with: its report is made with them, and claims of evidence for its type. Weak: they
-- live as long as the policy.
local read_with = setmetatable({}, { __mode = "k" })
local nothing = {}

local function usage(...)
  return core.usage(string.format(...))
end

-- ---------------------------------------------------------------------------------------------------- claim sets

-- A claim of a list. Integers that LuaJIT's numbers cannot hold are digits in a string, as `claims` gives them.
local function item_of(where, item)
  if type(item) ~= "table" then usage("%s: a table of type, value and issuer expected, got %s", where, type(item)) end
  core.check_plain(where, item)
  local parts, integer = {}, item.value_type == "Integer" and item.value
  for name, value in next, item do
    if type(name) ~= "string" then usage("%s has a member whose name is a %s", where, type(name)) end
    local text = name == "value" and type(integer) == "string" and integer:match "^%-?%d+$" or encode.json(where .. "." .. name, value)
    parts[#parts + 1] = encode.quoted(name == "value_type" and "valueType" or name) .. ":" .. text
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function json_of(who, claims)
  core.check_plain(who, claims)
  if not encode.is_list(claims) then return encode.json(who, claims) end
  local parts = {}
  for i = 1, encode.list_length(who, claims) do parts[i] = item_of(("%s[%d]"):format(who, i), claims[i]) end
  return "[" .. table.concat(parts, ",") .. "]"
end

-- Claims are written already: there is nothing to be said but of which type they are.
local function check_type_alone(options, who)
  if options ~= nil and type(options) ~= "table" then usage("%s: the options must be a table, got %s", who, type(options)) end
  for name in next, options or nothing do
    if core.options.claims[name] and name ~= "attestation_type" then usage("%s: option '%s' is for evidence alone", who, name) end
  end
end

local function new_claim_set(claims, options, who)
  who = who or "ClaimSet"
  check_type_alone(options, who)
  if claims == nil and (options == nil or next(options) == nil) then return core.claim_set_new() end
  if claims == nil then claims = "{}" end
  if type(claims) == "string" then return core.claim_set_from_claims(claims, options, who) end
  if type(claims) ~= "table" then
    usage("%s: a table of claims, JSON text, a ClaimSet, a token or evidence expected, got %s", who, type(claims))
  end
  return core.claim_set_from_claims(json_of(who .. ": the claims", claims), options, who)
end

-- An AttestationToken: that of compact text, of a response, or of a result.
local function token_of(value)
  if type(value) == "string" then return core.token_parse(value) end
  if type(value) == "table" then return rawget(value, "token") end
  if value ~= nil and core.claim_source(value) == "result" then return core.result_token(value) end
  return value
end

local function token_claims(token, options, who)
  check_type_alone(options, who)
  return core.claim_set_from_token(token, options, who)
end

local function from_token(token, options)
  local object, err = token_of(token)
  if err then return nil, err end
  return token_claims(object, options, "from_token")
end

-- Of an Evidence, or of the content of a file.
local function from_evidence(evidence, options)
  local err
  if type(evidence) == "string" then evidence, err = core.evidence_load(evidence) end
  if err then return nil, err end
  return core.claim_set_from_evidence(evidence, options, "from_evidence")
end

-- A ClaimSet of whatever has claims. `options` are those of from_evidence.
local function claims_of(who, value, options, attestation_type)
  if type(value) == "table" and type(rawget(value, "token")) == "userdata" then value = token_of(value) end
  local source = value ~= nil and core.claim_source(value) or nil
  if source == "result" then
    local token, err = token_of(value)
    if not token then return nil, err end
    source, value = "token", token
  end
  for name in next, options do
    if not core.options.claims[name] then usage("%s: unknown option '%s'", who, tostring(name)) end
    if source ~= "evidence" and (name ~= "attestation_type" or source == "set") then
      usage("%s: option '%s' is for evidence, of which claims are to be made", who, name)
    end
  end
  if source == "set" then return value end
  if value == nil then usage("%s: claims expected, got nil", who) end
  if attestation_type ~= nil and options.attestation_type == nil then
    local own = { attestation_type = attestation_type }
    for name, given in next, options do own[name] = given end
    options = own
  end
  if source == "evidence" then return core.claim_set_from_evidence(value, options, who) end
  if source == "token" then return token_claims(value, options, who) end
  return new_claim_set(value, options, who)
end

-- ------------------------------------------------------------------------------------------------------ policies

local function parse(text, options, who)
  local policy, err = core.policy_parse(text, options, who or "parse")
  if not policy then return nil, err end
  if options then
    read_with[policy] = { attestation_type = options.attestation_type, lenient = options.lenient }
  end
  return policy
end

-- A Policy, or that of a text.
local function policy_of(who, value, options)
  if type(value) ~= "userdata" then return parse(value, options, who) end
  core.classes.Policy.readers.version(value) -- raises where it is something else
  if options ~= nil then usage("%s: a Policy was parsed with options of its own", who) end
  return value
end

local function split(who, options)
  if options ~= nil and type(options) ~= "table" then usage("%s: the options must be a table, got %s", who, type(options)) end
  core.check_plain(who, options)
  local of_evaluation, of_claims = {}, {}
  for name, value in next, options or nothing do
    (core.options.evaluation[name] and of_evaluation or of_claims)[name] = value
  end
  return of_evaluation, of_claims
end

function Policy:evaluate(claims, options)
  local of_evaluation, of_claims = split("evaluate", options)
  local set, err = claims_of("evaluate", claims, of_claims, (read_with[self] or nothing).attestation_type)
  if not set then return nil, err end
  return core.policy_evaluate(self, set, of_evaluation)
end

function Policy:lint() return core.policy_lint(self.text, read_with[self]) end

-- Whether a token, a response or compact text was made under this text; nil when it does not say.
function Policy:matches_token(token)
  local object, err = token_of(token)
  if err then return nil, err end
  return core.policy_matches_token(self, object)
end

function Difference:add(name, claims, options)
  local of_evaluation, of_claims = split("add", options)
  if next(of_evaluation) ~= nil then usage("add: unknown option '%s'", next(of_evaluation)) end
  local set, err = claims_of("add", claims, of_claims)
  if not set then return nil, err end
  return core.policy_difference_add(self, name, set)
end

local function compare(before, after)
  local one, two, err
  one, err = policy_of("compare", before)
  if not one then return nil, err end
  two, err = policy_of("compare", after)
  if not two then return nil, err end
  return core.policy_compare(one, two)
end

Policy.compare = compare

-- --------------------------------------------------------------------------------------- classes and functions

language.classes = {
  ClaimSet = setmetatable({ from_token = from_token, from_evidence = from_evidence }, {
    __metatable = false, __call = function(_, claims, options) return new_claim_set(claims, options) end,
  }),
  Policy = { parse = function(text, options) return parse(text, options) end },
  PolicyDifference = { compare = compare },
}

-- Those of azattest.policy. Each takes a Policy or its text.
local functions = {
  parse = language.classes.Policy.parse,
  compare = compare,
  lint_rules = core.policy_lint_rules,
  default_text = core.policy_default,
  known_name = core.policy_known_name,
}
language.functions = functions

function functions.lint(policy, options)
  if type(policy) ~= "userdata" then return core.policy_lint(policy, options) end
  return Policy.lint(policy_of("lint", policy, options))
end

function functions.format(policy)
  local object, err = policy_of("format", policy)
  if not object then return nil, err end
  local text = object.formatted
  if text then return text end
  return nil, core.error_new(core.Status.E_LIMIT, "format: in the one layout the policy would be larger than a policy may be")
end

function functions.explain(policy)
  local object, err = policy_of("explain", policy)
  if not object then return nil, err end
  return object.explanation
end

function functions.evaluate(policy, claims, options)
  local object, err = policy_of("evaluate", policy)
  if not object then return nil, err end
  return Policy.evaluate(object, claims, options)
end

return language

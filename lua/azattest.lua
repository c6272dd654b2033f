-- Microsoft Azure Attestation for programs that do not want to trust it blindly.
--
--   local azattest = require "azattest"
--   local client = azattest.AttestationClient{ endpoint = "https://sharedweu.weu.attest.azure.net" }
--   local response, err = client:attest_sgx_enclave(quote, { runtime_data = data })
--   if not response then error(err) end
--   print(response.value.mr_enclave)
--
-- Wrong use raises; what failed gives nil and an error with fields. This file and its neighbours are the only ones that
-- users require; azattest.core does no I/O, azattest.curl is loaded by the first blocking call without a `transport`.
-- In nginx: require "azattest.resty", which is the same on cosockets.

local core = require "azattest.core"
core.own_source()

local drive = require "azattest.drive"
local credentials = require "azattest.credentials"
local expected = require "azattest.expected"
local language = require "azattest.language"
local log = require "azattest.log"
local pretty = require "azattest.pretty"
require "azattest.fetching"

setmetatable(core.Status, {
  __metatable = false,
  __index = function(_, name) core.usage("there is no status '" .. tostring(name) .. "'") end,
})

local Client, Verifier = core.classes.AttestationClient.methods, core.classes.Verifier.methods
local Token, Result = core.classes.AttestationToken.methods, core.classes.AttestationResult.methods

-- What belongs to a client or verifier on this side: its transport, and the validation options that the core cannot
-- take. Weak: it lives as long as the object.
local states = setmetatable({}, { __mode = "k" })

local function usage(...)
  return core.usage(string.format(...))
end

local function check_options(who, options)
  if options ~= nil and type(options) ~= "table" then
    usage("%s: the options must be a table, got %s", who, type(options))
  end
  core.check_plain(who, options)
  return options or {}
end

-- ------------------------------------------------------------------------------------------ validation options

local function check_function(who, name, value)
  if value ~= nil and type(value) ~= "function" then
    usage("%s: option '%s' must be a function, got %s", who, name, type(value))
  end
  return value
end

local nothing = {}

local function copy(options)
  local twin = {}
  for name, value in next, options do twin[name] = value end
  return twin
end

-- Several hashes, of which any will do: the core takes them one behind the other.
local function join_hashes(who, hashes)
  for _, hash in ipairs(hashes) do
    if type(hash) ~= "string" or #hash ~= 32 then
      usage("%s: option 'expected_policy_hash' must be 32 bytes, or a list of such hashes", who)
    end
  end
  return table.concat(hashes)
end

-- Validation options as the core takes them: text of signers parsed, hashes joined, the clock asked. Gives the callback beside them,
-- which stays on this side: nothing of Lua runs inside the core. `defaults` has the clock and callback for want of
-- the call's own.
local function prepare(who, options, defaults)
  local clock = check_function(who, "clock", options.clock) or defaults.clock
  local callback = check_function(who, "validation_callback", options.validation_callback) or defaults.callback
  local hashes = options.expected_policy_hash
  local given, err = expected.prepare(who, options)
  if not given then return nil, err end
  if type(options.signers) ~= "string" and type(hashes) ~= "table" and not clock then return given, callback end
  local ready = copy(given)
  if type(hashes) == "table" then ready.expected_policy_hash = join_hashes(who, hashes) end
  if type(options.signers) == "string" then
    local signers
    signers, err = core.signers_parse(options.signers)
    if not signers then return nil, err end
    ready.signers = signers
  end
  if clock and options.at == nil then
    ready.at = clock()
    if type(ready.at) ~= "number" then usage("%s: the clock gave no number but %s", who, type(ready.at)) end
  end
  return ready, callback
end

-- The problems of a list as text; nothing when it is empty. A table that is no list was not meant as one: it is a problem.
local function problems_text(verdict)
  if next(verdict) == nil then return nil end
  local list = #verdict > 0 and verdict or { verdict }
  local text = {}
  for i, problem in ipairs(list) do
    local detail = problem
    if type(problem) == "table" then detail = problem.detail or problem.message or problem end
    text[i] = tostring(detail)
  end
  return table.concat(text, "; ")
end

-- Nothing when the caller's own check accepts (true, or an empty list of problems); otherwise an error. A check that
-- gives nothing back has not accepted, and text is a problem, as in Python.
local function judge(callback, token)
  local verdict, reason = callback(token, token.signer)
  local text
  if verdict == true then return nil end
  if type(verdict) == "table" then
    text = problems_text(verdict)
    if not text then return nil end
  elseif type(verdict) == "string" then
    text = verdict
  elseif not verdict then
    text = reason ~= nil and tostring(reason) or "validation_callback refused the token"
  else
    usage("validation_callback: true, false or a list of problems expected, got %s", type(verdict))
  end
  return core.error_new(core.Status.E_TOKEN_CALLBACK, (text:gsub("%z", "\\0")))
end

local unchecked = { validate_token = false }

-- The verdict about a token that passed all else. One that is refused, or whose check raised, does not stay verified.
local function refusal(callback, token)
  local asked, err = pcall(judge, callback, token)
  if asked and not err then return nil end
  core.token_validate(token, unchecked)
  if not asked then error(err, 0) end
  return err
end

-- --------------------------------------------------------------------------------------------------- responses

local Response = { readers = {} }

function Response.readers.value(self)
  local value, err = self.token:result{ unverified = true } -- says itself whether it was verified
  if not value then error(err) end
  rawset(self, "value", value)
  return value
end

function Response.readers.body(self) return self.value end

function Response.readers.raw_token(self) return self.token:serialize() end

-- Plain fields of the object; nil where the service or the key cache said nothing.
Response.fields = { token = true, is_draft = true, request_id = true, warning = true, policy_token = true,
                    policy_signer = true }

Response.metatable = {
  __metatable = false,
  __index = function(self, name)
    local read = Response.readers[name]
    if read then return read(self) end
    if Response.fields[name] then return nil end
    usage("AttestationResponse has no member '%s'", tostring(name))
  end,
  __newindex = function(_, name) usage("AttestationResponse: '%s' cannot be set", tostring(name)) end,
  __tostring = function(self)
    return (tostring(self.token):gsub("AttestationToken", "AttestationResponse", 1))
  end,
}

core.classes.AttestationResponse = { methods = {}, readers = copy(Response.fields) }
for name in pairs(Response.readers) do core.classes.AttestationResponse.readers[name] = true end
core.classes.Problem = { methods = {}, readers = { code = true, detail = true } }
core.classes.TcbBaseline = {
  methods = {},
  readers = {
    tcb_identifier = true, tcb_evaluation_data_number = true, tcb_release_date = true, minimum_psw_linux_version = true,
    minimum_psw_windows_version = true, is_selected_tcb = true,
  },
}

local function new_response(token, value, request_id, is_draft, warning)
  return setmetatable({ token = token, value = value, request_id = request_id, is_draft = is_draft, warning = warning },
                      Response.metatable)
end

-- ------------------------------------------------------------------------------------------- client and verifier

local function split_options(driver, who, options)
  local own, connection = {}, {}
  for name, value in next, options do
    if name ~= "endpoint" and name ~= "transport" then
      (driver.options[name] and connection or own)[name] = value
    end
  end
  driver.check(connection, who)
  return own, connection
end

local function construct(driver, who, new, options)
  if type(options) ~= "table" then usage("%s: a table of options expected, got %s", who, type(options)) end
  core.check_plain(who, options)
  if options.endpoint == nil then usage("%s: option 'endpoint' is missing", who) end
  local own, connection = split_options(driver, who, options)
  local object, err
  own, err = expected.prepare(who, own)
  if not own then return nil, err end
  local state = { driver = driver, connection = connection, transport = drive.check_transport(who, options.transport) }
  if own.validation_options ~= nil then
    local validation = copy(check_options(who, own.validation_options))
    if validation.at == nil then state.clock = check_function(who, "clock", validation.clock) end
    validation.clock = nil -- asked by each call
    own.validation_options, state.callback = prepare(who, validation, nothing)
    if not own.validation_options then return nil, state.callback end
  end
  if own.credential ~= nil then
    own.credential, state.provider = drive.credential(own.credential, driver)
    if not own.credential then return nil, state.provider end
  end
  if type(own.scopes) == "table" then own.scopes = table.concat(own.scopes, " ") end
  object, err = new(options.endpoint, own, driver.agent, drive.shares_keys(driver, state.transport))
  if not object then return nil, err end
  states[object] = state
  return object
end

local function end_of(close)
  return function(self)
    local state = states[self]
    if state then drive.close(state) end
    return close(self)
  end
end

-- Runs an operation and gives its response, after the caller's own check.
local function respond(state, op, callback)
  local done, err = drive.run(state, op)
  if not done then return nil, err end
  local token, value, request_id, is_draft, warning = op:take_response()
  op:close()
  err = callback and refusal(callback, token)
  if err then return nil, err end
  return new_response(token, value, request_id, is_draft, warning)
end

local function attest(begin, who)
  return function(self, evidence, options)
    local state = states[self] or nothing
    options = check_options(who, options)
    -- What stands alone wins over the nested table, and both win over the client's.
    local nested, callback = prepare(who, check_options(who, options.validation_options), state)
    if not nested then return nil, callback end
    local ready
    ready, callback = prepare(who, options, { callback = callback })
    if not ready then return nil, callback end
    if nested ~= options.validation_options and next(nested) ~= nil then
      ready = copy(ready)
      ready.validation_options = nested
    end
    local op, err = begin(self, evidence, ready)
    if not op then return nil, err end
    return respond(state, op, callback)
  end
end

local function fetch(begin, take, who)
  return function(self, subject, options, ...)
    local op, err
    if type(options) == "table" then
      options, err = expected.prepare(who, options)
      if not options then return nil, err end
    end
    op, err = begin(self, subject, options, ...)
    if not op then return nil, err end
    local done
    done, err = drive.run(states[self], op)
    if not done then return nil, err end
    local result = op[take](op)
    op:close()
    return result
  end
end

Client.attest_sgx_enclave = attest(core.attest_sgx_enclave_begin, "attest_sgx_enclave")
Client.attest_open_enclave = attest(core.attest_open_enclave_begin, "attest_open_enclave")
Client.attest_sev_snp_vm = attest(core.attest_sev_snp_vm_begin, "attest_sev_snp_vm")
Client.attest_tdx_vm = attest(core.attest_tdx_vm_begin, "attest_tdx_vm")
Client.attest_mdep_tz = attest(core.attest_mdep_tz_begin, "attest_mdep_tz")
-- These give no token but text, sealed or of another protocol, as it came.
Client.attest_azure_guest = fetch(core.attest_azure_guest_begin, "take_text", "attest_azure_guest")
Client.attest_key_guard = fetch(core.attest_key_guard_begin, "take_text", "attest_key_guard")
Client.attest_tpm = fetch(core.attest_tpm_begin, "take_text", "attest_tpm")
Client.attest_pluton = fetch(core.attest_pluton_begin, "take_text", "attest_pluton")
Client.get_tcb_baseline = fetch(core.get_tcb_baseline_begin, "take_tcb_baselines", "get_tcb_baseline")
Client.get_signing_certificates = fetch(core.get_signing_certificates_begin, "take_signers", "get_signing_certificates")
Client.get_open_id_metadata = fetch(core.get_open_id_metadata_begin, "take_metadata", "get_open_id_metadata")
Client.close = end_of(Client.close)

-- With cached keys this is one call of the core and no operation; the claims stay text until they are asked for.
function Verifier:validate(token_text, options)
  local state = states[self] or nothing
  local ready, callback = prepare("validate", check_options("validate", options), state)
  if not ready then return nil, callback end
  local token, err = core.validate_cached(self, token_text, ready)
  if token then
    err = callback and refusal(callback, token)
    if err then return nil, err end
    return new_response(token, nil, nil, false, nil)
  elseif token == nil then
    return nil, err
  end
  local op
  op, err = core.validate_begin(self, token_text, ready)
  if not op then return nil, err end
  return respond(state, op, callback)
end

Verifier.close = end_of(Verifier.close)

-- ------------------------------------------------------------------------------------------------------- tokens

-- Asks the callback about a twin: the caller's own token must not count as verified before, nor when the callback
-- raises. Where the twin fails without it, so will the token itself, which then says why.
local function ask(self, ready, callback)
  core.token_validate(self, unchecked)
  local twin = core.token_parse(self:serialize())
  if twin and core.token_validate(twin, ready) then return refusal(callback, twin) end
end

-- Before anything can fail: a call that could not be made says nothing for the token.
local function forget(token)
  if token.is_validated then core.token_validate(token, unchecked) end
end

-- The keys may come first, as in Python; and as the option `signers`.
local function with_signers(who, first, second)
  if type(first) ~= "string" and type(first) ~= "userdata" then
    if second ~= nil then usage("%s: with options first, there is no second argument", who) end
    return first
  end
  local options = copy(check_options(who, second))
  if options.signers ~= nil then usage("%s: signers are given twice", who) end
  options.signers = first
  return options
end

function Token:validate(signers, options)
  forget(self)
  options = with_signers("validate", signers, options)
  local ready, callback = prepare("validate", check_options("validate", options), nothing)
  if not ready then return nil, callback end
  local err = callback and ask(self, ready, callback)
  if err then return nil, err end
  local valid
  valid, err = core.token_validate(self, ready)
  if not valid then return nil, err end
  return self
end

function Token:problems(signers, options)
  forget(self)
  options = with_signers("problems", signers, options)
  local ready, callback = prepare("problems", check_options("problems", options), nothing)
  if not ready then return nil, callback end
  local err = callback and ask(self, ready, callback)
  if err then return err.problems end
  return core.token_problems(self, ready)
end

function Token:pretty() return pretty(tostring(self), self:body() or {}) end

function Result:pretty() return pretty(tostring(self), self:claims()) end

-- ------------------------------------------------------------------------------------------------- the package

local administration = require "azattest.administration"{
  check_options = check_options, construct = construct, copy = copy, end_of = end_of, new_response = new_response,
  nothing = nothing, prepare = prepare, refusal = refusal, states = states, usage = usage,
}

-- The package, whose clients wait with `driver`. Objects of one may be given to another: each keeps its own driver.
function drive.facade(driver, credentials)
  local azattest = {
    version = core.version,
    defaults = core.defaults,
    log_set = log.set,
    status_name = core.status_name,
    status_text = core.status_text,
    status_check = core.status_check,
    Status = core.Status,
    null = core.null,         -- JSON null
    credentials = credentials,
    array_mt = core.array_mt, -- the metatable of JSON arrays, so that {} and [] differ
    AttestationToken = { parse = core.token_parse },
    AttestationSigners = { parse = core.signers_parse },
    AttestationData = core.data_new,
    seal_secret = core.seal_secret,
    open_secret = core.open_secret,
    guest_answer_key = core.guest_answer_key,
    open_guest_answer = core.open_guest_answer,
    open_guest_answer_with_key = core.open_guest_answer_with_key,
    Evidence = { parse = core.evidence_parse, load = core.evidence_load, new_guest = core.evidence_new_guest },
    Appraisal = expected.Appraisal,
    Collateral = expected.Collateral,
    CollateralCache = driver.cache.open,
    fetch_collateral = drive.fetch_collateral(driver),
    inspect = core.token_parse, -- reads a token without network and without trust
  }
  for name, new in pairs(credentials) do
    if core.classes[name] then azattest[name] = new end -- by its official name
  end

  function azattest.AttestationClient(options) return construct(driver, "AttestationClient", core.client_new, options) end

  function azattest.Verifier(options) return construct(driver, "Verifier", core.verifier_new, options) end

  for name, class in pairs(language.classes) do
    azattest[name] = class
  end
  administration(azattest, driver)
  return azattest
end

return drive.facade(require "azattest.blocking", credentials)

-- Keys that a transport shares between processes: it is asked before anything is fetched.

local azattest = require "azattest"
local h = require "harness"
local real, equal, contains, fails, raises = h.real, h.equal, h.contains, h.fails, h.raises

local at = 1668650000 -- when the tokens and keys were recorded
local endpoint = "https://sharedwus.wus.attest.azure.net"
local name = "wus-shared-2022-11"

local function verifier(keys, answers)
  local wire = { asked = 0, slept = 0, keys = keys }
  function wire:send()
    self.asked = self.asked + 1
    return answers and answers[self.asked] or error("unexpected request")
  end
  function wire:sleep() self.slept = self.slept + 1 end
  return azattest.Verifier{ endpoint = endpoint, transport = wire, validation_options = { at = at }, retry_total = 0 }, wire
end

local function token() return h.token "sgx-shared-2022-11" end

real("keys of the transport serve without a request, and are kept", function()
  local questions = {}
  local object, wire = verifier(function(_, op)
    questions[#questions + 1] = op:keys()
    equal(op:give_keys(h.keys(name), 5, nil, nil), true)
  end)
  assert(object:validate(token()))
  assert(object:validate(token()))
  equal(wire.asked, 0)
  equal(#questions, 1)
  equal(questions[1].url, endpoint .. "/certs")
  equal(questions[1].unknown, false)
  equal(questions[1].failure, nil)
  assert(#questions[1].kid > 0)
end)

real("what the transport leaves open is fetched, and can be shared", function()
  local op_seen
  local object, wire = verifier(function(_, op) op_seen = op end, { { status = 200, body = h.keys(name) } })
  assert(object:validate(token()))
  equal(wire.asked, 1)
  raises("closed", op_seen.keys, op_seen)
  local text, life
  object = verifier(function(self, op)
    op:fetch_keys()
    equal(op:fetched_keys(), nil)
    equal(op:step(), "http")
    op:respond(self:send())
    text, life = op:fetched_keys()
  end, { { status = 200, body = h.keys(name), headers = { ["Cache-Control"] = "max-age=60" } } })
  assert(object:validate(token()))
  equal(text, h.keys(name))
  equal(life, 60)
end)

real("older keys serve with a warning when a fetch failed", function()
  local object = verifier(function(_, op)
    local failure = op:keys().failure
    if not failure then return op:fetch_keys() end
    equal(op:give_keys(h.keys(name), 7200, nil, nil), false, "too old without a reason")
    equal(op:give_keys("{}", 7200, nil, failure), false, "no key set")
    equal(op:give_keys(h.keys(name), 86400, nil, failure), false, "a day old")
    equal(op:give_keys(h.keys(name), 7200, nil, failure), true)
  end, { { status = 500, body = "" } })
  local response = assert(object:validate(token()))
  contains(response.warning, "500")
end)

real("without any the failure of the fetch is the call's", function()
  local object = verifier(function() end, { { status = 500, body = "" } })
  local err = fails(azattest, "E_HTTP", "500", object:validate(token()))
  equal(err.status_code, 500)
  object = verifier(function(_, op) op:fail("transport", "the cache is gone") end)
  fails(azattest, "E_TRANSPORT", "the cache is gone", object:validate(token()))
end)

real("what the transport raises ends the call and is passed on", function()
  local first = true
  local object = verifier(function(_, op)
    if first then
      first = false
      error("the dictionary is gone", 0)
    end
    op:give_keys(h.keys(name), 0)
  end)
  raises("the dictionary is gone", object.validate, object, token())
  assert(object:validate(token()), "nobody waits for the one that ended")
end)

real("keys that nobody asked for are wrong use", function()
  local kept
  local object = verifier(function(_, op)
    kept = op
    op:give_keys(h.keys(name), 0)
    raises("did not ask for keys", op.give_keys, op, h.keys(name), 0)
    raises("did not ask for keys", op.fetch_keys, op)
    equal(op:keys(), nil)
  end)
  assert(object:validate(token()))
  assert(kept)
end)

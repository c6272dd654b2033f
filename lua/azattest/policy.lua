-- azattest.policy: policies in one line. The calls take the options of AttestationAdministrationClient or `client`;
-- without a credential the default chain looks for one. The rest sends nothing.

local azattest = require "azattest"
local core = require "azattest.core"
local oneline = require "azattest.oneline"

local class = "AttestationAdministrationClient"

return {
  AttestationAdministrationClient = azattest.AttestationAdministrationClient,
  AttestationSigningKey = azattest.AttestationSigningKey,
  StoredAttestationPolicy = azattest.StoredAttestationPolicy,
  get_policy = oneline("get_policy", 1, class),
  set_policy = oneline("set_policy", 2, class),
  reset_policy = oneline("reset_policy", 1, class),
  create_policy_token = azattest.create_policy_token,
  policy_hash = core.policy_hash,
  policy_token_hash = function(token)
    return core.policy_token_hash(type(token) == "userdata" and token:serialize() or token)
  end,
}

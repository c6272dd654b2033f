-- What each thread of states.c does in a state of its own: attests and validates, with names that are its own.
local endpoint, ca_file, quote_file, number = ...
local azattest = require "azattest"

local file = assert(io.open(quote_file, "rb"))
local quote = file:read("*a")
file:close()
local client = assert(azattest.AttestationClient{ endpoint = endpoint, ca_file = ca_file })
local verifier = assert(azattest.Verifier{ endpoint = endpoint, ca_file = ca_file })
for round = 1, 10 do
  local nonce = ("%d-%d"):format(number, round)
  local response = assert(client:attest_sgx_enclave(quote, { nonce = nonce }))
  assert(response.value.nonce == nonce, "the answer is that of another thread")
  assert(assert(verifier:validate(response.raw_token, { expected_nonce = nonce })).value.svn == 3)
  local other, err = verifier:validate(response.raw_token, { expected_nonce = "other" })
  assert(other == nil and err.code == azattest.Status.E_TOKEN_NONCE, tostring(err))
  collectgarbage()
end
client:close()

-- What one machine of threads.c does.

return function(number, endpoint, ca_file, quote_file)
  local azattest = require "azattest"
  local file = assert(io.open(quote_file, "rb"))
  local quote = file:read "*a"
  file:close()

  -- of many callers one may meet several faults in a row
  local options = { endpoint = endpoint, ca_file = ca_file, retry_total = 30, retry_delay = 0.001 }
  local client = azattest.AttestationClient(options)
  local verifier = azattest.Verifier(options)
  for i = 1, 6 do
    local nonce = number .. "-" .. i
    local response = assert(client:attest_sgx_enclave(quote, { nonce = nonce }))
    assert(response.value.nonce == nonce and response.value.svn == 3 and response.token.is_validated)
    local again = assert(verifier:validate(response.raw_token, { expected_nonce = nonce }))
    assert(again.value:claims()["x-ms-sgx-svn"] == 3)
    local refused, err = verifier:validate(response.raw_token, { expected_nonce = "another" })
    assert(not refused and err.code == azattest.Status.E_TOKEN_NONCE)
    collectgarbage()
  end
  client:close()
  if number % 2 == 0 then verifier:close() end -- the others leave it to the machine's end
end

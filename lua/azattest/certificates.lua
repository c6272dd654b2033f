-- azattest.certificates: the keys of an instance in one line.

local oneline = require "azattest.oneline"

return {
  get_signing_certificates = oneline("get_signing_certificates", false),
}

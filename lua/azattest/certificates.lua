-- azattest.certificates: in one line the certificates that an instance signs with, and those whose keys may sign its
-- policies.

local azattest = require "azattest"
local oneline = require "azattest.oneline"

local class = "AttestationAdministrationClient"

return {
  AttestationAdministrationClient = azattest.AttestationAdministrationClient,
  AttestationSigners = azattest.AttestationSigners,
  AttestationSigningKey = azattest.AttestationSigningKey,
  get_signing_certificates = oneline("get_signing_certificates", false),
  get_policy_management_certificates = oneline("get_policy_management_certificates", 0, class),
  add_policy_management_certificate = oneline("add_policy_management_certificate", 1, class),
  remove_policy_management_certificate = oneline("remove_policy_management_certificate", 1, class),
}

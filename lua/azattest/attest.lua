-- azattest.attest: attestation in one line.

return require("azattest.oneline").attest(require "azattest")

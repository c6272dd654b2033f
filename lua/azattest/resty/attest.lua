-- azattest.resty.attest: azattest.attest on cosockets.

return require("azattest.resty").attest

-- azattest.resty.certificates: azattest.certificates on cosockets.

return require("azattest.resty").certificates

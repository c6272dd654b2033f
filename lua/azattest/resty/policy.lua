-- azattest.resty.policy: azattest.policy on cosockets.

return require("azattest.resty").policy

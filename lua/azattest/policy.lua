-- azattest.policy: policies in one line. The calls take the options of AttestationAdministrationClient or `client`;
-- without a credential the default chain looks for one. The rest sends nothing.

return require("azattest.oneline").policy(require "azattest")

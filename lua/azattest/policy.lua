-- azattest.policy: policies in one line. The calls take the options of AttestationAdministrationClient or `client`;
-- without a credential the default chain looks for one. The rest sends nothing: parse, lint, format, explain, evaluate and
-- compare take a policy or its text.

return require("azattest.oneline").policy(require "azattest")

-- azattest.certificates: in one line the certificates that an instance signs with, and those whose keys may sign its
-- policies.

return require("azattest.oneline").certificates(require "azattest")

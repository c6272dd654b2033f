"""Policies inside nginx: judged where a request is served, without any network."""

import unittest

from nginx import Nginx, needs_nginx

WANTED = """version= 1.0;
authorizationrules {
  [type=="x-ms-sgx-svn", value>=3] => permit();
};
issuancerules {
  c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);
};
"""
JUDGE = """
local policies = require "azattest.resty.policy"
local policy = assert(policies.parse([==[%s]==], { attestation_type = "SgxEnclave" }))
""" % WANTED
CLAIMS = JUDGE + """
ngx.req.read_body()
local found, err = policy:evaluate(ngx.req.get_body_data())
if not found then return ngx.say(tostring(err)) end
ngx.say(found.outcome, " ", found.claims.svn or "none", " ", found.reason)
"""
REST = JUDGE + """
local text = policies.format(policy)
ngx.say(tostring(policy))
ngx.say(policies.compare(policy, text).is_same, " ", policies.lint("version= 1.0;").error_count, " ", #policies.lint_rules() > 0)
ngx.say(policies.explain(text):match "^[^\\n]*")
ngx.say(policies.known_name(policies.policy_hash(policies.default_text "SevSnpVm")))
ngx.say(tostring(require("azattest.resty").ClaimSet{ a = 9007199254740993LL }.claims[1].value))
ngx.say(tostring(select(2, pcall(policy.evaluate, policy, { a = 1 }, { nonce = "n" }))))
"""


@needs_nginx
class Policies(unittest.TestCase):
    def test_claims_are_judged(self):
        with Nginx({"/judge": CLAIMS}) as nginx:
            for body, said in (('{"x-ms-sgx-svn": 3}', "permit 3 the rule of line 3 permits"), ('{"x-ms-sgx-svn": 2}', "deny none no rule permits"),
                               ("{", "AZATTEST_E_MALFORMED: ")):
                for _ in range(20):
                    self.assertIn(said, nginx.post("/judge", body.encode()).text)

    def test_the_module_is_that_of_the_package(self):
        with Nginx({"/rest": REST}) as nginx:
            lines = nginx.get("/rest").text.splitlines()
        self.assertRegex(lines[0], r"^Policy\(version 1.0, 2 rules, hash [\w-]{43}\)$")
        self.assertEqual(lines[1], "true 1 true")
        self.assertIn("Version 1.0", lines[2])
        self.assertIn("default of SevSnpVm", lines[3])
        self.assertEqual(lines[4], "9007199254740993")
        self.assertIn("option 'nonce' is for evidence", lines[5])


if __name__ == "__main__":
    unittest.main()

"""azattest.resty.require_token: whom it lets through, what it answers, what it tells and what not, and that nothing but a
valid token gets past it.
"""

import hashlib
import hmac
import json
import subprocess
import time
import unittest

from nginx import needs_nginx
from relying import Relying, Service, bearer, encoded, guarded, new_key, parts, signed
from command_support import b64url
from service import needs_command

CONTENT = """ngx.say(ngx.ctx.azattest.value.mr_enclave) ngx.say(ngx.ctx.azattest.claims.iss) ngx.say(ngx.ctx.azattest.token.issuer)
    ngx.print(#ngx.ctx.azattest.raw_token)"""


@needs_nginx
@needs_command
class Guard(Relying):
    @classmethod
    def setUpClass(cls):
        cls.service = Service()
        cls.addClassCleanup(cls.service.stop)
        cls.good = cls.service.attest()
        cls.header, cls.claims = parts(cls.good)
        cls.key = cls.service.folder / "state/signing-key.pem"
        cls.stranger = new_key(cls.service.folder)
        cls.seen = [cls.good]  # no log may have any of these

    def open(self, more="", content=CONTENT, **rest):
        options = "endpoint = '%s', retry_total = 0, %s" % (self.service.endpoint, more)
        return self.nginx(self.service, {"/": guarded(options, content)}, **rest)

    def make(self, header=None, **claims):
        merged = {name: value for name, value in {**self.claims, **claims}.items() if value is not None}
        token = signed(self.key, {**self.header, **(header or {})}, merged)
        self.seen.append(token)
        return token

    def log_is_clean(self, nginx):
        log = nginx.log()
        for token in self.seen:
            for part in token.split("."):
                if len(part) > 12:
                    self.assertNotIn(part, log)
                    self.assertNotIn(part[:24], log)
        self.assertNotIn("Bearer ey", log)

    def challenge(self, answer):
        """The parameters of the one challenge."""
        self.assertEqual(answer.headers.get_all("WWW-Authenticate"), [answer.headers["WWW-Authenticate"]])
        text = answer.headers["WWW-Authenticate"]
        self.assertTrue(text.startswith("Bearer "), text)
        found, rest = {}, text[7:]
        while rest:
            name, _, rest = rest.partition('="')
            value = ""
            while rest[0] != '"':
                if rest[0] == "\\":
                    rest = rest[1:]
                value, rest = value + rest[0], rest[1:]
            found[name] = value
            rest = rest[1:].removeprefix(", ")
        return found

    def refused(self, nginx, headers, status, code, says=None):
        answer = self.expect(nginx.get("/", headers), status, nginx)
        parameters = self.challenge(answer)
        self.assertEqual(parameters.get("error"), code)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        if code:
            self.assertRegex(parameters["error_description"], r"^[a-z' ,A-Z]+$")
        if says:
            self.assertIn(says, parameters["error_description"])
        return parameters

    def test_a_valid_token_passes_and_what_it_says_is_there(self):
        nginx = self.open()
        for _ in range(3):
            lines = self.expect(nginx.get("/", bearer(self.good)), 200, nginx).text.split("\n")
            self.assertEqual(lines, [self.claims["x-ms-sgx-mrenclave"], self.service.endpoint, self.service.endpoint, str(len(self.good))])
        self.log_is_clean(nginx)

    def test_the_scheme_is_read_as_it_may_be_written(self):
        nginx = self.open()
        for text in ("Bearer ", "bearer ", "BEARER ", "Bearer   ", "Bearer \t"):
            self.expect(nginx.get("/", {"Authorization": text + self.good}), 200, nginx)
        self.expect(nginx.get("/", {"authorization": "Bearer " + self.good + "  "}), 200, nginx)

    def test_without_a_token_the_challenge_names_no_error(self):
        nginx = self.open()
        for headers in ({}, {"Authorization": ""}, {"Authorization": "Basic dTpw"}, {"Authorization": self.good},
                        {"Authorization": "BearerX " + self.good}, {"Authorization": "Bearer" + self.good}, {"X-Token": self.good}):
            with self.subTest(headers):
                self.assertEqual(self.refused(nginx, headers, 401, None), {"realm": "attested"})

    def test_what_is_no_request_for_this(self):
        nginx = self.open()
        for text in ("Bearer", "Bearer ", "Bearer a b", "Bearer " + self.good + " " + self.good, "Bearer %s,%s" % (self.good, self.good),
                     "Bearer token=%s, x" % self.good):
            with self.subTest(text[:20]):
                self.refused(nginx, {"Authorization": text}, 400, "invalid_request")
        self.log_is_clean(nginx)

    def send(self, nginx, lines):
        connection = nginx.connect()
        self.addCleanup(connection.close)
        connection.putrequest("GET", "/")
        for name, value in lines:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        return answer

    def test_several_headers_are_no_choice(self):
        nginx = self.open()
        ours = ("Authorization", "Bearer " + self.good)
        self.assertEqual(self.send(nginx, [ours]).status, 200)
        for lines in ([ours, ours], [ours, ("Authorization", "Basic dTpw")], [("authorization", "Bearer x"), ours],
                      [ours] + [("X-%d" % i, "x") for i in range(200)], [("X-%d" % i, "x") for i in range(200)] + [ours]):
            self.assertEqual(self.send(nginx, lines).status, 400)

    def bad_tokens(self):
        now = int(time.time())
        good, header = self.good, self.header
        head, body, signature = good.split(".")
        none = lambda alg: encoded({**header, "alg": alg}, self.claims) + "."  # noqa: E731
        mac = lambda key: (lambda text: text + "." + b64url(hmac.new(key, text.encode(), hashlib.sha256).digest()))(  # noqa: E731
            encoded({**header, "alg": "HS256"}, self.claims))
        other = signed(self.stranger, header, self.claims)
        jwk = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
        return {
            "alg none": none("none"), "alg None": none("None"), "alg NONE with a signature": none("NONE") + signature,
            "alg none and the signature": encoded({"alg": "none"}, self.claims) + "." + signature, "no alg": none(None),
            "HS256 with an empty key": mac(b""), "HS256 with the public key": mac(self.key.read_bytes()),
            "a key that nobody knows": other, "and with a key id that nobody knows": signed(self.stranger, {**header, "kid": "x"}, self.claims),
            "and without a key id": signed(self.stranger, {"alg": "RS256"}, self.claims),
            "its own key in the header": signed(self.stranger, {**header, "jwk": jwk}, self.claims),
            "keys elsewhere": self.make({"jku": "https://evil.example/certs"}), "keys beside it": self.make({"jku": self.service.endpoint + "/certs2"}),
            "keys at a host that begins alike": self.make({"jku": self.service.endpoint + ".evil.example/certs"}),
            "critical members": self.make({"crit": ["x"], "x": 1}), "another kind of token": self.make({"typ": "at+jwt"}),
            "another algorithm than its key's": self.make({"alg": "ES256"}), "another digest than was signed": self.make({"alg": "RS512"}),
            "expired": self.make(exp=now - 3600), "without an end": self.make(exp=None), "an end that is text": self.make(exp=str(now + 3600)),
            "not valid yet": self.make(nbf=now + 3600), "issued in the future": self.make(iat=now + 3600),
            "another issuer": self.make(iss="https://evil.example"), "an issuer that begins alike": self.make(iss=self.service.endpoint + ".evil"),
            "an issuer with a path": self.make(iss=self.service.endpoint + "/x"), "no issuer": self.make(iss=None),
            "no signature": head + "." + body + ".", "two parts": head + "." + body, "four parts": good + ".x", "cut": good[:-8],
            "a flipped signature": head + "." + body + "." + ("A" if signature[0] != "A" else "B") + signature[1:],
            "another body": head + "." + b64url(json.dumps({**self.claims, "x-ms-sgx-svn": 9}).encode()) + "." + signature,
            "padding": good + "=", "base64 of the other alphabet": head + "." + body + "." + "+/" + signature[2:], "no token": "x",
            "dots": "..", "a letter of no alphabet": good[:50] + "\xe9" + good[51:], "a large one": good + "A" * 4000,
            "a claim twice": self.twice(),
        }

    def twice(self):
        text = encoded(self.header, {}).split(".")[0] + "." + b64url(b'{"iss":"a",' + json.dumps(self.claims).encode()[1:])
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)], input=text.encode(), check=True, capture_output=True)
        return text + "." + b64url(done.stdout)

    def test_bad_tokens_get_401(self):
        nginx = self.open()
        self.expect(nginx.get("/", bearer(self.good)), 200, nginx)
        for name, token in self.bad_tokens().items():
            self.seen.append(token)
            with self.subTest(name):
                self.refused(nginx, {"Authorization": ("Bearer " + token).encode("latin-1")}, 401, "invalid_token")
        self.expect(nginx.get("/", bearer(self.make())), 200, nginx)
        self.log_is_clean(nginx)

    def test_good_tokens_that_are_not_wanted_here_get_403(self):
        hash_of_another = "('x'):rep(32)"
        debuggable = self.service.attest(self.service.simulate("--debug"))
        self.seen.append(debuggable)
        callback = "validation_callback = function(token) return %s end"
        for name, more, token, says in (
            ("a claim is different", "require_claims = { ['x-ms-sgx-mrsigner'] = 'ab' }", self.good, "claim"),
            ("a claim is missing", "require_claims = { 'x-ms-none' }", self.good, "claim"),
            ("another policy", "expected_policy_hash = " + hash_of_another, self.good, "policy"),
            ("debuggable", "allow_debug = false", debuggable, "debuggable"),
            ("another type", "expected_type = 'sevsnpvm'", self.good, "type"),
            ("the callback says no", callback % "false", self.good, "refused"),
            ("the callback has reasons", callback % "{ 'secret reason' }", self.good, "refused"),
        ):
            with self.subTest(name):
                parameters = self.refused(self.open(more), bearer(token), 403, "insufficient_scope", says)
                self.assertNotIn("secret", parameters["error_description"])

    def test_good_tokens_for_something_else_get_401(self):
        young = self.make(iat=int(time.time()) - 100, nbf=int(time.time()) - 100)
        for name, more, token, says in (
            ("too old", "max_age = 10, validation_slack = 0", young, "too old"),
            ("another nonce", "expected_nonce = 'n-1'", self.make(nonce="n-2"), "another request"),
            ("no nonce", "expected_nonce = 'n-1'", self.good, "another request"),
            ("other runtime data", "expected_runtime_data = 'x'", self.good, "runtime data"),
            ("not wanted, but not valid either", "require_claims = { 'x-ms-none' }", self.make(exp=1), "expired"),
            ("not wanted, and then too old", "require_claims = { 'x-ms-none' }, max_age = 10, validation_slack = 0", young, "too old"),
        ):
            with self.subTest(name):
                self.refused(self.open(more), bearer(token), 401, "invalid_token", says)
        for more, token in (("expected_nonce = 'n-2'", self.make(nonce="n-2")), ("max_age = 1000", young), ("allow_debug = false", self.good),
                            ("require_claims = { ['x-ms-sgx-svn'] = 0 }", self.good)):
            with self.subTest(more):
                nginx = self.open(more)
                self.expect(nginx.get("/", bearer(token)), 200, nginx)

    def test_no_verdict_without_keys(self):
        nginx = self.nginx(self.service, {"/": guarded("endpoint = 'https://127.0.0.1:9', retry_total = 0")})
        answer = self.expect(nginx.get("/", bearer(self.make(iss="https://127.0.0.1:9"))), 503, nginx)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertNotIn("WWW-Authenticate", answer.headers)
        self.log_is_clean(nginx)

    def test_wrong_options_admit_nobody(self):
        endpoint = "endpoint = '%s', " % self.service.endpoint
        wrong = {
            "": "'endpoint' is missing", "endpoint = 7": "endpoint", "endpoint = 'http://x'": "not https",
            endpoint + "require_claim = {}": "'require_claim'", endpoint + "required_claims = { 'a' }": "'required_claims'",
            endpoint + "require_claims = 'a'": "require_claims", endpoint + "max_age = 'a'": "max_age",
            endpoint + "expected_policy_hash = 'short'": "expected_policy_hash", endpoint + "allow_debug = 0": "allow_debug",
            endpoint + "validate_token = false": "guards nothing", endpoint + "validate_signature = false": "guards nothing",
            endpoint + "allow_unsecured = true": "guards nothing", endpoint + "validation_options = { validate_token = false }": "guards nothing",
            endpoint + "validation_options = 7": "validation_options", endpoint + "validation_options = { at = 7 }": "stands beside",
            endpoint + "validation_callback = 7": "validation_callback", endpoint + "realm = 7": "realm",
            endpoint + "realm = 'a\\r\\nX-Evil: 1'": "realm", endpoint + "realm = ('x'):rep(300)": "realm",
            endpoint + "from = 7": "'from'", endpoint + "from = 'a b'": "'from'", endpoint + "from = 'a\\n'": "'from'",
            endpoint + "shared_dict = 'none'": "lua_shared_dict none", endpoint + "ca_file = 'x'": "lua_ssl_trusted_certificate",
            endpoint + "signers = 'no keys'": "key set", endpoint + "[1] = 'x'": "", endpoint + "from = function() error('inside', 0) end": "inside",
            endpoint + "from = function() return 7 end": "must give the token", endpoint + "clock = function() return 'x' end": "clock",
            endpoint + "validation_callback = function() error('inside', 0) end": "inside",
            endpoint + "validation_callback = function() return 7 end": "validation_callback",
            endpoint + "require_claims = setmetatable({ 'x-ms-sgx-svn' }, { __index = { 'a', 'b' } })": "__index",
            endpoint + "validation_options = setmetatable({}, { __index = { expected_type = 'x' } })": "__index",
        }
        places = {"/%d" % number: guarded(more) for number, more in enumerate(wrong)}
        inherits = "setmetatable({ %s }, { __index = { require_claims = { 'x-ms-none' } } })" % endpoint
        wrong["inherited"] = "__index"
        places["/%d" % (len(wrong) - 1)] = guarded("").replace("{  }", "(%s)" % inherits)
        places["/nil"] = "{ access_by_lua_block { require('azattest.resty').require_token() } content_by_lua_block { ngx.print('in') } }"
        nginx = self.nginx(self.service, places)
        for _ in range(2):
            for number, (more, says) in enumerate(wrong.items()):
                with self.subTest(more):
                    before = len(nginx.log())
                    answer = self.expect(nginx.get("/%d" % number, bearer(self.good)), 500, nginx)
                    self.assertIn(says, nginx.log()[before:])
                    self.assertNotIn("Verifier: ", nginx.log()[before:])
                    self.assertNotIn("in", answer.text.split("</h1>")[0].split("<h1>")[1].split("Internal")[0])
            self.expect(nginx.get("/nil", bearer(self.good)), 500, nginx)
        self.log_is_clean(nginx)

    def test_a_misspelt_option_is_seen_in_each_request_that_has_it(self):
        code = """{ access_by_lua_block {
            local options = { endpoint = "%s", retry_total = 0 }
            if ngx.var.arg_wrong then options.require_claim = { "x-ms-none" } end
            if ngx.var.arg_claim then options.require_claims = { [ngx.var.arg_claim] = 0 } end
            require("azattest.resty").require_token(options) }
            content_by_lua_block { ngx.print("in") } }""" % self.service.endpoint
        nginx = self.nginx(self.service, {"/": code})
        for _ in range(2):
            for query, status in (("", 200), ("?wrong=1", 500), ("?claim=x-ms-sgx-svn", 200), ("?claim=x-ms-none", 403)):
                self.expect(nginx.get("/" + query, bearer(self.good)), status, nginx)

    def test_options_of_one_table_may_change_from_request_to_request(self):
        code = """{ access_by_lua_block {
            local shared = package.loaded.shared_options or { endpoint = "%s", retry_total = 0 }
            package.loaded.shared_options = shared
            shared.expected_nonce = ngx.var.arg_nonce
            shared.require_claims = ngx.var.arg_claim and { ngx.var.arg_claim } or nil
            require("azattest.resty").require_token(shared) }
            content_by_lua_block { ngx.print("in") } }""" % self.service.endpoint
        nginx = self.nginx(self.service, {"/": code})
        token = self.make(nonce="n-1")
        for query, status in (("", 200), ("?nonce=n-1", 200), ("?nonce=n-2", 401), ("?claim=x-ms-none", 403), ("", 200)):
            self.expect(nginx.get("/" + query, bearer(token)), status, nginx)

    def test_the_token_may_come_from_elsewhere(self):
        header = self.open("from = 'X-Attestation-Token'")
        self.expect(header.get("/", {"X-Attestation-Token": self.good}), 200, header)
        self.refused(header, bearer(self.good), 401, None)
        cookie = self.open("from = function() return ngx.var.cookie_attested end")
        self.expect(cookie.get("/", {"Cookie": "attested=" + self.good}), 200, cookie)
        self.refused(cookie, {"Cookie": "attested=" + self.good[:-9]}, 401, "invalid_token")
        self.refused(cookie, {}, 401, None)
        self.assertEqual(self.send(header, [("X-Attestation-Token", self.good)] * 2).status, 400)

    def test_each_call_has_its_own_functions(self):
        code = """{ access_by_lua_block {
            local from = ngx.var.arg_from
            require("azattest.resty").require_token{ endpoint = "%s", retry_total = 0,
                from = from and function() return ngx.var["http_" .. from] end,
                validation_callback = ngx.var.arg_verdict and function() return ngx.var.arg_verdict == "yes" end } }
            content_by_lua_block { ngx.print("in") } }""" % self.service.endpoint
        nginx = self.nginx(self.service, {"/": code})
        for _ in range(2):
            for query, headers, status in (("?from=x_a", {"X-A": self.good}, 200), ("?from=x_b", {"X-A": self.good}, 401), ("", {"X-A": self.good}, 401),
                                           ("?from=x_b", {"X-B": self.good}, 200), ("", bearer(self.good), 200), ("?verdict=no", bearer(self.good), 403),
                                           ("?verdict=yes", bearer(self.good), 200), ("?from=x_a&verdict=no", {"X-A": self.good}, 403)):
                with self.subTest(query):
                    self.expect(nginx.get("/" + query, headers), status, nginx)

    def test_nothing_of_a_token_gets_into_headers(self):
        nginx = self.open("realm = 'a \"b\" \\\\c'")
        evil = {**self.claims, "iss": 'x", error="none\r\nSet-Cookie: evil=1'}
        header = {**self.header, "kid": 'x"\r\nX-Evil: 1', "alg": 'RS256"\r\n'}
        for token in (signed(self.stranger, header, evil), signed(self.key, self.header, evil), signed(self.key, {**self.header, "jku": "\r\n"}, evil)):
            self.seen.append(token)
            parameters = self.refused(nginx, bearer(token), 401, "invalid_token")
            self.assertEqual(parameters["realm"], 'a "b" \\c')
            answer = nginx.get("/", bearer(token))
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assertNotIn("X-Evil", answer.headers)
            self.assertNotIn("evil", str(answer.headers))
        self.log_is_clean(nginx)
        for line in nginx.log().splitlines():
            self.assertNotRegex(line, r"^(Set-Cookie|X-Evil)")

    def test_guards_are_kept_and_their_number_is_bounded(self):
        code = """{ access_by_lua_block {
            local resty = require "azattest.resty"
            if not package.loaded.made then
                package.loaded.made = { count = 0, live = setmetatable({}, { __mode = "k" }) }
                local new, made = resty.Verifier, package.loaded.made
                resty.Verifier = function(options)
                    local verifier = new(options)
                    made.count, made.live[verifier] = made.count + 1, true
                    return verifier
                end
            end
            resty.require_token{ endpoint = "%s", retry_total = 0, realm = ngx.var.arg_realm, expected_nonce = ngx.var.arg_nonce,
                validation_callback = function() return true end, from = function() return ngx.var.http_authorization:sub(8) end } }
            content_by_lua_block { ngx.print(package.loaded.made.count) } }""" % self.service.endpoint
        nginx = self.nginx(self.service, {"/": code, "/live": "collectgarbage() collectgarbage() "
                                                          "local n = 0 for _ in pairs(package.loaded.made.live) do n = n + 1 end ngx.print(n)"})
        connection = nginx.connect()
        self.addCleanup(connection.close)
        token = self.make(nonce="n")
        for _ in range(20):
            made = self.expect(self.ask(connection, "/?nonce=n", bearer(token)), 200, nginx).text
        for number in range(20):
            self.expect(self.ask(connection, "/?nonce=%d" % number, bearer(token)), 401, nginx)
        self.assertEqual(self.ask(connection, "/?nonce=n", bearer(token)).text, made)
        self.assertEqual(made, "1")
        for number in range(150):
            self.expect(self.ask(connection, "/?realm=%d&nonce=n" % number, bearer(token)), 200, nginx)
        self.assertLessEqual(int(self.ask(connection, "/live").text), 64)
        self.assertGreater(int(self.ask(connection, "/live").text), 31)

    def test_other_phases_and_requests_within(self):
        endpoint = "require('azattest.resty').require_token{ endpoint = '%s', retry_total = 0 }" % self.service.endpoint
        nginx = self.nginx(self.service, {
            "/rewrite": "{ rewrite_by_lua_block { %s } content_by_lua_block { ngx.print('in') } }" % endpoint,
            "/content": "%s ngx.print('in')" % endpoint,
            "/filter": "{ content_by_lua_block { ngx.print('in') } header_filter_by_lua_block { ngx.header['X-Outcome'] = tostring(select(2, "
                       "pcall(function() %s end))) } }" % endpoint,
            "/inner": "{ internal; access_by_lua_block { %s } content_by_lua_block { ngx.print('inner ', ngx.ctx.azattest and 'guarded') } }" % endpoint,
            "/outer": "{ access_by_lua_block { %s } content_by_lua_block { ngx.exec('/inner') } }" % endpoint,
            "/open": "ngx.exec('/inner')",
            "/sub": "ngx.print(ngx.location.capture('/inner').status)",
            "/sub_rewrite": "ngx.print(ngx.location.capture('/rewrite').status)",
            "/after": "{ access_by_lua_block { %s } content_by_lua_block { ngx.req.set_header('Authorization', 'x') ngx.print('in') } }" % endpoint,
        })
        for path in ("/rewrite", "/content", "/after", "/outer"):
            self.expect(nginx.get(path, bearer(self.good)), 200, nginx)
            self.expect(nginx.get(path), 401, nginx)
            self.expect(nginx.get(path, bearer(self.make(exp=1))), 401, nginx)
        self.assertIn("header_filter", nginx.get("/filter", bearer(self.good)).headers["X-Outcome"])
        self.assertEqual(nginx.get("/outer", bearer(self.good)).text, "inner guarded")
        self.expect(nginx.get("/open"), 401, nginx)
        # nginx runs no access phase for requests within a request: as the README says, guard what comes from outside
        self.assertEqual(nginx.get("/sub").text, "200")
        self.assertEqual(nginx.get("/sub_rewrite").text, "401")

    def test_context_of_a_refused_request_is_empty(self):
        nginx = self.nginx(self.service, {"/": """{ access_by_lua_block {
            ngx.ctx.azattest = { forged = true }
            require('azattest.resty').require_token{ endpoint = '%s', retry_total = 0 } }
            error_page 401 = @refused; content_by_lua_block { ngx.print('in') } }""" % self.service.endpoint},
            server="location @refused { content_by_lua_block { ngx.status = 401 ngx.print(tostring(ngx.ctx.azattest)) } }")
        answer = self.expect(nginx.get("/"), 401, nginx)
        self.assertEqual(answer.text, "nil")
        self.assertEqual(self.challenge(answer), {"realm": "attested"})

    def test_what_the_context_had_before_is_gone_when_the_guard_raises(self):
        nginx = self.nginx(self.service, {"/": """{ access_by_lua_block {
            ngx.ctx.azattest = { forged = true }
            assert(not pcall(require('azattest.resty').require_token, { endpoint = 7 })) }
            content_by_lua_block { ngx.print(tostring(ngx.ctx.azattest)) } }"""})
        self.assertEqual(nginx.get("/", bearer(self.good)).text, "nil")

    def test_objects_among_the_options_are_told_apart(self):
        keys = self.service.folder / "keys.json"
        keys.write_text(json.dumps(self.service.request("/certs")))
        other = self.service.folder / "other.pem"
        other.write_bytes(subprocess.run(["openssl", "pkey", "-in", str(self.stranger), "-pubout"], check=True, capture_output=True).stdout)
        code = """{ access_by_lua_block {
            local resty = require "azattest.resty"
            local loaded = package.loaded
            for _, name in ipairs{ "keys.json", "other.pem" } do
                loaded[name] = loaded[name] or assert(resty.AttestationSigners.parse(io.open("%s/" .. name):read "*a"))
            end
            resty.require_token{ endpoint = "%s", retry_total = 0, signers = loaded[ngx.var.arg_keys] } }
            content_by_lua_block { ngx.print("in") } }""" % (self.service.folder, self.service.endpoint)
        nginx = self.nginx(self.service, {"/": code})
        for _ in range(2):
            self.expect(nginx.get("/?keys=keys.json", bearer(self.good)), 200, nginx)
            self.expect(nginx.get("/?keys=other.pem", bearer(self.good)), 401, nginx)

    def test_members_of_the_context_are_made_when_asked_for(self):
        nginx = self.open(content="""
            local attested = ngx.ctx.azattest
            assert(rawget(attested, "claims") == nil and rawget(attested, "value") == nil)
            assert(attested.claims == attested.claims and attested.value == attested.value)
            assert(attested.value.is_validated and attested.token.is_validated)
            local ok, err = pcall(function() return attested.clams end)
            assert(not ok and err:find "clams")
            ngx.print(tostring(attested))""")
        text = self.expect(nginx.get("/", bearer(self.good)), 200, nginx).text
        self.assertTrue(text.startswith("verified "), text)

    def test_several_instances_judge_their_own_tokens(self):
        service = self.service_with("--instance", "second=aad")
        endpoints = [one["endpoint"] for one in service.ready["instances"]]
        options = "endpoint = { '%s', '%s' }, retry_total = 0" % tuple(endpoints)
        nginx = self.nginx(service, {"/": guarded(options, "ngx.print(ngx.ctx.azattest.token.issuer)")})
        for endpoint in endpoints:
            self.assertEqual(self.expect(nginx.get("/", bearer(service.attest(endpoint=endpoint))), 200, nginx).text, endpoint)
        self.refused(nginx, bearer(self.make(iss="https://third.example")), 401, "invalid_token")


if __name__ == "__main__":
    unittest.main()

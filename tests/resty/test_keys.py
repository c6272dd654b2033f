"""Signing keys that the workers of an nginx share: who fetches, how often, and what happens when that fails."""

import os
import signal
import time
import unittest

from nginx import eventually, needs_nginx
from relying import DICT, Relying, bearer, guarded, new_key, parts, signed
from service import needs_command


def options(service, more=""):
    return "endpoint = '%s', retry_total = 0, %s" % (service.endpoint, more)


@needs_nginx
@needs_command
class SharedKeys(Relying):
    def open(self, *service_options, more="", workers=1, **rest):
        service = self.service_with(*service_options)
        rest.setdefault("locations", {})
        locations = {"/": guarded(options(service, more)), **rest.pop("locations")}
        return service, self.nginx(service, locations, workers=workers, **rest)

    def test_fifty_cold_requests_to_one_worker_are_one_fetch(self):
        service, nginx = self.open("--fault", "certs:delay;ms=100")
        token = service.attest()
        (connections,) = self.spread(nginx, 50).values()
        for answer in self.at_once(connections, "/", bearer(token)):
            self.expect(answer, 200, nginx)
        self.expect_fetches(service, 1)

    def test_fifty_cold_requests_to_two_workers_are_one_fetch(self):
        service, nginx = self.open("--fault", "certs:delay;ms=100", workers=2)
        token = service.attest()
        held = self.spread(nginx, 25)
        answers = self.at_once(sum(held.values(), []), "/", bearer(token))
        for answer in answers:
            self.expect(answer, 200, nginx)
        self.assertEqual({int(answer.text.split()[0]) for answer in answers}, set(held))
        self.expect_fetches(service, 1)

    def test_without_a_dictionary_each_worker_fetches_for_itself(self):
        service, nginx = self.open("--fault", "certs:delay;ms=100", workers=2, http="")
        token = service.attest()
        for answer in self.at_once(sum(self.spread(nginx, 10).values(), []), "/", bearer(token)):
            self.expect(answer, 200, nginx)
        self.expect_fetches(service, 2)

    def test_a_rotation_is_seen_by_all_workers_for_one_fetch(self):
        service, nginx = self.open("--fault", "attest:2=rotate-key", workers=2)
        old = service.attest()
        first, second = (connections[0] for connections in self.spread(nginx, 1).values())
        for connection in (first, second):
            self.expect(self.ask(connection, "/", bearer(old)), 200, nginx)
        self.expect_fetches(service, 1)
        new = service.attest()
        self.assertNotEqual(parts(old)[0]["kid"], parts(new)[0]["kid"])
        for connection in (first, second):
            self.expect(self.ask(connection, "/", bearer(new)), 200, nginx)
        self.expect_fetches(service, 2)

    def test_a_token_of_a_new_key_is_not_refused_for_one_failed_try(self):
        service, nginx = self.open("--fault", "attest:2=rotate-key", "--fault", "certs:2-3=503;retry-after-ms=10",
                                   more="retry_total = 3")
        old = service.attest()
        self.expect(nginx.get("/", bearer(old)), 200, nginx)
        new = service.attest()
        self.expect(nginx.get("/", bearer(new)), 200, nginx)
        self.expect(nginx.get("/", bearer(old)), 200, nginx)
        self.expect_fetches(service, 4)

    def test_a_token_of_a_new_key_is_not_refused_while_it_is_fetched(self):
        service, nginx = self.open("--fault", "attest:2=rotate-key", "--fault", "certs:2=delay;ms=500", workers=2)
        held = self.spread(nginx, 5)
        old = service.attest()
        for connection in sum(held.values(), []):
            self.expect(self.ask(connection, "/", bearer(old)), 200, nginx)
        new = service.attest()
        for answer in self.at_once(sum(held.values(), []), "/", bearer(new)):
            self.expect(answer, 200, nginx)
        self.expect_fetches(service, 2)

    def test_a_flood_of_unknown_keys_is_one_fetch_and_fills_nothing(self):
        service, nginx = self.open(workers=2)
        good = service.attest()
        held = self.spread(nginx, 5)
        connections = sum(held.values(), [])
        for connection in connections:
            self.expect(self.ask(connection, "/", bearer(good)), 200, nginx)
        header, claims = parts(good)
        key = new_key(service.folder)
        kids = ["none-%d" % i for i in range(28)] + ["x" * 256, '"', "azattest:keys:" + service.endpoint + "/certs"]
        tokens = [signed(key, {**header, "kid": kid}, claims) for kid in kids]
        for number, token in enumerate(tokens * 2):
            self.expect(self.ask(connections[number % len(connections)], "/", bearer(token)), 401, nginx)
        self.expect_fetches(service, 2)
        names = nginx.get("/keys").text.split()
        self.assertLessEqual(len(names), 4, names)
        self.assertTrue(all(len(name) < 200 for name in names), names)
        for connection in connections:
            self.expect(self.ask(connection, "/", bearer(good)), 200, nginx)
        self.expect_fetches(service, 2)

    def test_older_keys_serve_with_a_warning_when_a_refresh_fails(self):
        service, nginx = self.open("--fault", "certs:2-=503", more="key_cache_life = 0.3", workers=2)
        token = service.attest()
        first, second = (connections[0] for connections in self.spread(nginx, 1).values())
        self.assertEqual(self.expect(self.ask(first, "/", bearer(token)), 200, nginx).text.split()[1:], [])
        time.sleep(0.4)
        self.assertIn("503", self.expect(self.ask(first, "/", bearer(token)), 200, nginx).text)
        self.expect_fetches(service, 2)
        # Nobody tries again for a while, and who has never had keys has the older ones.
        self.assertIn("503", self.expect(self.ask(second, "/", bearer(token)), 200, nginx).text)
        for connection in (first, second):
            self.expect(self.ask(connection, "/", bearer(token)), 200, nginx)
        nginx.reload()
        self.assertIn("503", self.expect(nginx.get("/", bearer(token)), 200, nginx).text)
        self.expect_fetches(service, 2)
        self.assertIn("older signing keys are used", nginx.log())

    def test_a_worker_that_never_had_keys_has_the_older_ones_after_its_own_try(self):
        service, nginx = self.open("--fault", "certs:2-=503", more="key_cache_life = 0.2",
                                   http=DICT + "init_by_lua_block { require('azattest.resty.keys').rest = 0 }")
        token = service.attest()
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        time.sleep(0.3)
        nginx.reload()
        self.assertIn("503", self.expect(nginx.get("/", bearer(token)), 200, nginx).text)
        self.expect_fetches(service, 2)

    def test_a_failure_is_forgotten_after_a_success(self):
        service, nginx = self.open("--fault", "certs:1=503", more="key_cache_life = 0.2",
                                   http=DICT + "init_by_lua_block { require('azattest.resty.keys').rest_without = 0 }")
        token = service.attest()
        self.expect(nginx.get("/", bearer(token)), 503, nginx)
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        time.sleep(0.3)
        self.assertNotIn("503", self.expect(nginx.get("/", bearer(token)), 200, nginx).text)
        self.expect_fetches(service, 3)

    def test_older_keys_serve_when_a_refresh_takes_too_long(self):
        service, nginx = self.open("--fault", "certs:2=delay;ms=4000", more="key_cache_life = 0.2",
                                   http=DICT + "init_by_lua_block { require('azattest.resty.keys').lock_life = 0.5 }")
        token = service.attest()
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        time.sleep(0.3)
        self.assertIn("could not be refreshed", self.expect(nginx.get("/", bearer(token)), 200, nginx).text)

    def test_older_keys_serve_after_the_first_of_several_tries(self):
        service = self.service_with("--fault", "certs:2-=503")
        nginx = self.nginx(service, {"/": guarded("endpoint = '%s', key_cache_life = 0.2, retry_total = 3" % service.endpoint)})
        token = service.attest()
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        time.sleep(0.3)
        self.assertIn("503", self.expect(nginx.get("/", bearer(token)), 200, nginx).text)
        self.expect_fetches(service, 2)

    def test_without_keys_there_is_no_verdict_and_no_storm(self):
        service, nginx = self.open("--fault", "certs:1=503", workers=2)
        token = service.attest()
        held = sum(self.spread(nginx, 3).values(), [])
        for answer in self.at_once(held, "/", bearer(token)):
            self.expect(answer, 503, nginx)
            self.assertRegex(answer.headers["Retry-After"], r"^\d+$")
            self.assertNotIn("WWW-Authenticate", answer.headers)
        self.expect_fetches(service, 1)
        time.sleep(2.1)
        self.expect(self.ask(held[0], "/", bearer(token)), 200, nginx)

    def test_the_lock_of_a_dead_worker_falls(self):
        service = self.service_with("--fault", "certs:1=delay;ms=3000")
        # Killed before or after its request has come: whose turn the delayed answer is, the next try gets another.
        nginx = self.nginx(service, {"/": guarded("endpoint = '%s'" % service.endpoint)}, workers=2, allowed=["exited on signal 9"],
                           http=DICT + "init_by_lua_block { require('azattest.resty.keys').lock_life = 1 }")
        token = service.attest()
        held = self.spread(nginx, 1)
        (doomed, first), (_, second) = held.items()
        first[0].request("GET", "/", headers=bearer(token))
        eventually(lambda: "azattest:lock:" in self.ask(second[0], "/keys").text, "the lock is taken")
        os.kill(doomed, signal.SIGKILL)
        self.expect(self.ask(second[0], "/", bearer(token)), 200, nginx)

    def test_a_lock_that_nobody_gives_back_is_waited_for_and_then_taken(self):
        service, nginx = self.open(locations={"/lock": "ngx.shared.azattest:set('azattest:lock:' .. ngx.var.arg_url, 'dead', 0.3)"})
        token = service.attest()
        nginx.get("/lock?url=%s/certs" % service.endpoint)
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        self.expect_fetches(service, 1)

    def test_what_is_no_key_set_in_the_dictionary_is_replaced(self):
        put = "ngx.shared.azattest:set('azattest:keys:' .. ngx.var.arg_url, ngx.now() .. ' 3600\\n' .. ngx.unescape_uri(ngx.var.arg_text))"
        for number, text in enumerate(("", "%7B%7D", "%7B%22keys%22:[]%7D", "junk")):
            with self.subTest(text):
                service, nginx = self.open(locations={"/put": put})
                token = service.attest()
                nginx.get("/put?url=%s/certs&text=%s" % (service.endpoint, text))
                self.expect(nginx.get("/", bearer(token)), 200, nginx)
                self.expect_fetches(service, 1)

    def test_a_clock_that_was_set_back_keeps_nothing_alive(self):
        # Entries of a time to come, as they are left behind: an hour ahead, for an hour.
        places = {
            "/set": """
                local dict, url, time = ngx.shared.azattest, ngx.var.arg_url, ('%.3f'):format(ngx.now() + 3600)
                local text = dict:get('azattest:keys:' .. url):match('\\n(.*)')
                dict:set('azattest:keys:' .. url, time .. ' 3600.000\\n' .. text)
                dict:set('azattest:asked:' .. url, time)""",
            "/rest": "ngx.shared.azattest:set('azattest:rest:' .. ngx.var.arg_url, ('%.3f failed'):format(ngx.now() + 3600))",
            "/lock": "ngx.shared.azattest:set('azattest:lock:' .. ngx.var.arg_url, ('%.3f:1:1'):format(ngx.now() + 3600))",
        }
        service, nginx = self.open("--fault", "attest:2=rotate-key", locations=places)
        old, url = service.attest(), "?url=%s/certs" % service.endpoint
        self.expect(nginx.get("/rest" + url), 200)
        self.expect(nginx.get("/lock" + url), 200)
        self.expect(nginx.get("/", bearer(old)), 200, nginx)
        self.expect_fetches(service, 1)
        self.expect(nginx.get("/set" + url), 200)
        nginx.reload()
        self.expect(nginx.get("/", bearer(old)), 200, nginx)
        self.expect_fetches(service, 2)
        self.expect(nginx.get("/set" + url), 200)
        self.expect(nginx.get("/", bearer(service.attest())), 200, nginx)
        self.expect_fetches(service, 3)

    def test_a_full_dictionary_of_others_makes_room(self):
        fill = "local n = 0 while ngx.shared.azattest:safe_add('other' .. n, ('x'):rep(500)) do n = n + 1 end ngx.print(n)"
        service, nginx = self.open(http="lua_shared_dict azattest 32k;", locations={"/fill": fill})
        token = service.attest()
        self.assertGreater(int(nginx.get("/fill").text), 10)
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        self.assertIn("azattest:keys:", nginx.get("/keys").text)

    def test_keys_that_are_there_serve_in_phases_that_cannot_wait(self):
        service = self.service_with()
        filter_phase = """{
            content_by_lua_block { ngx.print("body") }
            header_filter_by_lua_block {
                local resty = require "azattest.resty"
                local response, err = resty.Verifier{ endpoint = "%s", retry_total = 0 }:validate(ngx.var.http_authorization:sub(8))
                ngx.header["X-Outcome"] = response and "valid" or tostring(err)
            } }""" % service.endpoint
        nginx = self.nginx(service, {"/": guarded(options(service)), "/filter": filter_phase})
        token = service.attest()
        self.assertIn("phase header_filter", nginx.get("/filter", bearer(token)).headers["X-Outcome"])
        self.expect(nginx.get("/", bearer(token)), 200, nginx)
        self.assertEqual(nginx.get("/filter", bearer(token)).headers["X-Outcome"], "valid")

    def test_a_dictionary_that_does_not_exist_is_named(self):
        service = self.service_with()
        made = "local done, err = pcall(require('azattest.resty').%s, { endpoint = '%s', shared_dict = %s }) ngx.print(tostring(err))"
        places = {"/%s/%d" % (name, number): made % (name, service.endpoint, value)
                  for name in ("Verifier", "AttestationClient", "prefetch", "require_token")
                  for number, value in enumerate(("'elsewhere'", "7"))}
        nginx = self.nginx(service, places)
        for place in places:
            self.assertIn("lua_shared_dict elsewhere 1m;" if place.endswith("0") else "name of a lua_shared_dict",
                          nginx.get(place).text)
        bare = self.nginx(service, {"/": "local done, err = pcall(require('azattest.resty').prefetch, { endpoint = '%s' }) "
                                         "ngx.print(tostring(err))" % service.endpoint}, http="")
        self.assertIn("lua_shared_dict azattest 1m;", bare.get("/").text)

    def test_prefetch_has_the_keys_before_the_first_request(self):
        service = self.service_with("--fault", "certs:1-2=503")
        start = """%s init_by_lua_block { require("azattest.resty.keys").rest_without = 0.05 }
            init_worker_by_lua_block {
                require("azattest.resty.prefetch").first_wait = 0.1
                assert(require("azattest.resty").prefetch{ endpoint = "%s", retry_total = 0 })
            }""" % (DICT, service.endpoint)
        nginx = self.nginx(service, {"/": guarded(options(service))}, http=start, workers=2)
        eventually(lambda: nginx.log().count("the keys of %s/certs are there" % service.endpoint) == 2, "both workers see the keys")
        self.assertIn("prefetch of %s/certs failed; the next try is in" % service.endpoint, nginx.log())
        self.expect_fetches(service, 3)
        self.expect(nginx.get("/", bearer(service.attest())), 200, nginx)
        self.expect_fetches(service, 3)

    def test_prefetch_refuses_what_its_client_would(self):
        service = self.service_with()
        nginx = self.nginx(service, {
            "/%d" % number: "local done, err = pcall(require('azattest.resty').prefetch, %s) ngx.print(tostring(err))" % given
            for number, given in enumerate(("nil", "{}", "{ endpoint = 'http://x' }", "{ endpoint = 'https://x', nonsense = 1 }",
                                            "{ endpoint = {} }"))})
        for number, text in enumerate(("table of options", "'endpoint' is missing", "not https", "'nonsense'", "'endpoint' is missing")):
            self.assertIn(text, nginx.get("/%d" % number).text)
            self.assertNotIn("AttestationClient: ", nginx.get("/%d" % number).text)

    def test_prefetch_says_which_directives_it_sees(self):
        service = self.service_with()
        start = "%s init_worker_by_lua_block { require('azattest.resty').prefetch{ endpoint = 'https://localhost:1' } }" % DICT
        nginx = self.nginx(service, {"/": "ngx.print('up')"}, http=start)
        eventually(lambda: "sees the directives of the http block alone" in nginx.log(), "the hint is logged")


if __name__ == "__main__":
    unittest.main()

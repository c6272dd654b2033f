"""Evidence inside nginx: collateral over cosockets, kept for all workers in a lua_shared_dict; appraisals; the service's own
enclave."""

import subprocess
import unittest
from pathlib import Path

from nginx import needs_nginx
from service import COMMAND, EVIDENCE, WithService, needs_command, needs_evidence

KINDS = {"sgx-quote": "simulator-root.pem", "tdx-quote": "simulator-root.pem", "snp-report": "simulator-roots.pem"}


@needs_nginx
@needs_command
class Collateral(WithService):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for kind in KINDS:
            command = [COMMAND, "simulate", kind, "--state", cls.ready["state"], "--out", str(cls.folder / kind)]
            subprocess.run(command, check=True, capture_output=True)

    def setUp(self):
        self.server = self.nginx(http="lua_shared_dict collateral 2m;")

    def lua(self, code, **values):
        return self.run_lua(self.server, code, **values)

    def each_kind(self, code):
        for kind, root in KINDS.items():
            with self.subTest(kind):
                self.lua(code, evidence=self.folder / kind, roots=Path(self.ready["state"], root))

    def test_what_is_fetched_makes_the_verdict_complete(self):
        self.each_kind("""
            local found, roots = assert(azattest.Evidence.load(read "<evidence>")), read "<roots>"
            assert(not assert(found:verify{ extra_roots = roots }).is_complete)
            local collateral = assert(azattest.fetch_collateral(found, { endpoint = "<endpoint>" }))
            local verdict = assert(found:verify{ extra_roots = roots, collateral = collateral })
            assert(verdict.is_complete, tostring(verdict))
            assert(package.loaded["azattest.curl"] == nil)
        """)

    def test_a_dictionary_keeps_it_for_all_workers(self):
        self.each_kind("""
            local raw, roots, asked = read "<evidence>", read "<roots>", 0
            local nobody = { send = function() asked = asked + 1 return nil, "nobody", "transport" end, sleep = function() end }
            ngx.shared.collateral:flush_all()
            must("offline, and not kept", azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral", offline = true }))
            assert(azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral" }))
            local cache = azattest.CollateralCache "collateral"
            assert(tostring(cache) == "CollateralCache(collateral)")
            for _, options in ipairs{ { offline = true }, { transport = nobody } } do
              options.endpoint, options.cache = "<endpoint>", cache
              local collateral = assert(azattest.fetch_collateral(raw, options))
              local verdict = assert(azattest.Evidence.load(raw)):verify{ extra_roots = roots, collateral = collateral }
              assert(verdict.is_complete, tostring(verdict))
            end
            assert(asked == 0)
        """)

    def test_what_is_kept_and_damaged_is_fetched_again(self):
        self.lua("""
            local raw = read "<evidence>"
            assert(azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral" }))
            local keys = ngx.shared.collateral:get_keys()
            assert(#keys >= 4)
            for _, key in ipairs(keys) do
              local record = ngx.shared.collateral:get(key)
              ngx.shared.collateral:set(key, record:sub(1, -9) .. "nonsense")
            end
            must("offline, and not kept", azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral", offline = true }))
            local collateral = assert(azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral" }))
            assert(assert(azattest.Evidence.load(raw)):verify{ extra_roots = read "<roots>", collateral = collateral }.is_complete)
        """, evidence=self.folder / "tdx-quote", roots=Path(self.ready["state"], "simulator-root.pem"))

    def test_what_is_not_fresh_any_more_serves_while_the_source_fails(self):
        self.lua("""
            local raw, inner = read "<evidence>", require("azattest.resty.transport").new{}
            local function script(answer)
              return { send = answer, sleep = function(_, seconds) return inner:sleep(seconds) end }
            end
            local short = script(function(_, request)
              local answer, message, kind, begun = inner:send(request)
              if answer then answer.headers["cache-control"] = "max-age=1" end
              return answer, message, kind, begun
            end)
            local function fetch(transport, offline)
              return azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral", transport = transport, offline = offline,
                retry_total = 0 })
            end
            assert(fetch(short))
            ngx.sleep(2.1)
            local said = {}
            azattest.log_set(function(level, message) said[#said + 1] = level .. ": " .. message end, "warning")
            for _, failing in ipairs{
              script(function() return nil, "nobody is there", "transport" end), script(function() return { status = 503 } end),
            } do
              local collateral = assert(fetch(failing))
              assert(assert(azattest.Evidence.load(raw)):verify{ extra_roots = read "<roots>", collateral = collateral }.is_complete)
              local last = said[#said]
              assert(last and last:find("warning: the source fails, so that older collateral is used: ", 1, true), tostring(last))
            end
            must("404", fetch(script(function() return { status = 404 } end)))
            assert(fetch(nil, true)) -- offline its own end counts alone
        """, evidence=self.folder / "sgx-quote", roots=Path(self.ready["state"], "simulator-root.pem"))

    def test_many_at_once(self):
        self.lua("""
            local raw, threads = read "<evidence>", {}
            for i = 1, 8 do
              threads[i] = ngx.thread.spawn(function() return azattest.fetch_collateral(raw, { endpoint = "<endpoint>", cache = "collateral" }) end)
            end
            for _, thread in ipairs(threads) do
              local ended, collateral, err = ngx.thread.wait(thread)
              assert(ended and collateral, tostring(err))
            end
        """, evidence=self.folder / "sgx-quote")

    def test_wrong_use(self):
        self.lua("""
            local raw = read "<evidence>"
            raises("there is no lua_shared_dict 'none'", azattest.CollateralCache, "none")
            raises("the name of a lua_shared_dict expected", azattest.CollateralCache, 5)
            raises("option 'cache' must be", azattest.fetch_collateral, raw, { cache = 5 })
            raises("option 'cache' must be", azattest.fetch_collateral, raw, { cache = {} })
            raises("lua_ssl_trusted_certificate", azattest.fetch_collateral, raw, { ca_file = "x" })
            raises("unknown option 'sorce'", azattest.fetch_collateral, raw, { sorce = "intel" })
            raises("no member 'load'", function() return azattest.CollateralCache("collateral").load end)
            raises("is not read inside nginx", azattest.Collateral.load, "<folder>")
            assert(package.loaded["azattest.curl"] == nil)
        """, evidence=self.folder / "sgx-quote", folder=self.folder)

    @needs_evidence
    def test_files_and_appraisals(self):
        self.lua("""
            local found = assert(azattest.Evidence.load(read "<quote_of_td>"))
            local options = { at = 1750852800, collateral = assert(azattest.Collateral.load "<bundle>"), appraisal = { mr_td = found.mr_td } }
            local verdict = assert(found:verify(options))
            assert(verdict.is_complete and verdict.is_appraised and verdict.tcb_status == "UpToDate", tostring(verdict))
            options.appraisal = azattest.Appraisal{ mr_td = ("00"):rep(48) }
            assert(not assert(found:verify(options)).is_valid)
        """, quote_of_td=EVIDENCE / "tdx/phala-v4.bin", bundle=EVIDENCE / "collateral/phala-tdx-b0c06f000000.json")


if __name__ == "__main__":
    unittest.main()

-- The Lua modules as a rock, on an installed libazattest (cmake --install). From the root of a checkout:
--   luarocks --lua-version 5.4 make lua/azattest-0.1.0-1.rockspec AZATTEST_DIR=/usr/local
--   luarocks --lua-version 5.1 make ... LUA_INCDIR=/usr/include/luajit-2.1      (for LuaJIT)
rockspec_format = "3.0"
package = "azattest"
version = "0.1.0-1"
source = { url = "file://." }
description = {
  summary = "Client, verifier and local service for Microsoft Azure Attestation",
  detailed = [[
    Attests evidence of trusted execution environments, validates the service's tokens by a strict set of checks, and
    verifies the evidence itself offline. For Lua 5.4 and LuaJIT.
  ]],
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.5" } -- 5.1 is LuaJIT here; the code refuses to build for plain 5.1
external_dependencies = {
  AZATTEST = { header = "azattest/azattest.h", library = "azattest_core" },
}

local function module(sources, libraries)
  return {
    sources = sources,
    defines = { "_GNU_SOURCE" },
    incdirs = { "$(AZATTEST_INCDIR)" },
    libdirs = { "$(AZATTEST_LIBDIR)" },
    libraries = libraries,
  }
end

build = {
  type = "builtin",
  modules = {
    ["azattest"] = "lua/azattest.lua",
    ["azattest.administration"] = "lua/azattest/administration.lua",
    ["azattest.attest"] = "lua/azattest/attest.lua",
    ["azattest.blocking"] = "lua/azattest/blocking.lua",
    ["azattest.certificates"] = "lua/azattest/certificates.lua",
    ["azattest.credentials"] = "lua/azattest/credentials.lua",
    ["azattest.drive"] = "lua/azattest/drive.lua",
    ["azattest.encode"] = "lua/azattest/encode.lua",
    ["azattest.evidence"] = "lua/azattest/evidence.lua",
    ["azattest.expected"] = "lua/azattest/expected.lua",
    ["azattest.fetching"] = "lua/azattest/fetching.lua",
    ["azattest.language"] = "lua/azattest/language.lua",
    ["azattest.log"] = "lua/azattest/log.lua",
    ["azattest.oneline"] = "lua/azattest/oneline.lua",
    ["azattest.policy"] = "lua/azattest/policy.lua",
    ["azattest.pretty"] = "lua/azattest/pretty.lua",
    ["azattest.resty"] = "lua/azattest/resty.lua",
    ["azattest.resty.attest"] = "lua/azattest/resty/attest.lua",
    ["azattest.resty.certificates"] = "lua/azattest/resty/certificates.lua",
    ["azattest.resty.collateral"] = "lua/azattest/resty/collateral.lua",
    ["azattest.resty.guard"] = "lua/azattest/resty/guard.lua",
    ["azattest.resty.http"] = "lua/azattest/resty/http.lua",
    ["azattest.resty.keys"] = "lua/azattest/resty/keys.lua",
    ["azattest.resty.policy"] = "lua/azattest/resty/policy.lua",
    ["azattest.resty.prefetch"] = "lua/azattest/resty/prefetch.lua",
    ["azattest.resty.transport"] = "lua/azattest/resty/transport.lua",
    ["azattest.core"] = module(
      { "lua/src/core.c", "lua/src/box.c", "lua/src/classes.c", "lua/src/values.c",
        "lua/src/json.c", "lua/src/options.c", "lua/src/claims.c", "lua/src/token.c", "lua/src/signer.c",
        "lua/src/result.c", "lua/src/secret.c", "lua/src/evidence.c", "lua/src/verdict.c", "lua/src/collateral.c",
        "lua/src/claim_set.c", "lua/src/policy.c", "lua/src/policy_outcome.c", "lua/src/error.c", "lua/src/client.c",
        "lua/src/credential.c", "lua/src/admin.c", "lua/src/op.c", "lua/src/op_keys.c" },
      { "azattest_core", "m" }),
    ["azattest.curl"] = module(
      { "lua/src/curl.c", "lua/src/box.c", "lua/src/classes.c", "lua/src/values.c",
        "lua/src/options.c", "lua/src/claims.c" },
      { "azattest", "azattest_core", "m" }),
  },
}

-- Credentials: the caller's own, the library's own over a transport of Lua's.

local azattest = require "azattest"
local credentials = require "azattest.credentials"
local h = require "harness"
local test, equal, raises, contains = h.test, h.equal, h.raises, h.contains

local endpoint = "https://sharedwus.wus.attest.azure.net"
local scope = "https://attest.azure.net/.default"

-- Answers in their order; remembers what was asked.
local function script(...)
  local answers, seen = { ... }, {}
  return { seen = seen,
           send = function(_, request)
             seen[#seen + 1] = request
             return table.remove(answers, 1) or nil, "the script is at its end"
           end,
           sleep = function() end }
end

local function json(status, body) return { status = status, body = body } end

-- What the client sends for an attest call.
local function sent(credential, options)
  local transport = script(json(400, "{}"))
  options = options or {}
  options.endpoint, options.credential, options.transport = endpoint, credential, transport
  local client = assert(azattest.AttestationClient(options))
  local response, err = client:attest_sgx_enclave("no quote")
  equal(response, nil)
  return transport.seen[1] and transport.seen[1].headers["Authorization"], err
end

test("every kind of source is taken", function()
  equal(sent("text"), "Bearer text")
  equal(sent(function(scopes) return scopes == scope and "call" end), "Bearer call")
  equal(sent(function() return "pair", os.time() + 60 end), "Bearer pair")
  equal(sent(function() return { token = "table", expires_on = os.time() + 60 } end), "Bearer table")
  equal(sent({ get_token = function(_, scopes) return { token = scopes == scope and "object" } end }), "Bearer object")
  equal(sent(credentials.static_token("static")), "Bearer static")
  equal(sent(credentials.callback(function() return "callback" end)), "Bearer callback")
  equal(sent(function(scopes) return (scopes:gsub(" ", "-")) end, { scopes = { "a", "b" } }), "Bearer a-b")
end)

test("nothing else is taken", function()
  raises("an object with get_token", azattest.AttestationClient, { endpoint = endpoint, credential = 5 })
  raises("an object with get_token", azattest.AttestationClient, { endpoint = endpoint, credential = {} })
  raises("scopes", azattest.AttestationClient, { endpoint = "https://localhost", credential = "token" })
  raises("no token but number", sent, function() return 5 end)
end)

test("a credential's own failure is what the caller gets", function()
  local mine = setmetatable({}, { __tostring = function() return "mine" end })
  local _, err = sent(function() return nil, mine end)
  equal(err, mine)
  _, err = sent(function() return nil end)
  equal(err.code, azattest.Status.E_AUTH)
  _, err = sent(function() return "two words" end)
  equal(err.code, azattest.Status.E_AUTH)
  contains(tostring(err), "token is empty")
end)

test("get_token gives a token and its end", function()
  local transport = script(json(200, '{"token_type":"Bearer","expires_in":3599,"access_token":"tok-1"}'))
  local credential = assert(credentials.client_secret{ tenant_id = "t", client_id = "c", client_secret = "s",
                                                       transport = transport })
  local token = assert(credential:get_token(scope))
  equal(token.token, "tok-1")
  assert(token.expires_on > os.time() + 3000)
  equal(transport.seen[1].url, "https://login.microsoftonline.com/t/oauth2/v2.0/token")
  contains(transport.seen[1].body, "client_secret=s")
  equal(assert(credential:get_token(scope)).token, "tok-1") -- of the cache
  equal(#transport.seen, 1)
  equal(credential.kind, "ClientSecretCredential")
  equal(tostring(credential), "Credential(ClientSecretCredential)")
  credential:close()
  equal(tostring(credential), "Credential(closed)")
end)

test("the official names make credentials of their kind", function()
  local ids = { tenant_id = "t", client_id = "c", client_secret = "s" }
  for name, credential in pairs{
    StaticTokenCredential = assert(azattest.StaticTokenCredential("tok", 1700000000)),
    CallbackCredential = assert(azattest.CallbackCredential(function() return "tok" end)),
    ClientSecretCredential = assert(azattest.ClientSecretCredential(ids)),
    ManagedIdentityCredential = assert(azattest.ManagedIdentityCredential{ client_id = "c" }),
    AzureCliCredential = assert(azattest.AzureCliCredential()),
    DefaultAzureCredential = assert(azattest.DefaultAzureCredential{}),
  } do
    equal(credential.kind, name)
    equal(credentials[name], azattest[name])
  end
  raises("exclude each other", azattest.ManagedIdentityCredential, { client_id = "a", object_id = "b" })
  raises("either certificate_path", azattest.ClientCertificateCredential, { tenant_id = "t", client_id = "c" })
  for _, name in ipairs{ "WorkloadIdentityCredential", "EnvironmentCredential" } do
    local credential, err = azattest[name]() -- what it needs may be missing, which it says
    equal(credential and credential.kind or name, name)
    assert(credential or err.code == azattest.Status.E_CREDENTIAL_UNAVAILABLE, name)
  end
  equal(package.loaded["azattest.curl"], nil, "libcurl before any call")
end)

test("a refusal has fields and no secret", function()
  local body = '{"error":"invalid_client","error_description":"AADSTS7000222: expired\\r\\nTrace","correlation_id":"c0"}'
  local credential = assert(credentials.client_secret{ tenant_id = "t", client_id = "c", client_secret = "s3cret",
                                                       transport = script(json(401, body)) })
  local token, err = credential:get_token(scope)
  equal(token, nil)
  equal(err.code, azattest.Status.E_AUTH)
  equal(err.status_code, 401)
  contains(tostring(err), "AADSTS7000222")
  contains(tostring(err), "c0")
  equal(tostring(err):find("s3cret", 1, true), nil)
end)

test("a managed identity's request passes no proxy", function()
  local transport = script(json(200, '{"expires_in":"3599","access_token":"tok-1"}'))
  local credential = assert(credentials.managed_identity{ client_id = "c", transport = transport })
  equal(assert(credential:get_token(scope)).token, "tok-1")
  equal(transport.seen[1].bypasses_proxy, true)
end)

test("wrong constructions", function()
  raises("tenant_id", credentials.client_secret, { client_id = "c", client_secret = "s" })
  raises("unknown option", credentials.managed_identity, { client = "c" })
  raises("exclude each other", credentials.managed_identity, { client_id = "a", object_id = "b" })
  raises("a table of options expected", credentials.environment, "x")
  raises("either certificate_path", credentials.client_certificate, { tenant_id = "t", client_id = "c" })
  raises("subscription", credentials.azure_cli, { subscription = "a;b" })
  raises("no function 'sleep'", credentials.default, { transport = { send = print } })
  local key = "-----BEGIN PRIVATE KEY-----\nPLANTED\n"
  raises("is the path of a file", credentials.client_certificate, { tenant_id = "t", client_id = "c", certificate_path = key })
  local none, err = credentials.client_certificate{ tenant_id = "t", client_id = "c", certificate_path = "/none" }
  equal(none, nil)
  contains(tostring(err), "/none")
end)

test("the program az", function()
  local pipe = assert(io.popen("mktemp -d"))
  local folder = pipe:read("*l")
  pipe:close()
  local file = assert(io.open(folder .. "/az", "w"))
  file:write("#!/bin/sh\necho '{\"accessToken\":\"tok-1\",\"expires_on\":4102444800}'\n")
  file:close()
  os.execute("chmod +x " .. folder .. "/az")
  -- PATH is the interpreter's own: a child with another one does the asking.
  local code = 'local c = require("azattest.credentials").azure_cli() local t = assert(c:get_token("x")) '
               .. 'io.write(t.token, " ", tostring(t.expires_on))'
  pipe = assert(io.popen(("PATH=%s:$PATH %s -e '%s' 2>&1"):format(folder, arg[-1], code)))
  equal(pipe:read("*a"), "tok-1 4102444800")
  pipe:close()
  os.remove(folder .. "/az")
  os.remove(folder)
end)

-- The HTTP reader of azattest.resty over a socket that is a string: what is taken, what is refused, every truncation,
-- every way to cut into pieces, and thousands of mutations. Plain LuaJIT, no nginx.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/../lua/?.lua;" .. package.path

local http = require "azattest.resty.http"
local h = require "harness"
local test, equal, contains = h.test, h.equal, h.contains

-- Gives `text` in pieces of at most `step` bytes, then "closed" (or another failure).
local function socket(text, step, failure)
  local place = 1
  return {
    receiveany = function(_, most)
      assert(most >= 1, "a read of nothing")
      if place > #text then return nil, failure or "closed" end
      local piece = text:sub(place, place + math.min(most, step or 1e9) - 1)
      place = place + #piece
      return piece
    end,
  }
end

local function receive(text, options, step, failure)
  return http.receive(socket(text, step, failure), options or {})
end

local function lines(...) return table.concat({ ... }, "\r\n") end

local ok = "HTTP/1.1 200 OK"

-- name, answer, {status, body, keep (default true), reason, header = {name, value}}, options
local taken = {
  { "an answer with a length", lines(ok, "Content-Length: 5", "", "hello"), { 200, "hello", reason = "OK" } },
  { "a length of nothing", lines(ok, "Content-Length: 0", "", ""), { 200, "" } },
  { "a length told twice alike", lines(ok, "Content-Length: 2", "Content-Length: 2", "", "ab"), { 200, "ab" } },
  { "a length told twice alike in a list", lines(ok, "Content-Length: 2, 2", "", "ab"), { 200, "ab" } },
  { "no reason", lines("HTTP/1.1 404 ", "Content-Length: 0", "", ""), { 404, "", reason = "" } },
  { "no blank for want of a reason", lines("HTTP/1.1 404", "Content-Length: 0", "", ""), { 404, "", reason = "" } },
  { "chunks", lines(ok, "Transfer-Encoding: chunked", "", "3", "abc", "A", "0123456789", "0", "", ""), { 200, "abc0123456789" } },
  { "chunks with extensions", lines(ok, "transfer-encoding: Chunked", "", "3;a=b", "abc", "0 ;x", "", ""), { 200, "abc" } },
  { "trailers, which are thrown away", lines(ok, "Transfer-Encoding: chunked", "", "1", "a", "0", "X: y", "Content-Length: 7", "", ""),
    { 200, "a", header = { "x", nil } } },
  { "no chunk but the last", lines(ok, "Transfer-Encoding: chunked", "", "0", "", ""), { 200, "" } },
  { "a body to the end of the connection", lines(ok, "", "all of it"), { 200, "all of it", false } },
  { "an empty body to the end of the connection", lines(ok, "", ""), { 200, "", false } },
  { "HTTP/1.0, whose connection is not kept", lines("HTTP/1.0 200 OK", "Content-Length: 1", "", "a"), { 200, "a", false } },
  { "Connection: close", lines(ok, "Connection: close", "Content-Length: 1", "", "a"), { 200, "a", false } },
  { "close among other words", lines(ok, "Connection: x, Close", "Content-Length: 1", "", "a"), { 200, "a", false } },
  { "close on a second line", lines(ok, "Connection: x", "connection: close", "Content-Length: 1", "", "a"), { 200, "a", false } },
  { "Connection: keep-alive", lines(ok, "Connection: keep-alive", "Content-Length: 1", "", "a"), { 200, "a" } },
  { "bytes behind the answer end the connection", lines(ok, "Content-Length: 1", "", "ab"), { 200, "a", false } },
  { "204 has no body", lines("HTTP/1.1 204 No Content", "", ""), { 204, "" } },
  { "304 has no body, whatever its length says", lines("HTTP/1.1 304 Not Modified", "Content-Length: 9", "", ""), { 304, "" } },
  { "HEAD has no body", lines(ok, "Content-Length: 9", "", ""), { 200, "" }, { method = "HEAD" } },
  { "CONNECT has no body", lines("HTTP/1.1 200 Connection established", "", ""), { 200, "" }, { method = "CONNECT" } },
  { "a CONNECT that failed has one", lines("HTTP/1.1 407 No", "Content-Length: 1", "", "a"), { 407, "a" }, { method = "CONNECT" } },
  { "interim answers are skipped", lines("HTTP/1.1 100 Continue", "X: y", "", "HTTP/1.1 103 Hints", "", ok, "Content-Length: 1", "", "a"),
    { 200, "a", header = { "x", nil } } },
  { "names in lower case, blanks around values cut", lines(ok, "X-Ms-Request-Id: \t a b \t", "Content-Length: 0", "", ""),
    { 200, "", header = { "x-ms-request-id", "a b" } } },
  { "an empty value", lines(ok, "X:", "Content-Length: 0", "", ""), { 200, "", header = { "x", "" } } },
  { "two values as a list", lines(ok, "X: a", "x: b", "Content-Length: 0", "", ""), { 200, "", header = { "x", "a|b" } } },
  { "a body of exactly the ceiling", lines(ok, "Content-Length: 4", "", "abcd"), { 200, "abcd" }, { body_limit = 4 } },
  { "a longer one is cut one byte behind", lines(ok, "Content-Length: 9", "", "abcdefghi"), { 200, "abcde", false }, { body_limit = 4 } },
  { "so is one in chunks", lines(ok, "Transfer-Encoding: chunked", "", "9", "abcdefghi", "0", "", ""), { 200, "abcde", false }, { body_limit = 4 } },
  { "so is one to the end", lines(ok, "", "abcdefghi"), { 200, "abcde", false }, { body_limit = 4 } },
}

local many = {}
for i = 1, 257 do many[i] = "X" .. i .. ": y" end

-- name, answer, part of the message
local refused = {
  { "nothing", "", "the connection was closed inside the headers" },
  { "another protocol", lines("SSH-2.0-OpenSSH_9.2", "", ""), "begins with 'SSH-2.0-OpenSSH_9.2'" },
  { "HTTP/2", lines("HTTP/2 200", "", ""), "no status line" },
  { "HTTP/1.2", lines("HTTP/1.2 200 OK", "", ""), "no status line" },
  { "a status of two digits", lines("HTTP/1.1 20 OK", "", ""), "no status line" },
  { "a status of four digits", lines("HTTP/1.1 2000 OK", "", ""), "no status line" },
  { "a status above 599", lines("HTTP/1.1 600 OK", "", ""), "no status line" },
  { "two blanks before the status", lines("HTTP/1.1  200 OK", "", ""), "no status line" },
  { "a blank line first", lines("", ok, "", ""), "no status line" },
  { "a bare line feed behind the status line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "bare line feed" },
  { "a bare line feed behind a header", "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n", "bare line feed" },
  { "a carriage return in a header", lines(ok, "X: a\rb", "", ""), "carriage return" },
  { "a NUL in a header", lines(ok, "X: a\0b", "", ""), "NUL" },
  { "a NUL in the status line", lines("HTTP/1.1 200 O\0K", "", ""), "NUL" },
  { "a control character in the reason", lines("HTTP/1.1 200 O\27K", "", ""), "control" },
  { "a control character in a header", lines(ok, "X: a\27b", "", ""), "control" },
  { "a folded header", lines(ok, "X: a", " b", "", ""), "continued" },
  { "a folded header with a tabulator", lines(ok, "X: a", "\tb", "", ""), "continued" },
  { "a blank before the colon", lines(ok, "Content-Length : 0", "", ""), "no header" },
  { "a header without a colon", lines(ok, "Content-Length", "", ""), "'Content-Length' is no header" },
  { "a header without a name", lines(ok, ": x", "", ""), "no header" },
  { "two lengths", lines(ok, "Content-Length: 1", "Content-Length: 2", "", "ab"), "two lengths" },
  { "two lengths in a list", lines(ok, "Content-Length: 1,2", "", "ab"), "two lengths" },
  { "a negative length", lines(ok, "Content-Length: -1", "", ""), "no number of bytes" },
  { "a length with a sign", lines(ok, "Content-Length: +1", "", "a"), "no number of bytes" },
  { "a hexadecimal length", lines(ok, "Content-Length: 0x1", "", "a"), "no number of bytes" },
  { "an empty length", lines(ok, "Content-Length: ", "", ""), "no number of bytes" },
  { "a length of 16 digits", lines(ok, "Content-Length: 0000000000000001", "", "a"), "no number of bytes" },
  { "a length and chunks", lines(ok, "Content-Length: 1", "Transfer-Encoding: chunked", "", "0", "", ""), "and is chunked" },
  { "another transfer coding", lines(ok, "Transfer-Encoding: gzip, chunked", "", "0", "", ""), "'gzip, chunked' is not understood" },
  { "identity as transfer coding", lines(ok, "Transfer-Encoding: identity", "", ""), "not understood" },
  { "chunked twice", lines(ok, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", "", "0", "", ""), "not understood" },
  { "chunks in HTTP/1.0", lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "", "0", "", ""), "not understood" },
  { "a chunk whose size is none", lines(ok, "Transfer-Encoding: chunked", "", "g", "", ""), "'g' is no size" },
  { "a chunk whose size is negative", lines(ok, "Transfer-Encoding: chunked", "", "-1", "", ""), "no size" },
  { "a chunk whose size is empty", lines(ok, "Transfer-Encoding: chunked", "", "", "", ""), "no size" },
  { "a chunk whose size has nine digits", lines(ok, "Transfer-Encoding: chunked", "", "000000001", "a", "0", "", ""), "no size" },
  { "a chunk longer than its size", lines(ok, "Transfer-Encoding: chunked", "", "1", "ab", "0", "", ""), "longer than its size" },
  { "a chunk that ends with a bare line feed", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n", "bare line feed" },
  { "a folded trailer", lines(ok, "Transfer-Encoding: chunked", "", "0", "X: y", " z", "", ""), "continued" },
  { "another protocol on the way", lines("HTTP/1.1 101 Switching Protocols", "", ""), "changes to a protocol" },
  { "interim answers without end", ("HTTP/1.1 100 Continue\r\n\r\n"):rep(20), "interim" },
  { "a line without end", ok .. "\r\nX: " .. ("a"):rep(20000), "longer than 16384 bytes" },
  { "headers of more than 64 KB", ok .. "\r\n" .. ("X: " .. ("a"):rep(16000) .. "\r\n"):rep(5) .. "\r\n", "longer than" },
  { "more than 256 headers", lines(ok, table.concat(many, "\r\n"), "", ""), "more than 256 headers" },
  { "trailers without end", lines(ok, "Transfer-Encoding: chunked", "", "0", table.concat(many, "\r\n"), "", ""), "more than 256 headers" },
}

local function header_text(value) return type(value) == "table" and table.concat(value, "|") or value end

local function check_taken(case, step)
  local answer, keep = receive(case[2], case[4], step)
  if not answer then error(keep, 2) end
  local expected = case[3]
  equal(answer.status, expected[1], "status")
  equal(answer.body, expected[2], "body")
  if step == nil or expected[3] ~= false then -- what stands behind is not seen when bytes come one by one
    equal(keep, expected[3] ~= false, "connection kept")
  end
  if expected.reason then equal(answer.reason, expected.reason, "reason") end
  if expected.header then equal(header_text(answer.headers[expected.header[1]]), expected.header[2], "header") end
end

for _, case in ipairs(taken) do
  test("taken: " .. case[1], function()
    check_taken(case)
    for step = 1, 7 do check_taken(case, step) end
  end)
end

for _, case in ipairs(refused) do
  test("refused: " .. case[1], function()
    for _, step in ipairs{ 1e9, 1, 2, 5 } do
      local answer, message, kind, begun = receive(case[2], nil, step)
      if answer then error("it was taken", 0) end
      contains(message, case[3])
      equal(kind, "transport")
      equal(begun, case[2] ~= "", "an answer had begun")
    end
  end)
end

test("an answer that is cut anywhere is refused", function()
  for _, case in ipairs(taken) do
    local text, whole = case[2], case[3][2]
    for size = 0, #text - 1 do
      local answer, message, kind, begun = receive(text:sub(1, size), case[4])
      if answer then
        -- behind the end there was more than the answer, or the end of the connection is the end of the body
        local to_the_end = not text:lower():find("content%-length") and not text:lower():find("chunked")
        if not (answer.status == case[3][1] and (to_the_end or answer.body == whole)) then
          error(("%s: %d of %d bytes were taken as an answer"):format(case[1], size, #text), 0)
        end
      else
        contains(message, "closed")
        equal(kind, "transport")
        equal(begun, size > 0, "an answer had begun")
      end
    end
  end
end)

test("what reading fails with is told", function()
  local _, message, kind, begun = receive("", nil, nil, "timeout")
  equal(kind, "timeout")
  equal(begun, false)
  contains(message, "took too long")
  _, message, kind, begun = receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", { silence = "no byte came for 3 s" }, 1, "timeout")
  equal(message, "no byte came for 3 s")
  equal(kind, "timeout")
  equal(begun, true)
  _, message, kind = receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", nil, nil, "connection \27[31mreset% by peer")
  contains(message, "reading failed inside the body: connection ?[31mreset% by peer")
  equal(kind, "transport")
end)

test("the caller's own limit ends a slow answer", function()
  local left = 20
  local function await()
    left = left - 1
    if left == 0 then return "the time is over", "timeout" end
  end
  local _, message, kind, begun = receive(lines(ok, "Content-Length: 500", "", ("x"):rep(500)), { await = await }, 1)
  equal(message, "the time is over")
  equal(kind, "timeout")
  equal(begun, true)
end)

test("a read that ends with the time for all is not called silent", function()
  local looks = 0
  local function await()
    looks = looks + 1
    if looks == 2 then return "the time is over", "timeout" end
  end
  local _, message, kind = receive("", { await = await, silence = "no byte came for 60 s" }, nil, "timeout")
  equal(message, "the time is over")
  equal(kind, "timeout")
end)

test("what the caller's functions raise comes through", function()
  h.raises("mine", receive, "x", { await = function() error("mine") end })
end)

-- --------------------------------------------------------------------------------------------------- the request

local function request(fields) return table.concat(http.request(fields)) end

test("a request is written as it is to be", function()
  equal(request{ method = "GET", target = "/certs?a=b", host = "a.test:1", headers = { Accept = "x" } },
        "GET /certs?a=b HTTP/1.1\r\nHost: a.test:1\r\nAccept: x\r\n\r\n")
  equal(request{ method = "POST", target = "/", host = "[::1]", body = "abc" },
        "POST / HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 3\r\n\r\nabc")
  equal(request{ method = "POST", target = "/", host = "a" }, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
  -- what frames the request is this file's own
  equal(request{ method = "GET", target = "/", host = "a", headers = { host = "b", ["Content-Length"] = "7", Connection = "close" } },
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
end)

test("nothing can be smuggled into a request", function()
  for _, wrong in ipairs{
    { method = "GET / HTTP/1.1\r\nX: y\r\n" }, { method = "get" }, { target = "/ HTTP/1.1" }, { target = "/\r\nX: y" }, { target = "" },
    { host = "a b" }, { host = "a\r\nX: y" }, { host = "" }, { headers = { ["X\r\nY"] = "z" } }, { headers = { X = "a\r\nY: z" } },
    { headers = { X = "a\0b" } }, { headers = { [""] = "x" } },
  } do
    local fields = { method = "GET", target = "/", host = "a" }
    for name, value in pairs(wrong) do fields[name] = value end
    h.raises("http: wrong", http.request, fields)
  end
end)

-- ----------------------------------------------------------------------------------------------------- mutations

-- The same numbers everywhere; no library's generator.
local seed = 20260101
local function random(n)
  seed = (seed * 16807) % 2147483647
  return seed % n + 1
end

local pieces = { "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", "0", "FFFFFFFF", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
                 "HTTP/1.1 ", "100", "\255", "Connection: close\r\n", ";" }

local function mutate(text)
  for _ = 1, random(4) do
    local place, what = random(#text + 1), random(4)
    if what == 1 then
      text = text:sub(1, place - 1) .. string.char(random(256) - 1) .. text:sub(place + 1)
    elseif what == 2 then
      text = text:sub(1, place - 1) .. text:sub(place + random(8))
    elseif what == 3 then
      text = text:sub(1, place - 1) .. pieces[random(#pieces)] .. text:sub(place)
    else
      local from = random(#text + 1)
      text = text:sub(1, place - 1) .. text:sub(from, from + random(20)) .. text:sub(place)
    end
  end
  return text
end

local function summary(answer, second, kind)
  if not answer then return "refused " .. kind .. ": " .. second end
  local out = { answer.status, answer.reason, answer.body }
  local names = {}
  for name in pairs(answer.headers) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do out[#out + 1] = name .. "=" .. header_text(answer.headers[name]) end
  return table.concat(out, "|")
end

test("mutations are read the same way in whatever pieces they come", function()
  local outcomes = { taken = 0, refused = 0 }
  for round = 1, 20000 do
    local case = taken[random(#taken)]
    local text = mutate(case[2])
    local answer, second, kind = receive(text, case[4])
    local seen = summary(answer, second, kind)
    outcomes[answer and "taken" or "refused"] = outcomes[answer and "taken" or "refused"] + 1
    if answer then
      assert(answer.status >= 200 and answer.status <= 599)
      assert(#answer.body <= (case[4] and case[4].body_limit or 4194304) + 1)
      for name, value in pairs(answer.headers) do
        assert(not (name .. header_text(value)):find("[%z\r\n]"), "a header has a line end")
      end
    end
    for _, step in ipairs{ 1, 3 } do
      local again = summary(receive(text, case[4], step))
      if again ~= seen then
        error(("round %d: %q\nread at once: %s\nin pieces of %d: %s"):format(round, text, seen, step, again), 0)
      end
    end
  end
  assert(outcomes.taken > 2000 and outcomes.refused > 2000, "the mutations are all of one kind")
end)

h.finish()

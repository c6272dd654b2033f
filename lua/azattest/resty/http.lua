-- HTTP/1.1 over an object that has send(data) and receiveany(most), as cosockets have them. A small strict reader: what a
-- careful server never sends (bare line ends, folded headers, two lengths) is refused, because those who read it in two
-- ways can be played against each other. It knows nothing of azattest.

local http = {
  head_limit = 65536,   -- bytes of a head, and of trailers
  line_limit = 16384,   -- bytes of one line
  header_limit = 256,   -- header lines
  interim_limit = 8,    -- answers 1xx before the real one
  piece = 2147483647,   -- a read takes all that nginx has in its buffer, so that nothing is left there unseen
}

local refusal = {} -- marks what this file raises for itself

local function refuse(kind, format, ...)
  error({ mark = refusal, kind = kind, message = format:format(...) }, 0)
end

-- Text of the other side in a message: short, and nothing that could steer a terminal.
local function shown(text)
  local short = text:sub(1, 40):gsub("[^\32-\126]", "?")
  return #text > 40 and short .. "..." or short
end

-- -------------------------------------------------------------------------------------------------- the request

local token = "^[%w!#$%%&'*+%-.^_`|~]+$"

local function check_part(what, text, pattern)
  if type(text) ~= "string" or not text:find(pattern) then error("http: wrong " .. what, 0) end
end

-- Pieces of the request {method =, target =, host =, headers = {name = value}, body =}.
function http.request(request)
  check_part("method", request.method, "^%u+$")
  check_part("target", request.target, "^[\33-\126]+$")
  check_part("host", request.host, "^[%w.:%[%]_%%-]+$")
  local out = { request.method, " ", request.target, " HTTP/1.1\r\nHost: ", request.host, "\r\n" }
  for name, value in pairs(request.headers or {}) do
    check_part("header name", name, token)
    check_part("value of the header " .. name, value, "^[^%c]*$")
    local low = name:lower()
    if low ~= "host" and low ~= "content-length" and low ~= "connection" and low ~= "transfer-encoding" then
      out[#out + 1] = name
      out[#out + 1] = ": "
      out[#out + 1] = value
      out[#out + 1] = "\r\n"
    end
  end
  local body = request.body
  if body or request.method == "POST" or request.method == "PUT" then
    out[#out + 1] = "Content-Length: " .. #(body or "") .. "\r\n"
  end
  out[#out + 1] = "\r\n"
  if body and body ~= "" then out[#out + 1] = body end
  return out
end

-- ------------------------------------------------------------------------------------------------------- reading

-- What was read and not yet used is text[place...].
local function fill(reader, most, what)
  local message, kind = reader.await()
  if message then refuse(kind, "%s", message) end
  local data, err, partial = reader.socket:receiveany(most)
  if not data and type(partial) == "string" and partial ~= "" then data = partial end
  if not data then
    if err == "timeout" then
      message, kind = reader.await() -- what ended it may have been the limit of all, and not that of one read
      refuse(kind or "timeout", "%s", message or reader.silence)
    end
    if err ~= "closed" then refuse("transport", "reading failed %s: %s", what, shown(tostring(err))) end
    refuse("transport", "the connection was closed %s", what)
  end
  reader.begun, reader.last = true, #data
  reader.text = reader.place > #reader.text and data or reader.text:sub(reader.place) .. data
  reader.place = 1
end

-- The next line without its end, within what is left of the head's ceiling.
local function line(reader, what)
  local from = reader.place
  while true do
    local place = reader.text:find("\n", from, true)
    local size = (place or #reader.text + 1) - reader.place
    if size > http.line_limit or size > reader.left then
      refuse("transport", "%s is longer than %d bytes", what, math.min(http.line_limit, http.head_limit))
    end
    if place then
      local content = reader.text:sub(reader.place, place - 1)
      reader.place, reader.left = place + 1, reader.left - size - 1
      if content:sub(-1) ~= "\r" then refuse("transport", "%s ends with a bare line feed", what) end
      content = content:sub(1, -2)
      if content:find("[%z\r]") then refuse("transport", "%s has a NUL or a carriage return inside", what) end
      return content
    end
    from = #reader.text - reader.place + 2 -- as places will be when more has come
    fill(reader, http.piece, "inside the headers")
  end
end

-- Up to `size` bytes of the body into `parts`; fewer when the ceiling is reached, which gives false.
local function take(reader, size, parts)
  local room = reader.body_limit + 1 - parts.size
  local wanted = math.min(size, room)
  while wanted > 0 do
    if reader.place > #reader.text then fill(reader, http.piece, "inside the body") end
    local piece = reader.text:sub(reader.place, reader.place + wanted - 1)
    reader.place = reader.place + #piece
    parts[#parts + 1], parts.size, wanted = piece, parts.size + #piece, wanted - #piece
  end
  return parts.size <= reader.body_limit
end

local function status_line(reader)
  local text = line(reader, "the status line")
  local minor, status, reason = text:match("^HTTP/1%.([01]) ([1-5]%d%d) ?(.*)$")
  if not minor or (#reason > 0 and text:sub(13, 13) ~= " ") then
    refuse("transport", "the answer begins with '%s', which is no status line of HTTP/1.1", shown(text))
  end
  if reason:find("%c") then refuse("transport", "the reason of the answer has control characters") end
  return minor == "1", tonumber(status), reason
end

-- Without the blanks around it. One pattern for all of it would take the square of a long text's size.
local function trimmed(text)
  local first = text:find("[^ \t]")
  return first and text:match("^.*[^ \t]", first) or ""
end

-- Header lines up to the empty one: name in lower case -> value, or the list of its values.
local function header_lines(reader)
  local headers, count = {}, 0
  while true do
    local text = line(reader, "a header line")
    if text == "" then return headers end
    count = count + 1
    if count > http.header_limit then refuse("transport", "the answer has more than %d headers", http.header_limit) end
    if text:find("^[ \t]") then refuse("transport", "a header is continued on a second line") end
    local name, value = text:match("^([^:]+):(.*)$")
    if not name or not name:find(token) then refuse("transport", "'%s' is no header", shown(text:match("^[^:]*"))) end
    value = trimmed(value)
    if value:gsub("\t", ""):find("%c") then refuse("transport", "the header %s has control characters", shown(name)) end
    name = name:lower()
    local before = headers[name]
    if before == nil then
      headers[name] = value
    elseif type(before) == "table" then
      before[#before + 1] = value
    else
      headers[name] = { before, value }
    end
  end
end

-- All values of a header as one, the way lists are joined.
local function joined(headers, name)
  local value = headers[name]
  return type(value) == "table" and table.concat(value, ",") or value
end

local function content_length(headers)
  local text = joined(headers, "content-length")
  if not text then return nil end
  local length
  for one in (text .. ","):gmatch("([^,]*),") do
    local digits = one:match("^[ \t]*(%d+)[ \t]*$")
    if not digits or #digits > 15 then refuse("transport", "the length '%s' is no number of bytes", shown(one)) end
    if length and length ~= tonumber(digits) then refuse("transport", "the answer has two lengths, %s", shown(text)) end
    length = tonumber(digits)
  end
  return length
end

-- The words of Connection.
local function connection_says(headers, word)
  for one in ((joined(headers, "connection") or "") .. ","):lower():gmatch("([^,]*),") do
    if trimmed(one) == word then return true end
  end
  return false
end

local function chunked(reader, parts)
  while true do
    reader.left = http.head_limit
    local text = line(reader, "the size of a chunk")
    local digits = text:match("^(%x+)[ \t]*$") or text:match("^(%x+)[ \t]*;")
    if not digits or #digits > 8 then refuse("transport", "'%s' is no size of a chunk", shown(text)) end
    local size = tonumber(digits, 16)
    if size == 0 then break end
    if not take(reader, size, parts) then return false end
    if line(reader, "the end of a chunk") ~= "" then refuse("transport", "a chunk is longer than its size") end
  end
  reader.left = http.head_limit
  header_lines(reader) -- trailers, which nobody asked for
  return true
end

local function to_the_end(reader, parts)
  while true do
    if not take(reader, math.max(#reader.text - reader.place + 1, 0), parts) then return end
    local more, failure = pcall(fill, reader, http.piece, "at its end")
    if not more then
      if type(failure) == "table" and failure.message == "the connection was closed at its end" then return end
      error(failure, 0)
    end
  end
end

local function receive(reader, method)
  local modern, status, reason, headers
  for _ = 0, http.interim_limit do
    reader.left = http.head_limit
    modern, status, reason = status_line(reader)
    headers = header_lines(reader)
    if status >= 200 then break end
    if status == 101 then refuse("transport", "the server changes to a protocol that nobody asked for") end
  end
  if status < 200 then refuse("transport", "more than %d interim answers came", http.interim_limit) end

  local parts, whole = { size = 0 }, true
  local keep = modern and not connection_says(headers, "close")
  local coding, length = joined(headers, "transfer-encoding"), content_length(headers)
  if method == "HEAD" or status == 204 or status == 304 or (method == "CONNECT" and status < 300) then
    whole = true -- the lengths are those of what would have come
  elseif coding then
    if length then refuse("transport", "the answer has a length and is chunked, too") end
    if not modern or coding:lower() ~= "chunked" then
      refuse("transport", "the transfer coding '%s' is not understood", shown(coding))
    end
    whole = chunked(reader, parts)
  elseif length then
    whole = take(reader, length, parts)
  else
    keep = false
    to_the_end(reader, parts)
  end
  local surplus = reader.place <= #reader.text
  return { status = status, reason = reason, headers = headers, body = table.concat(parts), surplus = surplus },
         keep and whole and not surplus
end

-- The answer {status =, reason =, headers =, body =, surplus = bytes came behind it}, whether the connection may carry
-- another request, and how much the last read gave; or nil, a message, "transport" or "timeout" (or what `await` gave),
-- and whether a byte of the answer had come.
--   method      of the request
--   body_limit  a body is cut behind one byte more, so that the caller sees that it is too long
--   await       called before each read, and after one that took too long; gives a message and a kind when there is no
--               time left
--   silence     the message when a read takes too long
function http.receive(socket, options)
  local reader = {
    socket = socket, text = "", place = 1, left = http.head_limit, begun = false,
    body_limit = options.body_limit or 4194304,
    await = options.await or function() end,
    silence = options.silence or "the answer took too long",
  }
  local ok, answer, keep = pcall(receive, reader, options.method or "GET")
  if ok then return answer, keep, reader.last end
  if type(answer) ~= "table" or answer.mark ~= refusal then error(answer, 0) end
  return nil, answer.message, answer.kind, reader.begun
end

return http

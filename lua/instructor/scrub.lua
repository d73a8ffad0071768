-- Takes secrets out of what is written down: recordings, log records.
-- In: a request and what came back.  Out: the same with "***" where a key, a token or a cookie
-- stood, by the name of its header or of its parameter in the URL, and by its text wherever it
-- occurs.

local core = require "instructor.core"

local scrub = {}

--- Stands where a secret stood.
scrub.MASK = "***"

local SHORTEST_KEY = 4   -- bytes; a shorter one would mask half of every text
local SHORTEST_VALUE = 8 -- of a header or parameter, which may be no secret in spite of its name

--- The texts JSON holds outside of quotes; masking a short one would break the body.
local function is_bare(text)
  return #text < SHORTEST_VALUE
    and (tonumber(text) ~= nil or text == "true" or text == "false" or text == "null")
end

--- @param name string of a header of an answer, or of a parameter in a URL
local function is_secret(name)
  name = name:lower()
  if name:find "rate%-?limit" then return false end -- counts tokens, holds none
  return core.is_secret(name) or name:find("sig", 1, true) ~= nil
    or name:find("pass", 1, true) ~= nil
end

local function percent_encoded(text)
  return (text:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function percent_decoded(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Calls `visit(name, value)` for each parameter of a URL; what it returns takes the value's place.
local function map_query(url, visit)
  local start, query, fragment = url:match "^([^?#]*)(%??[^#]*)(.*)$"
  query = query:gsub("([?&])([^=&]*)=([^&]*)", function(before, name, value)
    return before .. name .. "=" .. visit(percent_decoded(name), value)
  end)
  return start .. query .. fragment
end

--- The ways in which a secret may be spelled.
local function add_spellings(set, text, shortest)
  if #text < shortest or is_bare(text) then return end
  local quoted = core.encode(text):sub(2, -2)
  for _, spelling in ipairs { text, percent_encoded(text), quoted, (quoted:gsub("/", "\\/")) } do
    set[spelling] = true
  end
end

--- The value of a header, and what stands behind its first word, as in "Bearer KEY".
local function add_header(set, value)
  add_spellings(set, value, SHORTEST_VALUE)
  add_spellings(set, value:match "^%a+%s+(%S.*)$" or "", SHORTEST_KEY)
end

--- The secrets a request carries, longest first.
--- @param request instructor.Request
--- @param api_key? string
--- @return string[]
function scrub.secrets(request, api_key)
  local set, list = {}, {}
  add_spellings(set, api_key or "", SHORTEST_KEY)
  for _, header in ipairs(request.headers) do
    if header.secret or core.is_secret(header[1]) then add_header(set, header[2]) end
  end
  map_query(request.url, function(name, value)
    if is_secret(name) then add_spellings(set, percent_decoded(value), SHORTEST_VALUE) end
    return value
  end)
  for secret in pairs(set) do list[#list + 1] = secret end
  table.sort(list, function(a, b) return #a > #b or (#a == #b and a < b) end)
  return list
end

--- `text` without any of `secrets`.
--- @param text string
--- @param secrets string[]
--- @return string
function scrub.text(text, secrets)
  for _, secret in ipairs(secrets) do
    local parts, from = {}, 1
    local at = text:find(secret, from, true)
    while at do
      parts[#parts + 1] = text:sub(from, at - 1)
      from = at + #secret
      at = text:find(secret, from, true)
    end
    if from > 1 then
      parts[#parts + 1] = text:sub(from)
      text = table.concat(parts, scrub.MASK)
    end
  end
  return text
end

--- `url` without any of `secrets`, nor the values of parameters whose names say that they are.
--- @param url string
--- @param secrets string[]
--- @return string
function scrub.url(url, secrets)
  return scrub.text(map_query(url, function(name, value)
    return is_secret(name) and scrub.MASK or value
  end), secrets)
end

local function headers_without(headers, secrets, hides)
  local list = {}
  for i, header in ipairs(headers) do
    local value = hides(header[1], header.secret) and scrub.MASK or scrub.text(header[2], secrets)
    list[i] = { header[1], value }
  end
  return list
end

--- The headers of a request, secrets hidden.
--- @param headers { [1]: string, [2]: string }[]
--- @param secrets string[]
--- @return { [1]: string, [2]: string }[]
function scrub.request_headers(headers, secrets)
  return headers_without(headers, secrets, function(name, secret)
    return secret or core.is_secret(name)
  end)
end

--- The headers of an answer: new cookies are secrets too.
--- @param headers { [1]: string, [2]: string }[]
--- @param secrets string[]
--- @return { [1]: string, [2]: string }[]
function scrub.response_headers(headers, secrets)
  return headers_without(headers, secrets, is_secret)
end

return scrub

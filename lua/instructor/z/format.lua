-- Formats of texts: z.email(), and z.string():email() as well.  What a format means, the core says.

local checks = require "instructor.z.checks"
local enum = require "instructor.z.enum"
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"

--- @alias instructor.FormatCheck
--- | fun(self: instructor.Schema, given?: instructor.CheckOptions|table): instructor.Schema

--- @class instructor.Schema
--- @field email instructor.FormatCheck an e-mail address; { pattern = } replaces ours
--- @field url instructor.FormatCheck { protocol =, hostname = } are patterns for its parts
--- @field http_url instructor.FormatCheck http or https, and a dotted host
--- @field uuid instructor.FormatCheck { version = 4 } takes that version alone
--- @field guid instructor.FormatCheck any 8-4-4-4-12 hex digits
--- @field datetime instructor.FormatCheck ISO 8601; { offset =, is_local =, precision = }
--- @field date instructor.FormatCheck YYYY-MM-DD
--- @field time instructor.FormatCheck HH:MM:SS; { precision = }
--- @field duration instructor.FormatCheck as P3DT4H
--- @field ip instructor.FormatCheck either version, or { version = }
--- @field ipv4 instructor.FormatCheck
--- @field ipv6 instructor.FormatCheck
--- @field cidr instructor.FormatCheck a range of either version, or { version = }
--- @field cidrv4 instructor.FormatCheck
--- @field cidrv6 instructor.FormatCheck
--- @field mac instructor.FormatCheck { delimiter = }
--- @field hostname instructor.FormatCheck
--- @field e164 instructor.FormatCheck a telephone number
--- @field base64 instructor.FormatCheck
--- @field base64url instructor.FormatCheck
--- @field hex instructor.FormatCheck
--- @field jwt instructor.FormatCheck { alg = }; the signature is not checked
--- @field emoji instructor.FormatCheck
--- @field nanoid instructor.FormatCheck { length = }
--- @field cuid instructor.FormatCheck
--- @field cuid2 instructor.FormatCheck
--- @field ulid instructor.FormatCheck
--- @field xid instructor.FormatCheck
--- @field ksuid instructor.FormatCheck
--- @field credit_card instructor.FormatCheck
--- @field iban instructor.FormatCheck
local Schema = schema.Schema

local format = { iso = {} }

-- ---- options ------------------------------------------------------------------------------------

local function version(given)
  local kind = type(given)
  if kind == "number" or kind == "string" then return nil end
  return 'takes a number, or a text such as "v4", not ' .. options.type_of(given)
end

--- @class instructor.DatetimeOptions
--- @field offset? boolean   "+02:00" may stand for "Z"
--- @field is_local? boolean no zone may be given ("local" is a word of Lua's)
--- @field precision? integer digits of the second, exactly; -1: no seconds at all

local clock = { offset = "boolean", is_local = "boolean", ["local"] = "boolean",
  precision = "number" }

-- The options of each format, beside message and abort.
local takes = {
  email = { pattern = "string" },
  url = { protocol = "string", hostname = "string" },
  uuid = { version = version },
  nanoid = { length = options.count },
  datetime = clock,
  time = { precision = "number" },
  ip = { version = version },
  cidr = { version = version },
  mac = { delimiter = "string" },
  hash = { alg = "string", enc = "string" },
  jwt = { alg = "string" },
  custom = { name = "string", pattern = "string" },
}

--- Options as the core reads them: offset precision=3 delimiter="-".
local function written(read, known)
  local words = {}
  for name in pairs(known) do
    local v = read[name]
    if name == "is_local" then name = "local" end
    if v == true then
      words[#words + 1] = name
    elseif type(v) == "number" then
      words[#words + 1] = ("%s=%d"):format(name, v)
    elseif v then
      words[#words + 1] = ('%s="%s"'):format(name, (v:gsub('[\\"]', "\\%0")))
    end
  end
  table.sort(words)
  return #words > 0 and table.concat(words, " ") or nil
end

-- Both at once: a message that was given stands for the check, and for the type where it is the
-- schema's own.
local message_options = { message = true, error = true, abort = true, fatal = true }

--- What was given to a format, as its options and those of the check.
local function read_given(given, name, who)
  local known = takes[name]
  if known == nil or type(given) ~= "table" then return nil, given end
  local read, rest, allowed = {}, {}, { message = "string|function", error = "string|function",
    abort = "boolean", fatal = "boolean" }
  for option, rule in pairs(known) do allowed[option] = rule end
  options.check(who, given, allowed)
  for option, v in pairs(given) do
    if message_options[option] then rest[option] = v else read[option] = v end
  end
  local extra = written(read, known)
  if extra then options.blame(who .. ": ", checks.try_check, "format", name, extra) end
  return extra, next(rest) and rest or nil
end

-- ---- making -------------------------------------------------------------------------------------

--- `self` with a check for the format.
local function checked(self, name, given, who)
  local extra, rest = read_given(given, name, who)
  return (schema.with_check(self, { name = "format", argument = name, extra = extra }, rest, who))
end

--- A text of the format; its message is for a value of another type too.
local function made(name, given, who)
  local extra, rest = read_given(given, name, who)
  local message = type(rest) == "table" and (rest.message or rest.error) or nil
  if type(rest) ~= "table" then message = rest end
  local text = scalar.string(message)
  return (schema.with_check(text, { name = "format", argument = name, extra = extra }, rest, who))
end

--- Offers the format as a method and as a schema of its own in `room`.
local function offer(room, name, method)
  local who = (room == format.iso and "z.iso." or "z.") .. name
  method = method or name
  Schema[method] = function(self, given)
    checks.expect_kind(self, method, { string = true })
    return (checked(self, name, given, method))
  end
  if room then room[name] = function(given) return (made(name, given, who)) end end
end

for _, name in ipairs { "email", "url", "http_url", "uuid", "guid", "emoji", "nanoid", "cuid",
  "cuid2", "ulid", "xid", "ksuid", "ipv4", "ipv6", "cidrv4", "cidrv6", "mac", "hostname", "e164",
  "base64", "base64url", "hex", "jwt", "credit_card", "iban" } do
  offer(format, name)
end
for _, name in ipairs { "datetime", "date", "time", "duration" } do offer(format.iso, name) end
offer(nil, "ip") -- Zod 3's: either version
offer(nil, "cidr")

local function uuid_of(number)
  local who = "z.uuidv" .. number
  return function(message)
    return (made("uuid", { version = number, message = schema.message(message, who) }, who))
  end
end

for _, number in ipairs { 4, 6, 7 } do format["uuidv" .. number] = uuid_of(number) end

--- A digest of `alg` ("md5", "sha1", "sha256", "sha384", "sha512"), in `enc`: "hex", "base64" or
--- "base64url".
--- @param alg string
--- @param given? string|{ enc: string?, message: string|function? }
--- @return instructor.Schema
function format.hash(alg, given)
  if type(alg) ~= "string" then
    options.raise("z.hash takes the name of an algorithm, not " .. options.type_of(alg))
  end
  local all = { alg = alg }
  if type(given) == "table" then
    for name, v in pairs(given) do all[name] = v end
  else
    all.message = given
  end
  return (made("hash", all, "z.hash"))
end

--- A text format of your own: a regular expression, or a function of the text.  Issues call it
--- `name`.
--- @param name string
--- @param rule string|fun(text: string): any
--- @param given? instructor.CheckOptions
--- @return instructor.Schema
function format.string_format(name, rule, given)
  if type(name) ~= "string" or (type(rule) ~= "string" and type(rule) ~= "function") then
    options.raise("z.string_format takes a name and a pattern or a function")
  end
  if type(rule) == "function" then
    return (scalar.string():refine(rule, given or "Invalid " .. name))
  end
  local all = { name = name, pattern = rule }
  if type(given) == "table" then
    for option, v in pairs(given) do all[option] = v end
  else
    all.message = given
  end
  return (made("custom", all, "z.string_format"))
end

-- ---- texts that stand for booleans --------------------------------------------------------------

local stringbool_names = { truthy = "table", falsy = "table", case = "string" }
local TRUTHY = { "true", "1", "yes", "on", "y", "enabled" }
local FALSY = { "false", "0", "no", "off", "n", "disabled" }

--- A boolean from words such as "yes" and "off", in any letter case unless case = "sensitive".
--- @param given? { truthy: string[]?, falsy: string[]?, case: string?, message: string|function? }
--- @return instructor.Schema
function format.stringbool(given)
  local message, read = schema.message(given, "z.stringbool", stringbool_names)
  local truth, words, text = {}, {}, scalar.string(message)
  local sensitive = read.case == "sensitive"
  local function add(list, value)
    for _, word in ipairs(list) do
      word = sensitive and word or word:lower()
      truth[word], words[#words + 1] = value, word
    end
  end
  add(read.truthy or TRUTHY, true)
  add(read.falsy or FALSY, false)
  if not sensitive then text = text:to_lower() end
  local known = text:pipe(enum.enum(words, message))
  return (known:transform(function(word) return truth[word] end))
end

return format

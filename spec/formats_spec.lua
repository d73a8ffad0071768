-- Formats of texts and ranges of numbers.

local judging = require "spec.support.judging"
local z = require "instructor.z"

local issue_of = judging.issue_of
local takes, refuses = judging.takes, judging.refuses

-- name, schema, a text that has the format, one that has not, what people call it
local formats = {
  { "email", z.email(), "zoe.park+x@mail.example.org", "zoe@localhost", "email address" },
  { "url", z.url(), "https://example.org/a?b#c", "example.org", "URL" },
  { "uuid", z.uuid(), "9f1c2e34-5b6d-4789-8abc-def012345678", "9f1c2e34", "UUID" },
  { "guid", z.guid(), "9f1c2e34-5b6d-0789-0abc-def012345678", "9f1c", "GUID" },
  { "emoji", z.emoji(), "🎉", "party", "emoji" },
  { "nanoid", z.nanoid(), "V1StGXR8_Z5jdHi6B-myT", "short", "nanoid" },
  { "cuid", z.cuid(), "cjld2cyuq0000t3rmniod1foy", "jld2", "cuid" },
  { "cuid2", z.cuid2(), "tz4a98xxat96iws9zmbrgj3a", "A B", "cuid2" },
  { "ulid", z.ulid(), "01ARZ3NDEKTSV4RRFFQ69G5FAV", "91ARZ3NDEKTSV4RRFFQ69G5FAV", "ULID" },
  { "datetime", z.iso.datetime(), "2024-02-29T23:59:59Z", "2023-02-29T00:00:00Z", "ISO datetime" },
  { "date", z.iso.date(), "2024-02-29", "2024-13-01", "ISO date" },
  { "time", z.iso.time(), "23:59:59", "24:00:00", "ISO time" },
  { "duration", z.iso.duration(), "P3Y6M4DT12H30M5S", "P", "ISO duration" },
  { "ipv4", z.ipv4(), "192.168.0.1", "192.168.0.256", "IPv4 address" },
  { "ipv6", z.ipv6(), "2001:db8::1", "2001:db8::1::2", "IPv6 address" },
  { "cidrv4", z.cidrv4(), "10.0.0.0/8", "10.0.0.0/33", "IPv4 range" },
  { "cidrv6", z.cidrv6(), "2001:db8::/32", "2001:db8::/129", "IPv6 range" },
  { "mac", z.mac(), "00:1b:44:11:3a:b7", "00:1b:44", "MAC address" },
  { "base64", z.base64(), "aGVsbG8=", "aGVsbG8", "base64-encoded string" },
  { "base64url", z.base64url(), "aGVsbG8", "aGVsbG8=", "base64url-encoded string" },
  { "hostname", z.hostname(), "mail.example.org", "-x-", "hostname" },
  { "e164", z.e164(), "+4915112345678", "015112345678", "E.164 number" },
  { "hex", z.hex(), "00ffA9", "xyz", "hex" },
}

describe("a format", function()
  for _, row in ipairs(formats) do
    local name, schema, good, bad, words = row[1], row[2], row[3], row[4], row[5]
    it(("%s takes %s and not %s"):format(name, good, bad), function()
      takes { { schema, good } }
      local issue = issue_of(schema, bad)
      assert.equal("invalid_format", issue.code)
      assert.equal(name, issue.format)
      assert.equal("Invalid " .. words, issue.message)
    end)
  end

  it("is a method of strings as well, among other checks", function()
    takes { { z.string():trim():to_lower():email(), " ZOE@Example.org ", "zoe@example.org" } }
    refuses { { z.string():email "no address", "x", "no address" } }
    takes { { z.string():datetime { offset = true }, "2024-01-01T12:00:00+01:00" } }
    takes { { z.string():ip(), "::1" }, { z.string():ip { version = "v4" }, "127.0.0.1" } }
    takes { { z.string():cidr(), "10.0.0.0/8" } }
  end)

  it("has options", function()
    takes {
      { z.uuid { version = "v7" }, "01890a5d-ac96-774b-bcce-b302099a8057" },
      { z.uuidv4(), "9f1c2e34-5b6d-4789-8abc-def012345678" },
      { z.iso.datetime { is_local = true }, "2024-01-01T12:00" },
      { z.iso.datetime { precision = 3 }, "2024-01-01T12:00:00.125Z" },
      { z.iso.time { precision = -1 }, "12:30" },
      { z.mac { delimiter = "-" }, "00-1b-44-11-3a-b7" }, { z.nanoid { length = 5 }, "V1StG" },
      { z.email { pattern = "@corp\\.example$" }, "a@corp.example" },
      { z.url { protocol = "^https$", hostname = "example\\.org$" }, "https://www.example.org/" },
      { z.hash("sha256"), ("0f"):rep(32) }, { z.http_url(), "http://example.org" },
    }
    assert.is_false(z.uuidv4():safe_parse("01890a5d-ac96-774b-bcce-b302099a8057").success)
    assert.is_false(z.url { protocol = "^https$" }:safe_parse("http://example.org").success)
    assert.is_false(z.http_url():safe_parse("mailto:a@b.example").success)
    assert.equal("sha1_hex", issue_of(z.hash "sha1", "xy").format)
  end)

  it("may be your own", function()
    local Order = z.string_format("order", "^A-[0-9]+$")
    local Even = z.string_format("even", function(s) return #s % 2 == 0 end)
    takes { { Order, "A-12" }, { Even, "ab" } }
    refuses { { Order, "B-1", "Invalid order" }, { Even, "abc", "Invalid even" } }
  end)

  it("refuses options that make no sense, where they are written", function()
    local rows = {
      { "z.iso.datetime: offset takes a boolean", function() z.iso.datetime { offset = "x" } end },
      { "z.uuid has no option versoin (did you mean version?)",
        function() z.uuid { versoin = 4 } end },
      { "z.nanoid: length takes a whole number", function() z.nanoid { length = -1 } end },
      { "z.hash takes the name of an algorithm", function() z.hash() end },
      { "there is no z.iso.dateTime", function() z.iso.dateTime() end },
      { "there is no z.coerce.date: JSON has no dates", function() z.coerce.date() end },
      { "a number schema has no check email", function() z.number():email() end },
      { "an optional schema has no check email: put it before :optional",
        function() z.string():optional():email() end },
    }
    for _, row in ipairs(rows) do
      local ok, message = pcall(row[2])
      assert.is_false(ok, row[1])
      assert.truthy(message:find(row[1], 1, true), message)
    end
  end)
end)

describe("a number", function()
  it("has the range of its kind", function()
    takes {
      { z.int32(), -2147483648 }, { z.uint32(), 4294967295 }, { z.float32(), 1.5 },
      { z.float64(), 1e300 }, { z.number():safe(), 9007199254740991 }, { z.number():finite(), 1.5 },
    }
    refuses {
      { z.int32(), 2147483648, "Too big: expected number to be <=2147483647" },
      { z.uint32(), -1, "Too small: expected number to be >=0" },
      { z.float32(), 1e39, "Too big: expected number to be <=3.4028234663852886e+38" },
      { z.int32(), 1.5, "Invalid input: expected int, received number" },
    }
  end)
end)

package = "instructor"
version = "scm-1"

-- Run "luarocks make rockspec/instructor-scm-1.rockspec" in a checkout: it builds what stands there.
source = { url = "." }

description = {
  summary = "Typed, validated answers from language models",
  detailed = [[
    Describe the answer you want as a schema; instructor asks the model for it, checks what comes
    back, asks again with the reasons when it is wrong, and returns a plain Lua table.]],
  license = "MIT",
}

dependencies = {
  "lua >= 5.1",
  "lua-cjson >= 2.1",
}

-- No header for curl: Debian keeps it in an architecture's folder, where LuaRocks does not look
-- and the compiler does.
external_dependencies = {
  PCRE2 = { header = "pcre2.h", library = "pcre2-8" },
  CURL = { library = "curl" },
}

build = {
  type = "builtin",
  modules = {
    ["instructor.core"] = {
      sources = {
        -- core sources: written by "make rockspec"
        "core/base/error.c",
        "core/base/memory.c",
        "core/base/number.c",
        "core/base/quote.c",
        "core/base/text.c",
        "core/base/utf8.c",
        "core/call/account.c",
        "core/call/call.c",
        "core/call/exchange.c",
        "core/call/judge.c",
        "core/call/question.c",
        "core/call/request.c",
        "core/call/retry.c",
        "core/call/state.c",
        "core/client.c",
        "core/json/keys.c",
        "core/json/read.c",
        "core/json/string.c",
        "core/json/value.c",
        "core/json/write.c",
        "core/schema/charset.c",
        "core/schema/check.c",
        "core/schema/coerce.c",
        "core/schema/explain.c",
        "core/schema/finish.c",
        "core/schema/finite.c",
        "core/schema/format.c",
        "core/schema/format_id.c",
        "core/schema/format_net.c",
        "core/schema/format_time.c",
        "core/schema/format_url.c",
        "core/schema/group.c",
        "core/schema/intersections.c",
        "core/schema/issue.c",
        "core/schema/kinds.c",
        "core/schema/lists.c",
        "core/schema/machine.c",
        "core/schema/memo.c",
        "core/schema/merge.c",
        "core/schema/nearest.c",
        "core/schema/objects.c",
        "core/schema/option.c",
        "core/schema/parse.c",
        "core/schema/pattern.c",
        "core/schema/print.c",
        "core/schema/print_checks.c",
        "core/schema/print_shapes.c",
        "core/schema/print_unions.c",
        "core/schema/printer.c",
        "core/schema/property.c",
        "core/schema/records.c",
        "core/schema/regex.c",
        "core/schema/run.c",
        "core/schema/scalars.c",
        "core/schema/scan.c",
        "core/schema/tree.c",
        "core/schema/unions.c",
        "core/schema/wrappers.c",
        "core/schema/write.c",
        "core/wire/ask.c",
        "core/wire/dialects.c",
        "core/wire/fence.c",
        "core/wire/openai_chat.c",
        "core/wire/providers.c",
        "lua/binding/call.c",
        "lua/binding/compat.c",
        "lua/binding/engine.c",
        "lua/binding/issues.c",
        "lua/binding/module.c",
        "lua/binding/options.c",
        "lua/binding/parse.c",
        "lua/binding/schema.c",
        "lua/binding/value.c",
        -- end of core sources
      },
      incdirs = { ".", "$(PCRE2_INCDIR)" },
      libdirs = { "$(PCRE2_LIBDIR)" },
      libraries = { "pcre2-8", "m" },
    },
    ["instructor.curl"] = {
      sources = {
        -- transport sources: written by "make rockspec"
        "core/net/curl.c",
        "core/net/curl_answer.c",
        "core/net/curl_fault.c",
        "core/net/curl_process.c",
        "core/net/curl_request.c",
        "lua/binding/curl.c",
        -- end of transport sources
      },
      incdirs = { ".", "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
      libraries = { "curl", "pthread", "dl" },
    },
    -- modules: written by "make rockspec"
    ["instructor.client"] = "lua/instructor/client.lua",
    ["instructor.code"] = "lua/instructor/code.lua",
    ["instructor.create"] = "lua/instructor/create.lua",
    ["instructor.drive"] = "lua/instructor/drive.lua",
    ["instructor.errors"] = "lua/instructor/errors.lua",
    ["instructor"] = "lua/instructor/init.lua",
    ["instructor.jobs"] = "lua/instructor/jobs.lua",
    ["instructor.openai"] = "lua/instructor/openai.lua",
    ["instructor.options"] = "lua/instructor/options.lua",
    ["instructor.rules"] = "lua/instructor/rules.lua",
    ["instructor.values"] = "lua/instructor/values.lua",
    ["instructor.z.compile"] = "lua/instructor/z/compile.lua",
    ["instructor.z.composite"] = "lua/instructor/z/composite.lua",
    ["instructor.z.format"] = "lua/instructor/z/format.lua",
    ["instructor.z"] = "lua/instructor/z/init.lua",
    ["instructor.z.object"] = "lua/instructor/z/object.lua",
    ["instructor.z.order"] = "lua/instructor/z/order.lua",
    ["instructor.z.parse"] = "lua/instructor/z/parse.lua",
    ["instructor.z.scalar"] = "lua/instructor/z/scalar.lua",
    ["instructor.z.schema"] = "lua/instructor/z/schema.lua",
    ["instructor.z.shape"] = "lua/instructor/z/shape.lua",
    ["instructor.z.wrappers"] = "lua/instructor/z/wrappers.lua",
    -- end of modules
  },
}

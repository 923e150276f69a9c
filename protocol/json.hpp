// SPDX-License-Identifier: Apache-2.0
//
// JSON in and out, bounded and strict, so that no two readers of one line can disagree about it.
//
// Refused: more bytes than the limit, deeper nesting, more fields, a name used twice in one object, anything after
// the value, invalid UTF-8 (RFC 8259 section 8.1), integers beyond 64 bits signed. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport {

struct JsonLimits {
    std::size_t bytes_max = 16 * 1024;
    std::size_t depth_max = 6;
    std::size_t fields_max = 256;  // over the whole text, list elements included
    // Foreign events carry unsigned masks: their digits are kept as text, as no number of ours can hold them.
    bool wide_integers_as_text = false;
};

[[nodiscard]] Result<Value> read_json(std::string_view text, const JsonLimits& limits = {});

// As read_json, but the text must be an object.
[[nodiscard]] Result<Record> read_json_record(std::string_view text, const JsonLimits& limits = {});

// Compact JSON in the fields' own order; control characters are escaped.
[[nodiscard]] std::string write_json(const Value& value);
[[nodiscard]] std::string write_json(const Record& record);
void write_json_string(std::string& out, std::string_view text);

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
//
// The closed schema: checks a record against its table, and writes the same table as JSON Schema (draft 2020-12).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/catalogue.hpp"
#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport {

// The first field that is unknown, missing or out of its bounds, named; the offending content is never repeated in
// the message, as it may be what must not be kept (dictionary section 2).
struct SchemaFault {
    std::string field;
    std::string reason;  // a token: `unknown_field`, `missing`, `wrong_type`, `out_of_range`, `not_a_choice`, ...
};

[[nodiscard]] std::optional<SchemaFault> check_fields(const Record& record, std::span<const FieldSpec> fields);

// Of which a field of kind `token` consists.
[[nodiscard]] bool is_token_character(char c);

// The whole event catalogue as one JSON Schema document, the envelope included.
[[nodiscard]] std::string event_json_schema();

}  // namespace sallyport

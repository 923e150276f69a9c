// SPDX-License-Identifier: Apache-2.0
//
// What makes two findings one alert (catalogue section 1.3, point 4). Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "protocol/bytes.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

// The catalogue's rule, or the document itself where it belongs to none.
[[nodiscard]] std::string rule_id_of(const rules::Rule& rule);
// Whether the alert is about what a person did: then the person is part of its key.
[[nodiscard]] bool is_person_related(const rules::Rule& rule);
// Rule, terminal (unless the rule groups across terminals), group, person, object: as a JSON list of texts.
// It may hold an account name and is never shown.
[[nodiscard]] std::string dedupe_key(const rules::Rule& rule, const rules::Finding& finding,
                                     const Record& fields);
// Hex of SHA-256 over rule, key and the leaf of the first evidence, each framed: raising twice is raising
// once.
[[nodiscard]] std::string alert_id(std::string_view rule_id, std::string_view key, ByteView first_leaf);

}  // namespace sallyport::alerts

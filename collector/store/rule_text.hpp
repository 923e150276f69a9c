// SPDX-License-Identifier: Apache-2.0
//
// The rules' files as they were, by the SHA-256 that alerts name as their rule's version: what an alert was judged by can
// still be read when the file has long been another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct RuleText {
    std::string file;  // its name, without folders
    std::string text;
};

// Keeps the text once. Returns its version. Joins the caller's transaction.
[[nodiscard]] Result<std::string> keep_rule_text(Database& database, const RuleText& rule, WallTime now);
[[nodiscard]] Result<std::optional<RuleText>> find_rule_text(Database& database, std::string_view version);

}  // namespace sallyport::store

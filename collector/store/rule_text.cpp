// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_text.hpp"

#include "collector/store/row_values.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::store {

Result<std::string> keep_rule_text(Database& database, const RuleText& rule, WallTime now) {
    std::string version = to_hex(sha256(bytes_of(rule.text)));
    auto insert = database.prepare("INSERT OR IGNORE INTO rule_text (version, file, text, kept_at) VALUES (?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("rule text");
    insert->bind(1, version).bind(2, rule.file).bind(3, rule.text).bind(4, milliseconds(now));
    if (auto done = insert->run(); !done)
        return done.error().within("rule text: " + rule.file);
    return version;
}

Result<std::optional<RuleText>> find_rule_text(Database& database, std::string_view version) {
    auto query = database.prepare("SELECT file, text FROM rule_text WHERE version = ?");
    if (!query)
        return query.error().within("rule text");
    auto row = query->bind(1, version).step();
    if (!row)
        return row.error().within("rule text");
    return *row ? std::optional(RuleText{query->text(0), query->text(1)}) : std::optional<RuleText>();
}

}  // namespace sallyport::store

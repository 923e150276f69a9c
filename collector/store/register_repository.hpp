// SPDX-License-Identifier: Apache-2.0
//
// The registers as rows: bitemporal (as of T, as known at K), append-only, one JSON object an entry. Which fields an
// entry has is the business of collector/registers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::store {

struct RegisterEntry {
    std::string ori, register_name, id;
    std::int64_t version = 1;
    WallTime valid_from{};
    std::optional<WallTime> valid_to;
    WallTime recorded_at{};
    std::string changed_by, change_reason;
    Record data;
};

// A new version; the one known before is marked replaced at recorded_at.
[[nodiscard]] Result<void> record_entry(Database& database, const RegisterEntry& entry);
// As of T, as known at K.
[[nodiscard]] Result<std::optional<RegisterEntry>> find_entry(Database& database, std::string_view register_name,
                                                              std::string_view id, WallTime as_of, WallTime known_at);
[[nodiscard]] Result<std::vector<RegisterEntry>> list_entries(Database& database, std::string_view register_name,
                                                              WallTime as_of, WallTime known_at);
[[nodiscard]] Result<std::vector<RegisterEntry>> history_of(Database& database, std::string_view register_name,
                                                            std::string_view id);
// Changes whenever any register or rule_site row changes: what caches compare.
[[nodiscard]] Result<std::int64_t> register_generation(Database& database);

// How a rule stands at a site: catalogue id x site; see table rule_site.
struct RuleSite {
    std::string rule_id, site_id;
    std::optional<std::string> state;  // observe, live
    Record parameters;
    std::string changed_by, reason;
    WallTime changed_at{};
};
[[nodiscard]] Result<void> save_rule_site(Database& database, const RuleSite& row);
[[nodiscard]] Result<std::vector<RuleSite>> all_rule_sites(Database& database);

}  // namespace sallyport::store

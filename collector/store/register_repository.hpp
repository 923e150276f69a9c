// SPDX-License-Identifier: Apache-2.0
//
// The registers as rows: bitemporal (as of T, as known at K), append-only, one JSON object an entry. Which fields an
// entry has is the business of collector/registers.
#pragma once

#include <functional>
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
    std::optional<WallTime> replaced_at;  // since when something else is known; set by the repository alone

    [[nodiscard]] bool holds(WallTime as_of, WallTime known_at) const {
        return valid_from <= as_of && (!valid_to || as_of < *valid_to) && recorded_at <= known_at &&
               (!replaced_at || known_at < *replaced_at);
    }
};

// A new version of the time from valid_from to valid_to; its number is given here, entry.version is not read. What was
// known of that time is marked replaced at recorded_at; what was known of the time before and after it is kept.
// Joins the caller's transaction. Errc::bad_input when valid_to is not after valid_from.
[[nodiscard]] Result<void> record_entry(Database& database, const RegisterEntry& entry);
// As of T, as known at K.
[[nodiscard]] Result<std::optional<RegisterEntry>> find_entry(Database& database, std::string_view register_name,
                                                              std::string_view id, WallTime as_of, WallTime known_at);
[[nodiscard]] Result<std::vector<RegisterEntry>> list_entries(Database& database, std::string_view register_name,
                                                              WallTime as_of, WallTime known_at);
// The same one at a time, so that those of ten thousand terminals are never held at once; ends with the error of `use`.
using UseEntry = std::function<Result<void>(RegisterEntry entry)>;
[[nodiscard]] Result<void> each_entry(Database& database, std::string_view register_name, WallTime as_of,
                                      WallTime known_at, const UseEntry& use);
[[nodiscard]] Result<std::vector<RegisterEntry>> history_of(Database& database, std::string_view register_name,
                                                            std::string_view id);
// Every version ever recorded, one at a time, grouped by id, oldest first: what caches are filled from.
[[nodiscard]] Result<void> each_version(Database& database, std::string_view register_name, const UseEntry& use);
// Changes whenever any register or rule_site row changes: what caches compare.
[[nodiscard]] Result<std::int64_t> register_generation(Database& database);

// The site_id under which rules stand for what is of no site: people, the agency itself. No site can have this id.
inline constexpr std::string_view kOfNoSite = "(agency)";

// How a rule stands at a site. An empty rule_id is every rule, an empty site_id every site and what is of none.
struct RuleSite {
    std::string rule_id, site_id;
    std::optional<std::string> state;  // observe, live; nothing: not decided here
    Record parameters;                 // name -> number of seconds or count
    std::string changed_by, reason;
    WallTime changed_at{};
};
// Replaces the row of that rule and site.
[[nodiscard]] Result<void> save_rule_site(Database& database, const RuleSite& row);
[[nodiscard]] Result<std::vector<RuleSite>> all_rule_sites(Database& database);

}  // namespace sallyport::store

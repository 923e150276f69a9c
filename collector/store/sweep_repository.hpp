// SPDX-License-Identifier: Apache-2.0
//
// Where the daily sweep of the registers stands, and what it has to remember of people: when each last had a session
// (rule OPR-11; CSP AC-2(3)), and nothing else.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "collector/store/event_log.hpp"

namespace sallyport::store {

struct RegisterSweep {
    std::string day;  // the county's, 2026-11-23
    WallTime started_at{};
    std::int64_t session_cursor = 0;
    std::int64_t written = 0, total = 0;

    [[nodiscard]] bool is_done() const { return written >= total; }
};

// The newest one whose day is not after `day`; nothing before the first.
[[nodiscard]] Result<std::optional<RegisterSweep>> latest_sweep(Database& database, std::string_view day);
// Writes it anew or moves it forward. Errc::conflict when another has written lines of it since `expected_written`.
[[nodiscard]] Result<void> save_sweep(Database& database, const RegisterSweep& sweep, std::int64_t expected_written);

[[nodiscard]] Result<std::map<std::string, WallTime>> all_operator_use(Database& database);
// Later ones win.
[[nodiscard]] Result<void> save_operator_use(Database& database, const std::map<std::string, WallTime>& use);

// Log-ons and unlocks after the cursor, oldest first, page by page; moves the cursor to the end of the log.
[[nodiscard]] Result<void> each_session_event(Database& database, std::int64_t& cursor,
                                              const std::function<void(const StoredEvent&)>& visit);

}  // namespace sallyport::store

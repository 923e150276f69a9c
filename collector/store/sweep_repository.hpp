// SPDX-License-Identifier: Apache-2.0
//
// Where the daily sweep of the registers stands, and what it has to remember of people: when each last had a session
// (rule OPR-11; CSP AC-2(3)), how many pages each printed on a day (rule PRN-04; CSP AU-6), and nothing else.
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

// operator_ref -> the county's day -> pages.
using PrintedPages = std::map<std::string, std::map<std::string, std::int64_t>>;
[[nodiscard]] Result<PrintedPages> all_printed_pages(Database& database);
// Adds to what is there, and forgets the days before `first_day`.
[[nodiscard]] Result<void> add_printed_pages(Database& database, const PrintedPages& pages, std::string_view first_day);

// Log-ons, unlocks and print jobs after the cursor, oldest first, page by page; moves the cursor to the end of the log.
[[nodiscard]] Result<void> each_use_event(Database& database, std::int64_t& cursor,
                                              const std::function<void(const StoredEvent&)>& visit);

}  // namespace sallyport::store

// SPDX-License-Identifier: Apache-2.0
//
// What a terminal reported of itself, as cells of its entry: registers fill themselves, and a person confirms
// (decision 25). Only what the entry leaves open is proposed; `none` where the terminal was asked and has none.
#pragma once

#include <optional>
#include <vector>

#include "collector/registers/county_time.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::registers {

struct TerminalReports {
    Event identity;                // its latest device.identity
    std::optional<Event> boot;     // its latest device.boot
    std::vector<Record> firmware;  // bodies of device.firmware, the latest of each component
};

// Errc::not_found while the terminal has not told who it is.
[[nodiscard]] Result<TerminalReports> read_reports(Database& database, std::string_view terminal_id);

// Columns and their values; `agency` gives what no device knows (the usual supplier), where there is such an entry. Pure.
[[nodiscard]] Record propose_fields(const Record& entry, const TerminalReports& reports, const Record* agency);

}  // namespace sallyport::registers

// SPDX-License-Identifier: Apache-2.0
//
// The registers as lists for rules: `%media%` is the ids of a register's entries, `%media.serial_hash%` one of its
// columns (docs/formats/rules.md, "Lists"). One thread a connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::registers {

// Whether the name is a register, or a register and one of its columns.
[[nodiscard]] bool is_register_list(std::string_view name);
// Of the entries that hold now, whatever their status: each value once, sorted; a set gives each of its items, an empty
// cell nothing. Nothing where is_register_list() is false.
[[nodiscard]] Result<std::optional<std::vector<std::string>>> register_list(Database& database, std::string_view name,
                                                                            WallTime now);

}  // namespace sallyport::registers

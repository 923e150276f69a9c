// SPDX-License-Identifier: Apache-2.0
//
// A register as a CSV file. Export and import are each other's inverse: what was exported and not changed, changes
// nothing when it is imported.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "collector/registers/register_catalogue.hpp"
#include "collector/store/register_repository.hpp"

namespace sallyport::registers {

// Who changes a register, why, and when.
struct Change {
    std::string ori;  // the agency
    std::string actor;
    std::string actor_role;
    std::string reason;
    WallTime now{};
};

// Rows count from 1, the header is row 1, as a spreadsheet shows them.
struct CellFault {
    std::size_t row = 1;
    std::string column;  // name, or number where it has none; empty: the whole row
    std::string reason;

    [[nodiscard]] std::string text() const;  // row 3, column room_id: 'R9' is not in the register rooms
};

struct ImportOutcome {
    std::size_t added = 0, changed = 0, unchanged = 0;
    std::vector<CellFault> faults;  // if there is any, nothing was written
    std::vector<CellFault> notes;   // cells that policy decided otherwise than the file
};

// All or nothing, in the caller's transaction, which must be rolled back when this fails. Columns that the file does
// not have, and entries that it does not name, stay as they are; an empty cell empties the field. Each change of an
// entry is an audit entry.
[[nodiscard]] Result<ImportOutcome> import_register(Database& database, const Register& table, std::string_view csv,
                                                    const Change& change);
// All columns, sorted by id, as it holds at that time.
[[nodiscard]] Result<std::string> export_register(Database& database, const Register& table, WallTime now);

}  // namespace sallyport::registers

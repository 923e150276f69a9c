// SPDX-License-Identifier: Apache-2.0
//
// A register as a CSV file. Export and import are each other's inverse: what was exported and not changed, changes
// nothing when it is imported.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
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
    std::optional<WallTime> valid_from = {};  // back-dated: holds since then; else since now
};

struct ImportOptions {
    // The file's names of columns -> ours; an empty one leaves the file's column out. A name that differs from ours only
    // in case, or in blanks and dashes for underscores, needs no entry.
    std::map<std::string, std::string> columns;
    bool preview = false;    // says what would be done, and does nothing
    bool good_rows = false;  // rows without a fault are taken though others have some
};

// Rows count from 1, the header is row 1, as a spreadsheet shows them.
struct CellFault {
    std::size_t row = 1;
    std::string column;  // ours, else the file's; number where it has none; empty: the whole row
    std::string reason;

    [[nodiscard]] std::string text() const;  // row 3, column room_id: 'R9' is not in the register rooms
};

// What a good row does to its entry.
struct RowChange {
    struct Cell {
        std::string column, before, after;  // as they would be written; empty: no value
    };
    std::size_t row = 2;
    std::string id;
    bool added = false;
    std::vector<Cell> cells;  // that change; of an added entry all that are not empty
};

struct ImportOutcome {
    std::size_t added = 0, changed = 0, unchanged = 0;
    std::vector<RowChange> changes;  // additions and changes in the file's order
    std::vector<CellFault> faults;   // if there is any, nothing was written, unless the good rows were asked for
    std::vector<CellFault> notes;    // cells that policy decided otherwise than the file
    bool written = false;
};

// All or nothing, in the caller's transaction, which must be rolled back when this fails. Columns that the file does
// not have, and entries that it does not name, stay as they are; an empty cell empties the field. Each change of an
// entry is an audit entry. With `good_rows` a row that refers to a faulty one is faulty, too; a file that is no CSV or
// has an unknown column is refused whole.
[[nodiscard]] Result<ImportOutcome> import_register(Database& database, const Register& table, std::string_view csv,
                                                    const Change& change, const ImportOptions& options = {});
// All columns, sorted by id, as it held at that time, as known then.
[[nodiscard]] Result<std::string> export_register(Database& database, const Register& table, WallTime as_of,
                                                  WallTime known_at);

}  // namespace sallyport::registers

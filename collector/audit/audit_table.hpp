// SPDX-License-Identifier: Apache-2.0
//
// One file of an audit pack: rows of text under named columns. Row numbers are those that a spreadsheet shows: the
// header is row 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/registers/csv.hpp"

namespace sallyport::audit {

struct AuditTable {
    std::string file;   // below the pack's folder, with `/`
    std::string about;  // what a row is, and what was left out of it
    registers::CsvTable rows;

    [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
    // CSV with cells guarded against being taken for formulas.
    [[nodiscard]] std::string text() const;
};

}  // namespace sallyport::audit

// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values as RFC 4180 has them, strictly: a field with a quote in it is quoted, nothing follows a
// closing quote, every record is as wide as the header. CRLF and LF end a record, a last line break may be missing, a
// byte order mark at the start (spreadsheets write it) is no part of the first name. Nothing is repaired. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::registers {

using CsvRecord = std::vector<std::string>;

struct CsvTable {
    CsvRecord header;
    std::vector<CsvRecord> records;
};

// The place to blame: records and fields count from 1, the header is record 1; no field means the whole record.
struct CsvFault {
    std::size_t record = 1;
    std::optional<std::size_t> field;
    std::string reason;
};

struct CsvLimits {
    std::size_t bytes_max = 16 * 1024 * 1024;
    std::size_t records_max = 100'000;
    std::size_t fields_max = 256;  // of one record
    std::size_t field_bytes_max = 16 * 1024;
};

[[nodiscard]] std::variant<CsvTable, CsvFault> read_csv(std::string_view text, const CsvLimits& limits = {});
// CRLF line ends; quotes only where needed.
[[nodiscard]] std::string write_csv(const CsvTable& table);

// A cell that a spreadsheet would take for a formula gets an apostrophe in front when it is written, and loses it when
// it is read; guarded(unguarded) and back give the same text for every cell.
[[nodiscard]] std::string guard_formula(std::string_view cell);
[[nodiscard]] std::string_view unguard_formula(std::string_view cell);

}  // namespace sallyport::registers

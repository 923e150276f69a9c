// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/cell.hpp"
#include "collector/registers/csv.hpp"
#include "collector/registers/register_entries.hpp"
#include "collector/registers/register_file.hpp"

namespace sallyport::registers {

Result<std::string> export_register(Database& database, const Register& table, WallTime as_of,
                                    WallTime known_at) {
    auto entries = entries_of(database, table, as_of, known_at);
    if (!entries)
        return entries.error().within("export " + std::string(table.name));
    CsvTable csv;
    for (const Column& column : table.columns)
        csv.header.emplace_back(column.name);
    for (const store::RegisterEntry& entry : *entries) {
        auto& record = csv.records.emplace_back();
        for (const Column& column : table.columns) {
            const Value* value = entry.data.find(column.name);
            record.push_back(value == nullptr ? "" : guard_formula(write_cell(*value)));
        }
    }
    return write_csv(csv);
}

}  // namespace sallyport::registers

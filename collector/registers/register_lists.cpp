// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_lists.hpp"

#include <set>

#include "collector/registers/cell.hpp"
#include "collector/registers/register_entries.hpp"

namespace sallyport::registers {
namespace {

struct ListName {
    const Register* table = nullptr;  // nullptr: no register's
    std::string_view column;          // empty: the entries' ids
};

ListName parts_of(std::string_view name) {
    const auto point = name.find('.');
    ListName parts{find_register(name.substr(0, point)), {}};
    if (parts.table == nullptr || point == std::string_view::npos)
        return parts;
    parts.column = name.substr(point + 1);
    return parts.table->find(parts.column) == nullptr ? ListName() : parts;
}

void add_values(const Value& cell, std::set<std::string>& values) {
    if (const auto* items = cell.as<List>())
        for (const Value& item : *items)
            add_values(item, values);
    else if (!cell.is_null())
        values.insert(write_cell(cell));
}

}  // namespace

bool is_register_list(std::string_view name) { return parts_of(name).table != nullptr; }

Result<std::optional<std::vector<std::string>>> register_list(Database& database, std::string_view name, WallTime now) {
    const auto [table, column] = parts_of(name);
    if (table == nullptr)
        return std::optional<std::vector<std::string>>();
    auto entries = entries_of(database, *table, now, now);
    if (!entries)
        return entries.error().within("list " + std::string(name));
    std::set<std::string> values;
    for (const store::RegisterEntry& entry : *entries) {
        const Value* cell = column.empty() ? nullptr : entry.data.find(column);
        if (column.empty())
            values.insert(entry.id);
        else if (cell != nullptr)
            add_values(*cell, values);
    }
    return std::optional(std::vector<std::string>(values.begin(), values.end()));
}

}  // namespace sallyport::registers

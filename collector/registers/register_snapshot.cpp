// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_snapshot.hpp"

#include <algorithm>
#include <array>

#include "collector/registers/register_catalogue.hpp"

namespace sallyport::registers {
namespace {

struct Indexed {
    std::string_view register_name, field;
};
// What events name besides ids.
constexpr std::array kIndexed = {
    Indexed{"operators", "os_accounts"}, Indexed{"media", "serial_hash"},   Indexed{"printers", "printer_hash"},
    Indexed{"printers", "queue"},        Indexed{"windows", "terminals"},   Indexed{"windows", "room_id"},
    Indexed{"enrolments", "terminal_id"},   Indexed{"terminals", "printers_allowed"},
    Indexed{"agreements", "persons"},       Indexed{"maintenance_log", "terminal_id"},
};

std::string key_of(std::string_view register_name, std::string_view field, std::string_view text) {
    return std::string(register_name) + "/" + std::string(field) + "/" + std::string(text);
}

bool has(const Record& data, std::string_view field, std::string_view text) {
    const Value* value = data.find(field);
    if (value == nullptr)
        return false;
    if (const auto* list = value->as<List>())
        return std::any_of(list->begin(), list->end(), [&](const Value& item) {
            const auto* entry = item.as<std::string>();
            return entry != nullptr && *entry == text;
        });
    const auto* single = value->as<std::string>();
    return single != nullptr && *single == text;
}

}  // namespace

Result<RegisterSnapshot> RegisterSnapshot::load(Database& reader) {
    RegisterSnapshot snapshot;
    for (const Register& table : all_registers()) {
        const std::string_view name = table.name;
        auto& entries = snapshot.registers_[std::string(name)];
        auto read = store::each_version(reader, name, [&](store::RegisterEntry version) -> Result<void> {
            snapshot.index(std::string(name), version);
            version.data = Record(version.data);  // a copy has no room to grow: half as large as what was read
            entries[version.id].push_back(std::move(version));
            return {};
        });
        if (!read)
            return read.error();
    }
    return snapshot;
}

void RegisterSnapshot::index(const std::string& register_name, const store::RegisterEntry& entry) {
    const auto add = [&](std::string_view field, const Value& value) {
        const auto* text = value.as<std::string>();
        if (text == nullptr)
            return;
        auto& ids = by_field_[key_of(register_name, field, *text)];
        if (ids.empty() || ids.back() != entry.id)  // versions come grouped by id
            ids.push_back(entry.id);
    };
    for (const Indexed& indexed : kIndexed) {
        const Value* value = indexed.register_name == register_name ? entry.data.find(indexed.field) : nullptr;
        if (value == nullptr)
            continue;
        if (const auto* list = value->as<List>())
            for (const Value& item : *list)
                add(indexed.field, item);
        else
            add(indexed.field, *value);
    }
}

const Record* RegisterSnapshot::find(std::string_view register_name, std::string_view id, Moment moment) const {
    const store::RegisterEntry* entry = find_entry(register_name, id, moment);
    return entry == nullptr ? nullptr : &entry->data;
}

const store::RegisterEntry* RegisterSnapshot::find_entry(std::string_view register_name, std::string_view id,
                                                         Moment moment) const {
    const auto entries = registers_.find(register_name);
    if (entries == registers_.end())
        return nullptr;
    const auto versions = entries->second.find(std::string(id));
    if (versions == entries->second.end())
        return nullptr;
    const auto version = std::find_if(versions->second.rbegin(), versions->second.rend(), [&](const auto& entry) {
        return entry.holds(moment.as_of, moment.known_at);
    });
    return version == versions->second.rend() ? nullptr : &*version;
}

void RegisterSnapshot::each_with(std::string_view register_name, std::string_view field, std::string_view text,
                                 Moment moment, const Visit& visit) const {
    const auto ids = by_field_.find(key_of(register_name, field, text));
    if (ids == by_field_.end())
        return;
    for (const std::string& id : ids->second) {
        const Record* data = find(register_name, id, moment);
        if (data != nullptr && has(*data, field, text))
            visit(id, *data);
    }
}

void RegisterSnapshot::each(std::string_view register_name, Moment moment, const Visit& visit) const {
    const auto entries = registers_.find(register_name);
    if (entries == registers_.end())
        return;
    std::vector<std::string_view> ids;
    for (const auto& [id, versions] : entries->second)
        ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    for (const std::string_view id : ids)
        if (const Record* data = find(register_name, id, moment))
            visit(std::string(id), *data);
}

}  // namespace sallyport::registers

// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/hardware_comparison.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace sallyport::registers {
namespace {

using Names = std::set<std::string>;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

const List* list_of(const Record& record, std::string_view name) {
    const Value* value = record.find(name);
    return value == nullptr ? nullptr : value->as<List>();
}

// The register's set, each item cut at the slash (`mac/type`).
std::optional<Names> registered(const Record& entry, std::string_view field) {
    const List* list = list_of(entry, field);
    if (list == nullptr || list->empty())
        return std::nullopt;
    Names names;
    for (const Value& item : *list)
        if (const auto* text = item.as<std::string>())
            names.insert(lower(std::string_view(*text).substr(0, text->find('/'))));
    names.erase("none");  // known to have none
    return names;
}

std::optional<Names> seen_disks(const Record& body) {
    const List* list = list_of(body, "disk_serials");
    if (list == nullptr)
        return std::nullopt;
    Names names;
    for (const Value& item : *list)
        if (const auto* text = item.as<std::string>())
            names.insert(lower(*text));
    return names;
}

std::optional<Names> seen_built_in_cards(const Record& body) {
    const List* list = list_of(body, "nics");
    if (list == nullptr)
        return std::nullopt;
    Names names;
    for (const Value& item : *list)
        if (const auto* card = item.as<Record>(); card != nullptr && text_of(*card, "bus") == "pci")
            names.insert(lower(text_of(*card, "mac")));
    return names;
}

bool differ(std::string_view known, std::string_view seen) { return !known.empty() && !seen.empty() && known != seen; }
bool differ(const std::optional<Names>& known, const std::optional<Names>& seen) {
    return known && seen && *known != *seen;
}

}  // namespace

HardwareDifference compare_hardware(const Record& terminal_entry, const Record& identity_body) {
    HardwareDifference difference;
    for (const std::string_view field : {"system_serial", "board_serial"})
        if (differ(text_of(terminal_entry, field), text_of(identity_body, field)))
            difference.changed.emplace_back(field);
    if (differ(registered(terminal_entry, "disk_serials"), seen_disks(identity_body)))
        difference.changed.emplace_back("disk_serials");
    if (differ(registered(terminal_entry, "nics"), seen_built_in_cards(identity_body)))
        difference.changed.emplace_back("nics");

    const auto tpm = text_of(terminal_entry, "tpm_ek_sha256");
    const bool tpm_gone = !tpm.empty() && !flag_of(identity_body, "tpm_present", true);
    difference.tpm_changed = tpm_gone || differ(tpm, text_of(identity_body, "tpm_ek_sha256"));
    return difference;
}

}  // namespace sallyport::registers

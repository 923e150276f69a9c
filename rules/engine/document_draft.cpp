// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/document_draft.hpp"

#include "rules/engine/field_catalogue.hpp"
#include "rules/engine/timespan.hpp"

namespace sallyport::rules {

std::vector<Reference> read_references(const YamlEntry& entry, const Reporter& report) {
    std::vector<Reference> references;
    const auto take = [&](const YamlNode& node) {
        if (node.is_scalar() && !node.text.empty())
            references.push_back({node.text, node.place});
        else
            report(node.place, "'" + entry.key + "' names rules by id or name");
    };
    if (entry.value.is_list())
        for (const YamlNode& item : entry.value.items)
            take(item);
    else
        take(entry.value);
    return references;
}

Timespan read_timespan(const YamlEntry& entry, const std::string& path, Draft& draft,
                       const Reporter& report) {
    Timespan timespan;
    const auto value = entry.value.is_scalar() ? parse_timespan(entry.value.text) : std::nullopt;
    if (!value || value->count() == 0) {
        report(entry.value.place, "'" + entry.value.text + "' is no duration such as 30s, 5m, 24h or 7d");
        return timespan;
    }
    timespan.value = *value;
    if (const auto slot = draft.block.slots.find(path); slot != draft.block.slots.end()) {
        slot->second.bound = true;
        slot->second.value = static_cast<double>(value->count()) / 1000.0;
        timespan.parameter = slot->second.parameter;
    }
    return timespan;
}

std::vector<std::string> read_group_by(const YamlEntry& entry, Draft& draft, const Reporter& report) {
    draft.group_by = &entry;
    auto fields = read_texts(entry, report);
    if (draft.ours)
        for (const std::string& field : fields)
            if (!FieldCatalogue("").knows(field)) report(entry.value.place, "unknown field '" + field + "'");
    return fields;
}

bool flag_of_entry(const YamlEntry& entry, const Reporter& report) {
    const Value value = entry.value.scalar();
    if (value.as<bool>() == nullptr) report(entry.value.place, "'" + entry.key + "' must be true or false");
    return value.as<bool>() != nullptr && *value.as<bool>();
}

}  // namespace sallyport::rules

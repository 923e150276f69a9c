// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/group.hpp"

#include <algorithm>

#include "protocol/json.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/state_part.hpp"

namespace sallyport::rules {

Group group_of(const std::vector<std::string>& fields, const Record& record) {
    Group group;
    group.reserve(fields.size());
    for (const std::string& field : fields)
        group.push_back(field_text(record, field));
    return group;
}

bool names_any(const Group& group) {
    return group.empty() ||
           std::any_of(group.begin(), group.end(), [](const std::string& value) { return !value.empty(); });
}

std::vector<std::pair<std::string, std::string>> named(const std::vector<std::string>& fields,
                                                       const Group& group) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < fields.size(); ++i)
        pairs.emplace_back(fields[i], group[i]);
    return pairs;
}

Record record_of(const std::vector<std::string>& fields, const Group& group) {
    Record record;
    for (std::size_t i = 0; i < fields.size(); ++i)
        record.set(fields[i], group[i]);
    return record;
}

std::string text_of_group(const Group& group) {
    return write_json(Value(List(group.begin(), group.end())));
}

std::optional<Group> group_from(std::string_view text) {
    const auto value = read_json(text, kStateLimits);
    const auto* list = value ? value->as<List>() : nullptr;
    if (list == nullptr) return std::nullopt;
    Group group;
    for (const Value& item : *list) {
        const auto* part = item.as<std::string>();
        if (part == nullptr) return std::nullopt;
        group.push_back(*part);
    }
    return group;
}

}  // namespace sallyport::rules

// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/group.hpp"

#include "rules/engine/event_view.hpp"

namespace sallyport::rules {

Group group_of(const std::vector<std::string>& fields, const Record& record) {
    Group group;
    group.reserve(fields.size());
    for (const std::string& field : fields)
        group.push_back(field_text(record, field));
    return group;
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

}  // namespace sallyport::rules

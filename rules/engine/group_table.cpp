// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/group_table.hpp"

namespace sallyport::rules {

GroupTable::GroupTable() : by_values_(0, Hash{this}, Equal{this}) {}

std::size_t GroupTable::Hash::operator()(const Group& values) const {
    std::size_t hash = values.size();
    for (const std::string& value : values)
        hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(value);
    return hash;
}

std::optional<GroupTable::Id> GroupTable::find(const Group& values) const {
    const auto at = by_values_.find(values);
    return at == by_values_.end() ? std::nullopt : std::optional(*at);
}

GroupTable::Id GroupTable::hold(const Group& values) {
    if (const auto known = find(values)) {
        ++entries_[*known].holders;
        return *known;
    }
    Id id = 0;
    if (free_.empty()) {
        id = static_cast<Id>(entries_.size());
        entries_.push_back({values, 1});
    } else {
        id = free_.back();
        free_.pop_back();
        entries_[id] = {values, 1};
    }
    by_values_.insert(id);
    return id;
}

void GroupTable::release(Id id) {
    Entry& entry = entries_[id];
    if (--entry.holders > 0) return;
    by_values_.erase(id);
    entry.values = {};
    free_.push_back(id);
}

}  // namespace sallyport::rules

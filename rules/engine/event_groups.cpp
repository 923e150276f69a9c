// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/event_groups.hpp"

#include <algorithm>

namespace sallyport::rules {

int EventGroups::number_of(const std::vector<std::string>& fields) {
    auto at = std::find_if(places_.begin(), places_.end(),
                           [&](const Place& place) { return place.fields == fields; });
    if (at == places_.end()) at = places_.insert(at, {fields, 0, 0});
    return static_cast<int>(at - places_.begin());
}

void EventGroups::begin(const Record& fields) {
    record_ = &fields;
    ++event_;
    for (const GroupTable::Id id : held_)
        table_.release(id);
    held_.clear();
}

GroupTable::Id EventGroups::of(int number) {
    Place& place = places_[static_cast<std::size_t>(number)];
    if (place.event != event_) {
        place.event = event_;
        place.group = table_.hold(group_of(place.fields, *record_));
        held_.push_back(place.group);
    }
    return place.group;
}

}  // namespace sallyport::rules

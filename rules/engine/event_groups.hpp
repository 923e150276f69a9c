// SPDX-License-Identifier: Apache-2.0
//
// The groups one event belongs to. Most rules group by the same few fields: each list of fields is looked up
// in an event once, by whichever rule asks first.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/engine/group_table.hpp"

namespace sallyport::rules {

class EventGroups {
public:
    // `table` has to outlive it.
    explicit EventGroups(GroupTable& table) : table_(table) {}

    // The number of a list of fields, to be asked by.
    [[nodiscard]] int number_of(const std::vector<std::string>& fields);
    // Forgets the event before. `fields` has to outlive the questions.
    void begin(const Record& fields);
    // Held until the next event.
    [[nodiscard]] GroupTable::Id of(int number);

private:
    struct Place {
        std::vector<std::string> fields;
        std::uint64_t event = 0;  // whose the group is
        GroupTable::Id group = 0;
    };

    GroupTable& table_;
    const Record* record_ = nullptr;
    std::uint64_t event_ = 0;
    std::vector<Place> places_;
    std::vector<GroupTable::Id> held_;
};

}  // namespace sallyport::rules

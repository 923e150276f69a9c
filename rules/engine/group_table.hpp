// SPDX-License-Identifier: Apache-2.0
//
// Every group that something is remembered of, once, however many rules remember something by it: a terminal
// has the same few groups under most of them. Where a group stands goes by its number; it is free for another
// once nobody holds it any more. Looking one up costs a hash of its values, O(1).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "rules/engine/group.hpp"

namespace sallyport::rules {

class GroupTable {
public:
    using Id = std::uint32_t;

    GroupTable();
    GroupTable(const GroupTable&) = delete;
    GroupTable& operator=(const GroupTable&) = delete;

    // Nothing: nobody holds it.
    [[nodiscard]] std::optional<Id> find(const Group& values) const;
    // To be given back with release().
    [[nodiscard]] Id hold(const Group& values);
    void hold_again(Id id) { ++entries_[id].holders; }
    void release(Id id);
    // Valid as long as it is held.
    [[nodiscard]] const Group& operator[](Id id) const { return entries_[id].values; }
    [[nodiscard]] std::size_t size() const { return by_values_.size(); }

private:
    struct Entry {
        Group values;
        std::uint32_t holders = 0;
    };
    struct Hash {
        using is_transparent = void;
        const GroupTable* table;
        [[nodiscard]] std::size_t operator()(const Group& values) const;
        [[nodiscard]] std::size_t operator()(Id id) const { return (*this)((*table)[id]); }
    };
    struct Equal {
        using is_transparent = void;
        const GroupTable* table;
        [[nodiscard]] bool operator()(Id a, Id b) const { return a == b; }
        [[nodiscard]] bool operator()(const Group& values, Id id) const { return values == (*table)[id]; }
        [[nodiscard]] bool operator()(Id id, const Group& values) const { return values == (*table)[id]; }
    };

    std::deque<Entry> entries_;  // by id; they stay where they are
    std::vector<Id> free_;
    std::unordered_set<Id, Hash, Equal> by_values_;
};

// A group for as long as it is looked at.
class HeldGroup {
public:
    HeldGroup(GroupTable& table, const Group& values) : table_(table), id_(table.hold(values)) {}
    ~HeldGroup() { table_.release(id_); }
    HeldGroup(const HeldGroup&) = delete;
    HeldGroup& operator=(const HeldGroup&) = delete;
    [[nodiscard]] GroupTable::Id id() const { return id_; }

private:
    GroupTable& table_;
    GroupTable::Id id_;
};

}  // namespace sallyport::rules

// SPDX-License-Identifier: Apache-2.0
//
// Which pieces of an engine's memory are no longer as its keeper has them, so that only those are written again. Groups go
// by the number of their timer.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/engine/timer_queue.hpp"

namespace sallyport::rules {

class StateLedger {
public:
    using Group = TimerQueue::Id;

    // Nothing is kept yet.
    explicit StateLedger(std::size_t rules) : rules_(rules, true) {}

    void change_own() { own_ = true; }
    void change_rule(int rule) { rules_[static_cast<std::size_t>(rule)] = true; }
    void change_group(Group group);
    // They came from the keeper as they are.
    void take_own() { own_ = false; }
    void take_rule(int rule) { rules_[static_cast<std::size_t>(rule)] = false; }
    void take_group(Group group) { marks_of(group) = {.changed = false, .kept = true}; }
    // What the keeper has of it is of no more use. A dropped group's number is free for another.
    void drop_rule(std::string_view key) { dropped_rules_.emplace(key); }
    void drop_group(Group group) { marks_of(group) = {}; }
    void drop_piece(std::string rule, std::string group) {
        dropped_pieces_.emplace_back(std::move(rule), std::move(group));
    }

    [[nodiscard]] bool own_changed() const { return own_; }
    [[nodiscard]] bool rule_changed(int rule) const { return rules_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] bool is_kept(Group group) const { return group < marks_.size() && marks_[group].kept; }
    [[nodiscard]] const std::set<std::string>& dropped_rules() const { return dropped_rules_; }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& dropped_pieces() const {
        return dropped_pieces_;
    }
    // May name one twice, or one that was dropped since.
    [[nodiscard]] const std::vector<Group>& changed_groups() const { return changed_; }

    // The keeper has it all as it is; `remains` says of a changed group whether there is anything of it to keep.
    template <class Remains>
    void settle(const Remains& remains) {
        own_ = false;
        rules_.assign(rules_.size(), false);
        dropped_rules_.clear();
        dropped_pieces_.clear();
        for (const Group group : changed_)
            marks_[group] = {.changed = false, .kept = remains(group)};
        changed_ = {};
    }

private:
    struct Marks {
        bool changed = false, kept = false;
    };

    [[nodiscard]] Marks& marks_of(Group group);

    bool own_ = true;
    std::vector<bool> rules_;
    std::vector<Marks> marks_;    // by group
    std::vector<Group> changed_;  // those marked so
    std::set<std::string> dropped_rules_;
    std::vector<std::pair<std::string, std::string>> dropped_pieces_;  // rule, group
};

}  // namespace sallyport::rules

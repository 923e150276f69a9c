// SPDX-License-Identifier: Apache-2.0
//
// The rules that a running collector judges by: its files, and the lists they rest on, which are kept by hand or are
// registers as they stand. Files are read when told to; a register that changes is followed without being told.
//
// All or nothing: after an error the rules in force stay as they are. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "rules/engine/list_files.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::alerts {

class RuleLoader {
public:
    using Rules = std::shared_ptr<const rules::RuleSet>;

    struct Files {
        std::filesystem::path rules;  // a file, or a folder with all beneath it
        rules::ListFiles lists;
    };

    // Reads the registers through a connection of its own; the clock outlives it.
    RuleLoader(Files files, Database registers, const Clock& clock);

    // The files as they are now. nullptr in force: there are none yet.
    [[nodiscard]] Result<Rules> load(const rules::RuleSet* in_force = nullptr);
    // The files as they were read last, with the registers as they are now, if a list that the rules in force rest on is
    // not what it was; else nullptr. Looks at the lists when a register changed or a minute began, for entries begin
    // and end by the clock.
    [[nodiscard]] Result<Rules> follow(const rules::RuleSet& in_force);
    // The texts of the rules that were loaded last.
    [[nodiscard]] const std::vector<rules::Source>& sources() const { return sources_; }

private:
    [[nodiscard]] Result<rules::PlaceholderSource> lists(const rules::NamedLists& by_hand);
    [[nodiscard]] Result<bool> is_due();
    [[nodiscard]] Result<std::vector<std::string>> changed_lists(const rules::RuleSet& in_force);
    [[nodiscard]] Result<Rules> load_with(const rules::NamedLists& by_hand, const std::vector<rules::Source>& sources,
                                          const rules::RuleSet* in_force);

    Files files_;
    Database registers_;
    const Clock& clock_;
    std::vector<rules::Source> sources_;  // as read last
    rules::NamedLists by_hand_;           // likewise
    std::int64_t generation_ = -1;
    WallTime minute_{};
};

// The lists kept by hand, and for other names the registers. Errc::bad_input where one kept by hand has a register's
// name: nobody would tell them apart.
[[nodiscard]] Result<rules::PlaceholderSource> by_hand_or_register(rules::NamedLists by_hand,
                                                                   rules::PlaceholderSource registers);

}  // namespace sallyport::alerts

// SPDX-License-Identifier: Apache-2.0
//
// What the engine cannot see in events: which terminals are expected, and whose backlog is still on its way.
// One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/registers/enrichment.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

class MemberWatch {
public:
    static constexpr std::string_view kTerminals = "terminal";  // the register, as rules name it
    static constexpr std::chrono::minutes kTellEvery{1};
    static constexpr std::chrono::seconds kLookEvery{1};  // while a timer is due

    // Through a connection of its own; the enrichment outlives it.
    MemberWatch(Database reader, registers::Enrichment& enrichment)
        : reader_(std::move(reader)), enrichment_(enrichment) {}

    // Tells of the expected terminals: every minute, and once a second while a timer is due. True when it
    // did. Always the same engine; what the registers say is what the enrichment found last.
    [[nodiscard]] bool tell(rules::Engine& engine, bool due, WallTime now, std::vector<rules::Finding>& findings);
    // Says whose timers have to wait: when one is due, and then once a second until all have come. A backlog
    // that does not get on for a minute holds nothing up any longer.
    [[nodiscard]] Result<void> await_backlogs(rules::Engine& engine, bool due, WallTime now);

    // What the registers say of the terminal now, beside its `terminal_id`.
    [[nodiscard]] Record fields_of(const std::string& terminal, WallTime now);
    // Empty where it is not registered.
    [[nodiscard]] std::string ori_of(const std::string& terminal, WallTime now);

private:
    struct Backlog {
        std::string instance;
        std::uint64_t last_seq = 0;
        WallTime since{};
    };

    Database reader_;
    registers::Enrichment& enrichment_;
    std::int64_t generation_ = -1;  // of the registers, when each was told of
    WallTime minute_{};             // likewise
    std::optional<WallTime> told_;
    std::map<std::string, Backlog> backlogs_;  // by terminal
    std::optional<WallTime> asked_;            // for them
};

}  // namespace sallyport::alerts

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
    // Says whose timers have to wait: when one is due, and then once a second until all have come. Two kinds
    // of terminals are waited for: one whose backlog is on its way, as long as that gets on within a minute;
    // and one that was alive before the collector began to listen and is not connected again, until it counts
    // as late.
    [[nodiscard]] Result<void> await_terminals(rules::Engine& engine, bool due, WallTime now,
                                               WallTime listening_since);

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

    // By terminal: the time up to which its events are complete.
    using Awaited = std::map<std::string, WallTime>;

    [[nodiscard]] Result<void> find_returning(WallTime listening_since, Awaited& awaited);
    [[nodiscard]] Result<void> find_backlogs(WallTime now, Awaited& awaited);

    Database reader_;
    registers::Enrichment& enrichment_;
    std::int64_t generation_ = -1;  // of the registers, when each was told of
    WallTime minute_{};             // likewise
    std::optional<WallTime> told_;
    std::map<std::string, Backlog> backlogs_;  // by terminal
    Awaited awaited_;                          // as the engine was told
    std::optional<WallTime> asked_;            // for them
};

}  // namespace sallyport::alerts

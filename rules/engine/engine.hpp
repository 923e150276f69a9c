// SPDX-License-Identifier: Apache-2.0
//
// The rule engine: a deterministic function of (rules, events, clock). It opens no file, knows no database
// and asks no clock; the caller gives it everything and keeps what it returns. One thread at a time.
//
// The same log, shuffled between terminals (each in its own order) and with duplicates, gives the same final
// set of findings (system.md section 3).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"
#include "protocol/value.hpp"
#include "rules/engine/finding.hpp"
#include "rules/engine/logsource.hpp"
#include "rules/engine/rule_set.hpp"
#include "rules/engine/state_part.hpp"

namespace sallyport::rules {

struct InputEvent {
    std::int64_t reference = 0;          // the caller's: comes back as evidence (the log's ingest_id)
    WallTime time{};                     // event time
    std::optional<Logsource> logsource;  // nothing: the rules' logsource is not checked
    Record fields;  // flat: names may have dots (`terminal.licensed`), values are scalars or lists
    // Who sent it, and the how-manieth of theirs: what orders events of one time, however they came.
    std::uint64_t origin = 0;
    std::uint64_t sequence = 0;
};

// A site's own value for a rule's parameter (seconds or a count), or nothing: the rule's default holds.
using ParameterSource =
    std::function<std::optional<double>(const Rule& rule, std::string_view parameter, const Record& fields)>;

// Hands out the members of a register, one at a time.
using Members = std::function<void(const std::function<void(const Record& member)>& use)>;

struct EngineLimits {
    // Open groups of one rule. A match of a group beyond them is refused, counted, and told of.
    std::size_t groups_per_rule = 100'000;
};

struct EngineStatistics {
    std::size_t groups = 0;         // open, over all rules
    std::size_t matches = 0;        // held in windows and timers
    std::size_t timers = 0;         // set
    std::uint64_t refused = 0;      // matches without a place
    std::uint64_t dropped = 0;      // matches of windows that were too full: the oldest went
    std::vector<std::string> full;  // rules that refused a match since the start
};

class Engine {
public:
    [[nodiscard]] static std::unique_ptr<Engine> create(std::shared_ptr<const RuleSet> rules,
                                                        ParameterSource parameters, EngineLimits limits = {});
    virtual ~Engine() = default;

    // Judges one event. Timers of its group that were due before its time fire first.
    virtual void process(const InputEvent& event, std::vector<Finding>& findings) = 0;
    // Fires timers due by `now`. Only to be called when every event known so far has been processed.
    virtual void advance(WallTime now, std::vector<Finding>& findings) = 0;
    [[nodiscard]] virtual std::optional<WallTime> next_deadline() const = 0;

    // Whether any rule watches over the members of a register: then expect() has to be told of them.
    [[nodiscard]] virtual bool watches(std::string_view each) const = 0;
    // The members of that register as of a time: one record each, with what rules may read of it. To be told
    // at least once a minute, and before advance() where a timer is due; what is due later than it was told
    // waits. After a longer silence each has the rule's whole time again: nobody listened.
    virtual void expect(std::string_view each, const Members& members, WallTime as_of,
                        std::vector<Finding>& findings) = 0;
    // The same with little work: they are those that expect() was told of last, and nothing of them is
    // different. False, and nothing done, where that was too long ago.
    [[nodiscard]] virtual bool expect_same(std::string_view each, WallTime as_of,
                                           std::vector<Finding>& findings) = 0;
    // Events of the member whose `field` has that value are complete up to a time and others are on their
    // way; nothing: they are complete. A timer that they may still decide waits for them.
    virtual void await(std::string_view field, std::string_view value,
                       std::optional<WallTime> complete_until) = 0;

    // What is half seen, open windows and timers, as pieces to be kept: all of them, or only those that are not as
    // they were when saved() was called last. Fails as the sink does.
    [[nodiscard]] virtual Result<void> snapshot(const StateSink& sink) const = 0;
    [[nodiscard]] virtual Result<void> changes(const StateSink& sink) const = 0;
    // What changes() says is kept now.
    virtual void saved() = 0;
    // Takes up, from what was kept, every rule that is the same and was not taken up before. A rule that changed
    // starts empty; what was kept of it, and of rules that are gone, changes() says is forgotten.
    [[nodiscard]] virtual Result<void> restore(const StateSource& kept) = 0;
    // The same from another engine, which judged the past by these rules: its pieces are not kept yet.
    [[nodiscard]] virtual Result<void> take_over(const StateSource& other) = 0;
    // The rules with a state that were never taken up, and the longest time that one of them looks back.
    struct Fresh {
        std::vector<std::string> rules;
        std::chrono::milliseconds span{};
    };
    [[nodiscard]] virtual Fresh fresh() const = 0;

    [[nodiscard]] virtual EngineStatistics statistics() const = 0;
};

}  // namespace sallyport::rules

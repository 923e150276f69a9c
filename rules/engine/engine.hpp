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
#include <utility>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"
#include "protocol/value.hpp"
#include "rules/engine/logsource.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

struct InputEvent {
    std::int64_t reference = 0;          // the caller's: comes back as evidence (the log's ingest_id)
    WallTime time{};                     // event time
    std::optional<Logsource> logsource;  // nothing: the rules' logsource is not checked
    Record fields;  // flat: names may have dots (`terminal.licensed`), values are scalars or lists
};

enum class FindingKind { detection, correlation, absence };
// A condition that lasts is raised once and cleared when it ends; single events are only raised.
enum class FindingPhase { raised, cleared };

struct Finding {
    std::string rule;  // the document's id, else name, else title
    FindingKind kind = FindingKind::detection;
    FindingPhase phase = FindingPhase::raised;
    std::vector<std::pair<std::string, std::string>> group;  // group-by field -> value
    double value = 0;                                        // count, sum, ...; seconds for absence
    WallTime started_at{};                                   // first evidence
    WallTime at{};                                           // when the condition held, durations included
    std::vector<std::int64_t> evidence;                      // references, oldest first, at most 500
};

// A site's own value for a rule's parameter (seconds or a count), or nothing: the rule's default holds.
using ParameterSource =
    std::function<std::optional<double>(const Rule& rule, std::string_view parameter, const Record& fields)>;

class Engine {
public:
    [[nodiscard]] static std::unique_ptr<Engine> create(std::shared_ptr<const RuleSet> rules,
                                                        ParameterSource parameters);
    virtual ~Engine() = default;

    // Judges one event. Timers of its group that were due before its time fire first.
    virtual void process(const InputEvent& event, std::vector<Finding>& findings) = 0;
    // Fires timers due by `now`. Only to be called when every event known so far has been processed.
    virtual void advance(WallTime now, std::vector<Finding>& findings) = 0;
    [[nodiscard]] virtual std::optional<WallTime> next_deadline() const = 0;

    // Open windows and timers as JSON; restore() takes them up again. A snapshot of other rules is refused
    // for the rules that changed, which then start empty.
    [[nodiscard]] virtual std::string snapshot() const = 0;
    [[nodiscard]] virtual Result<void> restore(std::string_view snapshot) = 0;
};

}  // namespace sallyport::rules

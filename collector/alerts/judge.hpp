// SPDX-License-Identifier: Apache-2.0
//
// The thread that judges the event log: woken by notify(), else every 200 ms; timers and clocks are right to
// within that. After a failure of the store it begins anew from the last commit; nothing is skipped.
#pragma once

#include <functional>
#include <memory>

#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::rules {
class RuleSet;
}

namespace sallyport::alerts {

class Judge {
public:
    // `changed` is called on the judge's thread after each commit that changed alerts or incidents. Writer
    // and clock outlive the judge. Starts at once, and catches up with the log first.
    [[nodiscard]] static Result<std::unique_ptr<Judge>> start(store::Writer& writer, const Clock& clock,
                                                              std::shared_ptr<const rules::RuleSet> rules,
                                                              std::function<void()> changed);
    // Stops and leaves a snapshot.
    virtual ~Judge() = default;
    // There is something new in the log. Any thread; returns at once.
    virtual void notify() = 0;
    // Judges by these rules from the next step on, all of them or none: rules that are the same keep what
    // they had half seen, the others are shown the past. Should the store fail meanwhile, the rules stay as
    // they were, and the log says so. Any thread; returns at once.
    virtual void reload(std::shared_ptr<const rules::RuleSet> rules) = 0;
    // The rules in force. Any thread.
    [[nodiscard]] virtual std::shared_ptr<const rules::RuleSet> rules() const = 0;
};

}  // namespace sallyport::alerts

// SPDX-License-Identifier: Apache-2.0
//
// The drill as the terminal runs it. It hears what the collector ordered, takes each order once, and hands the cues out to
// the sensors until all have answered or the time is over. Begin, end, refusals and what no sensor can tell itself are
// `agent.drill`.
//
// An order is taken only when its version is higher than any seen before, which is durable in `memory_file` before anything
// is marked: a replayed order, or one that comes twice, does nothing. After a restart an order is not taken up again. Its span
// ends by the monotonic clock, too, so that a clock that is set back does not lengthen it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "agent/sensors/drill_cues.hpp"
#include "agent/sensors/observation.hpp"
#include "protocol/status.hpp"
#include "protocol/terminal_config.hpp"

namespace sallyport::agent {

struct DrillOptions {
    std::filesystem::path memory_file;      // of the highest version taken; empty: only while the agent runs
    std::function<StatusMessage()> status;  // the sensors' states and reasons
    std::function<void(const std::string& sentence)> log;
};

// Thread-safe. While a drill runs it has a thread of its own, else none.
class Drill final : public DrillCues {
public:
    Drill(DrillOptions options, ObservationSink& sink, const Clock& clock);
    ~Drill() override;

    // A configuration that the collector signed for this terminal; what it orders anew is begun.
    void hear(const TerminalConfig& config);
    // Ends the drill that runs.
    void stop();

    [[nodiscard]] std::optional<DrillOrder> cue(std::string_view sensor) const override;
    [[nodiscard]] std::stop_token next() const override;
    void done(std::string_view sensor) override;
    [[nodiscard]] Result<void> looked(std::string_view sensor) override;
    [[nodiscard]] Result<void> cannot(std::string_view sensor, std::string_view reason) override;

private:
    [[nodiscard]] bool is_new(std::int64_t version);
    [[nodiscard]] std::string_view why_refused(const DrillOrder& order) const;
    void run(const std::stop_token& stop, const DrillOrder& order);
    [[nodiscard]] Result<void> begin(const DrillOrder& order);
    [[nodiscard]] Result<void> answer_for_the_blind(const DrillOrder& order);
    [[nodiscard]] Result<void> answer(std::string_view sensor, std::string_view answer, std::string_view reason);
    [[nodiscard]] Result<void> tell(Record body, std::optional<std::string> mark);

    const DrillOptions options_;
    ObservationSink& sink_;
    const Clock& clock_;
    std::optional<std::int64_t> version_;  // hear()'s thread only
    mutable std::mutex mutex_;             // for what follows
    std::condition_variable_any changed_;
    std::stop_source next_;
    std::optional<DrillOrder> order_;
    std::set<std::string, std::less<>> waiting_;  // sensors that have not answered
    std::jthread thread_;
};

}  // namespace sallyport::agent

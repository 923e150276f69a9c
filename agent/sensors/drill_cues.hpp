// SPDX-License-Identifier: Apache-2.0
//
// What a sensor must know of a drill: whether it is asked to prove itself, and what with. It then tells what it was cued to
// tell, marked with the nonce, and says that it is done. Where nothing of its own kind can be made it looks again and says so:
// looked() tells of its health as `agent.drill`. Thread-safe.
//
// A mark is put on what is_cued() takes, and on nothing else (protocol/drill.hpp): what only looks alike is told unmarked.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "protocol/drill.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

class DrillCues {
public:
    virtual ~DrillCues() = default;
    // The drill that waits for this sensor; nothing when none does, or no longer.
    [[nodiscard]] virtual std::optional<DrillOrder> cue(std::string_view sensor) const = 0;
    // Asked to stop when the next drill begins: what a sensor sleeps on besides its own end. To be taken before cue() is asked.
    [[nodiscard]] virtual std::stop_token next() const = 0;

    // The sink has taken what this sensor was cued to tell.
    virtual void done(std::string_view sensor) = 0;
    // It has looked: its health is its answer. Durable when it returns.
    [[nodiscard]] virtual Result<void> looked(std::string_view sensor) = 0;
    // It cannot prove itself; `reason` is a token.
    [[nodiscard]] virtual Result<void> cannot(std::string_view sensor, std::string_view reason) = 0;
};

// For a sensor that runs without any.
[[nodiscard]] DrillCues& no_drill();

// Ends with either of two: a sensor's sleep that a drill may end early.
class EitherStop {
public:
    EitherStop(std::stop_token one, std::stop_token other)
        : on_one_(std::move(one), Forward{&source_}), on_other_(std::move(other), Forward{&source_}) {}
    [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

private:
    struct Forward {
        std::stop_source* source;
        void operator()() const { source->request_stop(); }
    };
    std::stop_source source_;
    std::stop_callback<Forward> on_one_, on_other_;
};

}  // namespace sallyport::agent

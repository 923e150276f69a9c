// SPDX-License-Identifier: Apache-2.0
//
// What a sensor saw, before it is an event: the type, the body as the catalogue has it, and when it happened. The
// recorder gives it number, nonce and place in the chain.
#pragma once

#include <optional>
#include <string>

#include "protocol/envelope.hpp"

namespace sallyport::agent {

struct Observation {
    std::string type;  // a type of the catalogue
    Record body;
    // Empty: it was already so when the agent started looking, nobody knows since when.
    std::optional<WallTime> occurred_at;
    std::optional<std::string> session_id;
    std::optional<std::string> operator_account;
    EventOutcome outcome = EventOutcome::detected;
    std::optional<std::string> drill = std::nullopt;  // told for the drill of this nonce (agent/sensors/drill_cues.hpp)
};

// Where observations go. Thread-safe. When take() returns success the observation is durable.
class ObservationSink {
public:
    virtual ~ObservationSink() = default;
    [[nodiscard]] virtual Result<void> take(const Observation& observation) = 0;
};

}  // namespace sallyport::agent

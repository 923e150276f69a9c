// SPDX-License-Identifier: Apache-2.0
//
// From the broker into the event log. The receiving thread gives a message its place in its terminal's lane, checking
// threads take the lanes in turn, the writer stores, and after the commit the answer goes out over a second connection.
// When the writer is full the checks wait, when the lanes are full the broker waits: the agents' spools keep what is
// theirs. A message that is turned away was not answered, and comes again; nothing is dropped here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/intake/liveness_tracker.hpp"
#include "collector/store/writer.hpp"
#include "protocol/adapters/mqtt_connection.hpp"
#include "protocol/clock.hpp"

namespace sallyport::intake {

struct IntakeOptions {
    std::string ori;       // the agency; names the collector's own lines
    MqttOptions receive;   // certificate `collector-receive`
    MqttOptions send;      // certificate `collector-send`
    // Whether the broker may be used (broker_check.hpp); asked until it answers, and nothing is received before. Empty:
    // that is known already.
    std::function<Result<void>()> check_broker = {};
};

class Intake {
public:
    // `expected` lists the registered terminals that should be heard of; asked every second or so, on intake's own
    // thread. `stored` is called after each commit that brought new lines (wakes the judge); any thread.
    [[nodiscard]] static Result<std::unique_ptr<Intake>> start(IntakeOptions options, SigningKey signing_key,
                                                               store::Writer& writer, const Clock& clock,
                                                               std::function<std::vector<ExpectedTerminal>()> expected,
                                                               std::function<void()> stored);
    virtual ~Intake() = default;  // stops receiving, lets the writer finish, disconnects

    // Publishes the signed head of an agency's evidence log on `sallyport/1/{ori}/head`, retained; again and again until
    // the broker takes it or a newer one comes. Any thread.
    virtual void publish_head(const std::string& ori, const std::string& checkpoint) = 0;
    // Lines that another room has to add to the collector's own log, and what `with` does, in one transaction; durable
    // when it returns. Any thread but the writer's.
    [[nodiscard]] virtual Result<void> tell(const std::vector<Notice>& notices, const store::Writer::Job& with) = 0;

    // Why the broker must not be used, once that is known: the collector is to end. Any thread.
    [[nodiscard]] virtual std::optional<Error> broker_fault() const = 0;
};

}  // namespace sallyport::intake

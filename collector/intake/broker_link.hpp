// SPDX-License-Identifier: Apache-2.0
//
// A connection to the broker that comes back by itself, with growing and jittered pauses. Failures are logged, once a
// change; what cannot be sent meanwhile is lost on purpose: acknowledgements are repeated at each birth.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::intake {

class BrokerLink {
public:
    using Received = std::function<void(MqttMessage)>;

    // Whether certificate and key are there and belong together; start() asks it too.
    [[nodiscard]] static Result<void> check_identity(const std::string& name, const MqttOptions& options);
    [[nodiscard]] static Result<std::unique_ptr<BrokerLink>> start(std::string name, MqttOptions options,
                                                                   std::vector<std::string> topic_filters,
                                                                   Received received);
    virtual ~BrokerLink() = default;  // disconnects in order

    // Best effort; false when it could not be handed over.
    virtual bool publish(const MqttMessage& message) = 0;
    [[nodiscard]] virtual bool connected() const = 0;
};

}  // namespace sallyport::intake

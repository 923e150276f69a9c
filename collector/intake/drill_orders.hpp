// SPDX-License-Identifier: Apache-2.0
//
// From the store to the terminals: drills that were ordered and not begun, as signed configurations, retained by the broker
// so that a terminal that comes back within the span still hears of it. Said again every ten seconds until the terminal has
// begun, as the broker is no store. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "collector/store/drill_repository.hpp"
#include "protocol/adapters/mqtt_connection.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::intake {

class DrillOrders {
public:
    // What the store has to order now.
    [[nodiscard]] Result<void> read(Database& database, WallTime now);
    // What is to be published now, signed.
    [[nodiscard]] std::vector<MqttMessage> due(const SigningKey& collector, MonotonicTime now);

private:
    std::mutex mutex_;
    std::vector<store::Drill> unheard_;
    std::map<std::string, MonotonicTime> said_at_;  // by nonce
};

}  // namespace sallyport::intake

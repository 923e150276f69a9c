// SPDX-License-Identifier: Apache-2.0
//
// Messages between the broker and their checks: a lane for each terminal, served in turn, so that one that sends without
// measure waits behind itself and nobody else behind it. Bounded twice: a full lane turns away what comes (the terminal
// was not answered and sends it again), a full queue makes the receiving thread wait, and the broker with it.
//
// Within a lane the order stays as it came: it rests from pop() until done(). Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::intake {

struct FairQueueLimits {
    // Four times what an agent has on its way (agent/uplink: 8 batches of 128 KiB), as it may have sent them again.
    std::size_t lane_messages = 32;
    std::size_t lane_bytes = 4 * 1024 * 1024;
    std::size_t bytes = 64 * 1024 * 1024;
};

class FairQueue {
public:
    struct Item {
        std::string lane;
        MqttMessage message;
    };

    explicit FairQueue(FairQueueLimits limits = {}) : limits_(limits) {}

    // False when the lane is full. Waits while the queue is.
    [[nodiscard]] bool push(const std::string& lane, MqttMessage message);
    // The oldest of the lane whose turn it is; waits for one. Nothing when closed and empty.
    [[nodiscard]] std::optional<Item> pop();
    // What was popped of this lane is dealt with; the lane takes its place behind the others.
    void done(const std::string& lane);
    // No more will come; what is there is still handed out.
    void close();

    [[nodiscard]] std::size_t bytes() const;

private:
    struct Lane {
        std::deque<MqttMessage> messages;
        std::size_t bytes = 0;
        bool resting = false;
    };

    const FairQueueLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable room_, work_;
    std::unordered_map<std::string, Lane> lanes_;  // those that wait or rest
    std::deque<std::string> turns_;                // lanes that have something and do not rest
    std::size_t bytes_ = 0;
    bool closed_ = false;
};

}  // namespace sallyport::intake

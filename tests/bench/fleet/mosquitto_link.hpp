// SPDX-License-Identifier: Apache-2.0
//
// One terminal's MQTT 5 connection over mutual TLS, driven by somebody else's poll loop: thousands of them fit into one
// thread, where Paho would have one thread each. The load generator's own; one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::bench {

struct LinkHandlers {
    std::function<void()> connected;  // after the subscription is in place
    std::function<void()> lost;       // the connection, or the attempt at one
    std::function<void(std::string_view payload)> received;
    std::function<void()> delivered;  // the broker's PUBACK
};

class MosquittoLink {
public:
    MosquittoLink(const MqttOptions& options, LinkHandlers handlers);
    ~MosquittoLink();
    MosquittoLink(const MosquittoLink&) = delete;
    MosquittoLink& operator=(const MosquittoLink&) = delete;

    // One attempt; its end is told by connected or lost.
    void connect(const std::string& topic_filter, const MqttMessage& will);
    // False when not connected.
    bool publish(const MqttMessage& message);
    void disconnect();

    // For the poll loop: -1 while there is no socket.
    [[nodiscard]] int socket() const;
    [[nodiscard]] bool wants_to_write() const;
    void read();
    void write();
    void keep_alive();  // at least once a second

private:
    class Client;
    std::unique_ptr<Client> client_;
};

}  // namespace sallyport::bench

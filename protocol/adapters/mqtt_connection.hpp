// SPDX-License-Identifier: Apache-2.0
//
// One MQTT 5 connection over mutual TLS 1.3, as both programs need it. Implemented over Paho's C library in
// paho_connection.cpp, the only file that includes it; its traps (no work in callbacks, bounded buffers, Paho's own
// reconnect switched off in favour of ours) are kept in there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport {

struct MqttOptions {
    std::string host = "127.0.0.1";
    int port = 8883;
    std::string client_id;               // the broker forces it to the certificate's CN anyway
    std::filesystem::path ca_file;       // PEM
    std::filesystem::path cert_file;     // PEM, this side's certificate
    std::filesystem::path key_file;      // PEM
    std::chrono::seconds keep_alive{30};
    bool persistent_session = false;     // the broker keeps subscription and messages while away; see collector/main.cpp why not
};

struct MqttMessage {
    std::string topic;
    std::string payload;
    int qos = 1;
    bool retained = false;
};

// Callbacks come from a thread of the connection, one at a time, never from Paho's own: publish() may be called from
// them, connect() and disconnect() may not. While one does not return, the broker is made to wait (no PUBACK).
// `delivered` never comes before publish() has returned its token.
struct MqttHandlers {
    std::function<void()> connected;                      // after the subscriptions are in place
    std::function<void(const std::string& why)> lost;     // connection gone or attempt failed
    std::function<void(MqttMessage message)> received;
    // PUBACK (false: reason code >= 0x80, e.g. not authorised). What was on its way when the connection was lost is not
    // told one by one: `lost` says it for all.
    std::function<void(std::uint64_t token, bool accepted)> delivered;
};

class MqttConnection {
public:
    [[nodiscard]] static Result<std::unique_ptr<MqttConnection>> create(MqttOptions options, MqttHandlers handlers);
    virtual ~MqttConnection() = default;

    // Starts one attempt; its end is told by connected or lost. The will is what the broker says for us when the
    // connection breaks. Any thread, but one at a time.
    [[nodiscard]] virtual Result<void> connect(std::vector<std::string> topic_filters, std::optional<MqttMessage> will) = 0;
    // Hands the message to the connection without waiting; the token comes back in `delivered` (QoS 1 only).
    // Errc::exhausted when its bounded buffer is full, Errc::unavailable when not connected.
    [[nodiscard]] virtual Result<std::uint64_t> publish(const MqttMessage& message) = 0;
    // Orderly: the broker drops the will. Waits up to the given time.
    virtual void disconnect(std::chrono::milliseconds patience) = 0;
};

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
//
// What a terminal says of itself on `.../status`: birth at each connect, heartbeat every heartbeat_s, and a last will
// that the broker speaks for it. Status messages are no events: they are neither spooled nor kept as evidence
// (decisions 18). They are signed by the batch key like everything else, so that a forged sign of life is refused.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/batch.hpp"
#include "protocol/clock.hpp"

namespace sallyport {

enum class StatusKind { birth, heartbeat, will };
enum class SensorState { ok, degraded, off, absent };

struct StatusMessage {
    StatusKind kind = StatusKind::heartbeat;
    std::string terminal;
    std::string instance;
    std::string boot_id;
    std::uint64_t seq = 0;  // last spooled; a seq not received within 60 s is a gap
    Digest head{};          // chain head at seq
    WallTime at{};          // a will carries the time of its connect
    std::uint64_t uptime_s = 0;
    std::uint64_t queue_depth = 0;
    std::uint64_t queue_dropped = 0;
    std::uint64_t heartbeat_s = 60;
    std::string agent_version;
    std::map<std::string, SensorState> sensors;  // sensor name -> state
    std::map<std::string, std::string> reasons;  // sensor name -> why it is not ok
};

[[nodiscard]] std::string_view to_string(StatusKind kind);
[[nodiscard]] std::string_view to_string(SensorState state);
[[nodiscard]] Result<SensorState> parse_sensor_state(std::string_view text);

[[nodiscard]] Result<std::string> encode_status(const StatusMessage& status, const SigningKey& batch_key,
                                                const BatchKeyCertificate& certificate);
// Parses and verifies: certificate by the enrolled key, message by the certified one.
[[nodiscard]] Result<StatusMessage> decode_status(std::string_view message, const PublicKey& enrolled);
// The terminal a status message claims to be from, before anything is verified: to find the key to verify it with.
[[nodiscard]] Result<std::string> claimed_terminal(std::string_view message);

}  // namespace sallyport

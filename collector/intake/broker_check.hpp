// SPDX-License-Identifier: Apache-2.0
//
// Does the broker keep out what it must? Tried, not read off its configuration: as a stranger in each of the ways in
// which one could come. The certificates for it lie beside the authority (`sallyportctl ca probes`); none of them has a
// right to anything. Contract: docs/formats/uplink.md, "The broker".
#pragma once

#include <filesystem>
#include <string>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::intake {

struct BrokerCheckOptions {
    std::string ori;
    MqttOptions send;              // the collector's own, to say something that no stranger may hear
    std::filesystem::path probes;  // rightless, revoked, expired, foreign: .crt and .key of each
};

// Errc::refused names everything that was let in; unavailable: the broker does not answer, nothing can be said.
// Takes a few seconds, as a refusal does; nobody else may use `send` meanwhile.
[[nodiscard]] Result<void> check_broker(const BrokerCheckOptions& options);

}  // namespace sallyport::intake

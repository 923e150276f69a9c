// SPDX-License-Identifier: Apache-2.0
//
// The terminal's links as the network watch sees them. The one implementation (linux_network.cpp) asks libc and /sys.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

// A link that carries an address and leads out of the machine.
struct NetworkLink {
    std::string name;
    std::string_view kind;  // if_type of the catalogue
    std::string address;    // of IPv4 where it has one
    unsigned prefix = 0;
    std::optional<std::string> gateway;  // of its default route
    std::optional<std::string> ssid;
};

class NetworkFacts {
public:
    virtual ~NetworkFacts() = default;
    [[nodiscard]] virtual Result<std::vector<NetworkLink>> links() = 0;
};

// `192.168.7.23`, 24 -> `192.168.7.0/24`; likewise IPv6. Empty when it is no address.
[[nodiscard]] std::string subnet_of(const std::string& address, unsigned prefix);

}  // namespace sallyport::agent

// SPDX-License-Identifier: Apache-2.0
//
// Which networks the terminal is on.
//
// Policy: CSP AC-18 (wireless), SC-7; rules IDN-06 and USB-08. Event: device.network for each link that carries an address, at
// start and when its kind, address, gateway or wireless network is another one; what goes down and comes back the same says
// nothing. gateway_hash = SHA-256("gateway:" address), ssid_hash = SHA-256("ssid:" name): comparable, and a home network's name
// stays at home.
//
// Looks two seconds after the kernel told of a change (a lease brings address and route in turn), and every hour.
#pragma once

#include <memory>

#include "agent/sensors/host_watch.hpp"
#include "agent/sensors/host/network_facts.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<HostWatch> make_network_watch();
[[nodiscard]] std::unique_ptr<HostWatch> make_network_watch(std::unique_ptr<NetworkFacts> facts);

}  // namespace sallyport::agent

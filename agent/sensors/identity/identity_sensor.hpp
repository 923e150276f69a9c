// SPDX-License-Identifier: Apache-2.0
//
// Which machine this is, how it was booted, and what changed inside it.
//
// Policy: CSP CM-8 (inventory), IA-3 (device identification), SI-7 (boot integrity), directive II.B.1.
// Events: device.boot once a boot, device.identity at start, every 24 h and when any of it changed,
// device.component for each network card or internal disk that came or went.
//
// Looks every 10 minutes, and compares with what was known when the agent last ran. What cannot be read or
// does not fit its field is left out of the event; serials that are there but forbidden make the sensor
// degraded, `serials_forbidden`. How the last shutdown went is not known to this sensor. id_hash of a
// component = SHA-256( class ":" mac or serial ), class `nic_pci`, `nic_usb`, `nic_other` or `disk`; a
// virtual card, which programs make and unmake all day, is none.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class Machine;

// Texts that are empty are left out of the event.
struct IdentityOptions {
    std::string mnemonic;
    std::string terminal_identifier;
    std::string ori;
    std::string agent_version;
    // Keeps the last boot and the components that were reported, over restarts of the agent; empty: each
    // start begins anew.
    std::filesystem::path memory_file = {};
    std::filesystem::path root = "/";
};

[[nodiscard]] std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options);
[[nodiscard]] std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options,
                                                           std::unique_ptr<Machine> machine);

}  // namespace sallyport::agent

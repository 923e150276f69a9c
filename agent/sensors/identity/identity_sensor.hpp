// SPDX-License-Identifier: Apache-2.0
//
// Which machine this is, how it was booted, and what changed inside it.
//
// Policy: CSP CM-8 (inventory), IA-3 (device identification), SI-7 (boot integrity), directive II.B.1.
// Events: device.boot once a boot, device.identity at start, every 24 h and when any of it changed,
// policy.setting (secure_boot, tpm, boot_source, fixed_usb) at start and on change where a firmware-config
// speaks of them, device.component for each network card, internal disk or PCI function that came or went.
//
// Looks every 10 minutes, and compares with what was known when the agent last ran. What cannot be read or
// does not fit its field is left out of the event; serials that are there but forbidden make the sensor
// degraded, `serials_forbidden`. id_hash of a component = SHA-256( class ":" mac, serial or PCI place and
// ids ), class `nic_pci`, `nic_usb`, `nic_other`, `disk` or `pci_<class>`; a virtual card, which programs make
// and unmake all day, is none. How the last boot ended and where this one came from: last_shutdown.hpp,
// boot_medium.hpp.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/sensors/identity/mnemonic_file.hpp"
#include "agent/sensors/sensor.hpp"
#include "posture/posture.hpp"

namespace sallyport::agent {

class Machine;

// Texts that are empty are left out of the event.
struct IdentityOptions {
    std::string mnemonic;
    // Where the CLETS client keeps it (decision 23), read at each look; goes before `mnemonic`.
    MnemonicSource mnemonic_source = {};
    std::string terminal_identifier;
    std::string ori;
    std::string agent_version;
    // Keeps the last boot and the components that were reported, over restarts of the agent; empty: each
    // start begins anew.
    std::filesystem::path memory_file = {};
    std::filesystem::path root = "/";
    // What is expected of this model; nothing: the sensor `posture` is absent, `no_firmware_config`.
    std::optional<posture::TerminalPosture> posture = {};
};

[[nodiscard]] std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options);
[[nodiscard]] std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options,
                                                           std::unique_ptr<Machine> machine);

}  // namespace sallyport::agent

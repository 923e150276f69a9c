// SPDX-License-Identifier: Apache-2.0
//
// What the identity sensor needs to know of the machine, in its own words. The one implementation reads
// sysfs, procfs and the UEFI variables (linux_machine.cpp). A fact that cannot be read is absent, never an
// empty text.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

enum class CardKind { wired, wifi, cellular, virtual_card };
enum class CardBus { pci, usb, virtual_bus, other };

struct NetworkCard {
    std::string mac;  // the card's own one, also while the system shows the network another
    CardKind kind = CardKind::wired;
    CardBus bus = CardBus::other;
    auto operator<=>(const NetworkCard&) const = default;
};

struct PciDevice {
    std::string id;     // where it sits and what it is: `0000:03:00.0 8086:15f3 8086:0000`
    std::string group;  // its class and subclass, four hex digits
    auto operator<=>(const PciDevice&) const = default;
};

struct UsbPlace {
    std::string port, vid, pid;
    auto operator<=>(const UsbPlace&) const = default;
};

struct MachineFacts {
    std::optional<std::string> hostname;
    std::optional<std::string> asset_tag;
    std::optional<std::string> system_serial;
    std::optional<std::string> board_serial;
    std::optional<std::string> manufacturer;
    std::optional<std::string> model;
    std::optional<std::string> tpm_ek_sha256;
    std::optional<bool> tpm_present;
    std::optional<std::string> machine_id_sha256;
    std::optional<std::string> os_build;
    // Absent where the kernel shows no such devices at all: an empty list would say that all were taken out.
    std::optional<std::vector<std::string>> disk_serials;  // of disks that cannot be pulled out; sorted
    std::optional<std::vector<NetworkCard>> cards;         // built-in ones first, sorted
    std::optional<std::vector<PciDevice>> pci;             // sorted
    std::optional<std::vector<UsbPlace>> usb;              // sorted
    bool serials_forbidden = false;                        // they are there, but the agent may not read them
};

enum class BootSource { internal, usb, network, optical, unknown };
enum class SecureBoot { on, off, unknown };
enum class Shutdown { clean, power, crash, unknown };

struct BootFacts {
    std::string boot_id;  // another one at each boot
    BootSource source = BootSource::unknown;
    SecureBoot secure_boot = SecureBoot::unknown;
    std::optional<std::string> measure_digest;  // SHA-256 over the TPM's SHA-256 registers 0 to 7
    Shutdown last_shutdown = Shutdown::unknown;
};

// Used by one thread.
class Machine {
public:
    virtual ~Machine() = default;
    [[nodiscard]] virtual MachineFacts facts() = 0;
    [[nodiscard]] virtual Result<BootFacts> boot() = 0;
    // Of the program that is running, as hex.
    [[nodiscard]] virtual std::optional<std::string> program_sha256() = 0;
    // Sleeps; at once when asked to stop.
    virtual void sleep(std::stop_token stop, std::chrono::milliseconds pause) = 0;
};

}  // namespace sallyport::agent

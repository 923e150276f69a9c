// SPDX-License-Identifier: Apache-2.0
//
// Whether a device may work, decided by the signed rules and done by the kernel's switch. Off by default; without a guard
// the sensor only reports.
//
// What already works when the agent begins is never taken away where that would lock somebody out or break the machine:
// keyboards and mice that neither store nor connect (`console`), what is built in (`internal`), the disk that the machine runs from (`system`); nor when
// they come back after a sleep or in another port. Hubs are let through (`hub`): what hangs on them is judged by itself.
// All else is as the first matching rule says (`rule-3`), or held by `default`. What composite devices are is decided by
// all their interfaces: a keyboard with storage is no console keyboard.
//
// A list that is replaced lets in at once what it permits now; what it permits no longer is held when it is plugged next.
//
// One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/sensors/usb/device_record.hpp"
#include "agent/sensors/usb/policy_file.hpp"
#include "agent/sensors/usb/usb_switch.hpp"

namespace sallyport::agent {

struct Verdict {
    bool allowed = true;
    std::string rule;      // empty: nobody decides
    std::string rule_set;  // SHA-256 of the rules
    bool operator==(const Verdict&) const = default;
};

class UsbGuard {
public:
    UsbGuard(std::unique_ptr<UsbSwitch> kernel, PolicyOptions policy)
        : kernel_(std::move(kernel)), policy_(std::move(policy)) {
        static_cast<void>(policy_.refresh());
    }

    // What is known of a device besides itself.
    struct Standing {
        bool found_at_start = false;   // there when the agent began
        bool carries_system = false;
    };

    // Decides and switches. What is told is what the kernel did: a switch that fails leaves its device as it was.
    [[nodiscard]] Verdict admit(const UsbDevice& device, const KnownDevices& known, const Standing& standing);
    // Whether other rules hold since the last time.
    [[nodiscard]] bool refresh() { return policy_.refresh(); }
    // A token for the sensor's health; empty: all is well.
    [[nodiscard]] std::string trouble() const { return switch_failed_ ? "usb_switch_failed" : policy_.trouble(); }

private:
    struct Kept {
        UsbDevice device;
        std::string rule;
    };

    [[nodiscard]] Verdict judge(const UsbDevice& device, const KnownDevices& known, const Standing& standing, bool works);
    [[nodiscard]] std::string reason_to_keep(const UsbDevice& device, const Standing& standing) const;
    [[nodiscard]] const Kept* find_kept(const UsbDevice& device) const;

    std::unique_ptr<UsbSwitch> kernel_;
    PolicyFile policy_;
    std::vector<Kept> kept_;
    bool switch_failed_ = false;
};

}  // namespace sallyport::agent

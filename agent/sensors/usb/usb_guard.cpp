// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/usb_guard.hpp"

#include <algorithm>
#include <optional>

#include "agent/sensors/usb/departures.hpp"
#include "agent/sensors/usb/device_kind.hpp"
#include "protocol/usbguard/descriptors.hpp"

namespace sallyport::agent {
namespace {

std::string hash_of(const UsbDevice& device) {
    return usbguard::device_hash(device.product, device.vid, device.pid, device.serial, device.descriptors);
}

// Nothing where the descriptors are broken: what a device is must be known before a rule lets it in.
std::optional<usbguard::Device> as_rules_see_it(const UsbDevice& device, const KnownDevices& known) {
    const auto descriptors = usbguard::read_descriptors(device.descriptors);
    if (!descriptors) return std::nullopt;
    usbguard::Device seen{device.vid,          device.pid,
                          device.serial,       device.product,
                          hash_of(device),     {},
                          device.port,         device.connect_type,
                          usbguard::interfaces_in(*descriptors)};
    const std::string above = parent_port(device.port);
    for (const auto& [address, other] : known)
        if (other.hub && other.port == above) seen.parent_hash = hash_of(other);
    return seen;
}

// A keyboard that is put into another port is still that keyboard, as far as its model tells.
bool is_same_input(const UsbDevice& before, const UsbDevice& now) {
    return before.vid == now.vid && before.pid == now.pid && before.serial == now.serial &&
           before.descriptors == now.descriptors;
}

}  // namespace

Verdict UsbGuard::admit(const UsbDevice& device, const KnownDevices& known, const Standing& standing) {
    const auto works = kernel_->is_authorised(device.port);
    Verdict verdict = judge(device, known, standing, works && *works);
    if (!works || *works == verdict.allowed) return verdict;
    const auto switched = kernel_->authorise(device.port, verdict.allowed);
    // It may have been pulled out meanwhile, which is no trouble of the switch's.
    if (!switched && switched.error().code() == Errc::not_found) return verdict;
    switch_failed_ = !switched.ok();
    if (switch_failed_) verdict.allowed = *works;
    return verdict;
}

Verdict UsbGuard::judge(const UsbDevice& device, const KnownDevices& known, const Standing& standing, bool works) {
    const std::string& rule_set = policy_.rules().sha256;
    if (device.hub) return {true, "hub", rule_set};
    if (const Kept* kept = find_kept(device)) return {true, kept->rule, rule_set};
    if (standing.found_at_start && works)
        if (auto reason = reason_to_keep(device, standing); !reason.empty()) {
            kept_.push_back({device, reason});
            return {true, std::move(reason), rule_set};
        }
    const auto seen = as_rules_see_it(device, known);
    auto decision = seen ? usbguard::decide(policy_.rules(), *seen) : usbguard::Decision{false, "default"};
    return {decision.allowed, std::move(decision.rule), rule_set};
}

std::string UsbGuard::reason_to_keep(const UsbDevice& device, const Standing& standing) const {
    const DeviceKind kind = kind_of(device);
    if (kind.hid && !kind.storage && !kind.net && !kind.mtp) return "console";
    if (!device.external) return "internal";
    return standing.carries_system ? "system" : "";
}

const UsbGuard::Kept* UsbGuard::find_kept(const UsbDevice& device) const {
    const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
        return kept.rule == "console" ? is_same_input(kept.device, device) : is_same_device(kept.device, device);
    });
    return at == kept_.end() ? nullptr : &*at;
}

}  // namespace sallyport::agent

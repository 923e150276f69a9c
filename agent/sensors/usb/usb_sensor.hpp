// SPDX-License-Identifier: Apache-2.0
//
// What is plugged into the terminal's USB ports, what is pulled out, which of its file systems are mounted, and how much
// is written to it.
//
// Policy: CSP MP-7 (use of media restricted, an identifiable owner), CM-8, directive II.B.1. Events: usb.attach,
// usb.detach, usb.reenumerate, usb.mount, usb.write; agent.gap when the bus changed without telling. Product names and
// serial numbers stay here: only device_hash() leaves the terminal.
//
// - Devices present at the first run have no time and `present_at_start`. After a failure the bus is compared with what
//   was known, and differences have no time either.
// - A device that leaves is described as it was when it came. It counts as gone when it did not come back within
//   `resettle` (after a sleep: `resettle_after_sleep`); one that came back is one usb.reenumerate. So a usb.detach is
//   told that much later, with the time at which it happened.
// - Hubs are no devices; that there is one tells that there is a bus. None: `absent`, `bus_missing`, until one comes.
// - Messages that the kernel dropped are an agent.gap `kernel_buffer_overrun` with their number, and the bus is listed
//   afresh. Once a minute it is listed in any case, and a difference that lasts for two listings is an agent.gap
//   `hotplug_missed` and then reported.
// - `decision` is `allowed`, and who else blocks a device is not known, unless there is a guard (usb_guard.hpp): then it is
//   what the guard did, with the rule that decided. A device that a newer list lets in is told by another usb.attach.
// - What is written is looked at every `write_busy` while something is mounted and every `write_quiet` else, and told at
//   most every `write_told`. What a disk took between the last look and being pulled out is not known.
#pragma once

#include <chrono>
#include <memory>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

struct PolicyOptions;
struct UsbParts;

struct UsbOptions {
    std::chrono::milliseconds audit{60'000};         // between two listings
    std::chrono::milliseconds confirmation{10'000};  // until a difference is looked at again
    std::chrono::milliseconds resettle{2'000};
    std::chrono::milliseconds resettle_after_sleep{15'000};
    std::chrono::milliseconds write_busy{10'000};
    std::chrono::milliseconds write_quiet{30'000};
    std::chrono::milliseconds write_told{30'000};
};

[[nodiscard]] std::unique_ptr<Sensor> make_usb_sensor(const UsbOptions& options = {});
// Holds back what the signed list does not permit.
[[nodiscard]] std::unique_ptr<Sensor> make_enforcing_usb_sensor(const PolicyOptions& policy, const UsbOptions& options = {});
[[nodiscard]] std::unique_ptr<Sensor> make_usb_sensor(UsbParts parts, const UsbOptions& options = {});

}  // namespace sallyport::agent

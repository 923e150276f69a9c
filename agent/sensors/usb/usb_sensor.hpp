// SPDX-License-Identifier: Apache-2.0
//
// What is plugged into the terminal's USB ports, what is pulled out, and which of its file systems are
// mounted.
//
// Policy: CSP MP-7 (use of media restricted, an identifiable owner), CM-8, directive II.B.1. Events:
// usb.attach, usb.detach, usb.mount; agent.gap when the bus changed without telling. Product names and serial
// numbers stay here: only device_hash() leaves the terminal.
//
// - Devices present at the first run have no time and `present_at_start`. After a failure the bus is compared
// with what
//   was known, and differences have no time either.
// - A device that leaves is described as it was when it came.
// - Hubs are no devices; that there is one tells that there is a bus. None: `absent`, `bus_missing`, until
// one comes.
// - libusb does not tell when the kernel dropped messages: once a minute the bus is listed afresh, and a
// difference that
//   lasts for two listings is an agent.gap and then reported.
// - `decision` is always `allowed`: nothing is blocked by this sensor.
#pragma once

#include <chrono>
#include <memory>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class MountTable;
class UsbBus;

struct UsbOptions {
    std::chrono::milliseconds audit{60'000};         // between two listings
    std::chrono::milliseconds confirmation{10'000};  // until a difference is looked at again
};

[[nodiscard]] std::unique_ptr<Sensor> make_usb_sensor();
[[nodiscard]] std::unique_ptr<Sensor> make_usb_sensor(std::unique_ptr<UsbBus> bus,
                                                      std::unique_ptr<MountTable> mounts,
                                                      const UsbOptions& options = {});

}  // namespace sallyport::agent

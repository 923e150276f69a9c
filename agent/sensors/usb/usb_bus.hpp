// SPDX-License-Identifier: Apache-2.0
//
// What the USB sensor needs to know of the bus, in its own words. The one implementation stands on libusb
// (libusb_bus.cpp); what a device means is decided in usb_sensor.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

// Where a device sits: bus number and the address the kernel gave it. The kernel counts addresses up, so a
// device that was taken out and put back is another one.
struct UsbAddress {
    std::uint8_t bus = 0;
    std::uint8_t device = 0;
    auto operator<=>(const UsbAddress&) const = default;
};

struct UsbInterface {
    std::uint8_t type = 0;  // bInterfaceClass and its two refinements
    std::uint8_t subtype = 0;
    std::uint8_t protocol = 0;
    bool named_mtp = false;  // a vendor's own interface whose name says MTP, as telephones have
    auto operator<=>(const UsbInterface&) const = default;
};

struct UsbDevice {
    UsbAddress address;
    std::uint16_t vid = 0;
    std::uint16_t pid = 0;
    std::string serial;  // as the device gives it; must never get further than device_hash()
    std::string port;    // `1-2.4`: bus, then the port on each hub down to it
    bool hub = false;   // and nothing else: what only calls itself one is judged by its interfaces
    bool external = true;  // false only where the firmware says that the port is inside the case
    std::vector<UsbInterface> interfaces;  // of all configurations and settings: a device may change its mind
    // What rules may ask for besides; none of it is told.
    std::string product;       // as the device calls itself
    std::string connect_type;  // `hotplug`, `hardwired`, ...: as the firmware calls the port; empty: it does not
    Bytes descriptors;         // all of them, as the device gave them

    bool operator==(const UsbDevice&) const = default;
};

struct UsbChange {
    enum class Kind { attached, detached };
    Kind kind = Kind::attached;
    UsbAddress address;
    std::optional<UsbDevice> device;  // set when attached
};

// Used by one thread, but for wake().
class UsbBus {
public:
    virtual ~UsbBus() = default;
    // Begins to listen anew. Changes from now on are queued, so that what is listed afterwards has no hole
    // before it.
    [[nodiscard]] virtual Result<void> open() = 0;
    // Everything there, hubs included, read afresh from the system and not from what was queued. Those in
    // `known` that are still there are returned as they are: an idle device is not woken to be asked for its
    // serial again.
    [[nodiscard]] virtual Result<std::vector<UsbDevice>> devices(const std::vector<UsbDevice>& known) = 0;
    // The next change; nothing after `pause`, after wake() or when asked to stop. Sleeps in the kernel
    // meanwhile.
    [[nodiscard]] virtual Result<std::optional<UsbChange>> wait(std::stop_token stop,
                                                                std::chrono::milliseconds pause) = 0;
    // How many changes the kernel dropped since open() because they were not read fast enough.
    [[nodiscard]] virtual std::uint64_t dropped() = 0;
    // Makes wait() return. Any thread.
    virtual void wake() = 0;
};

}  // namespace sallyport::agent

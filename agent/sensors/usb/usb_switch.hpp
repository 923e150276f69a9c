// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own switch: a device that is not authorised has no interfaces, so that nothing of it works, but can still
// be read (Documentation/usb/authorization.rst). The one implementation writes sysfs (linux_usb_switch.cpp).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "protocol/result.hpp"

namespace sallyport::agent {

class UsbSwitch {
public:
    virtual ~UsbSwitch() = default;
    // `port`: as in UsbDevice. Errc::not_found: it is gone.
    [[nodiscard]] virtual Result<bool> is_authorised(const std::string& port) = 0;
    // On success the kernel has taken it. Fails where the file may not be written: the agent's user needs that right.
    [[nodiscard]] virtual Result<void> authorise(const std::string& port, bool allowed) = 0;
};

[[nodiscard]] std::unique_ptr<UsbSwitch> make_linux_usb_switch(
    std::filesystem::path devices = "/sys/bus/usb/devices");

}  // namespace sallyport::agent

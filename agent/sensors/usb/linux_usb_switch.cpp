// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "agent/sensors/usb/usb_switch.hpp"

namespace sallyport::agent {
namespace {

class LinuxUsbSwitch final : public UsbSwitch {
public:
    explicit LinuxUsbSwitch(std::filesystem::path devices) : devices_(std::move(devices)) {}

    [[nodiscard]] Result<bool> is_authorised(const std::string& port) override {
        std::ifstream file(switch_of(port));
        int value = 0;
        if (!(file >> value)) return Error(Errc::not_found, "usb switch: " + switch_of(port).string() + ": cannot be read");
        return value != 0;
    }

    [[nodiscard]] Result<void> authorise(const std::string& port, bool allowed) override {
        std::error_code unknown;
        if (!std::filesystem::exists(switch_of(port), unknown))
            return Error(Errc::not_found, "usb switch: " + switch_of(port).string() + ": there is no such device");
        std::ofstream file(switch_of(port), std::ios::trunc);
        file << (allowed ? '1' : '0') << std::flush;
        if (!file) return Error(Errc::io, "usb switch: " + switch_of(port).string() + ": cannot be written");
        return {};
    }

private:
    [[nodiscard]] std::filesystem::path switch_of(const std::string& port) const {
        return devices_ / port / "authorized";
    }

    std::filesystem::path devices_;
};

}  // namespace

std::unique_ptr<UsbSwitch> make_linux_usb_switch(std::filesystem::path devices) {
    return std::make_unique<LinuxUsbSwitch>(std::move(devices));
}

}  // namespace sallyport::agent

// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/device_record.hpp"

#include <algorithm>

#include "agent/sensors/usb/device_function.hpp"
#include "agent/sensors/usb/device_kind.hpp"
#include "protocol/usb_identity.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kFunctionsMax = 16;

bool is_shared(const UsbDevice& device, const KnownDevices& known) {
    return std::any_of(known.begin(), known.end(), [&](const auto& entry) {
        const UsbDevice& other = entry.second;
        return other.address != device.address && other.port != device.port && other.vid == device.vid &&
               other.pid == device.pid && other.serial == device.serial;
    });
}

}  // namespace

std::string parent_port(const std::string& port) {
    if (const auto dot = port.rfind('.'); dot != std::string::npos) return port.substr(0, dot);
    const auto dash = port.find('-');
    return dash == std::string::npos ? std::string() : "usb" + port.substr(0, dash);
}

Record describe(const UsbDevice& device, const KnownDevices& known) {
    const DeviceKind kind = kind_of(device);
    List classes, functions;
    for (auto& name : class_names(device))
        classes.emplace_back(std::move(name));
    for (const std::string_view name : function_names(device))
        if (functions.size() < kFunctionsMax) functions.emplace_back(std::string(name));
    const bool unique = names_one_device(device.serial) && !is_shared(device, known);
    Record body{{"vid", usb_id(device.vid)},
                {"pid", usb_id(device.pid)},
                {"serial_hash", device_hash(device.vid, device.pid, device.serial)},
                {"serial_present", !device.serial.empty()},
                {"identity", unique ? "device" : "model"},
                {"classes", std::move(classes)},
                {"functions", std::move(functions)},
                {"is_composite", is_composite(device)},
                {"is_storage", kind.storage},
                {"is_hid", kind.hid},
                {"is_keyboard", kind.keyboard},
                {"is_net", kind.net},
                {"is_mtp", kind.mtp},
                {"port", device.port},
                {"external", device.external},
                {"decision", "allowed"}};
    const std::string above = parent_port(device.port);
    for (const auto& [address, other] : known)
        if (other.hub && other.port == above) body.set("parent", usb_id(other.vid) + ":" + usb_id(other.pid));
    return body;
}

}  // namespace sallyport::agent

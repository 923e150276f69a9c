// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/device_kind.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "protocol/bytes.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kClassesMax = 32;
constexpr int kAny = -1;

enum class Ability { storage, hid, keyboard, net, mtp };

struct ClassRow {
    std::uint8_t type;
    int subtype;
    int protocol;
    Ability ability;
};

constexpr ClassRow kClasses[] = {
    {0x08, kAny, kAny, Ability::storage},  {0x03, kAny, kAny, Ability::hid},
    {0x03, 0x01, 0x01, Ability::keyboard}, {0x02, 0x06, kAny, Ability::net},  // CDC Ethernet
    {0x02, 0x0c, kAny, Ability::net},                                         // CDC Ethernet emulation
    {0x02, 0x0d, kAny, Ability::net},                                         // CDC network control model
    {0x02, 0x0e, kAny, Ability::net},                                         // CDC mobile broadband
    {0x02, 0x02, 0xff, Ability::net},                                         // RNDIS as Windows has it
    {0x0a, kAny, kAny, Ability::net},  // CDC data: a modem dials out through it as well
    {0xe0, 0x01, 0x03, Ability::net},  // RNDIS as telephones tether; e0:01:01 is plain Bluetooth
    {0xef, 0x04, kAny, Ability::net},  // RNDIS over Ethernet, WiFi, WiMAX, WWAN
    {0x06, kAny, kAny, Ability::mtp},  // still image: PTP and MTP
};

bool fits(const ClassRow& row, const UsbInterface& interface) {
    return row.type == interface.type && (row.subtype == kAny || row.subtype == interface.subtype) &&
           (row.protocol == kAny || row.protocol == interface.protocol);
}

void grant(DeviceKind& kind, Ability ability) {
    switch (ability) {
        case Ability::storage:
            kind.storage = true;
            break;
        case Ability::hid:
            kind.hid = true;
            break;
        case Ability::keyboard:
            kind.keyboard = true;
            break;
        case Ability::net:
            kind.net = true;
            break;
        case Ability::mtp:
            kind.mtp = true;
            break;
    }
}

std::string class_name(const UsbInterface& interface) {
    const auto hex = [](std::uint8_t code) { return to_hex(std::array{code}); };
    return hex(interface.type) + ":" + hex(interface.subtype) + ":" + hex(interface.protocol);
}

}  // namespace

DeviceKind kind_of(const UsbDevice& device) {
    DeviceKind kind;
    for (const UsbInterface& interface : device.interfaces) {
        kind.mtp = kind.mtp || interface.named_mtp;
        for (const ClassRow& row : kClasses)
            if (fits(row, interface)) grant(kind, row.ability);
    }
    return kind;
}

std::vector<std::string> class_names(const UsbDevice& device) {
    std::vector<std::string> names;
    for (const UsbInterface& interface : device.interfaces) {
        std::string name = class_name(interface);
        if (names.size() == kClassesMax) break;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

}  // namespace sallyport::agent

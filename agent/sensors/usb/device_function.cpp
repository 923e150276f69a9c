// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/device_function.hpp"

#include <algorithm>
#include <set>

namespace sallyport::agent {
namespace {

constexpr int kAny = -1;

struct FunctionRow {
    std::uint8_t type;
    int subtype;
    int protocol;
    std::string_view name;
    std::string_view kind;  // what counts as one device
};

// The first row that fits is it.
constexpr FunctionRow kFunctions[] = {
    {0x01, kAny, kAny, "audio", "audio"},
    {0x02, 0x06, kAny, "network", "network"},
    {0x02, 0x0c, kAny, "network", "network"},
    {0x02, 0x0d, kAny, "network", "network"},
    {0x02, 0x0e, kAny, "network", "network"},
    {0x02, 0x02, 0xff, "network", "network"},
    {0x02, kAny, kAny, "modem", "network"},
    {0x03, 0x01, 0x01, "keyboard", "hid"},
    {0x03, 0x01, 0x02, "mouse", "hid"},
    {0x03, kAny, kAny, "hid", "hid"},
    {0x05, kAny, kAny, "physical", "hid"},
    {0x06, kAny, kAny, "mtp", "mtp"},
    {0x07, kAny, kAny, "printer", "printer"},
    {0x08, kAny, kAny, "storage", "storage"},
    {0x09, kAny, kAny, "hub", "hub"},
    {0x0a, kAny, kAny, "data", "network"},
    {0x0b, kAny, kAny, "smartcard", "smartcard"},
    {0x0d, kAny, kAny, "content_security", "content_security"},
    {0x0e, kAny, kAny, "video", "video"},
    {0x0f, kAny, kAny, "healthcare", "healthcare"},
    {0x10, kAny, kAny, "audio_video", "video"},
    {0x11, kAny, kAny, "billboard", "billboard"},
    {0x12, kAny, kAny, "type_c_bridge", "type_c_bridge"},
    {0xdc, kAny, kAny, "diagnostic", "diagnostic"},
    {0xe0, 0x01, 0x03, "network", "network"},
    {0xe0, 0x01, 0x01, "bluetooth", "bluetooth"},
    {0xe0, kAny, kAny, "wireless", "wireless"},
    {0xef, 0x04, kAny, "network", "network"},
    {0xef, kAny, kAny, "miscellaneous", "miscellaneous"},
    {0xfe, 0x01, kAny, "firmware_update", "firmware_update"},
    {0xfe, kAny, kAny, "application", "application"},
    {0xff, kAny, kAny, "vendor", "vendor"},
};
constexpr FunctionRow kMtp = {0xff, kAny, kAny, "mtp", "mtp"};
constexpr FunctionRow kOther = {0x00, kAny, kAny, "other", "other"};

const FunctionRow& row_of(const UsbInterface& interface) {
    if (interface.named_mtp) return kMtp;
    const auto fits = [&](const FunctionRow& row) {
        return row.type == interface.type && (row.subtype == kAny || row.subtype == interface.subtype) &&
               (row.protocol == kAny || row.protocol == interface.protocol);
    };
    const auto* row = std::find_if(std::begin(kFunctions), std::end(kFunctions), fits);
    return row == std::end(kFunctions) ? kOther : *row;
}

}  // namespace

std::string_view function_name(const UsbInterface& interface) { return row_of(interface).name; }

std::vector<std::string_view> function_names(const UsbDevice& device) {
    std::vector<std::string_view> names;
    for (const UsbInterface& interface : device.interfaces)
        if (std::find(names.begin(), names.end(), function_name(interface)) == names.end())
            names.push_back(function_name(interface));
    return names;
}

bool is_composite(const UsbDevice& device) {
    std::set<std::string_view> kinds;
    for (const UsbInterface& interface : device.interfaces)
        kinds.insert(row_of(interface).kind);
    return kinds.size() > 1;
}

}  // namespace sallyport::agent

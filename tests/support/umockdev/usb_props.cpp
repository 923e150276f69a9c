// SPDX-License-Identifier: Apache-2.0
#include "tests/support/umockdev/usb_props.hpp"

#include <algorithm>

namespace sallyport::testing {
namespace {

const std::vector<Prop>& props() {
    static const std::vector<Prop> all = {
        {"hub", 0x1d6b, 0x0002, {{0x09, 0x00, 0x00}}, {}},
        {"stick", 0x0781, 0x5581, {{0x08, 0x06, 0x50}}, {}},
        {"disk", 0x0781, 0x5583, {{0x08, 0x06, 0x50}}, {}},
        {"keyboard", 0x046d, 0xc31c, {{0x03, 0x01, 0x01}, {0x03, 0x00, 0x00}}, {}},
        {"mouse", 0x046d, 0xc077, {{0x03, 0x01, 0x02}}, {}},
        {"badusb", 0x1209, 0x0001, {{0x08, 0x06, 0x50}, {0x03, 0x01, 0x01}}, {}},
        {"phone", 0x18d1, 0x4ee1, {{0xff, 0xff, 0x00}}, "MTP"},
        {"camera", 0x04a9, 0x32b1, {{0x06, 0x01, 0x01}}, {}},
        {"network", 0x0b95, 0x772b, {{0x02, 0x06, 0x00}, {0x0a, 0x00, 0x00}}, {}},
        {"tether", 0x18d1, 0x4ee3, {{0xe0, 0x01, 0x03}, {0x0a, 0x00, 0x00}}, {}},
    };
    return all;
}

void append_word(Octets& out, std::size_t word) {
    out.push_back(static_cast<std::uint8_t>(word & 0xff));
    out.push_back(static_cast<std::uint8_t>(word >> 8));
}

}  // namespace

const Prop* find_prop(std::string_view kind) {
    const auto at =
        std::find_if(props().begin(), props().end(), [&](const Prop& prop) { return prop.kind == kind; });
    return at == props().end() ? nullptr : &*at;
}

// USB 2.0 tables 9-8, 9-10, 9-12.
Octets descriptors_of(const Prop& prop, bool with_serial) {
    const bool hub = prop.kind == "hub";
    Octets out{18, 1, 0x00, 0x02, static_cast<std::uint8_t>(hub ? 9 : 0), 0, 0, 64};
    append_word(out, prop.vid);
    append_word(out, prop.pid);
    append_word(out, 0x0100);
    const std::uint8_t serial = with_serial ? kSerialString : std::uint8_t{0};
    out.insert(out.end(), {kMakerString, kProductString, serial, 1});

    const auto interfaces = static_cast<std::uint8_t>(prop.interfaces.size());
    out.insert(out.end(), {9, 2});
    append_word(out, 9u + 9u * interfaces);
    out.insert(out.end(), {interfaces, 1, 0, 0x80, 50});
    const std::uint8_t name = prop.interface_name.empty() ? std::uint8_t{0} : kInterfaceString;
    for (std::uint8_t number = 0; number < interfaces; ++number) {
        const PropInterface& one = prop.interfaces[number];
        out.insert(out.end(), {9, 4, number, 0, 0, one.type, one.subtype, one.protocol, name});
    }
    return out;
}

Octets string_descriptor(Octets utf16) {
    utf16.resize(std::min<std::size_t>(utf16.size(), 252));
    utf16.insert(utf16.begin(), {static_cast<std::uint8_t>(utf16.size() + 2), std::uint8_t{3}});
    return utf16;
}

Octets utf16_of(std::string_view ascii) {
    Octets out;
    for (const char letter : ascii)
        append_word(out, static_cast<unsigned char>(letter));
    return out;
}

}  // namespace sallyport::testing

// SPDX-License-Identifier: Apache-2.0
#include "protocol/usbguard/descriptors.hpp"

#include <algorithm>
#include <utility>

#include "protocol/crypto.hpp"

namespace sallyport::usbguard {
namespace {

constexpr std::size_t kHeader = 2;  // length and type
constexpr std::uint8_t kInputClass = 0x03;  // HID 1.11 section 4.1
enum Type : std::uint8_t { kDevice = 1, kConfiguration = 2, kInterface = 4, kEndpoint = 5 };

bool fits(std::uint8_t type, std::size_t length) {
    switch (type) {
        case kDevice:
            return length == 18;
        case kConfiguration:
        case kInterface:
            return length == 9;
        case kEndpoint:
            return length == 7 || length == 9;  // 9: an audio endpoint's (USB Audio 1.0 section 4.6.1)
        default:
            return true;
    }
}

// What must have come before.
class Order {
public:
    [[nodiscard]] bool take(std::uint8_t type) {
        switch (type) {
            case kDevice:
                return !std::exchange(device_, true);
            case kConfiguration:
                interface_ = false;
                configuration_ = true;
                return device_;
            case kInterface:
                interface_ = true;
                return configuration_;
            case kEndpoint:
                return interface_;
            default:
                return true;
        }
    }
    [[nodiscard]] bool has_device() const { return device_; }

private:
    bool device_ = false, configuration_ = false, interface_ = false;
};

std::string hex4(std::uint16_t number) {
    return to_hex(std::array{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)});
}

}  // namespace

Result<std::vector<Descriptor>> read_descriptors(ByteView chain) {
    std::vector<Descriptor> found;
    Order order;
    for (std::size_t at = 0; at < chain.size();) {
        const auto fault = [&](std::string_view why) {
            return Error(Errc::bad_input, "descriptors: byte " + std::to_string(at) + ": " + std::string(why));
        };
        if (chain.size() - at < kHeader) return fault("no whole header is left");
        const std::size_t length = chain[at];
        const std::uint8_t type = chain[at + 1];
        if (length < kHeader) return fault("shorter than its header");
        if (length > chain.size() - at) return fault("longer than what is left");
        if (!fits(type, length)) return fault("its length is not its type's");
        if (!order.take(type)) return fault("it does not belong there");
        const auto bytes = chain.subspan(at, length);
        found.push_back({type, Bytes(bytes.begin(), bytes.end())});
        at += length;
    }
    if (!order.has_device()) return Error(Errc::bad_input, "descriptors: there is no device among them");
    return found;
}

std::vector<InterfaceType> interfaces_in(const std::vector<Descriptor>& descriptors) {
    std::vector<InterfaceType> found;
    for (const Descriptor& one : descriptors)
        if (one.type == kInterface) found.push_back({one.bytes[5], one.bytes[6], one.bytes[7]});
    return found;
}

bool is_input_only(const std::vector<InterfaceType>& interfaces) {
    return !interfaces.empty() && std::all_of(interfaces.begin(), interfaces.end(),
                                              [](const InterfaceType& one) { return one.type == kInputClass; });
}

std::string device_hash(std::string_view name, std::uint16_t vid, std::uint16_t pid, std::string_view serial,
                        ByteView descriptors) {
    const std::string named = std::string(name) + hex4(vid) + hex4(pid) + std::string(serial);
    return to_base64(sha256(bytes_of(named), descriptors));
}

}  // namespace sallyport::usbguard

// SPDX-License-Identifier: Apache-2.0
//
// A device that says of itself whatever it likes: what is told of it must be an event that the collector takes, and
// must not have the serial or the name in it. Bytes: vid, pid, flags, count of interfaces with three bytes each, then
// serial, product, port by line.
#include "agent/sensors/usb/device_function.hpp"
#include "agent/sensors/usb/device_kind.hpp"
#include "agent/sensors/usb/device_record.hpp"
#include "tests/support/event_factory.hpp"

using namespace sallyport;
using namespace sallyport::agent;

namespace {

struct Input {
    const std::uint8_t* at;
    const std::uint8_t* end;
    std::uint8_t next() { return at < end ? *at++ : 0; }
    std::string line() {
        std::string text;
        while (at < end && *at != '\n')
            text += static_cast<char>(*at++);
        if (at < end) ++at;
        return text;
    }
};

UsbDevice device_from(Input& bytes) {
    UsbDevice device;
    device.address = {1, bytes.next()};
    device.vid = static_cast<std::uint16_t>(bytes.next() << 8 | bytes.next());
    device.pid = static_cast<std::uint16_t>(bytes.next() << 8 | bytes.next());
    const auto flags = bytes.next();
    device.hub = (flags & 1) != 0;
    device.external = (flags & 2) != 0;
    for (int count = bytes.next(); count > 0; --count) {
        const auto type = bytes.next(), subtype = bytes.next(), protocol = bytes.next();
        device.interfaces.push_back({type, subtype, protocol, (flags & 4) != 0});
    }
    device.serial = bytes.line();
    device.product = bytes.line();
    device.port = (flags & 8) != 0 ? "1-2" : "1-2.4";
    return device;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input bytes{data, data + size};
    KnownDevices known;
    for (int count = 0; count < 3 && bytes.at < bytes.end; ++count) {
        UsbDevice device = device_from(bytes);
        const auto address = device.address;
        known.insert_or_assign(address, std::move(device));
    }
    for (const auto& [address, device] : known) {
        Record body = describe(device, known);
        body.set("decision", "allowed");
        (void)function_names(device);
        (void)is_composite(device);
        const auto line = encode_event(testing::event("usb.attach", "T-1", std::string(32, 'a'), 1, body));
        if (!line) __builtin_trap();
        const auto decoded = decode_event(*line);
        if (!std::holds_alternative<Event>(decoded)) __builtin_trap();
        for (const std::string& secret : {device.serial, device.product})
            if (secret.size() >= 70 && line->find(secret) != std::string::npos) __builtin_trap();
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// A line: what decodes must encode to a line that decodes to the same event.
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto decoded = decode_event(text);
    if (const auto* event = std::get_if<Event>(&decoded)) {
        auto line = encode_event(*event);
        if (!line)
            __builtin_trap();
        auto again = decode_event(*line);
        const auto* same = std::get_if<Event>(&again);
        if (same == nullptr || !(same->body == event->body) || same->seq != event->seq)
            __builtin_trap();
    }
    if (auto value = read_json(text)) {
        auto again = read_json(write_json(*value), JsonLimits{.bytes_max = 1 << 20});
        if (!again)
            __builtin_trap();
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// What the collector sends to a terminal, as somebody between them might: a list of devices. Whatever is changed, it is
// refused.
#include "protocol/usbguard/signed_policy.hpp"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SigningKey key = *SigningKey::generate();
    static const std::string good = *usbguard::encode_policy("T-1", 7, WallTime(std::chrono::hours(500'000)),
                                                             "allow id 0951:1666 serial \"x123456\"\nblock\n", key);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (usbguard::decode_policy(text, key.public_key())) __builtin_trap();  // nobody but the key's owner can make one
    // A good one with a few bytes changed: place, value, place, value ...
    std::string forged = good;
    for (std::size_t at = 0; at + 2 < size && at < 12; at += 3)
        forged[(static_cast<std::size_t>(data[at]) << 8 | data[at + 1]) % forged.size()] =
            static_cast<char>(data[at + 2]);
    if (auto read = usbguard::decode_policy(forged, key.public_key()); read && forged != good) {
        // JSON may be written in more ways than one; what it says must be the same.
        if (read->terminal != "T-1" || read->version != 7 || read->rules.rules.size() != 2) __builtin_trap();
    }
    return 0;
}

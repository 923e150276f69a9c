// SPDX-License-Identifier: Apache-2.0
//
// The things that can be plugged on the stage, down to the descriptors a real one would send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::testing {

using Octets = std::vector<std::uint8_t>;

// String descriptors of a prop; the index is the one its descriptors name, 0 the list of languages.
inline constexpr std::uint8_t kMakerString = 1;
inline constexpr std::uint8_t kProductString = 2;
inline constexpr std::uint8_t kSerialString = 3;
inline constexpr std::uint8_t kInterfaceString = 4;

struct PropInterface {
    std::uint8_t type, subtype, protocol;
};

struct Prop {
    std::string_view kind;  // as the stage's commands name it
    std::uint16_t vid, pid;
    std::vector<PropInterface> interfaces;
    std::string_view interface_name;  // of its interfaces; none when empty
};

// nullptr when there is no such kind.
[[nodiscard]] const Prop* find_prop(std::string_view kind);

// Device descriptor and configuration, as sysfs shows them.
[[nodiscard]] Octets descriptors_of(const Prop& prop, bool with_serial);

// A string descriptor from UTF-16LE bytes; what is too long for one is cut (USB 2.0 section 9.6.7: 255
// bytes).
[[nodiscard]] Octets string_descriptor(Octets utf16);
[[nodiscard]] Octets utf16_of(std::string_view ascii);

}  // namespace sallyport::testing

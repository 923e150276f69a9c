// SPDX-License-Identifier: Apache-2.0
//
// What passes between the agent and the camera process: messages of one fixed size, each byte of which has one meaning
// and a range. Nothing else can pass; a message that is otherwise is refused whole. docs/formats/camera.md has the table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport::camera {

inline constexpr std::size_t kMessageBytes = 32;
using Message = std::array<std::uint8_t, kMessageBytes>;

enum class CameraState : std::uint8_t {
    on = 1, covered, blinded, defocused, moved, frozen, is_virtual, disconnected, in_use_by_other,
};
[[nodiscard]] std::string_view name_of(CameraState state);  // the dictionary's

struct Presence {
    int faces = 0;                  // 0..9
    bool operator_present = false;
    int onlookers = 0;              // 0..9
    std::int64_t duration_ms = 0;   // 0..1 hour, tenths of a second
    int confidence_percent = 0;     // 0..100
    bool near = true;
};

// Numbers of the scene that the agent keeps for the next start: contrast and sharpness in thousandths.
struct SceneNumbers {
    std::uint32_t mean = 0, deviation = 0, sharpness = 0;  // each at most 1,000,000
};

// The fallback detector is at work.
struct Degraded {};

// Of the pictures that the camera gives; told once, at the first.
struct PictureSize {
    std::uint32_t width = 0, height = 0;  // each 1..8192
};

// The drill's pattern is in view. What it says is not read.
struct PatternSeen {};

using Report = std::variant<CameraState, Presence, SceneNumbers, Degraded, PictureSize, PatternSeen>;

[[nodiscard]] Message encode(const Report& report);
// Errc::bad_input on any other size, version, kind, value out of its range, or byte that must be zero and is not.
[[nodiscard]] Result<Report> decode(std::span<const std::uint8_t> bytes);

// As in the event catalogue: type and body; nothing for a report that is none of its events.
struct CameraEvent {
    double t = 0;
    Report report;
};
[[nodiscard]] std::string_view event_type(const Report& report);
[[nodiscard]] Record event_body(const Report& report);

// The agent's only words to the process: somebody used keyboard or mouse, so many tenths of a second ago; and look for the
// drill's pattern for so many seconds.
inline constexpr std::size_t kNoteBytes = 8;
using Note = std::array<std::uint8_t, kNoteBytes>;
[[nodiscard]] Note encode_input(std::uint32_t tenths_ago);
[[nodiscard]] std::optional<std::uint32_t> decode_input(std::span<const std::uint8_t> bytes);
[[nodiscard]] Note encode_pattern_wish(std::uint32_t seconds);
[[nodiscard]] std::optional<std::uint32_t> decode_pattern_wish(std::span<const std::uint8_t> bytes);

}  // namespace sallyport::camera

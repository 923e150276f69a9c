// SPDX-License-Identifier: Apache-2.0
//
// A drill: the collector orders that each sensor of one terminal prove itself within a quarter of an hour. What a sensor
// tells for that carries the drill's nonce as its mark; a marked event is no statement about the desk, and rules, alerts and
// counts leave it out. So everything here is about what may be marked: by this one function the terminal decides whether it
// marks, and the collector whether it believes the mark. docs/formats/drill.md says why none of it hides anything.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/envelope.hpp"
#include "protocol/value.hpp"

namespace sallyport {

inline constexpr std::chrono::minutes kDrillLongest{15};
// How far a terminal's clock may be off for its marks to be believed.
inline constexpr std::chrono::minutes kDrillClockTolerance{5};

// The registered stick that is to be plugged in, as usb.attach knows it.
struct DrillStick {
    std::string vid, pid;     // four hex digits
    std::string serial_hash;  // 64 hex digits
    bool operator==(const DrillStick&) const = default;
};

struct DrillOrder {
    std::string nonce;  // 32 hex digits, never used twice
    WallTime begins_at{};
    WallTime ends_at{};  // at most kDrillLongest later
    std::vector<std::string> sensors;
    std::optional<DrillStick> stick;
    bool operator==(const DrillOrder&) const = default;
};

// Every sensor that can be asked to prove itself: the agent's, by the names in its catalogue.
[[nodiscard]] std::span<const std::string_view> drill_sensors();

// Whether an event of this kind is what the drill asked for and nothing else. The time is not looked at.
[[nodiscard]] bool is_cued(const DrillOrder& order, std::string_view type, const Record& body);
// The sensor that the marked event proves; empty where it proves none (a drill's begin and end).
[[nodiscard]] std::string_view proven_by(std::string_view type, const Record& body);
// Why a mark is not believed: `out_of_span` or `not_cued`; empty when it is.
[[nodiscard]] std::string_view fault_of_mark(const DrillOrder& order, const Event& event);

}  // namespace sallyport

// SPDX-License-Identifier: Apache-2.0
//
// The signed permit without which no camera runs (system.md 9.9; policy-facts section 0, row 3): it says that for this
// terminal's room notice was given and bargaining recorded. It lasts seven days at most and lies on the terminal as a
// file; nothing that arrives over the network can take its place.
#pragma once

#include <string>
#include <string_view>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport {

inline constexpr std::chrono::hours kCameraPermitLongest{7 * 24};

struct CameraPermit {
    std::string terminal;
    std::string room;
    std::string notice_posted_on;  // YYYY-MM-DD
    std::string bargaining_ref;    // token
    WallTime issued_at{};
    WallTime expires_at{};         // at most kCameraPermitLongest after issued_at
};

[[nodiscard]] Result<std::string> encode_camera_permit(const CameraPermit& permit, const SigningKey& collector);
// Parses, checks the collector's signature and that it does not last longer than seven days.
[[nodiscard]] Result<CameraPermit> decode_camera_permit(std::string_view text, const PublicKey& collector);

}  // namespace sallyport

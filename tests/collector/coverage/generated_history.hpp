// SPDX-License-Identifier: Apache-2.0
//
// A terminal's life over some hours, made up second by second: what happened (the truth), what its agent wrote, what of
// that arrived, and what the collector heard. The truth is a plain array; nothing here asks the product.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "protocol/value.hpp"

namespace sallyport::coverage::testing {

inline constexpr int kSeconds = 8 * 3600;  // the life's length; its end is now

struct WrittenLine {
    std::string instance;
    std::uint64_t seq = 0;
    std::string type;
    int at = 0;
    Record body;
    bool withheld = false;
};

struct HeardNotice {
    std::string state;
    int last_seen = 0;
};

struct GapNotice {
    std::string instance;
    std::uint64_t first_seq = 0, last_seq = 0;
    int told_at = 0;
};

// Lines that are not there, and between which times they must lie.
struct TrueHole {
    std::uint64_t count = 0;
    int after = 0, before = 0;
};

struct GeneratedHistory {
    std::vector<std::string> state, camera, usb;  // by second; camera and usb only mean something while monitored
    std::vector<WrittenLine> lines;
    std::vector<HeardNotice> notices;
    std::vector<GapNotice> gaps;
    std::vector<TrueHole> holes;
    std::vector<int> broken_chains;          // seconds at which a chain began that names none
    std::vector<std::pair<int, std::string>> policy;  // from second on: enabled, off_by_policy, forbidden
    bool alive = false;                      // connected now
    int last_seen = 0;
};

[[nodiscard]] GeneratedHistory generate(std::uint32_t seed);

}  // namespace sallyport::coverage::testing

// SPDX-License-Identifier: Apache-2.0
//
// Notices a picture that stands still and one that runs in a loop: a sensor's noise never gives the same picture twice.
//
// Keeps a 64-bit number for each picture of about the last quarter of an hour; a picture cannot be had back from it.
// A source that is noiseless by nature (a drawn clip) is not accused: first it must have shown that its pictures differ.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>

#include "agent/sensors/camera/process/evidence_window.hpp"

namespace sallyport::camera {

class ReplayDetector {
public:
    // A camera is noisy by nature; of a recorded source it must be seen.
    explicit ReplayDetector(bool noisy_by_nature);

    // Each picture as it came from the source. True while they repeat earlier ones.
    [[nodiscard]] bool repeats(double t, std::span<const std::uint8_t> bytes);

private:
    [[nodiscard]] bool seen_before(std::uint64_t fingerprint);

    EvidenceWindow evidence_;
    std::unordered_map<std::uint64_t, int> known_;
    std::deque<std::uint64_t> order_;
    int fresh_in_a_row_ = 0;
    bool noisy_;
    bool repeating_ = false;
};

}  // namespace sallyport::camera

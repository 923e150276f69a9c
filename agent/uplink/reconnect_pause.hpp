// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before the next attempt: doubling from 0.5 s to 60 s, each drawn at random between half and whole,
// so that a thousand terminals do not return in the same second.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace sallyport::agent {

class ReconnectPause {
public:
    ReconnectPause(std::chrono::milliseconds shortest, std::chrono::milliseconds longest)
        : shortest_(shortest), longest_(longest), next_(shortest) {}

    [[nodiscard]] std::chrono::milliseconds draw() {
        const auto whole = next_.count();
        next_ = std::min(next_ * 2, longest_);
        return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(whole / 2, whole)(random_));
    }
    // After something really worked: not at a connect alone, else a broker that throws us out would be hammered.
    void reset() { next_ = shortest_; }

private:
    const std::chrono::milliseconds shortest_;
    const std::chrono::milliseconds longest_;
    std::chrono::milliseconds next_;
    std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace sallyport::agent

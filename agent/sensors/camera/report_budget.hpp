// SPDX-License-Identifier: Apache-2.0
//
// How much the camera process may tell: two reports a second over time, ten at once. An honest one tells a few an hour;
// one that was taken over must not have a channel wide enough for a picture (docs/formats/camera.md has the sum).
#pragma once

#include <algorithm>

#include "protocol/clock.hpp"

namespace sallyport::agent {

class ReportBudget {
public:
    explicit ReportBudget(MonotonicTime now) : counted_(now) {}

    // False when this report is one too many.
    [[nodiscard]] bool spend(MonotonicTime now) {
        const double passed_s = now > counted_ ? static_cast<double>((now - counted_).count()) / 1000 : 0;
        counted_ = std::max(now, counted_);
        left_ = std::min(kAtOnce, left_ + passed_s * kPerSecond) - 1;
        return left_ >= 0;
    }

private:
    static constexpr double kPerSecond = 2;
    static constexpr double kAtOnce = 10;
    MonotonicTime counted_;
    double left_ = kAtOnce;
};

}  // namespace sallyport::agent

// SPDX-License-Identifier: Apache-2.0
//
// Samples of yes and no over the last seconds: a state is believed when nearly all of a window says so, and given up
// when hardly any does. Between the two it stays what it was, so that nothing flickers.
//
// Where a terminal is too slow to take the fewest samples within the window, the newest few count although they lie
// further back: it sees later than others, but it does see.
#pragma once

#include <cstddef>
#include <deque>

namespace sallyport::camera {

struct EvidenceRule {
    double window_s;          // how far back samples count
    std::size_t samples_min;  // fewer are no evidence
    double span_min_s;        // and they must not all be of one moment
};

class EvidenceWindow {
public:
    explicit EvidenceWindow(EvidenceRule rule) : rule_(rule) {}

    void add(double t, bool positive);
    void clear() { samples_.clear(); }
    [[nodiscard]] bool mostly_positive() const;
    [[nodiscard]] bool mostly_negative() const { return enough() && share() <= 0.25; }
    // True while the newest sample speaks against the given state: look more often until it is settled.
    [[nodiscard]] bool disputes(bool state) const { return !samples_.empty() && samples_.back().positive != state; }
    // Time of the oldest positive sample of the window.
    [[nodiscard]] double positive_since() const;

private:
    struct Sample {
        double t;
        bool positive;
    };
    [[nodiscard]] bool enough() const;
    [[nodiscard]] double share() const;

    EvidenceRule rule_;
    std::deque<Sample> samples_;
};

}  // namespace sallyport::camera

// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/evidence_window.hpp"

#include <algorithm>

namespace sallyport::camera {
namespace {

constexpr double kThinnest = 3;  // windows in which the fewest samples may lie

}  // namespace

void EvidenceWindow::add(double t, bool positive) {
    samples_.push_back({t, positive});
    const auto older_than = [&](double age) { return samples_.front().t < t - age - 1e-6; };
    while (older_than(rule_.window_s) &&
           (samples_.size() > rule_.samples_min || older_than(kThinnest * rule_.window_s)))
        samples_.pop_front();
}

bool EvidenceWindow::enough() const {
    return samples_.size() >= rule_.samples_min && samples_.back().t - samples_.front().t >= rule_.span_min_s - 1e-6;
}

bool EvidenceWindow::mostly_positive() const {
    if (!enough() || share() < 0.75)
        return false;
    // The yes itself must have lasted: an old no must not lend its age to a moment's yes.
    const auto newest = std::find_if(samples_.rbegin(), samples_.rend(), [](const Sample& s) { return s.positive; });
    return newest->t - positive_since() >= rule_.span_min_s - 1e-6;
}

double EvidenceWindow::share() const {
    const auto positive = std::count_if(samples_.begin(), samples_.end(), [](const Sample& s) { return s.positive; });
    return static_cast<double>(positive) / static_cast<double>(samples_.size());
}

double EvidenceWindow::positive_since() const {
    const auto at = std::find_if(samples_.begin(), samples_.end(), [](const Sample& s) { return s.positive; });
    return at == samples_.end() ? 0 : at->t;
}

}  // namespace sallyport::camera

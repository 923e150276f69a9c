// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/replay_detector.hpp"

#include <functional>
#include <string_view>

namespace sallyport::camera {
namespace {

constexpr EvidenceRule kRepeating{1.0, 4, 0.75};
constexpr std::size_t kRemembered = 5000;  // pictures: a quarter of an hour at five a second
constexpr int kFreshProves = 25;           // pictures in a row that were all new: the source has noise

}  // namespace

ReplayDetector::ReplayDetector(bool noisy_by_nature) : evidence_(kRepeating), noisy_(noisy_by_nature) {}

bool ReplayDetector::repeats(double t, std::span<const std::uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const bool again = seen_before(std::hash<std::string_view>()(text));
    fresh_in_a_row_ = again ? 0 : fresh_in_a_row_ + 1;
    noisy_ = noisy_ || fresh_in_a_row_ >= kFreshProves;
    if (!noisy_)
        return false;
    evidence_.add(t, again);
    if (evidence_.mostly_positive())
        repeating_ = true;
    else if (evidence_.mostly_negative())
        repeating_ = false;
    return repeating_;
}

bool ReplayDetector::seen_before(std::uint64_t fingerprint) {
    const bool again = known_[fingerprint]++ > 0;
    order_.push_back(fingerprint);
    if (order_.size() > kRemembered) {
        if (const auto oldest = known_.find(order_.front()); --oldest->second == 0)
            known_.erase(oldest);
        order_.pop_front();
    }
    return again;
}

}  // namespace sallyport::camera

// SPDX-License-Identifier: Apache-2.0
#include "agent/load_guard.hpp"

namespace sallyport::agent {
namespace {

constexpr std::uint64_t kCalmPercent = 50, kGiveBackPercent = 60, kRestPercent = 75, kStartAnewPercent = 90;
constexpr int kCalmLooks = 10;

}  // namespace

LoadStep LoadGuard::judge(const MemoryUse& memory) {
    const std::uint64_t percent = memory.used / (memory.limit / 100 + 1);
    calm_looks_ = percent < kCalmPercent ? calm_looks_ + 1 : 0;
    if (percent < kGiveBackPercent)
        gave_back_ = false;
    if (camera_rests_ && calm_looks_ >= kCalmLooks) {
        camera_rests_ = false;
        return LoadStep::let_camera_go_on;
    }
    if (percent >= kStartAnewPercent && camera_rests_)
        return LoadStep::start_anew;
    if (percent >= kRestPercent && gave_back_ && !camera_rests_) {
        camera_rests_ = true;
        return LoadStep::rest_camera;
    }
    if (percent >= kGiveBackPercent) {
        gave_back_ = true;
        return LoadStep::give_memory_back;
    }
    return LoadStep::none;
}

}  // namespace sallyport::agent

// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/clock_watch.hpp"

namespace sallyport::intake {
namespace {

constexpr std::chrono::milliseconds kStep{1000};
constexpr std::chrono::hours kUnsyncedFor{1};

Notice notice(const char* state, std::chrono::milliseconds delta) {
    return {"server.clock", Record{{"state", state}, {"delta_ms", static_cast<std::int64_t>(delta.count())}}, std::nullopt};
}

}  // namespace

ClockWatch::ClockWatch(const Clock& clock) : clock_(clock), drift_(drift()) {}

std::chrono::milliseconds ClockWatch::drift() const {
    return clock_.now().time_since_epoch() - std::chrono::milliseconds(clock_.monotonic().count());
}

std::optional<Notice> ClockWatch::look() {
    const auto delta = drift() - drift_;
    drift_ += delta;
    if (std::chrono::abs(delta) >= kStep)
        return notice("stepped", delta);
    if (clock_.state() != ClockState::unsynced) {
        unsynced_since_.reset();
        if (!told_unsynced_)
            return std::nullopt;
        told_unsynced_ = false;
        return notice("synced", {});
    }
    const MonotonicTime now = clock_.monotonic();
    if (!unsynced_since_)
        unsynced_since_ = now;
    if (told_unsynced_ || now - *unsynced_since_ < kUnsyncedFor)
        return std::nullopt;
    told_unsynced_ = true;
    return notice("unsynced", {});
}

}  // namespace sallyport::intake

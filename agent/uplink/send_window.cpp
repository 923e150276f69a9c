// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/send_window.hpp"

namespace sallyport::agent {
namespace {

// A repeated acknowledgement says that a batch came which does not follow. While the one that would follow may still
// be on its way, that is no reason to send everything again.
constexpr std::chrono::seconds kRepeatMeansLost{1};

}  // namespace

void SendWindow::sent(std::uint64_t first_seq, std::uint64_t last_seq, Time now) {
    if (in_flight_.empty())
        moved_at_ = now;
    in_flight_.push_back({first_seq, last_seq, now});
    next_seq_ = last_seq + 1;
}

bool SendWindow::acknowledged(std::uint64_t seq, Time now) {
    const std::uint64_t oldest = in_flight_.empty() ? next_seq_ : in_flight_.front().first_seq;
    if (seq + 1 < oldest) {
        rewind(seq + 1);
        return false;
    }
    bool progress = false;
    while (!in_flight_.empty() && in_flight_.front().last_seq <= seq) {
        round_trip_ = std::chrono::duration_cast<std::chrono::milliseconds>(now - in_flight_.front().sent_at);
        in_flight_.pop_front();
        progress = true;
    }
    if (progress)
        moved_at_ = now;
    else if (!in_flight_.empty() && now - in_flight_.front().sent_at > kRepeatMeansLost)
        rewind(seq + 1);
    if (next_seq_ <= seq)
        next_seq_ = seq + 1;
    return progress;
}

void SendWindow::rewind(std::uint64_t next_seq) {
    in_flight_.clear();
    next_seq_ = next_seq;
}

bool SendWindow::rewind_if_stalled(Time now) {
    if (now < stalls_at())
        return false;
    rewind(in_flight_.front().first_seq);
    return true;
}

SendWindow::Time SendWindow::stalls_at() const {
    return in_flight_.empty() ? Time::max() : moved_at_ + patience_;
}

}  // namespace sallyport::agent

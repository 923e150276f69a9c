// SPDX-License-Identifier: Apache-2.0
//
// Which lines are on their way, and which go next: the arithmetic of system.md 9.1, without a network or a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace sallyport::agent {

class SendWindow {
public:
    using Time = std::chrono::steady_clock::time_point;

    // At most so many batches unacknowledged; without progress for so long everything unacknowledged is sent again.
    SendWindow(std::size_t batches_max, std::chrono::milliseconds patience)
        : batches_max_(batches_max), patience_(patience) {}

    [[nodiscard]] std::uint64_t next_seq() const { return next_seq_; }
    [[nodiscard]] bool open() const { return in_flight_.size() < batches_max_; }
    [[nodiscard]] bool empty() const { return in_flight_.empty(); }

    void sent(std::uint64_t first_seq, std::uint64_t last_seq, Time now);
    // What the collector has, as it says: forgets what that covers, goes back when the collector is behind what was
    // thought delivered, or repeats itself while the first batch has been away for a while. True when it was progress.
    bool acknowledged(std::uint64_t seq, Time now);
    // From the sending of the newest batch that was acknowledged until its acknowledgement.
    [[nodiscard]] std::chrono::milliseconds round_trip() const { return round_trip_; }
    // Nothing counts as sent from here on.
    void rewind(std::uint64_t next_seq);
    // Goes back to the first line in flight when nothing has moved for too long. True when it did.
    bool rewind_if_stalled(Time now);
    // When rewind_if_stalled() could next do something; the end of time when nothing is in flight.
    [[nodiscard]] Time stalls_at() const;

private:
    struct InFlight {
        std::uint64_t first_seq;
        std::uint64_t last_seq;
        Time sent_at;
    };
    const std::size_t batches_max_;
    const std::chrono::milliseconds patience_;
    std::uint64_t next_seq_ = 1;
    std::deque<InFlight> in_flight_;
    Time moved_at_{};
    std::chrono::milliseconds round_trip_{};
};

}  // namespace sallyport::agent

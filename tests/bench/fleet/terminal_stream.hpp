// SPDX-License-Identifier: Apache-2.0
//
// What one simulated terminal has to say: real keys, a real chain, signed batches, made when they are wanted or all of
// them beforehand. Plays the spool's part: a batch is kept until the collector acknowledged it. One thread.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include "protocol/batch.hpp"
#include "protocol/clock.hpp"
#include "protocol/status.hpp"

namespace sallyport::bench {

struct StreamBatch {
    std::uint64_t first_seq = 0;
    std::uint64_t last_seq = 0;
    std::chrono::steady_clock::time_point due{};  // when its last line was spooled
    std::string message;
};

class TerminalStream {
public:
    TerminalStream(std::string terminal, const SigningKey& enrolled);

    // `lines` more, the last of them spooled at `due`.
    void add_batch(std::uint64_t lines, std::chrono::steady_clock::time_point due, WallTime now);
    // The batch that has this line, or nothing when it is not made yet.
    [[nodiscard]] const StreamBatch* batch_of(std::uint64_t seq) const;
    // Forgets what is acknowledged, telling each batch. False when the head is not ours.
    [[nodiscard]] bool acknowledge(std::uint64_t seq, const Digest& head,
                                   const std::function<void(const StreamBatch&)>& each);
    [[nodiscard]] std::string status(StatusKind kind, WallTime now) const;

    [[nodiscard]] const std::string& terminal() const { return terminal_; }
    [[nodiscard]] const std::string& instance() const { return instance_; }
    [[nodiscard]] std::uint64_t last_seq() const { return header_.first_seq - 1; }
    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::uint64_t waiting() const { return last_seq() - acknowledged_; }

private:
    std::string line(std::uint64_t seq, WallTime at);

    std::string terminal_;
    std::string instance_;
    SigningKey batch_key_;
    BatchKeyCertificate certificate_;
    BatchHeader header_;  // of the next batch: first_seq, and the head before it
    std::deque<StreamBatch> batches_;
    std::deque<Digest> heads_;  // after each of them
    std::uint64_t acknowledged_ = 0;
};

}  // namespace sallyport::bench

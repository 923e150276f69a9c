// SPDX-License-Identifier: Apache-2.0
//
// How large the next batch may be. A line that is cut again and again lets only small messages through, and one that is
// slow must not be filled with more than it carries in a while: a batch that never arrives whole is sent for ever. So a
// connection begins small and grows with each prompt acknowledgement.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace sallyport::agent {

class BatchBudget {
public:
    static constexpr std::size_t kFirst = 8 * 1024;
    static constexpr std::size_t kLeast = 1024;  // one line always goes, however long
    static constexpr std::chrono::milliseconds kPrompt{1'000};
    static constexpr std::chrono::milliseconds kSlow{4'000};

    explicit BatchBudget(std::size_t most) : most_(most), bytes_(std::min(kFirst, most)) {}

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    void sent() { sent_ = true; }
    // A batch was acknowledged so long after it was sent.
    void acknowledged(std::chrono::milliseconds took) {
        moved_ = true;
        if (took < kPrompt)
            bytes_ = std::min(bytes_ * 2, most_);
        else if (took > kSlow)
            shrink();
    }
    void stalled() { shrink(); }
    // The connection is gone. One that brought nothing over asks for less of the next.
    void lost() {
        if (moved_)
            bytes_ = std::min({bytes_, kFirst, most_});
        else if (sent_)
            shrink();
        moved_ = sent_ = false;
    }

private:
    void shrink() { bytes_ = std::min(most_, std::max(bytes_ / 2, kLeast)); }

    const std::size_t most_;
    std::size_t bytes_;
    bool sent_ = false, moved_ = false;  // since the connection stands
};

}  // namespace sallyport::agent

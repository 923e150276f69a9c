// SPDX-License-Identifier: Apache-2.0
//
// How much may be on its way to the writer at once. A batch is up to 256 KiB, so counting messages would bound nothing.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sallyport::intake {

class FlowGate {
public:
    explicit FlowGate(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // Waits until there is room. A single larger one passes when it is alone.
    void enter(std::size_t bytes) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return bytes_ == 0 || bytes_ + bytes <= bytes_max_; });
        bytes_ += bytes;
    }
    void leave(std::size_t bytes) {
        {
            const std::scoped_lock lock(mutex_);
            bytes_ -= bytes;
        }
        room_.notify_one();
    }

private:
    const std::size_t bytes_max_;
    std::mutex mutex_;
    std::condition_variable room_;
    std::size_t bytes_ = 0;
};

}  // namespace sallyport::intake

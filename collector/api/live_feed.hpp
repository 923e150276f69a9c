// SPDX-License-Identifier: Apache-2.0
//
// Tells the consoles' live streams that something changed. It carries no data: a stream that wakes reads from
// the database what is newer than the last revision it sent, so that nothing can be lost between the two.
#pragma once

#include <functional>
#include <mutex>

namespace sallyport::api {

class LiveFeed {
public:
    // Any thread, after the commit; returns at once. Without a listener it does nothing.
    void notify() {
        std::lock_guard lock(mutex_);
        if (wake_) wake_();
    }

    // The server's; an empty function takes it away. `wake` must not call back into the feed.
    void listen(std::function<void()> wake) {
        std::lock_guard lock(mutex_);
        wake_ = std::move(wake);
    }

private:
    std::mutex mutex_;
    std::function<void()> wake_;
};

}  // namespace sallyport::api

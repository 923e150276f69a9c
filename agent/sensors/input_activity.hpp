// SPDX-License-Identifier: Apache-2.0
//
// When somebody last used keyboard or mouse, as far as the log-in manager tells: a time, nothing else. Written by the
// session sensor, read by the camera's (who typed just now is not absent). Thread-safe.
//
// Only moments that are known count: the end of an idle span, an unlock. While a session stays in use nothing
// tells when the last key was; no process opens /dev/input (system.md 9.10).
#pragma once

#include <atomic>
#include <optional>

#include "protocol/clock.hpp"

namespace sallyport::agent {

class InputActivity {
public:
    void note(MonotonicTime at) { last_.store(at.count() + 1); }
    [[nodiscard]] std::optional<MonotonicTime> last() const {
        const auto stored = last_.load();
        return stored == 0 ? std::nullopt : std::optional(MonotonicTime(stored - 1));
    }

private:
    std::atomic<MonotonicTime::rep> last_{0};
};

}  // namespace sallyport::agent

// SPDX-License-Identifier: Apache-2.0
//
// From counters to what is told: how many bytes went to a device, over which span, at most once in so long a time.
//
// Pure: readings and time are given. What is due is given back until told() says that it was taken. One thread.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/sensors/usb/write_counters.hpp"
#include "protocol/clock.hpp"

namespace sallyport::agent {

struct WrittenVolume {
    std::string serial_hash;
    std::uint64_t bytes = 0;
    std::uint64_t window_s = 0;  // at least 1: from the last reading before the first of these bytes
};

class WriteVolume {
public:
    explicit WriteVolume(std::chrono::milliseconds at_most_every) : at_most_every_(at_most_every) {}

    // What was written before somebody looked is not counted.
    void begin(const std::vector<WriteReading>& readings, MonotonicTime now);
    // `serial_hash`: of the device that the reading is of. A disk that is new counts from nothing.
    void add(const WriteReading& reading, std::string_view serial_hash, MonotonicTime now);
    // Every reading of this round was added.
    void end_round(MonotonicTime now) { read_at_ = now; }

    // `at_the_end`: all that is left, though it is too soon.
    [[nodiscard]] std::vector<WrittenVolume> due(MonotonicTime now, bool at_the_end = false) const;
    void told(const WrittenVolume& volume, MonotonicTime now);
    [[nodiscard]] bool waits() const;

private:
    using Disk = std::pair<UsbAddress, std::string>;
    struct Waiting {
        std::uint64_t bytes = 0;
        MonotonicTime since{}, until{};
        MonotonicTime next{};  // not before
    };

    const std::chrono::milliseconds at_most_every_;
    MonotonicTime read_at_{};
    std::map<Disk, std::uint64_t> before_;
    std::map<std::string, Waiting> waiting_;
};

}  // namespace sallyport::agent

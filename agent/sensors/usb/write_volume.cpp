// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/write_volume.hpp"

#include <algorithm>

namespace sallyport::agent {

void WriteVolume::begin(const std::vector<WriteReading>& readings, MonotonicTime now) {
    before_.clear();
    for (const WriteReading& reading : readings)
        before_[{reading.device, reading.disk}] = reading.bytes;
    read_at_ = now;
}

void WriteVolume::add(const WriteReading& reading, std::string_view serial_hash, MonotonicTime now) {
    std::uint64_t& before = before_[{reading.device, reading.disk}];
    if (reading.bytes > before) {
        Waiting& waiting = waiting_[std::string(serial_hash)];
        if (waiting.bytes == 0) waiting.since = read_at_;
        waiting.bytes += reading.bytes - before;
        waiting.until = now;
    }
    before = reading.bytes;
}

std::vector<WrittenVolume> WriteVolume::due(MonotonicTime now, bool at_the_end) const {
    std::vector<WrittenVolume> found;
    for (const auto& [serial_hash, waiting] : waiting_) {
        if (waiting.bytes == 0 || (waiting.next > now && !at_the_end)) continue;
        const auto span = std::chrono::ceil<std::chrono::seconds>(waiting.until - waiting.since).count();
        found.push_back({serial_hash, waiting.bytes, std::max<std::uint64_t>(span, 1)});
    }
    return found;
}

void WriteVolume::told(const WrittenVolume& volume, MonotonicTime now) {
    Waiting& waiting = waiting_[volume.serial_hash];
    waiting.bytes -= std::min(waiting.bytes, volume.bytes);
    waiting.next = now + at_most_every_;
}

bool WriteVolume::waits() const {
    return std::any_of(waiting_.begin(), waiting_.end(), [](const auto& entry) { return entry.second.bytes > 0; });
}

}  // namespace sallyport::agent

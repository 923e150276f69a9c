// SPDX-License-Identifier: Apache-2.0
//
// What the watching host remembers from look to look: when each side was last heard, the last head it believed, the
// alarms that last. A file, replaced in one step; without it the first head seen is believed, and everything is
// measured from then.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::watch {

struct RaisedAlarm {
    WallTime since{}, told_at{};
};

struct WatchMemory {
    WallTime began{};                           // the first look of all
    std::optional<std::string> checkpoint;      // the last head that was believed, as it came
    std::map<std::string, WallTime> heard;      // `collector`, `broker` -> last answer
    std::map<std::string, RaisedAlarm> raised;  // kind of concern -> since when
};

// Nothing when there is no file; Errc::corrupt when it is not what was written.
[[nodiscard]] Result<std::optional<WatchMemory>> load_memory(const std::filesystem::path& file);
[[nodiscard]] Result<void> save_memory(const std::filesystem::path& file, const WatchMemory& memory);

}  // namespace sallyport::watch

// SPDX-License-Identifier: Apache-2.0
//
// What is kept of messages that nobody authentic sent: reason, size and hashes, never their content; and never more
// than one entry a minute for each reason and topic, so that a flood of them writes little (system.md 9.2).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/intake/batch_check.hpp"
#include "collector/intake/own_log.hpp"

namespace sallyport::intake {

class RefusalLedger {
public:
    // The entry to be written now, or nothing while the minute of the last one of its kind is not over; what was held
    // back is counted in the next.
    [[nodiscard]] std::optional<Notice> note(const Refusal& refusal, std::string_view topic, std::string_view payload,
                                             WallTime now);
    // Entries held back whose minute is over: a flood that stopped is still told to its end.
    [[nodiscard]] std::vector<Notice> due(WallTime now);

private:
    struct Entry {
        WallTime told{};
        std::int64_t held_back = 0;
        Record body;
    };
    std::map<std::string, Entry> entries_;  // bounded: see the .cpp
};

}  // namespace sallyport::intake

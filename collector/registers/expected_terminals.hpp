// SPDX-License-Identifier: Apache-2.0
//
// The terminals that should be heard of: registered, and neither proposed, in repair, retired, lost nor stolen. One that
// never reported counts: it cannot stop what it never began. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::registers {

// By its entry in the register.
[[nodiscard]] bool is_expected(const Record& terminal);

class ExpectedTerminals {
public:
    struct Terminal {
        std::string terminal_id, ori;
        std::uint64_t heartbeat_s = 60;
    };

    [[nodiscard]] static Result<std::unique_ptr<ExpectedTerminals>> open(const store::Writer& writer, const Clock& clock);
    // Through a connection of its own; the clock outlives it.
    ExpectedTerminals(Database reader, const Clock& clock) : reader_(std::move(reader)), clock_(clock) {}
    // Reads the registers as they stand now, if they changed or a day began (entries start and end by day). What was
    // known stays known when that fails; the next call tries again.
    [[nodiscard]] Result<void> refresh();
    [[nodiscard]] const std::vector<Terminal>& known() const { return terminals_; }

private:
    Database reader_;
    const Clock& clock_;
    std::int64_t generation_ = -1;
    WallTime day_{};
    std::vector<Terminal> terminals_;
};

}  // namespace sallyport::registers

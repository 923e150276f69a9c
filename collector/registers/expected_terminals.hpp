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

namespace sallyport::registers {

class ExpectedTerminals {
public:
    struct Terminal {
        std::string terminal_id, ori;
        std::uint64_t heartbeat_s = 60;
    };

    [[nodiscard]] static Result<std::unique_ptr<ExpectedTerminals>> open(const store::Writer& writer, const Clock& clock);
    // As the registers stand now; read anew only when they changed, or when a day began (entries start and end by day).
    [[nodiscard]] const std::vector<Terminal>& current();

private:
    ExpectedTerminals(Database reader, const Clock& clock) : reader_(std::move(reader)), clock_(clock) {}
    [[nodiscard]] Result<void> read();

    Database reader_;
    const Clock& clock_;
    std::int64_t generation_ = -1;
    WallTime day_{};
    std::vector<Terminal> terminals_;
};

}  // namespace sallyport::registers

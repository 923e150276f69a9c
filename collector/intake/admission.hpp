// SPDX-License-Identifier: Apache-2.0
//
// Where a checked batch meets the store: new, known, ahead, or a fork. Runs inside the writer's transaction, so that
// what it decides and what it stores are one.
#pragma once

#include <optional>
#include <vector>

#include "collector/intake/batch_check.hpp"
#include "collector/intake/own_log.hpp"
#include "protocol/acknowledgement.hpp"

namespace sallyport::intake {

struct Admitted {
    std::optional<Acknowledgement> ack;  // what is committed once the transaction is; nothing: not even that is said
    std::vector<Notice> notices;         // what the collector's own log must say of it
    std::size_t stored = 0;              // lines new to the log
    bool refused = false;                // the key was revoked meanwhile, or the chain does not fit
};

[[nodiscard]] Result<Admitted> admit(Database& database, store::EventAppender& appender, const CheckedBatch& checked,
                                     WallTime now);

}  // namespace sallyport::intake

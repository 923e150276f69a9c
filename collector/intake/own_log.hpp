// SPDX-License-Identifier: Apache-2.0
//
// What the collector itself saw becomes lines of an instance of its own, signed by its key, beside the terminals' lines
// in the event log (system.md 9.4): rules read those, and an auditor finds them in the same chain of evidence.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collector/store/event_log.hpp"
#include "protocol/batch.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::intake {

inline constexpr std::string_view kCollectorId = "collector";

// Something the collector noticed; `occurred_at` empty = now.
struct Notice {
    std::string type;  // a type of the catalogue whose origin is the collector
    Record body;
    std::optional<WallTime> occurred_at;
};

class OwnLog {
public:
    OwnLog(std::string ori, SigningKey key, const Clock& clock);

    // In the caller's transaction, on the writer's thread.
    [[nodiscard]] Result<void> append(Database& database, const std::vector<Notice>& notices);

private:
    [[nodiscard]] Result<store::StreamPosition> stream(Database& database);
    [[nodiscard]] Result<void> append_batch(store::EventAppender& appender, store::StreamPosition& position,
                                            std::span<const Notice> notices);

    std::string ori_;
    SigningKey key_;
    const Clock& clock_;
    std::string boot_id_;
    std::string instance_;
    std::optional<BatchKeyCertificate> certificate_;
};

}  // namespace sallyport::intake

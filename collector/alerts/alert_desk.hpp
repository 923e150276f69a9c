// SPDX-License-Identifier: Apache-2.0
//
// What a person does with an alert. Every act is one transaction with its audit entry; the caller has checked
// that the role may. An act that the alert's state forbids is Errc::conflict naming the state. Any thread but
// the writer's. Not for findings: those come in through judge.hpp.
#pragma once

#include <string>
#include <string_view>

#include "collector/store/alert_repository.hpp"
#include "collector/store/writer.hpp"

namespace sallyport::alerts {

// Who acts, as the audit log names them.
struct Actor {
    std::string account;
    std::string role;
    std::string source_ip;
};

// One of the dictionary's list (section 17).
[[nodiscard]] bool is_disposition(std::string_view word);

class AlertDesk {
public:
    AlertDesk(store::Writer& writer, const Clock& clock) : writer_(writer), clock_(clock) {}

    // Idempotent for the same person; a second person gets Errc::conflict naming the first.
    [[nodiscard]] Result<store::Alert> acknowledge(std::string_view alert_id, const Actor& actor);
    // Event alerts need a disposition of the dictionary's list (section 17); state alerts may go without.
    // Stops the clock as an acknowledgement does.
    [[nodiscard]] Result<store::Alert> resolve(std::string_view alert_id, std::string_view disposition,
                                               std::string_view note, const Actor& actor);

private:
    store::Writer& writer_;
    const Clock& clock_;
};

}  // namespace sallyport::alerts

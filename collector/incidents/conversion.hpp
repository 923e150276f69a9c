// SPDX-License-Identifier: Apache-2.0
//
// How alerts become an incident, inside the caller's transaction (dictionary section 11).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/alerts/alert_desk.hpp"
#include "protocol/value.hpp"

namespace sallyport::incidents {

struct Decision {
    const alerts::Actor& actor;
    WallTime now{};
};
// What the person says of it.
struct Wording {
    std::string_view kind, summary;
};

// Errc::conflict names the first alert that is already converted, resolved or suppressed.
[[nodiscard]] Result<store::Incident> convert_alerts(Database& database,
                                                     const std::vector<std::string>& alert_ids,
                                                     const Wording& wording, const Decision& decision);
[[nodiscard]] Result<store::Incident> open_proposal(Database& database, store::Incident proposal,
                                                    const Decision& decision);
[[nodiscard]] Result<void> log_act(Database& database, std::string_view action,
                                   const store::Incident& incident, const Record& detail,
                                   const Decision& decision);

}  // namespace sallyport::incidents

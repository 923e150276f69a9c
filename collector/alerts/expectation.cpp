// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/expectation.hpp"

namespace sallyport::alerts {
namespace {

struct Relief {
    std::string_view rule, window, severity;
};

// Where the catalogue names a window, but no severity, the D value here is ours.
constexpr Relief kReliefs[] = {
    {"IDN-01", "window.enrolment", "info"},     {"IDN-05", "window.enrolment", "info"},
    {"IDN-05", "window.maintenance", "info"},   {"FWB-02", "window.maintenance", "high"},
    {"FWB-03", "window.maintenance", "medium"}, {"PRN-09", "window.maintenance", "low"},
    {"CAM-01", "window.visitor", "info"},       {"CAM-10", "window.visitor", "info"},
    {"SES-08", "window.maintenance", "low"},    {"SES-10", "window.maintenance", "low"},
    {"AGT-02", "window.maintenance", "medium"}, {"AGT-11", "window.maintenance", "low"},
    {"COR-01", "window.maintenance", "high"},   {"COR-01", "window.visitor", "high"},
    {"COR-07", "window.maintenance", "medium"},
};

}  // namespace

std::optional<std::string> expected_severity(std::string_view rule_id, const Record& fields) {
    for (const Relief& relief : kReliefs) {
        if (relief.rule == rule_id && flag_of(fields, relief.window)) return std::string(relief.severity);
    }
    return std::nullopt;
}

}  // namespace sallyport::alerts

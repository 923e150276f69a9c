// SPDX-License-Identifier: Apache-2.0
//
// The stored history judged again for a command: into a scratch store that goes with it, while the store itself is only
// read, beside a running collector.
#pragma once

#include <string>
#include <vector>

#include "collector/alerts/rehearsal.hpp"
#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

struct Span {
    WallTime since{}, until{};

    [[nodiscard]] double days() const { return static_cast<double>((until - since).count()) / 86'400'000.0; }
};

// What --since and --until say: `90d` before now, a UTC time, or the county's clock; an empty until is now.
// Errc::bad_input where they say no time, or none in between.
[[nodiscard]] Result<Span> span_of(Invocation& invocation, const std::string& since, const std::string& until);

// The clock measures the load. Errc::conflict where the store has another schema than this program.
[[nodiscard]] Result<alerts::Rehearsal> replay(Invocation& invocation, const Clock& clock,
                                               const alerts::RehearsalPlan& plan);

// The alerts of `left` that are not among those of `right`. The left ones outlive what is returned.
[[nodiscard]] std::vector<const store::Alert*> missing_of(const std::vector<store::Alert>& left,
                                                          const std::vector<store::Alert>& right);

}  // namespace sallyport::ctl

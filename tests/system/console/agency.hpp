// SPDX-License-Identifier: Apache-2.0
//
// An agency as the console shows it on an ordinary Monday: three sites, their terminals and signs of life,
// alerts in every lane and state, incidents. Written through the repositories and the desks, like the
// collector does.
#pragma once

#include <memory>
#include <string>

#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::rules {
class RuleSet;
}

namespace sallyport::testing {

class Agency {
public:
    Agency(store::Writer& writer, const Clock& clock) : writer_(writer), clock_(clock) {}

    void add_account(const std::string& name, const std::string& role, const std::string& display_name,
                     const std::string& password);
    // Everything but the accounts.
    void fill();
    // One more critical alert, raised now.
    void raise_alert();

private:
    void add_registers();
    void add_liveness();
    void add_alerts();
    void add_incidents();

    store::Writer& writer_;
    const Clock& clock_;
    int raised_ = 0;
};

std::shared_ptr<const rules::RuleSet> agency_rules();

}  // namespace sallyport::testing

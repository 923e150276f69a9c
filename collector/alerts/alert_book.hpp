// SPDX-License-Identifier: Apache-2.0
//
// Turns findings into alerts, in the writer's transaction. Applying a sighting again, whenever and in
// whatever order with others, changes nothing: that is what makes a restart harmless.
#pragma once

#include "collector/alerts/implication.hpp"
#include "collector/alerts/sighting.hpp"

namespace sallyport::alerts {

class AlertBook {
public:
    explicit AlertBook(const rules::RuleSet& rules) : implication_(rules) {}

    // True when an alert or incident changed. Belongs to the thread that holds the database.
    [[nodiscard]] Result<bool> apply(Database& database, const Sighting& sighting, WallTime now) const;

private:
    [[nodiscard]] Result<bool> raise(Database& database, const Sighting& sighting, WallTime now) const;
    [[nodiscard]] Result<bool> repeat(Database& database, const Sighting& sighting, store::Alert alert,
                                      WallTime now) const;
    [[nodiscard]] Result<void> settle(Database& database, store::Alert& alert, WallTime now) const;
    [[nodiscard]] Result<void> relate(Database& database, store::Alert& alert) const;

    Implication implication_;
};

}  // namespace sallyport::alerts

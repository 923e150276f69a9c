// SPDX-License-Identifier: Apache-2.0
//
// What a finding needs to become an alert: the event that tells what it is about, the registers, and how its rule stands
// at the site. The judge reads by it, and so does a rehearsal. One thread.
#pragma once

#include <vector>

#include "collector/alerts/event_reader.hpp"
#include "collector/alerts/member_watch.hpp"
#include "collector/alerts/sighting.hpp"

namespace sallyport::alerts {

class SightingReader {
public:
    // All of them outlive it.
    SightingReader(const rules::RuleSet& rules, EventReader& events, registers::Enrichment& enrichment,
                   MemberWatch& members)
        : rules_(rules), events_(events), enrichment_(enrichment), members_(members) {}

    // Of the findings that one event or one look at the clock made, those that may become alerts: what is only corrected
    // is not ended, and an inactive rule raises nothing. `current` and `fields`: the event being judged, if any.
    [[nodiscard]] Result<std::vector<Sighting>> read(std::vector<rules::Finding> findings, WallTime now,
                                                     std::int64_t current, const Record* fields);

private:
    [[nodiscard]] Result<Sighting> sighting_of(rules::Finding finding, WallTime now, std::int64_t current,
                                               const Record* fields);
    [[nodiscard]] Result<void> add_event(Sighting& sighting, std::int64_t current, const Record* fields);
    void add_member(Sighting& sighting, WallTime now);
    [[nodiscard]] std::string parameters_of(const rules::Rule& rule, const Record& fields);

    const rules::RuleSet& rules_;
    EventReader& events_;
    registers::Enrichment& enrichment_;
    MemberWatch& members_;
};

}  // namespace sallyport::alerts

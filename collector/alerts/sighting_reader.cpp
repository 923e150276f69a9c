// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/sighting_reader.hpp"

#include <algorithm>
#include <set>

#include "collector/alerts/alert_identity.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/window_relief.hpp"

namespace sallyport::alerts {
namespace {

// What a late event only corrects is not ended: the finding that takes its place joins its alert.
void drop_corrected(std::vector<rules::Finding>& findings) {
    std::set<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> raised;
    for (const rules::Finding& finding : findings) {
        if (finding.phase == rules::FindingPhase::raised) raised.emplace(finding.rule, finding.group);
    }
    std::erase_if(findings, [&](const rules::Finding& finding) {
        return finding.phase == rules::FindingPhase::withdrawn &&
               raised.contains({finding.rule, finding.group});
    });
}

}  // namespace

Result<std::vector<Sighting>> SightingReader::read(std::vector<rules::Finding> findings, WallTime now,
                                                   std::int64_t current, const Record* fields) {
    drop_corrected(findings);
    std::vector<Sighting> sightings;
    for (rules::Finding& finding : findings) {
        auto sighting = sighting_of(std::move(finding), now, current, fields);
        if (!sighting) return sighting.error();
        if (!sighting->rule->is_inactive()) sightings.push_back(std::move(*sighting));
    }
    return sightings;
}

Result<Sighting> SightingReader::sighting_of(rules::Finding finding, WallTime now, std::int64_t current,
                                             const Record* fields) {
    Sighting sighting;
    sighting.rule = rules_.find(finding.rule);
    if (sighting.rule == nullptr)
        return Error(Errc::internal, "a finding of '" + finding.rule + "', which is no rule");
    sighting.finding = std::move(finding);
    if (sighting.finding.evidence.empty()) {
        add_member(sighting, now);
    } else if (auto added = add_event(sighting, current, fields); !added) {
        return added.error();
    }
    const std::string site(text_of(sighting.fields, "site.id"));
    sighting.live = sighting.rule->live_at_once || enrichment_.is_live(rule_id_of(*sighting.rule), site);
    sighting.parameters = parameters_of(*sighting.rule, sighting.fields);
    return sighting;
}

Result<void> SightingReader::add_event(Sighting& sighting, std::int64_t current, const Record* fields) {
    const std::int64_t telling = rules::telling_event(*sighting.rule, sighting.finding);
    auto first = events_.event_at(sighting.finding.evidence.front());
    auto stored = events_.event_at(telling);
    if (!first || !stored) return (first ? stored : first).error();
    if (telling == current && fields != nullptr) {
        sighting.fields = *fields;
    } else if (stored->line) {
        auto read = events_.fields_of(*stored);
        if (!read) return read.error();
        sighting.fields = std::move(*read);
    } else {
        sighting.fields.set("terminal_id", stored->terminal_id);
    }
    sighting.ori = stored->ori;
    sighting.first_leaf = first->leaf;
    sighting.known_at = stored->received_at;
    sighting.received_lag_ms = std::max<std::int64_t>(0, (stored->received_at - stored->event_time).count());
    return {};
}

// Of a terminal that was never heard of there is no event: its start stands for one.
void SightingReader::add_member(Sighting& sighting, WallTime now) {
    std::string terminal;
    for (const auto& [field, value] : sighting.finding.group) {
        if (field == "terminal_id") terminal = value;
    }
    sighting.fields = members_.fields_of(terminal, now);
    sighting.ori = members_.ori_of(terminal, now);
    sighting.first_leaf = sha256(bytes_of("expected since " + format_time(sighting.finding.started_at)));
    sighting.known_at = now;
}

std::string SightingReader::parameters_of(const rules::Rule& rule, const Record& fields) {
    Record parameters{{"document", rule.key}};
    for (const rules::Parameter& parameter : rule.parameters) {
        const auto own = events_.site_parameter(rule, parameter.name, fields);
        const bool taken =
            own && *own >= 0 &&
            (parameter.basis == rules::Basis::project || rules::is_tightening(parameter, *own));
        parameters.set(parameter.name, taken ? *own : parameter.value);
    }
    return write_json(parameters);
}

}  // namespace sallyport::alerts

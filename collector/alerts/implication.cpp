// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/implication.hpp"

#include <algorithm>

#include "collector/alerts/alert_draft.hpp"
#include "collector/alerts/alert_identity.hpp"

namespace sallyport::alerts {
namespace {

int lane_rank(std::string_view lane) {
    return lane == "queue" ? 2 : lane == "digest" ? 1 : 0;
}

bool share_evidence(const store::Alert& one, const store::Alert& other) {
    return std::any_of(one.evidence.begin(), one.evidence.end(), [&](std::int64_t id) {
        return std::find(other.evidence.begin(), other.evidence.end(), id) != other.evidence.end();
    });
}

bool same_place_and_person(const store::Alert& part, const store::Alert& whole) {
    const bool persons_differ =
        part.operator_ref && whole.operator_ref && *part.operator_ref != *whole.operator_ref;
    return part.terminal_id && part.terminal_id == whole.terminal_id && !persons_differ;
}

bool same_site(const store::Alert& part, const store::Alert& whole) {
    return part.site_id && part.site_id == whole.site_id;
}

bool same_time(const store::Alert& part, const store::Alert& whole) {
    const bool lasts = whole.kind == "state" && !whole.cleared_at;
    return part.last_event_at >= whole.first_event_at &&
           (lasts || part.first_event_at <= whole.last_event_at + kRepeatWindow);
}

}  // namespace

Implication::Implication(const rules::RuleSet& rules) {
    for (const rules::Rule& rule : rules.rules()) {
        const auto& objects = rule.object_fields;
        if (std::find(objects.begin(), objects.end(), "site.id") != objects.end())
            about_a_site_.insert(rule_id_of(rule));
        for (const std::string& part : rule.implies) {
            parts_of_[rule_id_of(rule)].insert(part);
            parts_.insert(part);
        }
    }
}

bool Implication::implies_anything(std::string_view rule_id) const {
    return parts_of_.contains(rule_id);
}

bool Implication::is_implied_by_anything(std::string_view rule_id) const {
    return parts_.contains(rule_id);
}

std::vector<std::string> Implication::of_a_site(std::string_view part_rule_id) const {
    std::vector<std::string> wholes;
    for (const std::string& whole : about_a_site_) {
        const auto implied = parts_of_.find(whole);
        if (implied != parts_of_.end() && implied->second.contains(std::string(part_rule_id)))
            wholes.push_back(whole);
    }
    return wholes;
}

bool Implication::is_part(const store::Alert& part, const store::Alert& whole) const {
    const auto implied = parts_of_.find(whole.rule_id);
    if (implied == parts_of_.end() || !implied->second.contains(part.rule_id) ||
        part.alert_id == whole.alert_id)
        return false;
    if (part.part_of || whole.part_of || !is_open(part) || lane_rank(whole.lane) < lane_rank(part.lane))
        return false;
    const bool same_place = same_place_and_person(part, whole) ||
                            (about_a_site_.contains(whole.rule_id) && same_site(part, whole));
    return share_evidence(part, whole) || (same_place && same_time(part, whole));
}

}  // namespace sallyport::alerts

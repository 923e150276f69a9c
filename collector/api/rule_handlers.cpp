// SPDX-License-Identifier: Apache-2.0
#include "collector/api/rule_handlers.hpp"

#include <map>

#include "collector/api/terminal_board.hpp"
#include "collector/store/rule_standing.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::api {
namespace {

const std::string& id_of(const rules::Rule& rule) {
    return rule.catalogue_id.empty() ? rule.key : rule.catalogue_id;
}

List texts(const std::vector<std::string>& lines) {
    return List(lines.begin(), lines.end());
}

Record rule_view(const rules::Rule& rule) {
    List parameters;
    for (const auto& parameter : rule.parameters)
        parameters.emplace_back(
            Record{{"name", parameter.name},
                   {"value", parameter.value},
                   {"basis", parameter.basis == rules::Basis::policy ? "policy" : "project"}});
    Record lanes;
    for (const auto& [severity, lane] : rule.routing.lane_by_severity)
        lanes.append(severity, lane);
    return {{"rule_id", id_of(rule)},
            {"title", rule.title},
            {"level", rule.level},
            {"version", rule.version},
            {"references", texts(rule.references)},
            {"parameters", std::move(parameters)},
            {"lanes", std::move(lanes)},
            {"routed_to", texts(rule.routing.to)},
            {"psd_eligible", rule.routing.psd_eligible},
            {"clears_itself", rule.state_alert},
            {"live_at_once", rule.live_at_once}};
}

// One row a catalogue rule: the document that raises alerts stands for those that only feed it.
std::map<std::string, const rules::Rule*> by_catalogue_id(const rules::RuleSet& set) {
    std::map<std::string, const rules::Rule*> found;
    for (const auto& rule : set.rules()) {
        auto [at, added] = found.try_emplace(id_of(rule), &rule);
        if (!added && rule.generates && !at->second->generates) at->second = &rule;
    }
    return found;
}

// An empty site_id: for what is of no site.
Record site_state(const rules::Rule& rule, const std::vector<store::RuleSite>& rows, std::string_view site_id,
                  std::string_view site_name) {
    const auto* row = store::deciding_row(rows, id_of(rule), site_id);
    // Decisions, point 11: a new site observes, but for the rules that are live at once.
    const bool live = rule.live_at_once || (row != nullptr && row->state == "live");
    Record view{{"site_id", site_id}, {"site_name", site_name}, {"state", live ? "live" : "observe"}};
    if (row != nullptr) {
        view.set("changed_by", row->changed_by);
        view.set("changed_at", format_time(row->changed_at));
        view.set("reason", row->reason);
    }
    return view;
}

std::shared_ptr<const rules::RuleSet> rules_of(Context& context) {
    return context.services.rules ? context.services.rules() : nullptr;
}

}  // namespace

Response list_rules(const Request&, Context& context) {
    auto rows = store::all_rule_sites(context.reader);
    if (!rows) return error_response(rows.error());
    List views;
    if (auto set = rules_of(context)) {
        for (const auto& [id, rule] : by_catalogue_id(*set)) {
            Record view = rule_view(*rule);
            List sites{site_state(*rule, *rows, "", "Agency")};
            for (const Value& item : context.board.sites()) {
                const Record& site = *item.as<Record>();
                sites.emplace_back(
                    site_state(*rule, *rows, text_of(site, "site_id"), text_of(site, "site_name")));
            }
            view.set("sites", std::move(sites));
            views.emplace_back(std::move(view));
        }
    }
    return json_response({{"rules", std::move(views)}});
}

Record rule_view_for_alert(const store::Alert& alert, Context& context) {
    if (auto set = rules_of(context)) {
        const auto rules = by_catalogue_id(*set);
        const auto found = rules.find(alert.rule_id);
        const auto* rule = found != rules.end() ? found->second : set->find(alert.rule_id);
        if (rule != nullptr) {
            Record view = rule_view(*rule);
            view.set("in_force", true);
            view.set("version_at_alert", alert.rule_version);
            return view;
        }
    }
    return {{"rule_id", alert.rule_id},
            {"title", alert.title},
            {"in_force", false},
            {"version_at_alert", alert.rule_version},
            {"references", texts(alert.control_refs)}};
}

}  // namespace sallyport::api

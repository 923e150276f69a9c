// SPDX-License-Identifier: Apache-2.0
#include "collector/api/rule_handlers.hpp"

#include <map>

#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/rule_standing.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::api {
namespace {

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
    return {{"rule_id", alerts::rule_id_of(rule)},
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

Record site_view(const alerts::RuleStanding& standing) {
    Record view{{"site_id", standing.site_id},
                {"site_name", standing.site_name},
                {"state", alerts::to_string(standing.state)},
                {"undecided_for_long", standing.undecided_for_long},
                {"alerts_a_day", standing.alerts_a_day},
                {"alerts", Record{{"observed", standing.alerts.observed},
                                  {"digested", standing.alerts.digested},
                                  {"queued", standing.alerts.queued}}},
                {"decided", standing.alerts.decided},
                {"to_be_tuned", standing.to_be_tuned}};
    if (const auto share = alerts::false_positive_share(standing.alerts)) view.set("false_positive_share", *share);
    if (standing.decided) {
        view.set("changed_by", standing.decided->changed_by);
        view.set("changed_at", format_time(standing.decided->changed_at));
        view.set("reason", standing.decided->reason);
    }
    return view;
}

std::shared_ptr<const rules::RuleSet> rules_of(Context& context) {
    return context.services.rules ? context.services.rules() : nullptr;
}

}  // namespace

Response list_rules(const Request&, Context& context) {
    const WallTime now = context.services.clock.now();
    auto facts = alerts::read_standing_facts(context.reader, now);
    if (!facts) return error_response(facts.error());
    auto sites = alerts::read_standing_sites(context.reader, now);
    if (!sites) return error_response(sites.error());
    std::map<std::string, Record> views;
    if (auto set = rules_of(context)) {
        std::map<std::string, List> of_sites;
        for (const auto& standing : alerts::rule_standings(*set, *sites, *facts)) {
            if (!views.contains(standing.rule_id)) {
                Record view = rule_view(*standing.rule);
                view.set("missing", texts(standing.missing));
                views.emplace(standing.rule_id, std::move(view));
            }
            of_sites[standing.rule_id].emplace_back(site_view(standing));
        }
        for (auto& [id, list] : of_sites)
            views[id].set("sites", std::move(list));
    }
    List list;
    for (auto& [id, view] : views)
        list.emplace_back(std::move(view));
    const auto days = std::chrono::duration<double, std::ratio<86'400>>(facts->span).count();
    return json_response({{"counted_days", days}, {"rules", std::move(list)}});
}

Record rule_view_for_alert(const store::Alert& alert, Context& context) {
    if (auto set = rules_of(context)) {
        const auto rules = alerts::by_catalogue_id(*set);
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

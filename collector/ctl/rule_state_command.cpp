// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rule_state_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/rule_lists.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/json.hpp"
#include "rules/engine/rule_files.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    explicit Options(Invocation& invocation) : lists(invocation) {}

    RuleLists lists;
    std::string site, rule, reason, parameter;
    bool agency = false;  // in place of a site
    double value = 0;

    [[nodiscard]] std::string scope() const { return agency ? std::string(store::kOfNoSite) : site; }
};

Result<store::RuleSite> current_row(Database& database, const Options& options) {
    auto rows = store::all_rule_sites(database);
    if (!rows)
        return rows.error();
    for (store::RuleSite& row : *rows)
        if (row.rule_id == options.rule && row.site_id == options.scope())
            return std::move(row);
    return store::RuleSite{options.rule, options.scope(), std::nullopt, {}, {}, {}, {}};
}

Result<void> check_site(Invocation& invocation, Database& database, const Options& options) {
    if (options.agency)
        return {};
    auto site = store::find_entry(database, "sites", options.site, invocation.now(), invocation.now());
    if (!site)
        return site.error();
    if (!*site)
        return Error(Errc::not_found, "site " + options.site + " is not in the register");
    return {};
}

Result<void> save(Invocation& invocation, Database& database, store::RuleSite row, const Options& options, Record detail) {
    row.changed_by = invocation.actor();
    row.changed_at = invocation.now();
    row.reason = options.reason;
    if (auto done = store::save_rule_site(database, row); !done)
        return done;
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = "rule.change";
    entry.object_type = "rules";
    entry.object_id = options.rule.empty() ? "all" : options.rule;
    entry.detail = write_json(detail.set("site", options.agency ? "agency" : options.site).set("reason", options.reason));
    return store::append_audit(database, entry, invocation.now());
}

// The rules as the configuration names them.
Result<std::shared_ptr<const rules::RuleSet>> load_rules(Invocation& invocation, Options& options) {
    auto folder = invocation.rules_folder();
    if (!folder)
        return folder.error();
    auto sources = rules::read_sources({*folder});
    if (!sources)
        return sources.error();
    auto lists = options.lists.source();
    if (!lists)
        return lists.error();
    return rules::load_rules(*sources, *lists);
}

// What the new value does to the rule, beside the one that held at the site until now. Several documents may make up one
// catalogue rule; each must have been given, or not have, the parameter.
Result<std::string> effect_of_parameter(const rules::RuleSet& rule_set, const Record& at_site, const Options& options) {
    std::string effect;
    for (const rules::Rule& rule : rule_set.rules()) {
        if (rule.catalogue_id != options.rule)
            continue;
        for (const rules::Parameter& parameter : rule.parameters) {
            if (parameter.name != options.parameter)
                continue;
            rules::Parameter until_now = parameter;
            until_now.value = number_of(at_site, options.parameter).value_or(parameter.value);
            effect = rules::is_tightening(until_now, options.value) ? "tighten" : "loosen";
            if (parameter.basis == rules::Basis::policy && !rules::is_tightening(parameter, options.value))
                return Error(Errc::refused, options.rule + ": " + options.parameter +
                                                " is set by policy and can only be tightened");
        }
    }
    if (effect.empty())
        return Error(Errc::not_found, "rule " + options.rule + " has no parameter " + options.parameter);
    return effect;
}

Result<void> set_state(Invocation& invocation, Database& database, const Options& options, const std::string& state) {
    if (auto done = check_site(invocation, database, options); !done)
        return done;
    auto row = current_row(database, options);
    if (!row)
        return row.error();
    row->state = state;
    return save(invocation, database, std::move(*row), options, {{"state", state}});
}

Result<void> set_parameter(Invocation& invocation, Database& database, Options& options) {
    if (auto done = check_site(invocation, database, options); !done)
        return done;
    auto rule_set = load_rules(invocation, options);
    if (!rule_set)
        return rule_set.error();
    auto row = current_row(database, options);
    if (!row)
        return row.error();
    auto effect = effect_of_parameter(**rule_set, row->parameters, options);
    if (!effect)
        return effect.error();
    row->parameters.set(options.parameter, options.value);
    return save(invocation, database, std::move(*row), options,
                {{"parameter", options.parameter}, {"value", options.value}, {"effect", *effect}});
}

}  // namespace

void add_rule_state_commands(CLI::App& rules, Invocation& invocation) {
    auto options = std::make_shared<Options>(invocation);
    const auto common = [&](CLI::App* command) {
        auto* where = command->add_option_group("where")->require_option(1);
        where->add_option("--site", options->site, "The site");
        where->add_flag("--agency", options->agency, "For what is of no site: people, the rules, the agency itself");
        command->add_option("--reason", options->reason, "Why, for the audit log")->required();
    };
    for (const std::string state : {"live", "observe"}) {
        auto* command = rules.add_subcommand(state, state == "live" ? "Lets rules raise alerts at a site, or for the agency"
                                                                    : "Lets rules only be recorded and counted there");
        common(command);
        command->add_option("--rule", options->rule, "Only this rule of the catalogue, e.g. USB-01 (default: every rule)");
        command->callback([options, state, &invocation] {
            invocation.change_store(
                [&](Database& database) { return set_state(invocation, database, *options, state); });
        });
    }
    auto* set = rules.add_subcommand("set", "Gives a rule's parameter another value at a site, or for the agency");
    common(set);
    options->lists.add_option(*set);
    set->add_option("RULE", options->rule, "Of the catalogue, e.g. SES-01")->required();
    set->add_option("PARAMETER", options->parameter, "Its name in the rule")->required();
    set->add_option("VALUE", options->value, "Seconds or a count; what policy sets can only be tightened")->required();
    set->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return set_parameter(invocation, database, *options); });
    });
}

}  // namespace sallyport::ctl

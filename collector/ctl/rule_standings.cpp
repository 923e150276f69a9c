// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rule_standings.hpp"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "collector/alerts/rule_standing.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : std::string(separator)) + word;
    return text;
}

std::string note_of(const alerts::RuleStanding& standing) {
    std::vector<std::string> notes;
    if (!standing.missing.empty()) notes.push_back("nothing sends " + joined(standing.missing, ", "));
    if (standing.undecided_for_long) notes.emplace_back("to decide: observed for more than 60 days");
    if (standing.to_be_tuned) notes.emplace_back("to be tuned: too many false positives");
    return joined(notes, "; ");
}

// `USB-01   Headquarters    live       0.27 a day   12 % of 25 false   ...`
void print_line(const alerts::RuleStanding& standing) {
    std::ostringstream rate, wrong;
    rate << std::fixed << std::setprecision(2) << standing.alerts_a_day << " a day";
    if (const auto share = alerts::false_positive_share(standing.alerts))
        wrong << std::lround(*share * 100) << " % of " << standing.alerts.decided << " false";
    else
        wrong << "none decided";
    std::cout << std::left << std::setw(9) << standing.rule_id << std::setw(20) << standing.site_name << std::setw(10)
              << alerts::to_string(standing.state) << std::setw(13) << rate.str() << std::setw(18) << wrong.str()
              << note_of(standing) << '\n';
}

void print_record(const alerts::RuleStanding& standing) {
    const auto share = alerts::false_positive_share(standing.alerts);
    Record record{{"rule", standing.rule_id},
                  {"site", standing.site_id},
                  {"state", alerts::to_string(standing.state)},
                  {"missing", List(standing.missing.begin(), standing.missing.end())},
                  {"alerts_a_day", standing.alerts_a_day},
                  {"observed", standing.alerts.observed},
                  {"digested", standing.alerts.digested},
                  {"queued", standing.alerts.queued},
                  {"decided", standing.alerts.decided},
                  {"false_positive_share", share ? Value(*share) : Value()},
                  {"to_be_tuned", standing.to_be_tuned},
                  {"undecided_for_long", standing.undecided_for_long}};
    if (standing.decided)
        record.set("changed_by", standing.decided->changed_by)
            .set("changed_at", format_time(standing.decided->changed_at))
            .set("reason", standing.decided->reason);
    std::cout << write_json(record) << '\n';
}

}  // namespace

Result<void> print_standings(Invocation& invocation, const rules::RuleSet& rules, bool json) {
    auto database = invocation.open_store_for_reading();
    if (!database) return database.error();
    const auto facts = alerts::read_standing_facts(*database, invocation.now());
    if (!facts) return facts.error();
    const auto sites = alerts::read_standing_sites(*database, invocation.now());
    if (!sites) return sites.error();
    for (const alerts::RuleStanding& standing : alerts::rule_standings(rules, *sites, *facts))
        json ? print_record(standing) : print_line(standing);
    return {};
}

}  // namespace sallyport::ctl

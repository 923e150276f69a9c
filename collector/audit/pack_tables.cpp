// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/pack_tables.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "collector/alerts/rule_standing.hpp"
#include "collector/registers/authorisation.hpp"
#include "collector/registers/cell.hpp"
#include "collector/registers/privacy.hpp"
#include "collector/registers/register_entries.hpp"
#include "collector/registers/sweep_facts.hpp"
#include "collector/store/audit_statistics.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::audit {
namespace {

using registers::CsvRecord;
using registers::Moment;
using registers::Privacy;
using registers::RegisterSnapshot;

std::string cell(const std::optional<std::string>& text) {
    return text.value_or("");
}
std::string cell(WallTime time) {
    return format_time(time);
}
std::string cell(const std::optional<WallTime>& time) {
    return time ? format_time(*time) : "";
}
std::string cell(std::int64_t number) {
    return std::to_string(number);
}
std::string cell(bool flag) {
    return flag ? "true" : "false";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ";") + word;
    return text;
}

// --- registers
// ----------------------------------------------------------------------------------------------------------

// Why a rule about a person may be excepted is said to the PSD; a note on custody may name somebody.
bool is_left_out(const registers::Register& table, std::string_view column) {
    return registers::privacy_of(table, column) != Privacy::open ||
           (table.name == "exceptions" && column == "reason") || column == "custody_note";
}

Result<AuditTable> register_table(const PackSource& source, const registers::Register& table) {
    auto entries = registers::entries_of(source.reader, table, source.moment().as_of, source.known_at);
    if (!entries) return entries.error();
    AuditTable made;
    made.file = "registers/" + std::string(table.name) + ".csv";
    std::string left_out;
    for (const registers::Column& column : table.columns)
        if (is_left_out(table, column.name))
            left_out += (left_out.empty() ? "" : ", ") + std::string(column.name);
        else
            made.rows.header.emplace_back(column.name);
    made.about = "The register " + std::string(table.name) + " as it held at the end of the period" +
                 (left_out.empty() ? "" : "; left out: " + left_out);
    for (const store::RegisterEntry& entry : *entries) {
        auto& row = made.rows.records.emplace_back();
        for (const registers::Column& column : table.columns)
            if (!is_left_out(table, column.name)) {
                const Value* value = entry.data.find(column.name);
                row.push_back(value == nullptr ? "" : registers::write_cell(*value));
            }
    }
    return made;
}

// Whether somebody may use a terminal, and what is due; of the clearance only whether it is in order.
AuditTable people_table(const RegisterSnapshot& snapshot, Moment moment) {
    AuditTable made{"people.csv",
                    "Each person of the register of operators: authorised or why not, clearance in order or not, what "
                    "falls due next; "
                    "dates and result of the clearance are personnel data and left out",
                    {}};
    made.rows.header = {"operator_ref",       "role",    "access_status", "authorised",
                        "clearance_in_order", "reasons", "findings",      "due"};
    const auto today = registers::county_day(moment.as_of);
    snapshot.each("operators", moment, [&](const std::string& id, const Record& entry) {
        const auto authorisation = registers::authorisation_of(entry, today);
        const auto review = registers::review_operator(entry, today, registers::addendum_review(snapshot, id, moment));
        const bool cleared = std::none_of(
            review.findings.begin(), review.findings.end(),
            [](const std::string& finding) { return finding == "NOT_CLEARED" || finding == "CLEARANCE_LAPSED"; });
        std::vector<std::string> due;
        for (const auto& [what, last_day] : review.due)
            if (what != "CLEARANCE") due.push_back(std::string(what) + " " + registers::format_date(last_day));
        made.rows.records.push_back({id, std::string(text_of(entry, "role")),
                                     std::string(text_of(entry, "access_status")), cell(authorisation.authorised),
                                     cell(cleared), joined(authorisation.reasons), joined(review.findings),
                                     joined(due)});
    });
    return made;
}

// --- what was overdue
// -----------------------------------------------------------------------------------------------------

// The field that names the object of a line of the sweep.
std::string object_of(const Record& body, std::string_view kind) {
    constexpr std::pair<std::string_view, std::string_view> kIds[] = {
        {"terminal", "terminal"},     {"operator", "operator_ref"},  {"printer", "printer_id"},
        {"media", "media_id"},        {"room", "room_id"},           {"access", "operator_ref"},
        {"site", "site_id"},          {"agreement", "agreement_id"}, {"window", "window_id"},
        {"exception", "exception_id"}};
    for (const auto& [of, field] : kIds)
        if (of == kind) return std::string(text_of(body, field));
    return "";
}

constexpr std::string_view kFindingLists[] = {"overdue", "findings", "missing", "survey_findings",
                                              "lock_exempt_findings"};

void add_findings(const registers::SweepLine& line, AuditTable& findings) {
    const std::string kind = line.type.substr(std::string_view("sweep.").size());
    const auto add = [&](const std::string& finding, const std::string& where) {
        findings.rows.records.push_back(
            {kind, object_of(line.body, kind), std::string(text_of(line.body, "site_id")), where, finding});
    };
    for (const std::string_view name : kFindingLists)
        if (const Value* value = line.body.find(name); value != nullptr && value->as<List>() != nullptr)
            for (const Value& item : *value->as<List>())
                add(name == "missing" ? "MISSING " + *item.as<std::string>() : *item.as<std::string>(),
                    kind == "access" ? std::string(text_of(line.body, "room_id")) : "");
    for (const std::string_view flag : {"never_seen", "certificate_revoked"})
        if (flag_of(line.body, flag)) add(flag == "never_seen" ? "NEVER_SEEN" : "CERTIFICATE_REVOKED", "");
    if (line.type == "sweep.window" && !flag_of(line.body, "logged")) add("NO_MAINTENANCE_RECORD", "");
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

// Every date that falls due, met or not: `review` is the field of the sweep without `_days`. Of what the sweep has no
// word for, a date that is over is a finding.
void add_reviews(const registers::SweepLine& line, AuditTable& reviews, AuditTable& findings) {
    const std::string kind = line.type.substr(std::string_view("sweep.").size());
    for (const auto& [name, value] : line.body) {
        const bool is_personal = kind == "operator" && name == "clearance_days";
        const auto* days = value.as<std::int64_t>();
        if (!name.ends_with("_days") || days == nullptr || is_personal || name == "ended_working_days") continue;
        const std::string what = name.substr(0, name.size() - 5), site(text_of(line.body, "site_id"));
        reviews.rows.records.push_back({kind, object_of(line.body, kind), site, what, cell(*days), cell(*days >= 0)});
        if (*days < 0 && (kind == "terminal" || kind == "agreement" || kind == "media"))
            findings.rows.records.push_back({kind, object_of(line.body, kind), site, "", upper(what) + "_OVERDUE"});
    }
}

Result<std::pair<AuditTable, AuditTable>> sweep_tables(const PackSource& source, const RegisterSnapshot& snapshot) {
    auto facts = registers::read_sweep_facts(source.reader, source.known_at);
    if (!facts) return facts.error();
    AuditTable findings{
        "findings.csv",
        "What the registers lacked at the end of the period, as the daily sweep judges it (docs/formats/registers.md)",
        {{"kind", "object", "site_id", "where", "finding"}, {}}};
    AuditTable reviews{"reviews.csv",
                       "What falls due, in days from the end of the period; below zero it is overdue",
                       {{"kind", "object", "site_id", "review", "due_in_days", "in_order"}, {}}};
    for (const registers::SweepLine& line : registers::sweep_lines(snapshot, source.moment(), std::nullopt, *facts)) {
        if (line.type == "sweep.case" || line.type == "sweep.report") continue;  // the PSD's own
        add_findings(line, findings);
        add_reviews(line, reviews, findings);
    }
    return std::pair(std::move(findings), std::move(reviews));
}

// --- rules
// ----------------------------------------------------------------------------------------------------------------

// What a rule about the PSD's own cases raised would tell how many there are.
bool is_psds_own(const rules::Rule& rule) {
    return std::any_of(rule.routing.to.begin(), rule.routing.to.end(),
                       [](const std::string& to) { return to.starts_with("PSD"); });
}

using Counts = std::map<std::string, store::RuleCount>;

Result<Counts> counts_by_rule(const PackSource& source) {
    auto counted = store::count_alerts_by_rule(source.reader, source.period.from, source.period.to);
    if (!counted) return counted.error();
    Counts counts;
    for (const store::RuleCount& one : *counted) {
        store::RuleCount& sum = counts[one.rule_id];
        sum.observed += one.observed;
        sum.digested += one.digested;
        sum.queued += one.queued;
        sum.decided += one.decided;
        sum.false_positives += one.false_positives;
    }
    return counts;
}

CsvRecord count_cells(const rules::Rule& rule, const Counts& counts) {
    if (is_psds_own(rule)) return {"not served", "not served", "not served", "not served", "not served"};
    const auto at = counts.find(rule.catalogue_id);
    const store::RuleCount count = at == counts.end() ? store::RuleCount{} : at->second;
    return {cell(count.queued), cell(count.digested), cell(count.observed), cell(count.decided),
            cell(count.false_positives)};
}

// One row a rule, and one a clause of each rule.
std::pair<AuditTable, AuditTable> rule_tables(const PackSource& source, const Counts& counts) {
    const CsvRecord counted{"queued", "digested", "observed", "decided", "false_positives"};
    AuditTable rules{
        "rules.csv",
        "Each rule of the catalogue, with its alerts of the period by lane and what people decided of them",
        {}};
    rules.rows.header = {"rule_id", "title", "level", "inactive_for_lack_of"};
    AuditTable clauses{"clauses.csv", "Each clause that a rule cites, with that rule and its alerts of the period", {}};
    clauses.rows.header = {"clause", "rule_id", "title"};
    for (AuditTable* table : {&rules, &clauses})
        table->rows.header.insert(table->rows.header.end(), counted.begin(), counted.end());
    for (const auto& [id, rule] : alerts::by_catalogue_id(source.rules)) {
        const CsvRecord cells = count_cells(*rule, counts);
        auto& row = rules.rows.records.emplace_back(CsvRecord{id, rule->title, rule->level, joined(rule->needs)});
        row.insert(row.end(), cells.begin(), cells.end());
        for (const std::string& clause : std::set<std::string>(rule->references.begin(), rule->references.end())) {
            auto& one = clauses.rows.records.emplace_back(CsvRecord{clause, id, rule->title});
            one.insert(one.end(), cells.begin(), cells.end());
        }
    }
    std::sort(clauses.rows.records.begin(), clauses.rows.records.end());
    return {std::move(rules), std::move(clauses)};
}

// How each rule stands at each site now: decided by whom, and why.
Result<AuditTable> standing_table(const PackSource& source) {
    const auto facts = alerts::read_standing_facts(source.reader, source.known_at);
    if (!facts) return facts.error();
    const auto sites = alerts::read_standing_sites(source.reader, source.known_at);
    if (!sites) return sites.error();
    AuditTable made{
        "rule-states.csv",
        "How each rule stands at each site when the pack is made: live, observe or inactive, and who decided",
        {}};
    made.rows.header = {"rule_id",           "site_id",    "state",      "missing",
                        "observed_too_long", "changed_by", "changed_at", "reason"};
    for (const alerts::RuleStanding& one : alerts::rule_standings(source.rules, *sites, *facts))
        made.rows.records.push_back(
            {one.rule_id, one.site_id, std::string(alerts::to_string(one.state)), joined(one.missing),
             cell(one.undecided_for_long), one.decided ? one.decided->changed_by : "",
             one.decided ? cell(one.decided->changed_at) : "", one.decided ? one.decided->reason : ""});
    return made;
}

// --- what happened
// ----------------------------------------------------------------------------------------------------------

// In time: before its clock ran out, or the clock runs still. Empty: there was none.
std::string in_time(const std::optional<WallTime>& due, const std::optional<WallTime>& done, WallTime now) {
    return due ? cell(done.value_or(now) <= *due) : "";
}

Result<AuditTable> alert_table(const PackSource& source) {
    const auto alerts = store::alerts_raised(source.reader, source.period.from, source.period.to);
    if (!alerts) return alerts.error();
    AuditTable made{
        "alerts.csv", "Alerts raised in the period; those that go to the PSD, people and notes are left out", {}};
    made.rows.header = {"alert_id",    "rule_id",     "rule_version", "clauses",  "severity",   "lane",       "state",
                        "mark",        "terminal_id", "room_id",      "site_id",  "raised_at",  "ack_due_at", "ack_at",
                        "ack_in_time", "cleared_at",  "disposition",  "incident", "occurrences"};
    for (const store::RaisedAlert& one : *alerts)
        made.rows.records.push_back({one.alert_id, one.rule_id, one.rule_version, one.control_refs, one.severity,
                                     one.lane, one.state, one.mark, cell(one.terminal_id), cell(one.room_id),
                                     cell(one.site_id), cell(one.raised_at), cell(one.ack_due_at), cell(one.ack_at),
                                     in_time(one.ack_due_at, one.ack_at, source.known_at), cell(one.cleared_at),
                                     cell(one.disposition), cell(one.incident_number), cell(one.occurrence_count)});
    return made;
}

Result<AuditTable> incident_table(const PackSource& source) {
    const auto incidents = store::incidents_discovered(source.reader, source.period.from, source.period.to);
    if (!incidents) return incidents.error();
    AuditTable made{
        "incidents.csv",
        "Incidents discovered in the period; suspected misuse, people and referrals are the PSD's and left out",
        {}};
    made.rows.header = {"number",
                        "kind",
                        "severity",
                        "status",
                        "discovered_at",
                        "discovery_method",
                        "reported_internal_at",
                        "reported_within_1_h",
                        "confirmed_at",
                        "cji_exposure",
                        "closed_at",
                        "closure_code",
                        "alerts"};
    for (const store::DiscoveredIncident& one : *incidents)
        made.rows.records.push_back(
            {one.number, one.kind, one.severity, one.status, cell(one.discovered_at), one.discovery_method,
             cell(one.reported_internal_at),
             in_time(one.discovered_at + std::chrono::hours(1), one.reported_internal_at, source.known_at),
             cell(one.confirmed_at), one.cji_exposure, cell(one.closed_at), cell(one.closure_code), cell(one.alerts)});
    return made;
}

Result<AuditTable> change_table(const PackSource& source) {
    const auto changes = store::register_changes(source.reader, source.period.from, source.period.to);
    if (!changes) return changes.error();
    AuditTable made{"register-changes.csv",
                    "Every version of a register entry that was recorded in the period, without its content",
                    {}};
    made.rows.header = {"register", "id", "version", "recorded_at", "changed_by", "valid_from", "valid_to"};
    for (const store::RegisterChange& one : *changes)
        made.rows.records.push_back({one.register_name, one.id, cell(one.version), cell(one.recorded_at),
                                     one.changed_by, cell(one.valid_from), cell(one.valid_to)});
    return made;
}

Result<AuditTable> action_table(const PackSource& source) {
    const auto actions = store::count_actions(source.reader, source.period.from, source.period.to);
    if (!actions) return actions.error();
    AuditTable made{"audit-actions.csv",
                    "Acts in the audit log of the period by role and outcome; those of the PSD are left out",
                    {}};
    made.rows.header = {"action", "actor_role", "outcome", "count", "first_at", "last_at"};
    for (const store::ActionCount& one : *actions)
        made.rows.records.push_back(
            {one.action, one.actor_role, one.outcome, cell(one.count), cell(one.first_at), cell(one.last_at)});
    return made;
}

Result<AuditTable> intake_table(const PackSource& source) {
    const auto intake = store::count_intake(source.reader, source.period.from, source.period.to);
    if (!intake) return intake.error();
    AuditTable made{"evidence-lines.csv",
                    "Lines accepted in the period, by agent instance; without a gap in their numbers: complete",
                    {}};
    made.rows.header = {"terminal_id", "instance",          "lines",           "withheld", "first_seq", "last_seq",
                        "complete",    "first_received_at", "last_received_at"};
    for (const store::IntakeCount& one : *intake)
        made.rows.records.push_back({one.terminal_id, one.instance, cell(one.lines), cell(one.withheld),
                                     cell(one.first_seq), cell(one.last_seq),
                                     cell(one.last_seq - one.first_seq + 1 == one.lines), cell(one.first_received_at),
                                     cell(one.last_received_at)});
    return made;
}

}  // namespace

Result<std::vector<AuditTable>> pack_tables(const PackSource& source) {
    std::vector<AuditTable> tables;
    for (const registers::Register& table : registers::all_registers()) {
        auto made = register_table(source, table);
        if (!made) return made.error();
        tables.push_back(std::move(*made));
    }
    const auto snapshot = RegisterSnapshot::load(source.reader);
    if (!snapshot) return snapshot.error();
    tables.push_back(people_table(*snapshot, source.moment()));
    auto swept = sweep_tables(source, *snapshot);
    if (!swept) return swept.error();
    tables.push_back(std::move(swept->first));
    tables.push_back(std::move(swept->second));
    const auto counts = counts_by_rule(source);
    if (!counts) return counts.error();
    auto [rules, clauses] = rule_tables(source, *counts);
    tables.push_back(std::move(rules));
    tables.push_back(std::move(clauses));
    for (const auto& make : {standing_table, alert_table, incident_table, change_table, action_table, intake_table}) {
        auto made = make(source);
        if (!made) return made.error();
        tables.push_back(std::move(*made));
    }
    return tables;
}

}  // namespace sallyport::audit

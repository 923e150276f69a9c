// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/sweep_lines.hpp"

#include <algorithm>
#include <set>

#include "collector/registers/authorisation.hpp"
#include "collector/registers/calendar.hpp"
#include "collector/registers/constraints.hpp"
#include "collector/registers/printed_pages.hpp"
#include "collector/registers/rule_sites.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

constexpr int kExpiresWithin = 60;  // days; OPR-09
constexpr int kYear = 12, kQuarter = 3;
constexpr int kListsEndedFor = 30;   // days for which an ended window or exception is still told
constexpr int kRetiredFor = 30;      // and a retired terminal
constexpr int kSeparatedFor = 365;   // and somebody who left
constexpr std::string_view kOffice = "Mon-Fri 00:00-24:00";

std::int64_t days_between(Date from, Date to) {
    return (std::chrono::sys_days(to) - std::chrono::sys_days(from)).count();
}

const List& list_of(const Record& data, std::string_view name) {
    static const List kEmpty;
    const Value* value = data.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? kEmpty : *list;
}

std::optional<Date> date_of(const Record& data, std::string_view name) {
    const auto date = parse_date(text_of(data, name));
    return date ? std::optional(*date) : std::nullopt;
}

void set_text(Record& body, std::string_view name, std::string_view text) {
    if (!text.empty())
        body.set(name, text);
}

// The first day on which anybody printed.
Date first_counted(const store::PrintedPages& printed, Date today) {
    Date first = today;
    for (const auto& [person, days] : printed)
        if (!days.empty())
            if (const auto day = parse_date(days.begin()->first); day && *day < first)
                first = *day;
    return first;
}

List texts(const std::vector<std::string>& from) { return List(from.begin(), from.end()); }

class Sweep {
public:
    Sweep(const RegisterSnapshot& registers, Moment moment, std::optional<Moment> before, const SweepFacts& facts)
        : registers_(registers), moment_(moment), before_(before), facts_(facts), today_(county_day(moment.as_of)),
          counted_from_(first_counted(facts.printed, today_)) {}

    std::vector<SweepLine> run() {
        each("agency", &Sweep::agency);
        each("sites", &Sweep::site);
        each("rooms", &Sweep::room);
        each("terminals", &Sweep::terminal);
        each("printers", &Sweep::printer);
        each("media", &Sweep::medium);
        each("operators", &Sweep::person);
        each("agreements", &Sweep::agreement);
        each("windows", &Sweep::window);
        each("exceptions", &Sweep::exception);
        Record done = line();
        done.set("lines", static_cast<std::int64_t>(lines_.size()));
        lines_.push_back({"sweep.done", std::move(done)});
        return std::move(lines_);
    }

private:
    using Tell = void (Sweep::*)(const std::string& id, const Record& data);

    void each(std::string_view register_name, Tell tell) {
        registers_.each(register_name, moment_, [&](const std::string& id, const Record& data) { (this->*tell)(id, data); });
    }

    // --- words of several lines -------------------------------------------------------------------------------------

    [[nodiscard]] Record line() const { return {{"day", format_date(today_)}}; }
    void add(std::string_view type, Record body) { lines_.push_back({std::string(type), std::move(body)}); }

    [[nodiscard]] std::int64_t until(Date day) const { return days_between(today_, day); }
    [[nodiscard]] std::int64_t since(Date day) const { return std::max<std::int64_t>(0, days_between(day, today_)); }

    void set_until(Record& body, std::string_view name, const Record& data, std::string_view field) const {
        if (const auto date = date_of(data, field))
            body.set(name, until(*date));
    }
    void set_since(Record& body, std::string_view name, const Record& data, std::string_view field) const {
        if (const auto date = date_of(data, field); date && *date <= today_)
            body.set(name, since(*date));
    }
    // A review that comes back every so many months; what was never reviewed is overdue.
    void set_review(Record& body, List& overdue, std::string_view name, std::string_view code, const Record& data,
                    std::string_view field, int months) const {
        const auto date = date_of(data, field);
        if (date)
            body.set(name, until(add_months(*date, months)));
        if (!date || today_ > add_months(*date, months))
            overdue.emplace_back(code);
    }
    // Rules that only observe there are to be switched live, or not, within 60 days.
    void set_rule_decision(Record& body, List& overdue, const std::string& site) const {
        const auto since = facts_.observing_since.find(site);
        if (since == facts_.observing_since.end())
            return;
        const std::chrono::milliseconds left = kObservedAtMost - (moment_.as_of - since->second);
        body.set("rule_decision_days", std::chrono::floor<std::chrono::days>(left).count());
        if (left < left.zero())
            overdue.emplace_back("RULE_DECISION");
    }
    [[nodiscard]] const Record* room_of(const Record& data) const {
        return registers_.find("rooms", text_of(data, "room_id"), moment_);
    }

    // --- the agency, its sites and rooms ------------------------------------------------------------------------------

    void agency(const std::string&, const Record& data) {
        Record body = line();
        List overdue;
        set_review(body, overdue, "account_review_days", "ACCOUNT_REVIEW", data, "accounts_reviewed_on", kYear);
        set_review(body, overdue, "rule_review_days", "RULE_REVIEW", data, "rules_reviewed_on", kYear);
        set_rule_decision(body, overdue, {});
        body.set("overdue", std::move(overdue));
        add("sweep.agency", std::move(body));
    }

    void site(const std::string& id, const Record& data) {
        Record body = line();
        List overdue;
        body.set("site_id", id);
        set_review(body, overdue, "key_inventory_days", "KEY_INVENTORY", data, "keys_inventoried_on", kYear);
        set_review(body, overdue, "physical_access_review_days", "PHYSICAL_ACCESS_REVIEW", data,
                   "physical_access_reviewed_on", kQuarter);
        set_review(body, overdue, "visitor_review_days", "VISITOR_REVIEW", data, "visitors_reviewed_on", kQuarter);
        set_rule_decision(body, overdue, id);
        body.set("overdue", std::move(overdue));
        add("sweep.site", std::move(body));
    }

    void room(const std::string& id, const Record& data) {
        Record body = line();
        List overdue;
        const List& persons = list_of(data, "authorised_persons");
        body.set("room_id", id);
        set_text(body, "site_id", text_of(data, "site_id"));
        set_text(body, "zone", text_of(data, "zone"));
        body.set("persons", static_cast<std::int64_t>(persons.size()));
        set_review(body, overdue, "access_list_days", "ACCESS_LIST", data, "access_list_reviewed_on", kYear);
        body.set("overdue", std::move(overdue));
        add("sweep.room", std::move(body));
        for (const Value& person : persons)
            access(id, data, *person.as<std::string>(), true);
        const Record* earlier = before_ ? registers_.find("rooms", id, *before_) : nullptr;
        if (earlier == nullptr)
            return;
        for (const Value& person : list_of(*earlier, "authorised_persons"))
            if (std::find(persons.begin(), persons.end(), person) == persons.end())
                access(id, data, *person.as<std::string>(), false);
    }

    // Decision 10: a person on a room's access list without clearance, statement or training.
    void access(const std::string& room_id, const Record& room, const std::string& person, bool listed) {
        static const std::set<std::string, std::less<>> kTold = {"NOT_CLEARED", "STATEMENT_MISSING", "STATEMENT_EXPIRED",
                                                                 "TRAINING_OVERDUE"};
        Record body = line();
        List findings;
        const Record* entry = registers_.find("operators", person, moment_);
        if (listed && entry == nullptr)
            findings.emplace_back("NO_RECORD");
        if (listed && entry != nullptr) {
            for (const std::string& finding : review_operator(*entry, today_).findings)
                if (kTold.contains(finding))
                    findings.emplace_back(finding);
            if (const auto left = date_of(*entry, "separated_on"); left && *left <= today_)
                findings.emplace_back("SEPARATED");
        }
        body.set("room_id", room_id);
        set_text(body, "site_id", text_of(room, "site_id"));
        body.set("operator_ref", person);
        body.set("listed", listed);
        body.set("findings", std::move(findings));
        add("sweep.access", std::move(body));
    }

    // --- terminals, printers, media -----------------------------------------------------------------------------------

    void terminal(const std::string& id, const Record& data) {
        const auto status = text_of(data, "status");
        if (const auto gone = date_of(data, "decommissioned_on"); status == "retired" && gone && since(*gone) > kRetiredFor)
            return;
        Record body = line();
        body.set("terminal", id);
        set_text(body, "site_id", text_of(data, "site_id"));
        set_text(body, "room_id", text_of(data, "room_id"));
        set_text(body, "status", status);
        set_text(body, "duty_profile", text_of(data, "duty_profile"));
        set_until(body, "license_review_days", data, "license_review_due");
        const auto seen = facts_.last_seen.find(id);
        const auto heard =
            seen == facts_.last_seen.end() ? watched_from(date_of(data, "licensed_on")) : county_day(seen->second);
        body.set("never_seen", seen == facts_.last_seen.end());
        body.set("unseen_age", heard ? since(*heard) : 0);
        set_certificate(body, id);
        set_since(body, "survey_age", data, "surveyed_on");
        body.set("survey_findings", survey_findings(data));
        body.set("lock_exempt", text_of(data, "lock_exempt", "none"));
        body.set("lock_exempt_findings", lock_findings(data));
        set_since(body, "inspection_age", data, "last_inspected_on");
        List missing;
        if (status == "licensed")
            for (const std::string_view column : missing_of_licensed(data))
                missing.emplace_back(column);
        body.set("missing", std::move(missing));
        add("sweep.terminal", std::move(body));
    }

    void set_certificate(Record& body, std::string_view terminal) const {
        bool any = false;
        std::optional<WallTime> ends;
        for (const store::TerminalKey& key : facts_.keys) {
            if (key.terminal_id != terminal)
                continue;
            any = true;
            if (!key.revoked_at && (!ends || *ends < key.not_after))
                ends = key.not_after;
        }
        if (ends)
            body.set("certificate_days", until(county_day(*ends)));
        body.set("certificate_revoked", any && !ends);
    }

    [[nodiscard]] List survey_findings(const Record& data) const {
        List findings;
        const bool filtered = flag_of(data, "privacy_filter");
        if (flag_of(data, "screen_faces_public") && !filtered)
            findings.emplace_back("SCREEN_FACES_PUBLIC");
        if (flag_of(data, "window_behind") && !filtered)
            findings.emplace_back("WINDOW_BEHIND");
        if (const Record* room = room_of(data); room != nullptr && text_of(*room, "zone") == "public")
            findings.emplace_back("PUBLIC_ZONE");
        const auto surveyed = date_of(data, "surveyed_on");
        if (!surveyed)
            findings.emplace_back("SURVEY_MISSING");
        else if (today_ > add_months(*surveyed, kYear))
            findings.emplace_back("SURVEY_STALE");
        return findings;
    }

    // CSP AC-11: dispatch and receive-only devices inside a secure location.
    [[nodiscard]] List lock_findings(const Record& data) const {
        List findings;
        const auto exempt = text_of(data, "lock_exempt", "none");
        if (exempt == "none")
            return findings;
        const Record* room = room_of(data);
        if ((exempt == "dispatch" || exempt == "receive_only") && (room == nullptr || text_of(*room, "zone") != "secure"))
            findings.emplace_back("ZONE_NOT_SECURE");
        if (!data.contains("lock_exempt_approved_by"))
            findings.emplace_back("NOT_APPROVED");
        if (exempt == "dispatch" && (room == nullptr || text_of(*room, "room_type") != "dispatch"))
            findings.emplace_back("ROOM_NOT_DISPATCH");
        return findings;
    }

    void printer(const std::string& id, const Record& data) {
        Record body = line();
        body.set("printer_id", id);
        set_text(body, "site_id", text_of(data, "site_id"));
        set_text(body, "room_id", text_of(data, "room_id"));
        set_text(body, "kind", text_of(data, "kind"));
        const Record* room = room_of(data);
        set_text(body, "zone", text_of(data, "zone", room == nullptr ? "" : text_of(*room, "zone")));
        body.set("pull_print", flag_of(data, "pull_print"));
        body.set("approved", data.contains("approved_on"));
        std::int64_t terminals = 0;
        registers_.each_with("terminals", "printers_allowed", id, moment_, [&](const auto&, const Record& terminal) {
            terminals += text_of(terminal, "status") == "retired" ? 0 : 1;
        });
        body.set("terminals", terminals);
        add("sweep.printer", std::move(body));
    }

    void medium(const std::string& id, const Record& data) {
        Record body = line();
        body.set("media_id", id);
        if (const Record* owner = registers_.find("operators", text_of(data, "owner"), moment_))
            set_text(body, "site_id", text_of(*owner, "site_id"));
        set_text(body, "operator_ref", text_of(data, "owner"));
        set_text(body, "kind", text_of(data, "kind"));
        set_text(body, "status", text_of(data, "status"));
        set_until(body, "valid_days", data, "valid_to");
        add("sweep.media", std::move(body));
    }

    // --- people and papers ----------------------------------------------------------------------------------------------

    void person(const std::string& id, const Record& data) {
        const auto status = text_of(data, "access_status");
        const auto left = date_of(data, "separated_on");
        if (status != "active" && left && since(*left) > kSeparatedFor)
            return;
        Record body = line();
        const Authorisation authorisation = authorisation_of(data, today_);
        const OperatorReview review = review_operator(data, today_, addendum_review(registers_, id, moment_));
        body.set("operator_ref", id);
        set_text(body, "site_id", text_of(data, "site_id"));
        set_text(body, "role", text_of(data, "role"));
        set_text(body, "employer_kind", text_of(data, "employer_kind"));
        set_text(body, "access_status", status);
        body.set("access_open", is_open(data));
        body.set("authorisation", to_string(authorisation));
        body.set("reasons", texts(authorisation.reasons));
        body.set("findings", texts(review.findings));
        set_due(body, review);
        set_until(body, "access_days", data, "access_to");
        set_since(body, "separated_age", data, "separated_on");
        set_since(body, "transferred_age", data, "transferred_on");
        const auto used = facts_.last_session.find(id);
        body.set("never_used", used == facts_.last_session.end());
        if (used != facts_.last_session.end())
            body.set("unused_age", since(county_day(used->second)));
        else
            set_unused(body, access_began(data));
        set_printed(body, id, data);
        add("sweep.operator", std::move(body));
    }

    [[nodiscard]] static std::optional<Date> access_began(const Record& data) {
        return date_of(data, data.contains("access_from") ? "access_from" : "appointed_on");
    }

    // Days before the person had access are no days without a page.
    void set_printed(Record& body, const std::string& id, const Record& data) const {
        const auto days = facts_.printed.find(id);
        if (days == facts_.printed.end())
            return;
        const Date yesterday(std::chrono::sys_days(today_) - std::chrono::days(1));
        const Date from = std::max(counted_from_, access_began(data).value_or(counted_from_));
        const PrintedDay printed = review_printing(days->second, yesterday, from, working_calendar());
        body.set("printed_pages", printed.pages);
        if (printed.times_usual)
            body.set("printed_times_usual", *printed.times_usual);
    }

    // Of what was before the system watched, nobody can say that it was not there.
    [[nodiscard]] std::optional<Date> watched_from(std::optional<Date> from) const {
        if (from && facts_.watched_since)
            return std::max(*from, county_day(*facts_.watched_since));
        return from;
    }

    void set_unused(Record& body, std::optional<Date> from) const {
        from = watched_from(from);
        if (from && *from <= today_)
            body.set("unused_age", since(*from));
    }

    [[nodiscard]] bool is_open(const Record& data) const {
        const auto from = date_of(data, "access_from"), to = date_of(data, "access_to");
        return text_of(data, "access_status") == "active" && !(from && today_ < *from) && !(to && today_ > *to);
    }

    void set_due(Record& body, const OperatorReview& review) const {
        List expiring;
        std::optional<std::pair<std::string_view, std::int64_t>> next;
        for (const auto& [what, day] : review.due) {
            std::string name(what);
            std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
            const std::int64_t days = until(day);
            body.set(name + "_days", days);
            if (days < 0 || days > kExpiresWithin)
                continue;
            expiring.emplace_back(what);
            if (!next || days < next->second)
                next = {what, days};
        }
        body.set("expiring", std::move(expiring));
        if (next) {
            body.set("next_due", next->first);
            body.set("next_due_days", next->second);
        }
    }

    void agreement(const std::string& id, const Record& data) {
        if (const auto ended = date_of(data, "ended_on"); ended && since(*ended) > kListsEndedFor)
            return;
        Record body = line();
        body.set("agreement_id", id);
        set_text(body, "kind", text_of(data, "kind"));
        body.set("signed", is_in_force(data, today_));
        if (is_in_force(data, today_) || !data.contains("ended_on"))
            set_until(body, "review_days", data, "review_due");
        body.set("persons", static_cast<std::int64_t>(list_of(data, "persons").size()));
        add("sweep.agreement", std::move(body));
    }

    // --- windows and exceptions ---------------------------------------------------------------------------------------

    void window(const std::string& id, const Record& data) {
        const auto to = parse_time(text_of(data, "to"));
        if (text_of(data, "kind") != "maintenance" || !to || *to > moment_.as_of || since(county_day(*to)) > kListsEndedFor)
            return;
        for (const Value& item : list_of(data, "terminals")) {
            const std::string& terminal = *item.as<std::string>();
            Record body = line();
            body.set("terminal", terminal);
            body.set("window_id", id);
            if (const Record* entry = registers_.find("terminals", terminal, moment_))
                set_text(body, "site_id", text_of(*entry, "site_id"));
            body.set("ended_working_days", working_days_since(county_day(*to)));
            body.set("logged", is_logged(terminal, id, data));
            add("sweep.window", std::move(body));
        }
    }

    [[nodiscard]] bool is_logged(std::string_view terminal, std::string_view window_id, const Record& window) const {
        const auto from = parse_time(text_of(window, "from")), to = parse_time(text_of(window, "to"));
        bool logged = false;
        registers_.each_with("maintenance_log", "terminal_id", terminal, moment_, [&](const auto&, const Record& work) {
            const auto at = parse_time(text_of(work, "at"));
            logged = logged || text_of(work, "window_id") == window_id || (from && to && at && *from <= *at && *at <= *to);
        });
        return logged;
    }

    // Whole ones that have passed since that day.
    [[nodiscard]] std::int64_t working_days_since(Date day) const {
        std::int64_t days = 0;
        for (auto next = std::chrono::sys_days(day) + std::chrono::days(1); next < std::chrono::sys_days(today_);
             next += std::chrono::days(1))
            days += working_calendar().works_on(Date(next)) ? 1 : 0;
        return days;
    }

    [[nodiscard]] const Calendar& working_calendar() const {
        if (!calendar_) {
            registers_.each("agency", moment_, [&](const std::string&, const Record& data) {
                calendar_ = working_hours(text_of(data, "working_calendar"), [this](std::string_view name) {
                    return registers_.find("calendars", name, moment_);
                });
            });
            if (!calendar_)
                calendar_ = *Calendar::parse(kOffice);
        }
        return *calendar_;
    }

    void exception(const std::string& id, const Record& data) {
        const auto from = parse_time(text_of(data, "from")), to = parse_time(text_of(data, "to"));
        if (!data.contains("rule_id") || !from || !to || *from > moment_.as_of || since(county_day(*to)) > kListsEndedFor)
            return;
        Record body = line();
        body.set("exception_id", id);
        body.set("rule_id", text_of(data, "rule_id"));
        body.set("approvals", static_cast<std::int64_t>(data.contains("approved_by")) +
                                  static_cast<std::int64_t>(data.contains("approved_by_psd")));
        body.set("in_force", moment_.as_of < *to);
        body.set("end_days", until(county_day(*to)));
        add("sweep.exception", std::move(body));
    }

    const RegisterSnapshot& registers_;
    Moment moment_;
    std::optional<Moment> before_;
    const SweepFacts& facts_;
    Date today_;
    Date counted_from_;  // nobody's pages are known of the days before
    mutable std::optional<Calendar> calendar_;
    std::vector<SweepLine> lines_;
};

}  // namespace

std::vector<SweepLine> sweep_lines(const RegisterSnapshot& registers, Moment moment, std::optional<Moment> before,
                                   const SweepFacts& facts) {
    return Sweep(registers, moment, before, facts).run();
}

}  // namespace sallyport::registers

// SPDX-License-Identifier: Apache-2.0
#include "agency.hpp"

#include <array>
#include <stdexcept>

#include "collector/incidents/incident_desk.hpp"
#include "collector/registers/password.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/chain.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_set.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kOri = "CA0190000";
constexpr std::string_view kInstance = "0123456789abcdef0123456789abcdef";

struct Room {
    const char *site, *room, *label;
};
constexpr Room kRooms[] = {{"HOJ", "HOJ-204", "Records 204"},      {"HOJ", "HOJ-110", "Front counter"},
                           {"HOJ", "HOJ-D1", "Dispatch"},          {"NORTH", "NOR-12", "Report room"},
                           {"NORTH", "NOR-15", "Watch commander"}, {"JAIL", "JAIL-2", "Intake"}};

struct Desk {
    const char *terminal, *site, *room, *desk, *mnemonic;
    const char *liveness, *camera, *camera_reason, *print, *print_reason;
};
constexpr Desk kDesks[] = {
    {"T-1041", "HOJ", "HOJ-204", "desk 1", "HRC1", "alive", "ok", "", "ok", ""},
    {"T-1042", "HOJ", "HOJ-204", "desk 2", "HRC2", "alive", "degraded", "haar_fallback", "ok", ""},
    {"T-1043", "HOJ", "HOJ-204", "desk 3", "HRC3", "alive", "off", "not_permitted", "ok", ""},
    {"T-1101", "HOJ", "HOJ-110", "counter left", "HFC1", "alive", "ok", "", "ok", ""},
    {"T-1102", "HOJ", "HOJ-110", "counter right", "HFC2", "late", "ok", "", "degraded", "cupsd_unreachable"},
    {"T-1201", "HOJ", "HOJ-D1", "position 1", "HDS1", "alive", "off", "not_enabled", "ok", ""},
    {"T-1202", "HOJ", "HOJ-D1", "position 2", "HDS2", "alive", "off", "not_enabled", "ok", ""},
    {"T-1203", "HOJ", "HOJ-D1", "position 3", "HDS3", "alive", "off", "not_enabled", "ok", ""},
    {"T-2011", "NORTH", "NOR-12", "desk 1", "NRR1", "offline", "off", "not_enabled", "ok", ""},
    {"T-2012", "NORTH", "NOR-12", "desk 2", "NRR2", "alive", "off", "not_enabled", "absent", "no_cups"},
    {"T-2021", "NORTH", "NOR-15", "office", "NWC1", "shutdown", "off", "not_enabled", "ok", ""},
    {"T-3001", "JAIL", "JAIL-2", "booking 1", "JIN1", "alive", "ok", "", "ok", ""},
    {"T-3002", "JAIL", "JAIL-2", "booking 2", "JIN2", "asleep", "off", "not_enabled", "ok", ""},
};

struct Planted {
    const char *rule, *severity, *title, *summary, *terminal, *lane, *state, *clause;
    int minutes_ago, latency_ms, acknowledge_within_min;
    const char* person;
};
constexpr Planted kAlerts[] = {
    {"COR-01", "critical", "Onlooker, then unknown USB storage",
     "An onlooker stood at T-1041 for 6 s while it was unlocked; 48 s later unknown USB storage was "
     "attached.",
     "T-1041", "queue", "new", "CJIS CSP v6.0 MP-7, PE-5", 4, 640, 15, "OP-0117"},
    {"USB-01", "high", "Unknown USB storage attached",
     "USB storage Kingston DataTraveler 3.0 that is in no register was attached to T-1041 at port 1-2.",
     "T-1041", "queue", "new", "CJIS CSP v6.0 MP-7", 5, 380, 60, "OP-0117"},
    {"AGT-01", "high", "Terminal silent",
     "T-2011 has given no sign of life for 14 min without shutting down.", "T-2011", "queue", "new",
     "CJIS CSP v6.0 SI-4, AU-5", 72, 210, 60, nullptr},
    {"PRN-01", "high", "Print to a printer that is not approved",
     "A job of 3 pages went from T-1102 to a printer that is not on its list.", "T-1102", "queue",
     "acknowledged", "CJIS CSP v6.0 PE-5, MP-2", 41, 420, 60, "OP-0098"},
    {"CAM-04", "high", "Camera covered, blinded or off",
     "The camera of T-3001 has been covered for 3 min while unlocked.", "T-3001", "queue", "new",
     "Directive II.B.1; CJIS CSP v6.0 PE-5", 27, 510, 60, nullptr},
    {"SES-01", "medium", "No lock after the idle limit",
     "T-2012 stayed unlocked for 18 min without input; its limit is 15.", "T-2012", "queue", "new",
     "CJIS CSP v6.0 AC-11", 96, 300, 480, "OP-0021"},
    {"AGT-05", "medium", "Sensor off or degraded",
     "The print sensor of T-1102 is degraded: cupsd unreachable.", "T-1102", "queue", "new",
     "CJIS CSP v6.0 SI-4", 33, 190, 480, nullptr},
    {"IDN-05", "high", "Hardware identity changed", "T-1203 reports another disk than the register has.",
     "T-1203", "queue", "acknowledged", "CJIS CSP v6.0 CM-8", 190, 240, 60, nullptr},
    {"USB-07", "low", "Suspicious keyboard-type device", "A second keyboard was attached to T-1202.",
     "T-1202", "queue", "new", "CJIS CSP v6.0 MP-7", 210, 350, 2400, nullptr},
    {"USB-01", "high", "Unknown USB storage attached",
     "USB storage that is in no register was attached to T-1101 at port 1-1.4.", "T-1101", "queue",
     "resolved", "CJIS CSP v6.0 MP-7", 1500, 390, 60, "OP-0044"},
    {"AGT-01", "medium", "Terminal silent", "T-3002 gave no sign of life for 11 min.", "T-3002", "queue",
     "auto_cleared", "CJIS CSP v6.0 SI-4, AU-5", 1620, 230, 480, nullptr},
    {"CAM-01", "medium", "Onlooker at an unlocked screen",
     "Somebody beside the operator saw T-1101's screen for 5 s.", "T-1101", "digest", "new",
     "Directive II.B.1; CJIS CSP v6.0 PE-5", 55, 700, 480, "OP-0044"},
    {"CAM-03", "medium", "Unlocked and unattended", "T-1041 was unlocked with nobody at the desk for 2 min.",
     "T-1041", "digest", "new", "CJIS CSP v6.0 AC-11, PE-5", 130, 480, 480, "OP-0117"},
    {"PRN-03", "medium", "Print outside hours", "A job of 1 page was printed from T-2012 at 05:40.", "T-2012",
     "observe", "new", "CJIS CSP v6.0 PE-5", 400, 330, 480, "OP-0021"},
};

void must(const Result<void>& done) {
    if (!done) throw std::runtime_error(done.error().message());
}
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    return std::move(*result);
}

struct Fact {
    const char* type;
    Record body;
};
// What a terminal would have said before such an alert.
std::vector<Fact> facts_for(std::string_view rule) {
    const Record onlooker{
        {"faces", 2},         {"operator_present", true}, {"onlookers", 1},        {"duration_ms", 6200},
        {"confidence", 0.97}, {"zone", "near"},           {"min_confidence", 0.93}};
    if (rule == "COR-01")
        return {{"session.unlock", {{"cause", "user"}, {"method", "password"}}},
                {"camera.presence", onlooker},
                {"usb.attach", usb_stick_body()},
                {"usb.mount",
                 {{"serial_hash", std::string(64, 'd')},
                  {"fs_kind", "exfat"},
                  {"encrypted", "no"},
                  {"read_only", false},
                  {"size_mb", 29'510}}}};
    if (rule == "USB-01") return {{"usb.attach", usb_stick_body()}};
    if (rule == "CAM-01") return {{"camera.presence", onlooker}};
    if (rule == "CAM-04") return {{"camera.state", {{"state", "covered"}, {"indicator", "on"}}}};
    if (rule == "PRN-01" || rule == "PRN-03")
        return {{"print.job",
                 {{"job_id", "4711"},
                  {"printer_id", "HP-lobby"},
                  {"printer_hash", std::string(64, 'a')},
                  {"printer_kind", "network"},
                  {"pages", 3},
                  {"copies", 1},
                  {"state", "completed"}}}};
    if (rule == "SES-01")
        return {{"session.unlock", {{"cause", "user"}}},
                {"session.idle", {{"idle_s", 900}}},
                {"session.idle", {{"idle_s", 960}}}};
    if (rule == "AGT-05")
        return {
            {"agent.sensor", {{"sensor", "print"}, {"state", "degraded"}, {"reason", "cupsd_unreachable"}}}};
    return {{"session.lock", {{"cause", "timeout"}}}};
}

struct Log {
    store::Writer& writer;
    std::uint64_t seq = 0;

    // Appends the events of one alert, a few seconds apart, the last one at `last_at`; returns their numbers.
    std::vector<std::int64_t> append(std::string_view terminal, const std::vector<Fact>& facts,
                                     WallTime last_at, const char* person) {
        std::vector<store::NewEvent> fresh;
        auto at = last_at - seconds(24) * static_cast<int>(facts.size() - 1);
        for (const auto& fact : facts) {
            Event made = event(fact.type, terminal, kInstance, ++seq, fact.body, at);
            if (person != nullptr && std::string_view(fact.type).starts_with("camera") == false)
                made.operator_account = std::string("u") + (person + 3);
            const auto line = must(encode_event(made));
            fresh.push_back({.type = made.type,
                             .event_time = at,
                             .leaf = leaf_of(line),
                             .line = line,
                             .withheld_reason = {}});
            at += seconds(24);
        }
        must(writer.run([&](Database& database) -> Result<void> {
            auto stream = must(store::find_stream(database, terminal, kInstance));
            if (!stream)
                stream = must(store::create_stream(database, kOri, terminal, kInstance, Digest{}, last_at));
            auto appender = must(store::EventAppender::open(database));
            return appender.append(*stream, std::nullopt, fresh, last_at + milliseconds(160));
        }));
        auto reader = must(writer.reader());
        std::vector<std::int64_t> ids;
        for (const auto& stored : must(store::read_terminal_events(reader, terminal, 0, facts.size())))
            ids.push_back(stored.ingest_id);
        return ids;
    }
};

const Desk& desk_of(std::string_view terminal) {
    for (const auto& desk : kDesks)
        if (terminal == desk.terminal) return desk;
    throw std::runtime_error("no such desk");
}

store::Alert alert_from(const Planted& planted, WallTime now, std::vector<std::int64_t> evidence,
                        const std::string& id) {
    store::Alert alert;
    alert.alert_id = id;
    alert.ori = kOri;
    alert.rule_id = planted.rule;
    alert.rule_version = std::string(64, '5');
    alert.control_refs = {planted.clause};
    alert.severity = planted.severity;
    alert.title = planted.title;
    alert.summary = planted.summary;
    alert.terminal_id = planted.terminal;
    alert.room_id = desk_of(planted.terminal).room;
    alert.site_id = desk_of(planted.terminal).site;
    if (planted.person != nullptr) alert.operator_ref = planted.person;
    alert.dedupe_key = id;
    alert.lane = planted.lane;
    const std::string_view rule = planted.rule;
    alert.kind = rule == "AGT-01" || rule == "AGT-05" || rule == "SES-01" ? "state" : "event";
    alert.state = planted.state;
    alert.routed_to = {"SPOC"};
    if (rule == "COR-01" || rule == "IDN-05") alert.routed_to.emplace_back("PSD");
    alert.condition_at = now - minutes(planted.minutes_ago);
    alert.first_event_at = alert.condition_at - seconds(rule == "COR-01" ? 72 : 0);
    alert.last_event_at = alert.condition_at;
    alert.raised_at = alert.condition_at + milliseconds(planted.latency_ms);
    alert.known_at = alert.raised_at;
    alert.received_lag_ms = 160;
    alert.ack_due_at = alert.raised_at + minutes(planted.acknowledge_within_min);
    if (alert.state == "acknowledged" || alert.state == "resolved") {
        alert.ack_by = "mchen";
        alert.ack_at = alert.raised_at + minutes(6);
    }
    if (alert.state == "resolved") alert.disposition = "true_positive_minor";
    if (alert.state == "auto_cleared") alert.cleared_at = alert.raised_at + minutes(11);
    if (rule == "COR-01") alert.parameters = R"({"within_s":300})";
    if (rule == "AGT-05") alert.occurrence_count = 3;
    alert.evidence = std::move(evidence);
    return alert;
}

}  // namespace

void Agency::add_account(const std::string& name, const std::string& role, const std::string& display_name,
                         const std::string& password) {
    const auto hash = must(registers::hash_password(password));
    store::Account account;
    account.name = name;
    account.role = role;
    account.display_name = display_name;
    account.password_salt = hash.salt;
    account.password_hash = hash.hash;
    account.password_rounds = hash.rounds;
    account.created_at = clock_.now();
    must(writer_.run([&](Database& database) { return store::save_account(database, account); }));
}

void Agency::fill() {
    add_registers();
    add_liveness();
    add_alerts();
    add_incidents();
}

void Agency::add_registers() {
    const auto from = clock_.now() - std::chrono::hours(24 * 90);
    must(writer_.run([&](Database& database) -> Result<void> {
        const auto add = [&](std::string_view name, std::string_view id, Record data) {
            store::RegisterEntry entry;
            entry.ori = kOri;
            entry.register_name = name;
            entry.id = id;
            entry.valid_from = entry.recorded_at = from;
            entry.changed_by = "acc";
            entry.change_reason = "import";
            entry.data = std::move(data);
            must(store::record_entry(database, entry));
        };
        add("sites", "HOJ", {{"site_name", "Hall of Justice"}});
        add("sites", "NORTH", {{"site_name", "North Station"}});
        add("sites", "JAIL", {{"site_name", "Main Jail"}});
        for (const auto& room : kRooms)
            add("rooms", room.room, {{"site_id", room.site}, {"room_label", room.label}});
        for (const auto& desk : kDesks)
            add("terminals", desk.terminal,
                {{"status", std::string_view(desk.terminal) == "T-2021" ? "in_repair" : "licensed"},
                 {"site_id", desk.site},
                 {"room_id", desk.room},
                 {"desk", desk.desk},
                 {"clets_mnemonic", desk.mnemonic},
                 {"placement", Record{{"surveyed_on", "2026-10-14"}}}});
        for (const auto& [ref, account, name] :
             std::initializer_list<std::array<const char*, 3>>{{"OP-0117", "u0117", "Dana Rivera"},
                                                               {"OP-0098", "u0098", "Sam Okafor"},
                                                               {"OP-0044", "u0044", "Lee Alvarez"},
                                                               {"OP-0021", "u0021", "Kim Novak"}})
            add("operators", ref, {{"display_name", name}, {"os_accounts", List{account}}});
        const auto live = [&](std::string_view rule, std::string_view site, std::string_view state,
                              std::string_view why) {
            store::RuleSite row;
            row.rule_id = rule;
            row.site_id = site;
            row.state = state;
            row.changed_by = "mchen";
            row.reason = why;
            row.changed_at = from + std::chrono::hours(24 * 30);
            must(store::save_rule_site(database, row));
        };
        live("", "HOJ", "live", "30 days in observe, 2 alerts a day");
        live("", "JAIL", "live", "30 days in observe, 1 alert a day");
        return {};
    }));
}

void Agency::add_liveness() {
    must(writer_.run([&](Database& database) -> Result<void> {
        for (const auto& desk : kDesks) {
            const auto sensor = [](const char* name, std::string_view state, std::string_view reason) {
                Record made{{"name", name}, {"state", state}};
                if (!reason.empty()) made.set("reason", reason);
                return Value(std::move(made));
            };
            const Record status{{"agent_version", "0.1.0"},
                                {"queue_depth", std::string_view(desk.liveness) == "late" ? 41 : 0},
                                {"sensors", List{sensor("identity", "ok", ""), sensor("usb", "ok", ""),
                                                 sensor("print", desk.print, desk.print_reason),
                                                 sensor("session", "ok", ""), sensor("idle", "ok", ""),
                                                 sensor("camera", desk.camera, desk.camera_reason)}}};
            store::TerminalLiveness liveness;
            liveness.terminal_id = desk.terminal;
            liveness.ori = kOri;
            liveness.state = desk.liveness;
            const bool away = liveness.state != "alive" && liveness.state != "late";
            liveness.last_seen_at = clock_.now() - (away ? minutes(86) : minutes(0)) - seconds(17);
            liveness.changed_at = clock_.now() - minutes(90);
            liveness.status = write_json(status);
            must(store::save_liveness(database, liveness));
        }
        return {};
    }));
}

void Agency::add_alerts() {
    Log log{writer_};
    int number = 0;
    for (const auto& planted : kAlerts) {
        const auto condition_at = clock_.now() - minutes(planted.minutes_ago);
        auto evidence = log.append(planted.terminal, facts_for(planted.rule), condition_at, planted.person);
        const auto alert =
            alert_from(planted, clock_.now(), std::move(evidence), "alert-" + std::to_string(++number));
        must(writer_.run([&](Database& database) -> Result<void> {
            must(store::insert_alert(database, alert));
            return store::add_evidence(database, alert.alert_id, alert.evidence);
        }));
    }
}

void Agency::add_incidents() {
    incidents::IncidentDesk desk(writer_, clock_);
    const alerts::Actor spoc{"mchen", "spoc", "127.0.0.1"};
    const auto referred =
        must(desk.convert({"alert-8"}, "security",
                          "T-1203 reports another disk than the one it was licensed with. No work order "
                          "is on record for the day.",
                          spoc));
    (void)must(desk.refer(referred.incident_id, spoc));
}

void Agency::raise_alert() {
    Planted planted = kAlerts[0];
    planted.rule = "USB-02";
    planted.title = "Unknown USB storage written";
    planted.summary = "Unknown USB storage at T-3001 was written to: 14 files in 20 s.";
    planted.terminal = "T-3001";
    planted.minutes_ago = 0;
    auto alert = alert_from(planted, clock_.now(), {}, "raised-" + std::to_string(++raised_));
    alert.raised_at = clock_.now();
    must(writer_.run([&](Database& database) { return store::insert_alert(database, alert); }));
}

namespace {

class AgencyRules final : public rules::RuleSet {
public:
    AgencyRules() {
        for (const auto& planted : kAlerts) {
            if (find(planted.rule) != nullptr) continue;
            rules::Rule rule;
            rule.key = rule.id = rule.catalogue_id = planted.rule;
            rule.title = planted.title;
            rule.level = planted.severity;
            rule.version = std::string(64, '5');
            rule.references = {planted.clause};
            rule.routing.to = {"SPOC"};
            rule.live_at_once = rule.catalogue_id == "COR-01";
            if (rule.catalogue_id == "SES-01")
                rule.parameters = {{"lock_max_s", 1800, rules::Basis::policy},
                                   {"grace_s", 60, rules::Basis::project}};
            if (rule.catalogue_id == "COR-01") rule.parameters = {{"within_s", 300, rules::Basis::project}};
            rules_.push_back(std::move(rule));
        }
        rules::Rule waiting;
        waiting.key = waiting.id = waiting.catalogue_id = "FWB-01";
        waiting.title = "Firmware not on the baseline";
        waiting.level = "high";
        waiting.references = {"CJIS CSP v6.0 SI-7"};
        waiting.routing.to = {"SPOC"};
        waiting.needs = {"device.firmware"};
        rules_.push_back(std::move(waiting));
    }
    [[nodiscard]] const std::vector<rules::Rule>& rules() const override { return rules_; }
    [[nodiscard]] const rules::Rule* find(std::string_view key) const override {
        for (const auto& rule : rules_)
            if (rule.key == key) return &rule;
        return nullptr;
    }
    const std::vector<rules::Fault>& warnings() const override { return warnings_; }
    const std::map<std::string, rules::PlaceholderList>& lists() const override { return lists_; }

private:
    std::vector<rules::Rule> rules_;
    std::vector<rules::Fault> warnings_;
    std::map<std::string, rules::PlaceholderList> lists_;
};

}  // namespace

std::shared_ptr<const rules::RuleSet> agency_rules() {
    return std::make_shared<AgencyRules>();
}

}  // namespace sallyport::testing

// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/case_file.hpp"

#include <algorithm>
#include <tuple>

#include "collector/alerts/event_fields.hpp"
#include "collector/registers/register_fields.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

// A window counts as near when it ended, or began, within a day of what happened.
constexpr std::chrono::hours kNear{24};

EvidenceLine read_line(store::StoredEvent stored) {
    EvidenceLine line;
    if (stored.line) {
        auto decoded = decode_event(*stored.line);
        if (auto* event = std::get_if<Event>(&decoded)) line.event = std::move(*event);
    }
    // Who sent a withheld line is known; of the collector's own it is not known which terminal it was about.
    line.terminal = line.event ? alerts::terminal_of(*line.event) : stored.terminal_id;
    line.stored = std::move(stored);
    return line;
}

Result<AlertCase> open_alert(Database& reader, const std::string& alert_id) {
    auto alert = store::find_alert(reader, alert_id);
    if (!alert) return alert.error();
    if (!*alert) return Error(Errc::corrupt, "the incident has an alert '" + alert_id + "' that is not there");
    AlertCase found{std::move(**alert), {}};
    auto events = store::read_events(reader, found.alert.evidence);
    if (!events) return events.error();
    if (events->size() != found.alert.evidence.size())
        return Error(Errc::corrupt, "alert " + alert_id + " rests on " + std::to_string(found.alert.evidence.size()) +
                                        " lines, of which the log has " + std::to_string(events->size()));
    for (store::StoredEvent& event : *events)
        found.lines.push_back(read_line(std::move(event)));
    return found;
}

// --- register entries -----------------------------------------------------------------------------------------------

class FactCollector {
public:
    FactCollector(const registers::RegisterSnapshot& registers, WallTime now) : registers_(registers), now_(now) {}

    void look_at(const AlertCase& about) {
        for (const EvidenceLine& line : about.lines) {
            look_at(about.alert, line, {line.stored.event_time, about.alert.known_at}, &RegisterFact::known_then);
            look_at(about.alert, line, {line.stored.event_time, now_}, &RegisterFact::known_later);
        }
    }

    std::vector<RegisterFact> facts() {
        std::vector<RegisterFact> facts;
        for (auto& [key, fact] : facts_) {
            // Said once: what was known then is known later, too.
            std::erase_if(fact.known_later, [&fact = fact](const std::string& alert_id) {
                return std::find(fact.known_then.begin(), fact.known_then.end(), alert_id) != fact.known_then.end();
            });
            facts.push_back(std::move(fact));
        }
        return facts;
    }

private:
    using Known = std::vector<std::string> RegisterFact::*;

    void look_at(const store::Alert& alert, const EvidenceLine& line, registers::Moment moment, Known known) {
        const auto take = [&](std::string_view register_name, std::string_view id) {
            return add(alert.alert_id, register_name, id, moment, known);
        };
        const Record* terminal = take("terminals", line.terminal);
        const Record* room = terminal != nullptr ? take("rooms", text_of(*terminal, "room_id")) : nullptr;
        if (room != nullptr) take("sites", text_of(*room, "site_id"));
        if (terminal != nullptr) look_at_windows(line.terminal, *terminal, moment, take);
        if (!line.event) return;
        const Record fields = registers::register_fields(registers_, *line.event, line.terminal, moment);
        for (const auto& [register_name, field] : kNamed)
            take(register_name, text_of(fields, field));
    }

    template <class Take>
    void look_at_windows(const std::string& terminal_id, const Record& terminal, registers::Moment moment, const Take& take) {
        const auto near = [&](std::string_view register_name) {
            return [&, register_name](const std::string& id, const Record& window) {
                const auto from = parse_time(text_of(window, "from")), to = parse_time(text_of(window, "to"));
                if (from && to && *from - kNear <= moment.as_of && moment.as_of < *to + kNear) take(register_name, id);
            };
        };
        registers_.each_with("windows", "terminals", terminal_id, moment, near("windows"));
        registers_.each_with("windows", "room_id", text_of(terminal, "room_id"), moment, near("windows"));
        registers_.each_with("enrolments", "terminal_id", terminal_id, moment, near("enrolments"));
        registers_.each_with("exceptions", "terminals", terminal_id, moment, near("exceptions"));
    }

    const Record* add(const std::string& alert_id, std::string_view register_name, std::string_view id,
                      registers::Moment moment, Known known) {
        const store::RegisterEntry* entry = id.empty() ? nullptr : registers_.find_entry(register_name, id, moment);
        if (entry == nullptr) return nullptr;
        auto& fact = facts_[{entry->register_name, entry->id, entry->version}];
        if (fact.entry.id.empty()) fact.entry = *entry;
        auto& alert_ids = fact.*known;
        if (std::find(alert_ids.begin(), alert_ids.end(), alert_id) == alert_ids.end()) alert_ids.push_back(alert_id);
        return &entry->data;
    }

    // What the rules' fields name beside the terminal.
    static constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
        {"operators", "operator.ref"}, {"media", "media.id"}, {"printers", "printer.id"}};

    const registers::RegisterSnapshot& registers_;
    WallTime now_;
    std::map<std::tuple<std::string, std::string, std::int64_t>, RegisterFact> facts_;
};

}  // namespace

Result<CaseFile> open_case(Database& reader, std::string_view incident_id) {
    auto incident = store::find_incident(reader, incident_id);
    if (!incident) return incident.error();
    if (!*incident) return Error(Errc::not_found, "there is no incident '" + std::string(incident_id) + "'");
    auto registers = registers::RegisterSnapshot::load(reader);
    if (!registers) return registers.error();
    CaseFile file{std::move(**incident), {}, std::move(*registers)};
    for (const std::string& alert_id : file.incident.alert_ids) {
        auto alert = open_alert(reader, alert_id);
        if (!alert) return alert.error();
        file.alerts.push_back(std::move(*alert));
    }
    return file;
}

std::vector<RegisterFact> register_facts(const CaseFile& file, WallTime now) {
    FactCollector collector(file.registers, now);
    for (const AlertCase& about : file.alerts)
        collector.look_at(about);
    return collector.facts();
}

}  // namespace sallyport::evidence

// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/event_reader.hpp"

#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/event_fields.hpp"
#include "collector/store/drill_marks.hpp"

namespace sallyport::alerts {
namespace {

Result<Event> event_of(const store::StoredEvent& stored) {
    auto decoded = decode_event(*stored.line);
    if (const auto* refusal = std::get_if<EventRefusal>(&decoded))
        return Error(Errc::corrupt,
                     "event " + std::to_string(stored.ingest_id) + ": " + refusal->error.message());
    return std::get<Event>(std::move(decoded));
}

}  // namespace

std::optional<rules::InputEvent> EventReader::input_of(const store::StoredEvent& stored,
                                                       TerminalStates& terminals) {
    if (!stored.line) return std::nullopt;
    auto event = event_of(stored);
    if (!event) return std::nullopt;
    if (is_of_a_drill(*event)) {
        ++drilled_;
        return std::nullopt;
    }
    // What the collector saw comes in another stream: what the terminal was doing then, is not known to it.
    const std::string& terminal = event->terminal_id;
    const bool own = !terminal.empty() && terminal_of(*event) == terminal;
    if (own) terminals.change(terminal).apply(*event);
    rules::InputEvent input;
    input.reference = stored.ingest_id;
    input.time = event_time(*event);
    input.origin = origin_of(*event);
    input.sequence = event->seq;
    input.logsource = logsource_of(event->type);
    input.fields = fields_of(stored, *event);
    if (own) terminals.find(terminal)->add_to(input.fields, input.time);
    return input;
}

// A mark that is not believed, or cannot be looked up, makes nothing of an event: it is judged as any other.
bool EventReader::is_of_a_drill(const Event& event) {
    if (!event.drill) return false;
    const auto fault = store::fault_of_mark(reader_, event);
    return fault && fault->empty();
}

Result<Record> EventReader::fields_of(const store::StoredEvent& stored) {
    auto event = event_of(stored);
    if (!event) return event.error();
    return fields_of(stored, *event);
}

Record EventReader::fields_of(const store::StoredEvent& stored, const Event& event) {
    Record fields = event_fields(event, stored.received_at);
    for (const auto& [name, value] : enrichment_.fields_for(event, terminal_of(event), stored.received_at))
        fields.append(name, value);
    return fields;
}

Result<store::StoredEvent> EventReader::event_at(std::int64_t ingest_id) {
    auto events = store::read_events(reader_, {ingest_id});
    if (!events) return events.error();
    if (events->empty())
        return Error(Errc::corrupt, "event " + std::to_string(ingest_id) + " is not in the log");
    return std::move(events->front());
}

// Lines are received in the order of their numbers.
Result<std::int64_t> EventReader::first_received_at(WallTime time, std::int64_t last) {
    std::int64_t low = 0;  // received before
    while (low + 1 < last) {
        const std::int64_t middle = low + (last - low) / 2;
        auto events = store::read_events_after(reader_, middle - 1, 1);
        if (!events) return events.error();
        if (events->empty() || events->front().received_at >= time)
            last = middle;
        else
            low = middle;
    }
    return last;
}

std::optional<double> EventReader::site_parameter(const rules::Rule& rule, std::string_view name,
                                                  const Record& fields) {
    const auto site = text_of(fields, "site.id");
    std::string key = rule_id_of(rule);
    key.append("\n").append(site).append("\n").append(name);
    if (const auto known = site_parameters_.find(key); known != site_parameters_.end()) return known->second;
    const auto value = enrichment_.parameter(rule_id_of(rule), site, name);
    site_parameters_.emplace(std::move(key), value);
    return value;
}

}  // namespace sallyport::alerts

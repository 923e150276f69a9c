// SPDX-License-Identifier: Apache-2.0
//
// The event log as the rules see it: each line with what its terminal was doing, and with the registers as known when it
// came. The judge reads by it, and so does a rehearsal: judged again, an event is judged alike (system.md 9.8). One
// thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "collector/alerts/terminal_states.hpp"
#include "collector/registers/enrichment.hpp"
#include "collector/store/event_log.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

class EventReader {
public:
    // Both outlive it.
    EventReader(Database& reader, registers::Enrichment& enrichment)
        : reader_(reader), enrichment_(enrichment) {}

    // What the rules see of a line, which becomes part of its terminal's state; nothing where there is nothing to
    // judge: withheld, of a drill (docs/formats/drill.md), or not understood.
    [[nodiscard]] std::optional<rules::InputEvent> input_of(const store::StoredEvent& stored,
                                                            TerminalStates& terminals);
    // Lines that were left out as of a drill.
    [[nodiscard]] std::uint64_t drilled() const { return drilled_; }
    // Without the terminal's state. Errc::corrupt where the line is not understood.
    [[nodiscard]] Result<Record> fields_of(const store::StoredEvent& stored);
    // Errc::corrupt where the log has no such event.
    [[nodiscard]] Result<store::StoredEvent> event_at(std::int64_t ingest_id);
    // The number of the first line that was received then or later; `last` where all up to it came before.
    [[nodiscard]] Result<std::int64_t> first_received_at(WallTime time, std::int64_t last);

    // The site's own value for a rule's parameter. Asked for every event by every rule with one: the registers answer
    // once, until ask_sites_anew().
    [[nodiscard]] std::optional<double> site_parameter(const rules::Rule& rule, std::string_view name,
                                                       const Record& fields);
    void ask_sites_anew() { site_parameters_.clear(); }

private:
    [[nodiscard]] Record fields_of(const store::StoredEvent& stored, const Event& event);

    [[nodiscard]] bool is_of_a_drill(const Event& event);

    std::uint64_t drilled_ = 0;
    Database& reader_;
    registers::Enrichment& enrichment_;
    std::unordered_map<std::string, std::optional<double>> site_parameters_;
};

}  // namespace sallyport::alerts
